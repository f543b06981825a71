"""What calls of a language model cost, and whether one more may be made.

Money is counted in whole millionths of a dollar, so that sums are exact.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MICRO: Final = 1_000_000
_PRICE = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*/\s*(\d{1,6}(?:\.\d{1,6})?)\s*")
_FRAMING = 16
"""Tokens that a server puts around each message; those of published chat templates are fewer."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per million tokens, which is millionths of a dollar per token."""

    sent: float
    received: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of the question and of the answer."""

    sent: int
    received: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.sent + self.received


NO_TOKENS: Final = Tokens(0, 0)


def parse_price(text: str) -> Price | None:
    """`0.25/2` as dollars per million tokens sent and received; None if it is no price."""
    found = _PRICE.fullmatch(text)
    return None if found is None else Price(float(found[1]), float(found[2]))


def cost(tokens: Tokens, price: Price) -> int:
    """Millionths of a dollar, rounded up."""
    return math.ceil(tokens.sent * price.sent + tokens.received * price.received)


def most_tokens(texts: tuple[str, ...], answer_tokens: int) -> Tokens:
    """More than a question and its answer can have: no token is shorter than a byte."""
    sent = sum(len(text.encode("utf-8", "surrogatepass")) + _FRAMING for text in texts)
    return Tokens(sent, answer_tokens)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent, in millionths of a dollar; a day is one of UTC.

    `everything_a_day` is the operator's, over all repositories, None where there is none;
    `tokens_a_day` is one repository's, 0 where it has none.
    """

    call: int
    improvement: int
    repository_a_day: int
    everything_a_day: int | None = None
    tokens_a_day: int = 0


def caps_memo(host_id: int) -> str:
    """The name under which it is remembered what a repository's policy allows."""
    return f"caps/{host_id}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What is spent or reserved: of the improvement in all, of the others today."""

    improvement: int = 0
    repository_today: int = 0
    everything_today: int = 0
    tokens_today: int = 0


@dataclass(frozen=True, slots=True)
class MaySpend:
    """There is room for it."""


@dataclass(frozen=True, slots=True)
class OverCap:
    """The cap that would be passed, by its policy key or setting, and what it comes to."""

    cap: str
    why: str


def price_of(
    model: str, operators: Mapping[str, Price], stated: Mapping[str, str], *, strictly: bool
) -> Price | OverCap:
    """The operator's price of a model, else the one that the repository states.

    `strictly` lets the operator's alone count: where they pay for many repositories, none of
    those says what anything costs.
    """
    if model in operators:
        return operators[model]
    text = "" if strictly else stated.get(model, "")
    price = parse_price(text)
    if price is not None:
        return price
    where = "IRONCLAW_MODELS" + ("" if strictly else " or under `model.prices` in the policy")
    if text:
        return OverCap("price", f"{text!r} is no price of {model!r}: write it like 0.25/2")
    return OverCap("price", f"{model!r} has no price: state it in {where}, like {model}=0.25/2")


def may_spend(amount: int, tokens: int, spent: Spent, caps: Caps) -> MaySpend | OverCap:
    """Whether so much more may be spent; exactly up to each cap, and nothing below zero."""
    if amount < 0 or tokens < 0:
        return OverCap("amount", "less than nothing cannot be spent")
    sums = (
        ("model.dollars_per_call", amount, caps.call),
        ("model.dollars_per_improvement", spent.improvement + amount, caps.improvement),
        ("model.dollars_per_day", spent.repository_today + amount, caps.repository_a_day),
        ("IRONCLAW_MODEL_DOLLARS_PER_DAY", spent.everything_today + amount, caps.everything_a_day),
    )
    for name, total, cap in sums:
        if cap is not None and total > cap:
            return OverCap(name, f"it may come to ${total / MICRO:.4f}, ${cap / MICRO:.4f} allowed")
    if caps.tokens_a_day and spent.tokens_today + tokens > caps.tokens_a_day:
        why = f"{spent.tokens_today + tokens:,} tokens, {caps.tokens_a_day:,} allowed"
        return OverCap("model.tokens_per_day", why)
    return MaySpend()


@dataclass(frozen=True, slots=True)
class Purpose:
    """Whom a call is accounted to."""

    repository: str
    improvement: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One call before it is made: the most that it can cost, and the tokens of that."""

    id: str
    purpose: Purpose
    model: str
    amount: int
    tokens: int
