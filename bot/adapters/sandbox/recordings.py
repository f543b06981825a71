"""Recordings and replays as files that travel in and out of the sandbox; nothing is unpickled."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.equivalence import FunctionRef, Observation, Recording, Replayed

RECORDING = "recording.json"
INVENTED = "invented.json"
ANSWERS = "answers.jsonl"
MOST_BYTES = 64_000_000
INVENT_SECONDS = 30.0
# What the first replay of a recording may take; later ones answer the same inputs and may be slow.
FIRST_SECONDS, LATER_SECONDS = 8.0, 60.0
FIRST_CALL_SECONDS, LATER_CALL_SECONDS = 2.0, 5.0


@dataclass
class Chosen:
    """Which inputs of each recording say something: decided by the first replay for all others."""

    _numbers: dict[str, list[int]] = field(default_factory=dict)

    def of(self, recording: Recording) -> list[int] | None:
        """The numbers chosen for this recording, or None before its first replay."""
        return self._numbers.get(_digest(recording))

    def keep(self, recording: Recording, replayed: Replayed) -> None:
        """Choose what the first replay has answered; an empty answer chooses nothing."""
        if replayed.observations:
            self._numbers.setdefault(_digest(recording), sorted(replayed.observations))


def record_settings(functions: Sequence[FunctionRef], root: str, out: str) -> str:
    """What the recorder is told."""
    return json.dumps({"root": root, "out": f"{out}/{RECORDING}", "functions": _plain(functions)})


def read_recording(data: bytes, functions: Sequence[FunctionRef], why: str) -> Recording:
    """A recording from the file that the recorder wrote; `why` is what else is known."""
    counts: dict[FunctionRef, int] = {}
    reasons: list[str] = [why] if why else []
    try:
        entries = json.loads(data)["functions"] if data else []
        for function, entry in zip(functions, entries, strict=False):
            counts[function] = len(entry["calls"])
            reasons += _reasons(function, entry)
    except (KeyError, TypeError, ValueError) as error:
        return Recording(tuple(functions), 0, b"", f"the recording cannot be read: {error}")
    calls = sum(counts.values())
    if not data:
        reasons.append("the tests ended before anything was recorded")
    elif not calls and not reasons:
        reasons.append("no test calls the function")
    return Recording(tuple(functions), calls, data, "; ".join(reasons), tuple(counts.items()))


def invent_settings(
    recording: Recording, seed: int, root: str, out: str, folders: Sequence[str]
) -> str:
    """What the inventor is told; a function that no test calls is imported by its file's name."""
    record = json.loads(recording.data) if recording.data else None
    modules = [_module(each.file, folders) for each in recording.functions]
    return json.dumps(
        {
            "root": root,
            "out": f"{out}/{INVENTED}",
            "functions": _plain(recording.functions),
            "modules": modules,
            "record": record,
            "seed": seed,
        }
    )


def _module(file: str, folders: Sequence[str]) -> str:
    """`pkg.mod` for `src/pkg/mod.py`, where `src` is a folder that is imported from."""
    inside = sorted((f for f in folders if f and file.startswith(f"{f}/")), key=len)
    path = file.removeprefix(f"{inside[-1]}/") if inside else file
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def replay_settings(
    recording: Recording,
    lines: Sequence[tuple[int, int]],
    only: Sequence[int] | None,
    root: str,
    out: str,
) -> str:
    """What the replaying process is told."""
    first = only is None
    return json.dumps(
        {
            "root": root,
            "recording": f"{out}/{RECORDING}",
            "out": f"{out}/{ANSWERS}",
            "functions": _plain(recording.functions),
            "lines": [list(each) for each in lines],
            "only": None if only is None else list(only),
            "seconds": FIRST_SECONDS if first else LATER_SECONDS,
            "call_seconds": FIRST_CALL_SECONDS if first else LATER_CALL_SECONDS,
        }
    )


def read_answers(text: str, why: str) -> Replayed:
    """The observations in a replay's file; `why` is how the process ended, if not well."""
    observations: dict[int, Observation] = {}
    hit = ended = False
    for entry in entries(text):
        match entry:
            case {"kind": "seen", "n": int(number), "call": str(call)}:
                result, effects = str(entry.get("result")), str(entry.get("effects"))
                observations[number] = Observation(call, result, effects)
            case {"kind": "end", "hit": bool(hit)}:
                ended = True
            case {"kind": "error", "why": str(error)}:
                why = error
            case _:
                continue
    if not ended:
        why = f"the replay ended early: {why or 'the process was ended by a call'}"
    return Replayed(observations, hit, why)


def entries(text: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a file of JSON lines; what is none is left out."""
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def _reasons(function: FunctionRef, entry: Mapping[str, Any]) -> list[str]:
    if entry["calls"]:
        return []
    worst = max(entry["refused"].items(), key=lambda pair: pair[1], default=("", 0))[0]
    if entry["count"]:
        return [f"{entry['count']} calls of {function.qualname} cannot be kept: {worst}"]
    return [f"{function.qualname} cannot be called: {worst}"] if worst else []


def _plain(functions: Sequence[FunctionRef]) -> list[dict[str, str]]:
    return [{"file": each.file, "qualname": each.qualname} for each in functions]


def _digest(recording: Recording) -> str:
    names = json.dumps(_plain(recording.functions)).encode()
    return hashlib.sha256(names + recording.data).hexdigest()
