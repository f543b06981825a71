"""What a model is told of its last answer: what was refused, went wrong, or how fast it was."""

from bot.domain.benchmark import Faster, Same, Slower, Speed, Unmeasured
from bot.domain.candidate import Evidence, Judgement, Propose
from bot.domain.equivalence import Different
from bot.domain.model.conversation import Message, Role
from bot.domain.model.prompt import data
from bot.domain.outcomes import Verdict
from bot.domain.patch import Refused

_LONGEST = 2_000
_TESTS = 10


def after_refusal(refused: Refused, fence: str) -> Message:
    """What a document that was never run is told."""
    said = data("refusal", f"{refused.rule}: {refused.why}"[:_LONGEST], fence)
    return _message(f"It was refused and not run:\n\n{said}\n\nPropose another that is allowed.")


def after_trial(judgement: Judgement, evidence: Evidence, fence: str) -> Message:
    """What the sandbox saw: a counterexample, failed tests, or the time beside the old code's."""
    if isinstance(evidence.limits, Refused):
        return after_refusal(evidence.limits, fence)
    seen = "\n\n".join(
        data(label, text[:_LONGEST], fence) for label, text in _seen(judgement, evidence)
    )
    if isinstance(judgement, Propose):
        return _message(f"It is right and faster:\n\n{seen}\n\nPropose one that is faster still.")
    return _message(f"It was tried and does not hold:\n\n{seen}\n\nMend it or propose another.")


def without_measure() -> Message:
    """The next step of one line of thought, of which nothing was run."""
    return _message(
        "Look at your answer again: find an input that it answers otherwise than the old code, "
        "and what still takes time in it. Then answer with a better one, or the same again."
    )


def another(number: int) -> Message:
    """So that independent answers to one question differ."""
    return _message(f"This is attempt {number}: think of more than one way, and take the best.")


def _message(text: str) -> Message:
    return Message(Role.USER, f"{text} Answer with one JSON object of the same form.")


def _seen(judgement: Judgement, evidence: Evidence) -> list[tuple[str, str]]:
    found = [("verdict", judgement.why)]
    if isinstance(evidence.equivalence, Different):
        found.append(("counterexample", evidence.equivalence.counterexample))
    if evidence.tests.verdict is Verdict.FAILED:
        found.append(("tests that fail now", "\n".join(evidence.tests.newly_failed[:_TESTS])))
    for name, tool in sorted(evidence.tools.items()):
        if tool.verdict is Verdict.FAILED:
            found.append((f"what {name} says", "\n".join(tool.new[:_TESTS])))
    for label, benchmark in (
        ("recorded calls", evidence.benchmark),
        (f"inputs {evidence.scale} times longer", evidence.at_scale),
    ):
        match benchmark:
            case Faster(speed) | Same(speed) | Slower(speed):
                found.append((label, _speed(speed)))
            case Unmeasured():
                pass
    return found


def _speed(speed: Speed) -> str:
    return f"{speed.speedup:.2f} times as fast (interval {speed.low:.2f} to {speed.high:.2f})"
