"""Runs a search: rewrites of a rule and of models compete under one judge for one improvement."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.domain.candidate import Evidence, Judgement, judge
from bot.domain.choosing import Choice, NoModel
from bot.domain.equivalence import FunctionRef
from bot.domain.experimenting import in_arm
from bot.domain.improvement import Improvement
from bot.domain.model.conversation import Message, Nonsense, Proposed, Question, Role, Silence
from bot.domain.model.feedback import after_refusal, after_trial, another, without_measure
from bot.domain.model.prompt import Material, Prompt, Unaskable, build_prompt
from bot.domain.model.search import (
    AskAnew,
    Attempt,
    GoOn,
    Plan,
    Run,
    Standing,
    Stop,
    best,
    is_run_at_once,
    left_to_run,
    next_move,
    speedup_of,
    standing_of,
    standing_of_refusal,
)
from bot.domain.model.spending import MICRO, NO_TOKENS, OverCap, Purpose, Tokens
from bot.domain.model.splice import splice
from bot.domain.patch import FileChange, Patch, Refused
from bot.domain.policy import Engine
from bot.domain.redaction import redact
from bot.domain.signals import IMPROVING
from bot.learning.asking import Asked, Asker
from bot.learning.material import gather
from bot.learning.router import ModelRouter
from bot.learning.verification import Trial, Verification
from bot.ports import Ports

RULES = "rules"
_MODEL = "model:"
"""What stands before a model's name among engines, so that none is taken for the rules."""
_LONGEST_ANSWER = 40_000
_WORDS = 2_000


@dataclass(frozen=True, slots=True)
class Tried:
    """A rewrite that was run, or refused by the gate: what was seen of it."""

    patch: Patch
    evidence: Evidence
    judgement: Judgement


@dataclass
class Searched:
    """What came of a search; costs are in millionths of a dollar.

    `chosen` is the best that was looked at, None where there is none; `words` are what the model
    says of it, which is foreign text; `routed` is who was asked first and why, `unheard` who did
    not answer and why.
    """

    attempts: list[Attempt] = field(default_factory=list)
    tried: dict[int, Tried] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    claims: dict[int, float] = field(default_factory=dict)
    unheard: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    routed: str = ""
    experiment: dict[str, Any] | None = None
    calls: int = 0
    cost: int = 0
    tokens: Tokens = NO_TOKENS

    @property
    def chosen(self) -> Attempt | None:
        """The best of those that were run."""
        return best([one for one in self.attempts if one.number in self.tried])

    def as_json(self, plan: Plan | None) -> dict[str, Any]:
        """The record of it as plain JSON values."""
        chosen = self.chosen
        number = -1 if chosen is None else chosen.number
        return {
            "search": None if plan is None else str(plan.search),
            "calls": self.calls,
            "dollars": self.cost / MICRO,
            "tokens": asdict(self.tokens),
            "stopped": redact(self.stopped),
            "routed": self.routed,
            "experiment": self.experiment,
            "unheard": {name: redact(why) for name, why in self.unheard.items()},
            "chosen": None if chosen is None else number,
            "words": redact(self.words.get(number, ""))[:_WORDS],
            "claimed_confidence": self.claims.get(number),
            "attempts": [_attempt_json(one) for one in self.attempts],
        }


def engine_of(ports: Ports) -> Engine | None:
    """Who may write here: what the policy wants, as far as there is one; None if nobody."""
    wanted = ports.policy.model.engine
    if ports.model is not None and ports.model.model.names:
        return wanted
    return None if wanted is Engine.MODEL else Engine.RULES


def wants_model(ports: Ports) -> bool:
    """Whether a model is asked."""
    return engine_of(ports) in (Engine.MODEL, Engine.BOTH)


def plan_of(ports: Ports) -> Plan:
    """How far a search may go by the policy."""
    allowed = ports.policy.model
    return Plan(allowed.search, allowed.calls, allowed.breadth, allowed.depth)


