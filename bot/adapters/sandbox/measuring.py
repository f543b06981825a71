"""Interleaved timings in fresh processes: old, new, and old again, round after round."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.sandbox import recordings
from bot.adapters.sandbox.workspace import ProcessWorkspace
from bot.domain.benchmark import MINIMUM_ROUNDS, Peaks, Round, Timings, is_hopeless
from bot.domain.equivalence import FunctionRef, Recording
from bot.domain.rules import Proof

_RESULT_BYTES = 16_000_000
_PLAN_SECONDS = 120.0
_WANTED_ROUNDS, _FEWEST_ROUNDS, _MOST_ROUNDS = 9, 7, 25
_SHORTEST, _LONGEST = 0.05, 0.25
# What the processes of a round take to start and to prepare their arguments.
_START_SECONDS = 0.3
# A turn has room for a batch and for making its arguments.
_SHORTEST_TURN, _LONGEST_TURN, _ROOM = 0.012, 1.0, 2.5
_PROCESSES = ("old", "new", "again")
# Work that is larger than this is done by fewer calls, so that rounds stay short.
_PASS_SECONDS = 0.05
_PASS_BYTES = 1_000_000
# A process that waits oftener than this in its batches waits for something, and that counts.
_WAITS_A_BATCH = 0.2


@dataclass(frozen=True, slots=True)
class _Job:
    """One program to run on one tree."""

    workspace: ProcessWorkspace
    probe: str
    settings: Mapping[str, Any]


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
    async with _both(old, new):
        try:
            before = await _plan(old, recording, scale, None)
            after = await _plan(new, recording, scale, before)
            calls = _comparable(before, after)
            if not calls:
                return Timings((), why=f"no recorded call is answered alike at scale {scale}")
            wanted = [{key: each[key] for key in ("number", "vary", "reuse")} for each in calls]
            settings = {**_common(recording, scale, wanted), "mode": "time"}
            jobs = [_Job(tree, "workload", settings) for tree in (old, new, old)]
            rounds = await _rounds(jobs, sum(float(each["seconds"]) for each in calls), seconds)
            peaks = None if is_hopeless(rounds) else await _peaks(jobs[:2])
        except Measured as end:
            return Timings((), why=str(end))
    longest = max(int(each["longest"]) for each in calls)
    inputs = f"{len(calls)} recorded calls, longest argument n={longest:,}"
    return Timings(rounds, inputs + (f", scaled x{scale}" if scale > 1 else ""), peaks=peaks)


async def measure_proof(
    workspace: ProcessWorkspace, proof: Proof, size: int, seconds: float
) -> Timings:
    """Time a rule's own statements."""
    common = {"setup": proof.setup, "size": size}
    jobs = [
        _Job(workspace, "proof", {**common, "mode": "time", "statement": statement})
        for statement in (proof.before, proof.after, proof.before)
    ]
    async with workspace.turn:
        await workspace.renew()
        try:
            planned = [
                await _run(replace(job, settings={**job.settings, "mode": "plan"}), "plan")
                for job in jobs[:2]
            ]
            longest = max(float(each["seconds"]) for each in planned)
            rounds = await _rounds(jobs, longest, seconds)
        except Measured as end:
            return Timings((), why=str(end))
    return Timings(rounds, f"the rule's own proof, n={size:,}")


@asynccontextmanager
async def _both(old: ProcessWorkspace, new: ProcessWorkspace) -> AsyncIterator[None]:
    """Both workspaces for ourselves; always in one order, so that nobody waits for ever."""
    async with AsyncExitStack() as stack:
        for workspace in sorted({old, new}, key=id):
            await stack.enter_async_context(workspace.turn)
        yield


