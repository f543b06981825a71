"""Recorded calls as a benchmark: `plan` chooses them, `time` and `space` run a plan."""

from __future__ import annotations

import gc
import pickle
import random
import sys
import time
from collections import deque
from typing import Any, Callable, Iterator

from .calls import Call, Calls
from .files import read_json, write_json
from .scale import Scaled
from .timing import Reading, Slot, Timer, calls_for

_MOST_CALLS = 60
_PLAN_SECONDS = 6.0
_ONE_CALL_SECONDS = 2.0
# How much the copies of the arguments of one batch may take, by their pickled size.
# Reading copies is what a process spends most of its time on where arguments are large.
_BATCH_BYTES = 2_000_000
_CO_COROUTINE = 0x80


class Workload:
    """The calls of one recording at one scale, on one tree."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self._calls = Calls(config)
        self._scale = int(config["scale"])
        self._wanted: list[Any] = config["wanted"] or []

    def plan(self) -> dict[str, Any]:
        """The calls that answer at this scale, largest first, with what each one answers."""
        # Imported here alone: a process that times should start fast.
        from .observe import Observer
        from .world import World

        found: list[dict[str, Any]] = []
        world = World()
        observer = Observer(world, self._config["root"], _ONE_CALL_SECONDS)
        end = time.perf_counter() + _PLAN_SECONDS
        wanted = self._config["wanted"]
        entries = self._largest() if wanted is None else wanted
        by_number = {call.number: call for call in self._calls.found}
        for entry in entries:
            if wanted is None and (time.perf_counter() > end or len(found) == _MOST_CALLS):
                break
            for vary in (True, False) if wanted is None else (entry["vary"],):
                answer = self._answer(observer, by_number[entry["number"]], vary=vary)
                if answer is not None:
                    found.append(answer)
                    break
        return {"calls": found}

    def time(self) -> dict[str, Any]:
        """Batches over all calls of the plan for so many seconds, and the least of them."""
        prepared = [
            Work(self._call(e["number"]), self._data(e), reuse=e["reuse"]) for e in self._wanted
        ]
        # The first call of anything pays for what later ones find done.
        _passed(prepared, 1)
        seconds = _passed(prepared, 1).wall
        size = sum(len(work.data) for work in prepared if not work.reuse)
        loops = min(calls_for(seconds), max(1, _BATCH_BYTES // max(1, size)))
        timer = Timer(self._config["seconds"], self._config["most_seconds"])
        slot = Slot(self._config["slot"])
        while not timer.enough:
            slot.wait()
            timer.add(_passed(prepared, loops), loops)
        return timer.summary()

    def space(self) -> dict[str, Any]:
        """The most that one call of the plan holds at once, in bytes."""
        import tracemalloc

        prepared = [
            Work(self._call(e["number"]), self._data(e), reuse=e["reuse"]) for e in self._wanted
        ]
        # What is made once and kept is no call's.
        _passed(prepared, 1)
        most = 0
        for work in prepared:
            made = work.batch(1)
            gc.collect()
            tracemalloc.start()
            try:
                (_work_async if _is_async(work.function) else _work)(made)
                most = max(most, tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
        return {"peak": most}

    def _largest(self) -> list[dict[str, Any]]:
        every = sorted(self._calls.found, key=lambda call: -len(call.data))
        return [{"number": call.number} for call in every]

    def _call(self, number: int) -> Callable[..., Any]:
        call = next(call for call in self._calls.found if call.number == number)
        return call.target.call

    def _data(self, entry: Any) -> bytes:
        call = next(call for call in self._calls.found if call.number == entry["number"])
        values = self._values(call, vary=entry["vary"])[0]
        return pickle.dumps(values, pickle.HIGHEST_PROTOCOL)

    def _values(self, call: Call, *, vary: bool) -> tuple[Any, int]:
        scaled = Scaled(self._scale, vary=vary)
        return scaled.values(call.values()), scaled.longest

    def _answer(self, observer: Any, call: Call, *, vary: bool) -> dict[str, Any] | None:
        """What the call answers at this scale, or None if it raises or does not end."""
        try:
            values, longest = self._values(call, vary=vary)
        except Exception:
            return None
        seen = observer.observe(call.target.call, values, late=False)
        if seen is None or seen.result.startswith("raises"):
            return None
        # Looking at a call may take far longer than the call.
        fresh = Work(call.target.call, pickle.dumps(self._values(call, vary=vary)[0]))
        seconds = _passed([fresh], 1).wall
        text = seen.result + "\n" + seen.effects
        values_again = self._values(call, vary=vary)[0]
        return {
            "number": call.number,
            "vary": vary,
            "longest": longest,
            "seconds": seconds,
            "size": len(call.data),
            "reuse": not seen.effects and not _holds_iterator(values_again),
            "answer": text,
        }


class Work:
    """One call: a call that leaves its arguments as they were may be made with the same again."""

    def __init__(self, function: Callable[..., Any], data: bytes, *, reuse: bool = False) -> None:
        self.function = function
        self.data = data
        self.reuse = reuse

    def batch(self, loops: int) -> list[Any]:
        """The function with its arguments so many times."""
        if self.reuse:
            return [(self.function, *pickle.loads(self.data))] * loops
        return [(self.function, *pickle.loads(self.data)) for _ in range(loops)]


def _passed(prepared: list[Work], loops: int) -> Reading:
    """Time every call so many times, with arguments that are made before the clock starts."""
    batch = [call for work in prepared for call in work.batch(loops)]
    run = _work_async if all(_is_async(each.function) for each in prepared) else _work
    random.seed(0)
    gc.collect()
    gc.disable()
    try:
        before = Reading()
        run(batch)
        return Reading() - before
    finally:
        gc.enable()


def _holds_iterator(values: Any) -> bool:
    args, kwargs = values
    return any(isinstance(value, Iterator) for value in (*args, *kwargs.values()))


def _work(batch: list[Any]) -> None:
    for function, args, kwargs in batch:
        result = function(*args, **kwargs)
        if isinstance(result, Iterator):
            deque(result, maxlen=0)


def _work_async(batch: list[Any]) -> None:
    async def work() -> None:
        for function, args, kwargs in batch:
            await function(*args, **kwargs)

    import asyncio

    asyncio.run(work())


def _is_async(function: Any) -> bool:
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & _CO_COROUTINE)


def main() -> None:
    """Serve one configuration file."""
    config = read_json(sys.argv[1])
    workload = Workload(config)
    ask = {"plan": workload.plan, "time": workload.time, "space": workload.space}
    write_json(config["out"], ask[config["mode"]]())


if __name__ == "__main__":
    main()