async def search(
    ports: Ports, improvement: Improvement, verification: Verification, rule: Trial | None
) -> Searched:
    """Try the rule's rewrite, if there is one, and those of models where they may be asked."""
    found = Searched()
    if rule is not None:
        evidence = await verification.verify(rule)
        _keep(found, Tried(rule.patch, evidence, judge(evidence)), RULES, None, 0)
    if not wants_model(ports):
        return found
    ports = await _in_arm(ports, improvement, found)
    if ports.model is None:
        return found
    material = await gather(ports, improvement, verification)
    if isinstance(material, str):
        found.stopped = f"no model is asked: {material}"
        return found
    mark = ports.model.mark()
    prompt = build_prompt(material, mark, ports.policy.model.prompt_tokens)
    if isinstance(prompt, Unaskable):
        found.stopped = f"no model is asked: {prompt.rule}: {prompt.why}"
        return found
    asker = Asker(ports.model, ports.policy.model, Purpose(improvement.repository, improvement.id))
    if not asker.models:
        found.stopped = "no model is asked: `model.names` names none of the operator's"
        return found
    choice = await _route(ports, improvement, asker, prompt)
    if isinstance(choice, NoModel):
        found.stopped = f"no model is asked: {choice.why}"
        return found
    found.routed = f"{choice.model}: {choice.why}"
    models = [name.removeprefix(_MODEL) for name in (choice.model, *choice.others)]
    await _Shell(ports, verification, material, prompt, mark, asker, found, models).run()
    return found


async def _in_arm(ports: Ports, improvement: Improvement, found: Searched) -> Ports:
    """The ports with the arm of the repository's experiment in their policy, if it has one."""
    if not ports.policy.experiment.name:
        return ports
    async with ports.stores() as store:
        known = await store.improvements(improvement.repository)
    chosen = in_arm(ports.policy, improvement.id, known, merges=_may_merge(ports))
    found.experiment = chosen.as_json()
    return replace(ports, policy=chosen.policy)


def _may_merge(ports: Ports) -> bool:
    return ports.operator.merges and ports.policy.landing.automatic


async def _route(ports: Ports, improvement: Improvement, asker: Asker, prompt: Prompt) -> Choice:
    """Whom to ask first and next, by what became of the rewrites of each in this repository."""
    tokens = ports.policy.model.answer_tokens
    costs = {
        _MODEL + name: asker.most_cost(Question(name, prompt.messages, tokens))
        for name in asker.models
    }
    router = ModelRouter(
        None, list(costs), exploration_rate=ports.exploration_rate, costs=costs, ports=ports
    )
    return await router.choose(
        task_type=IMPROVING,
        repository=improvement.repository,
        merges=_may_merge(ports),
    )


def _keep(found: Searched, tried: Tried, engine: str, parent: int | None, cost: int) -> Attempt:
    number = len(found.attempts)
    made = _judged(Attempt(number, engine, parent, Standing.NOT_RUN, "", cost=cost), tried)
    found.attempts.append(made)
    found.tried[number] = tried
    return made


def _judged(attempt: Attempt, tried: Tried) -> Attempt:
    return replace(
        attempt,
        standing=standing_of(tried.judgement, tried.evidence),
        why=tried.judgement.why,
        speedup=speedup_of(tried.evidence),
        was_run=True,
    )


def _attempt_json(one: Attempt) -> dict[str, Any]:
    return {
        "number": one.number,
        "engine": one.engine,
        "parent": one.parent,
        "standing": str(one.standing),
        "why": redact(one.why),
        "speedup": round(one.speedup, 3),
        "dollars": one.cost / MICRO,
    }


