"""A rule's own micro-benchmark: one statement after its setup, as `timeit` runs it."""

from __future__ import annotations

import sys
import timeit
from typing import Any

from .files import read_json, write_json
from .timing import Reading, Slot, Timer, calls_for


def run(config: Any) -> dict[str, Any]:
    """The least time of one execution, from batches that together take so many seconds."""
    setup = f"n = {int(config['size'])}\n{config['setup']}"
    # The difference of two readings is what a run gives, and the setup is not in it.
    clock: Any = timeit.Timer(config["statement"], setup, Reading)  # type: ignore[arg-type]
    clock.timeit(1)
    probe = 1
    while (passed := clock.timeit(probe)).wall < 0.001 and probe < 100_000:
        probe *= 10
    seconds = passed.wall / probe
    if config["mode"] == "plan":
        return {"seconds": seconds}
    loops = calls_for(seconds)
    timer = Timer(config["seconds"], config["most_seconds"])
    slot = Slot(config["slot"])
    while not timer.enough:
        slot.wait()
        timer.add(clock.timeit(loops), loops)
    return timer.summary()


def main() -> None:
    """Serve one configuration file."""
    config = read_json(sys.argv[1])
    write_json(config["out"], run(config))


if __name__ == "__main__":
    main()
