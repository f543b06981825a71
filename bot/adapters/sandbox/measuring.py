"""Interleaved timings in fresh processes: old, new, and old again, round after round."""

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.sandbox import recordings
from bot.adapters.sandbox.workspace import ProcessWorkspace
from bot.domain.benchmark import MINIMUM_ROUNDS, Round, Timings
from bot.domain.equivalence import FunctionRef, Recording
from bot.domain.rules import Proof

_RESULT = "timing.json"
_RESULT_BYTES = 16_000_000
_PLAN_SECONDS = 120.0
_WANTED_ROUNDS, _FEWEST_ROUNDS, _MOST_ROUNDS = 9, 7, 25
_SHORTEST, _LONGEST = 0.05, 0.25
# What a process takes to start and to prepare its arguments, until a first round has shown it.
_START_SECONDS = 0.3
# Work that is larger than this is done by fewer calls, so that rounds stay short.
_PASS_SECONDS = 0.05
_PASS_BYTES = 1_000_000
# A process that waits oftener than this in its batches waits for something, and that counts.
_WAITS_A_BATCH = 0.2

Run = Callable[[str], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Timed:
    """One process's answer."""

    wall: float
    processor: float
    waits: float


class Measured(Exception):  # noqa: N818 - the end of a measurement, not an error of ours
    """A process gave no timing; the text says why."""


async def measure_calls(
    old: ProcessWorkspace,
    new: ProcessWorkspace,
    recording: Recording,
    scale: int,
    seconds: float,
) -> Timings:
    """Time those recorded calls that both trees answer alike at this scale."""
    if not recording.calls:
        return Timings((), why=recording.why or "no call of the changed function was recorded")
    try:
        before = await _plan(old, recording, scale, None)
        after = await _plan(new, recording, scale, before)
        calls = _comparable(before, after)
        if not calls:
            return Timings((), why=f"no recorded call is answered alike at scale {scale}")
        wanted = [{"number": each["number"], "vary": each["vary"]} for each in calls]

        async def run(which: str, each_seconds: float) -> _Timed:
            settings = {**_common(recording, scale, wanted), "mode": "time"}
            workspace = old if which == "old" else new
            return await _time(workspace, "workload", settings, each_seconds)

        rounds = await _rounds(run, seconds)
    except Measured as end:
        return Timings((), why=str(end))
    longest = max(int(each["longest"]) for each in calls)
    inputs = f"{len(calls)} recorded calls, longest argument n={longest:,}"
    return Timings(rounds, inputs + (f", scaled x{scale}" if scale > 1 else ""))


async def measure_proof(
    workspace: ProcessWorkspace, proof: Proof, size: int, seconds: float
) -> Timings:
    """Time a rule's own statements."""
    await workspace.renew()

    async def run(which: str, each_seconds: float) -> _Timed:
        statement = proof.before if which == "old" else proof.after
        settings = {"setup": proof.setup, "statement": statement, "size": size}
        return await _time(workspace, "proof", settings, each_seconds)

    try:
        return Timings(await _rounds(run, seconds), f"the rule's own proof, n={size:,}")
    except Measured as end:
        return Timings((), why=str(end))


async def _rounds(
    run: Callable[[str, float], Awaitable[_Timed]], seconds: float
) -> tuple[Round, ...]:
    """As many rounds as the budget has room for, at least the fewest that say something."""
    each = max(_SHORTEST, min(_LONGEST, seconds / (3 * _WANTED_ROUNDS) - _START_SECONDS))
    timed: list[tuple[_Timed, _Timed, _Timed]] = []
    began = time.monotonic()
    while len(timed) < _MOST_ROUNDS:
        spent = time.monotonic() - began
        if len(timed) >= _FEWEST_ROUNDS and spent + spent / len(timed) > seconds:
            break
        # Far beyond the budget fewer must do, and in the end even too few.
        if spent > 20 * seconds or (len(timed) >= MINIMUM_ROUNDS and spent > 4 * seconds):
            break
        timed.append((await run("old", each), await run("new", each), await run("old", each)))
    idle = any(one.waits > _WAITS_A_BATCH for three in timed for one in three)
    return tuple(Round(*(one.wall if idle else one.processor for one in three)) for three in timed)


async def _time(
    workspace: ProcessWorkspace, probe: str, settings: dict[str, Any], seconds: float
) -> _Timed:
    settings |= {"seconds": seconds, "most_seconds": 2.0 + 4 * seconds}
    answer = await _run(workspace, probe, settings)
    try:
        batches = max(1, int(answer["batches"]))
        wall, processor = float(answer["wall"]), float(answer["processor"])
        return _Timed(wall, processor, int(answer["waits"]) / batches)
    except (KeyError, TypeError, ValueError) as error:
        raise Measured(f"a timing cannot be read: {error}") from error


async def _plan(
    workspace: ProcessWorkspace,
    recording: Recording,
    scale: int,
    wanted: Sequence[dict[str, Any]] | None,
) -> list[dict[str, Any]]:
    await workspace.renew(recording)
    settings = {**_common(recording, scale, wanted), "mode": "plan"}
    answer = await _run(workspace, "workload", settings)
    calls = answer.get("calls")
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise Measured("the plan of the benchmark cannot be read")
    return calls


def _comparable(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The calls that both answer alike, the largest first, as many as one pass has room for."""
    answers = {call.get("number"): call.get("answer") for call in after}
    alike = [call for call in before if answers.get(call["number"]) == call["answer"]]
    chosen, seconds, size = [], 0.0, 0
    for call in sorted(alike, key=lambda call: int(call["size"]) > _PASS_BYTES):
        if chosen and (seconds > _PASS_SECONDS or size > _PASS_BYTES):
            break
        chosen.append(call)
        seconds += float(call["seconds"])
        size += int(call["size"])
    return chosen


def _common(
    recording: Recording, scale: int, wanted: Sequence[dict[str, Any]] | None
) -> dict[str, Any]:
    return {"functions": _names(recording.functions), "scale": scale, "wanted": wanted}


def _names(functions: Sequence[FunctionRef]) -> list[dict[str, str]]:
    return [{"file": each.file, "qualname": each.qualname} for each in functions]


async def _run(workspace: ProcessWorkspace, probe: str, settings: dict[str, Any]) -> Any:
    """Run a probe on a workspace that is laid out; its answer is one JSON file."""
    root, out = workspace.inside("project"), workspace.inside("out")
    recording, result = f"{out}/{recordings.RECORDING}", f"{out}/{_RESULT}"
    text = json.dumps({**settings, "root": root, "recording": recording, "out": result})
    finished = await workspace.run_probe(probe, text, seconds=_PLAN_SECONDS)
    data = workspace.result(_RESULT, _RESULT_BYTES)
    if finished.end != "exited" or finished.code != 0 or not data:
        last = (finished.output.strip().splitlines() or ["nothing was printed"])[-1]
        raise Measured(f"the benchmark did not run: {finished.why or last}")
    try:
        return json.loads(data)
    except ValueError as error:
        raise Measured(f"a timing cannot be read: {error}") from error