@dataclass
class _Shell:
    """Does what the pure search decides, one move after the other."""

    ports: Ports
    verification: Verification
    material: Material
    prompt: Prompt
    mark: str
    asker: Asker
    found: Searched
    models: list[str]
    """Those that answer, in the order in which they are asked."""
    answers: dict[int, str] = field(default_factory=dict)
    changes: dict[int, FileChange] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)

    async def run(self) -> None:
        """Go on until the search stops, or a cap does."""
        plan = plan_of(self.ports)
        while not self.found.stopped:
            match next_move(plan, self.found.attempts):
                case AskAnew(number):
                    anew = (another(number),) if number > 1 else ()
                    await self._ask(anew, self.models[(number - 1) % len(self.models)], None)
                case GoOn(parent, measured):
                    more = self._line(parent, measured=measured)
                    model = self._attempt(parent).engine.removeprefix(_MODEL)
                    still = model if model in self.models else self.models[0]
                    await self._ask(more, still, parent)
                case Run(number):
                    await self._run(number)
                case Stop(why):
                    self.found.stopped = why
        # What was paid for is tried, though there may be no room for another question.
        left = left_to_run(self.found.attempts)
        if left is not None:
            await self._run(left.attempt)

    def _attempt(self, number: int) -> Attempt:
        return self.found.attempts[number]

    def _line(self, parent: int, *, measured: bool) -> tuple[Message, ...]:
        """The answer that is gone on from, and what is said of it."""
        said = Message(Role.ASSISTANT, self.answers[parent])
        refused, tried = self.refused.get(parent), self.found.tried.get(parent)
        if refused is not None:
            return said, after_refusal(refused, self.mark)
        if measured and tried is not None:
            return said, after_trial(tried.judgement, tried.evidence, self.mark)
        return said, without_measure()

    async def _ask(self, more: tuple[Message, ...], model: str, parent: int | None) -> None:
        number, policy = len(self.found.attempts), self.ports.policy.model
        self.ports.progress(f"asking {model} (answer {self.found.calls + 1})")
        question = Question(model, self.prompt.messages + more, policy.answer_tokens)
        asked = await self.asker.ask(question)
        if isinstance(asked, OverCap):
            has_price = asked.cap != "price"
            self.found.stopped = (f"the cap `{asked.cap}`: " if has_price else "") + asked.why
            return
        self._account(asked)
        attempt = Attempt(number, _MODEL + model, parent, Standing.NO_DOCUMENT, "", cost=asked.cost)
        match asked.answer:
            case Silence(failure, why, may_cost=False):
                # It would be the same again, and nothing was paid for it: another may answer.
                self.models.remove(model)
                self.found.unheard[model] = f"{failure}: {why}"
                if not self.models:
                    self.found.stopped = f"no model answers ({failure}: {why})"
            case Silence(failure, why):
                self.found.attempts.append(replace(attempt, why=f"{failure}: {why}"))
            case Nonsense(flaw, why):
                self.found.attempts.append(replace(attempt, why=f"{flaw}: {why}"))
            case Proposed() as proposed:
                await self._take(attempt, proposed)

    def _account(self, asked: Asked) -> None:
        found = self.found
        found.calls += asked.calls
        found.cost += asked.cost
        found.tokens = Tokens(
            found.tokens.sent + asked.tokens.sent, found.tokens.received + asked.tokens.received
        )

    async def _take(self, attempt: Attempt, proposed: Proposed) -> None:
        """Put the proposal into its file, and run it where answers are run as they come."""
        document, number = proposed.document, attempt.number
        self.answers[number] = _answer_text(proposed)
        self.found.words[number] = document.why
        self.found.claims[number] = document.confidence
        change = splice(document, self.material.target)
        if isinstance(change, Refused):
            standing, why = standing_of_refusal(change), f"limit {change.rule}: {change.why}"
            self.refused[number] = change
            self.found.attempts.append(replace(attempt, standing=standing, why=why))
            return
        after = self.ports.lay_out(change.before, change.after, self.ports.formatting)
        self.changes[number] = replace(change, after=after)
        self.found.attempts.append(replace(attempt, standing=Standing.NOT_RUN, why="not run"))
        if is_run_at_once(self.ports.policy.model.search):
            await self._run(number)

    async def _run(self, number: int) -> None:
        """Gate, sandbox and judge; the same text again is what it was before."""
        change = self.changes[number]
        tried = self._known(change)
        repeats = tried is not None
        if tried is None:
            target = self.material.target
            reference = FunctionRef(target.file, target.function)
            self.ports.progress(f"trying answer {number} of {self._attempt(number).engine}")
            trial = Trial(Patch((change,)), (reference,))
            evidence = await self.verification.verify(trial)
            tried = Tried(trial.patch, evidence, judge(evidence))
        self.found.tried[number] = tried
        self.found.attempts[number] = replace(
            _judged(self._attempt(number), tried), repeats=repeats
        )

    def _known(self, change: FileChange) -> Tried | None:
        same = (one for one in self.found.tried.values() if one.patch == Patch((change,)))
        return next(same, None)


def _answer_text(proposed: Proposed) -> str:
    """What is shown of an answer when it is gone on from; it never grows beyond a bound."""
    document = asdict(proposed.document)
    return json.dumps(document, ensure_ascii=False)[:_LONGEST_ANSWER]
