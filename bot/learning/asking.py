"""Asks a model one question within what it may cost: booked before, settled after, mended once."""

import uuid
from dataclasses import dataclass

from bot.domain.model.conversation import Answer, Nonsense, Proposed, Question, Silence, repair
from bot.domain.model.spending import (
    MICRO,
    NO_TOKENS,
    Booking,
    Caps,
    OverCap,
    Price,
    Purpose,
    Tokens,
    cost,
    most_tokens,
    price_of,
)
from bot.domain.policy import ModelPolicy
from bot.ports import ModelAccess


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back, and what all calls for it cost in millionths of a dollar."""

    answer: Answer
    cost: int
    tokens: Tokens
    calls: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Questions for one improvement, and whom they are accounted to."""

    access: ModelAccess
    policy: ModelPolicy
    purpose: Purpose

    @property
    def models(self) -> tuple[str, ...]:
        """Those of the operator that the repository wants, in the order of its list."""
        known = self.access.model.names
        return tuple(n for n in self.policy.names if n in known) if self.policy.names else known

    def most_cost(self, question: Question) -> float:
        """The most that one answer of the question's model may cost, in dollars; 0 if unknown."""
        price = self.price(question.model)
        if isinstance(price, OverCap):
            return 0.0
        texts = tuple(one.text for one in question.messages)
        return cost(most_tokens(texts, question.answer_tokens), price) / MICRO

    def price(self, model: str) -> Price | OverCap:
        """What a model costs."""
        strictly = self.access.everything_a_day is not None
        return price_of(model, self.access.prices, self.policy.prices, strictly=strictly)

    async def ask(self, question: Question) -> Asked | OverCap:
        """The answer, after one more question where it is no proposal document.

        Where a cap has no room for the second question, the first answer stands.
        """
        first = await self._paid(question)
        if isinstance(first, OverCap) or not isinstance(first.answer, Nonsense):
            return first
        again = repair(question, first.answer)
        second = None if again is None else await self._paid(again)
        if second is None or isinstance(second, OverCap):
            return first
        tokens = Tokens(
            first.tokens.sent + second.tokens.sent, first.tokens.received + second.tokens.received
        )
        return Asked(second.answer, first.cost + second.cost, tokens, 2)

    async def _paid(self, question: Question) -> Asked | OverCap:
        """One call; one that is cut off stays booked with all that it may have cost."""
        price = self.price(question.model)
        if isinstance(price, OverCap):
            return price
        most = most_tokens(tuple(one.text for one in question.messages), question.answer_tokens)
        id = uuid.uuid4().hex
        booking = Booking(id, self.purpose, question.model, cost(most, price), most.total)
        decision = await self.access.ledger.reserve(booking, self._caps())
        if isinstance(decision, OverCap):
            return decision
        answer = await self.access.model.ask(question)
        tokens = _charged(answer, most)
        spent = cost(tokens, price)
        await self.access.ledger.settle(id, tokens, spent, _outcome(answer))
        return Asked(answer, spent, tokens, 1)

    def _caps(self) -> Caps:
        allowed = self.policy
        return Caps(
            call=_micro(allowed.dollars_per_call),
            improvement=_micro(allowed.dollars_per_improvement),
            repository_a_day=_micro(allowed.dollars_per_day),
            everything_a_day=self.access.everything_a_day,
            tokens_a_day=allowed.tokens_per_day,
        )


def _micro(dollars: float) -> int:
    return int(dollars * MICRO)


def _charged(answer: Answer, most: Tokens) -> Tokens:
    """What the server counted; where it says nothing, the most that it can have been."""
    match answer:
        case Silence(may_cost=False):
            return NO_TOKENS
        case Silence():
            return most
        case Proposed(tokens=tokens) | Nonsense(tokens=tokens):
            return most if tokens is None else tokens


def _outcome(answer: Answer) -> str:
    match answer:
        case Proposed():
            return "proposed"
        case Nonsense(flaw):
            return str(flaw)
        case Silence(failure):
            return str(failure)
