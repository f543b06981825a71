"""Whether old and new code answer alike, judged on calls replayed on both."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function by its file and its qualified name inside it (`Class.method`)."""

    file: str
    qualname: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Calls of `functions` seen while the tests ran on the base.

    `by_function` says how many of the `calls` kept belong to which. `data` is opaque and
    untrusted: only a process inside the sandbox may ever decode it.
    """

    functions: tuple[FunctionRef, ...]
    calls: int
    data: bytes
    why: str = ""
    by_function: tuple[tuple[FunctionRef, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """What one replayed call was seen to do, as text that is equal only for equal behaviour.

    `call` shows the input; `result` the result or exception; `effects` the arguments afterwards,
    their identities and what was printed.
    """

    call: str
    result: str
    effects: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """The observations of one tree by input number, or why there are none."""

    observations: Mapping[int, Observation]
    changed_lines_hit: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Every one of `inputs` inputs was answered alike and the changed lines ran."""

    inputs: int


@dataclass(frozen=True, slots=True)
class Different:
    """An input that is answered differently; `counterexample` is for a person to read."""

    inputs: int
    counterexample: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing can be said, and why."""

    inputs: int
    why: str


Equivalence = Equivalent | Different | Undecided


def judge_equivalence(base: Replayed, again: Replayed, candidate: Replayed) -> Equivalence:
    """Compare the candidate's observations with the base's.

    `again` is a second replay of the base: an input that it answers differently is not
    deterministic and takes no part. A missing answer on either side is never a pass.
    """
    if not base.observations:
        return Undecided(0, base.why or "no call of the changed function was recorded")
    stable = [n for n, seen in base.observations.items() if again.observations.get(n) == seen]
    if not stable:
        return Undecided(0, again.why or "no recorded call answers alike twice on the base")
    missing = 0
    for number in sorted(stable):
        seen, new = base.observations[number], candidate.observations.get(number)
        if new is None:
            missing += 1
        elif (seen.result, seen.effects) != (new.result, new.effects):
            return Different(len(stable), _counterexample(seen, new))
    if missing:
        return Undecided(len(stable), candidate.why or f"{missing} inputs have no answer")
    if not (base.changed_lines_hit and candidate.changed_lines_hit):
        return Undecided(len(stable), "no recorded call reaches the changed lines")
    return Equivalent(len(stable))


def _counterexample(old: Observation, new: Observation) -> str:
    lines = [f"call: {old.call}", f"old: {old.result}", f"new: {new.result}"]
    if old.effects != new.effects:
        lines += [f"old effects: {old.effects}", f"new effects: {new.effects}"]
    return "\n".join(lines)
