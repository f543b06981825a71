"""A rule's own micro-benchmark: one statement after its setup, as `timeit` runs it."""

from __future__ import annotations

import json
import sys
import timeit
from pathlib import Path
from typing import Any

from .timing import Reading, Timer, calls_for


def run(config: Any) -> dict[str, Any]:
    """The least time of one execution, from batches that together take so many seconds."""
    setup = f"n = {int(config['size'])}\n{config['setup']}"
    # The difference of two readings is what a run gives, and the setup is not in it.
    clock: Any = timeit.Timer(config["statement"], setup, Reading)  # type: ignore[arg-type]
    clock.timeit(1)
    probe = 1
    while (passed := clock.timeit(probe)).wall < 0.001 and probe < 100_000:
        probe *= 10
    loops = calls_for(passed.wall / probe)
    timer = Timer(config["seconds"], config["most_seconds"])
    while not timer.enough:
        timer.add(clock.timeit(loops), loops)
    return timer.summary()


def main() -> None:
    """Serve one configuration file."""
    config = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(config["out"]).write_text(json.dumps(run(config)), encoding="utf-8")


if __name__ == "__main__":
    main()