async def _rounds(jobs: Sequence[_Job], work: float, seconds: float) -> tuple[Round, ...]:
    """As many rounds as the budget has room for, at least the fewest that say something.

    What shows no gain by then ends early. The three processes of a round live at the same time and
    take turns.
    """
    each = (seconds / _WANTED_ROUNDS - _START_SECONDS) / len(jobs)
    each = max(_SHORTEST, min(_LONGEST, each))
    turn = max(_SHORTEST_TURN, min(_LONGEST_TURN, _ROOM * work))
    timed: list[list[_Timed]] = []
    began = time.monotonic()
    while len(timed) < _MOST_ROUNDS:
        spent = time.monotonic() - began
        if len(timed) >= _FEWEST_ROUNDS and spent + spent / len(timed) > seconds:
            break
        if is_hopeless(_as_rounds(timed)):
            break
        # Far beyond the budget fewer must do, and in the end even too few.
        if spent > 20 * seconds or (len(timed) >= MINIMUM_ROUNDS and spent > 4 * seconds):
            break
        running = [
            _time(job, name, {"index": place, "of": len(jobs), "length": turn}, each)
            for place, (job, name) in enumerate(zip(jobs, _PROCESSES, strict=True))
        ]
        timed.append(list(await asyncio.gather(*running)))
    return _as_rounds(timed)


async def _peaks(jobs: Sequence[_Job]) -> Peaks | None:
    """What the old and the new code hold at once, if both say so."""
    asked = [replace(job, settings={**job.settings, "mode": "space"}) for job in jobs]
    try:
        found = [
            int((await _run(job, f"{name}-space"))["peak"])
            for job, name in zip(asked, _PROCESSES, strict=False)
        ]
    except (Measured, KeyError, TypeError, ValueError):
        return None
    return Peaks(*found)


def _as_rounds(timed: Sequence[Sequence[_Timed]]) -> tuple[Round, ...]:
    idle = any(one.waits > _WAITS_A_BATCH for three in timed for one in three)
    return tuple(Round(*(one.wall if idle else one.processor for one in three)) for three in timed)


async def _time(job: _Job, name: str, slot: dict[str, float], seconds: float) -> _Timed:
    most = 2.0 + 8 * seconds + 10 * slot["length"]
    settings = {**job.settings, "seconds": seconds, "most_seconds": most, "slot": slot}
    answer = await _run(replace(job, settings=settings), name)
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
    answer = await _run(_Job(workspace, "workload", settings), "plan")
    calls = answer.get("calls")
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise Measured("the plan of the benchmark cannot be read")
    return calls


def _comparable(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The calls that both answer alike, the largest first, as many as one pass has room for."""
    answers = {call.get("number"): call.get("answer") for call in after}
    spoiled = {call.get("number") for call in after if not call.get("reuse")}
    alike = [call for call in before if answers.get(call["number"]) == call["answer"]]
    chosen: list[dict[str, Any]] = []
    seconds, size = 0.0, 0
    for call in sorted(alike, key=lambda call: int(call["size"]) > _PASS_BYTES):
        if chosen and (seconds > _PASS_SECONDS or size > _PASS_BYTES):
            break
        chosen.append({**call, "reuse": call["reuse"] and call["number"] not in spoiled})
        seconds += float(call["seconds"])
        size += int(call["size"])
    return chosen


def _common(
    recording: Recording, scale: int, wanted: Sequence[dict[str, Any]] | None
) -> dict[str, Any]:
    return {"functions": _names(recording.functions), "scale": scale, "wanted": wanted}


def _names(functions: Sequence[FunctionRef]) -> list[dict[str, str]]:
    return [{"file": each.file, "qualname": each.qualname} for each in functions]


async def _run(job: _Job, name: str) -> Any:
    """Run a program on a tree that is laid out; its answer is one JSON file of this name."""
    workspace, result = job.workspace, f"{name}.answer"
    root, out = workspace.inside("project"), workspace.inside("out")
    places = {"root": root, "recording": f"{out}/{recordings.RECORDING}", "out": f"{out}/{result}"}
    finished = await workspace.run_probe(
        job.probe, json.dumps({**job.settings, **places}), seconds=_PLAN_SECONDS, name=name
    )
    data = workspace.result(result, _RESULT_BYTES)
    if finished.end != "exited" or finished.code != 0 or not data:
        last = (finished.output.strip().splitlines() or ["nothing was printed"])[-1]
        raise Measured(f"the benchmark did not run: {finished.why or last}")
    try:
        return json.loads(data)
    except ValueError as error:
        raise Measured(f"a timing cannot be read: {error}") from error
