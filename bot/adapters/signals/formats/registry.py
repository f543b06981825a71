"""Every format: its word, what it is called, how it is known and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.adapters.signals.formats import (
    asv,
    custom,
    folded,
    google_benchmark,
    hyperfine,
    jmh,
    k6,
    locust,
    memray,
    pstats,
    pyinstrument,
    pytest_benchmark,
    speedscope,
)
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.domain.measured import Direction


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `asked_for` ones are read only when a person names them."""

    kind: str
    title: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, Meter], Content]
    asked_for: bool = False


IN_JSON: Final = (
    Format(
        "pytest-benchmark", "pytest-benchmark", pytest_benchmark.recognises, pytest_benchmark.read
    ),
    Format("asv", "asv results", asv.recognises, asv.read),
    Format("hyperfine", "hyperfine", hyperfine.recognises, hyperfine.read),
    Format("k6-export", "k6 summary export", k6.recognises_export, k6.read_export),
    Format("k6-summary", "k6 handleSummary", k6.recognises_summary, k6.read_summary),
    Format("k6-machine", "k6 machine-readable summary", k6.recognises_machine, k6.read_machine),
    Format("jmh", "JMH", jmh.recognises, jmh.read),
    Format(
        "google-benchmark", "Google Benchmark", google_benchmark.recognises, google_benchmark.read
    ),
    Format("custom", "github-action-benchmark", custom.recognises, custom.reader(None)),
    Format(
        "custom-smaller",
        "github-action-benchmark, smaller is better",
        custom.recognises,
        custom.reader(Direction.LOWER),
        asked_for=True,
    ),
    Format(
        "custom-bigger",
        "github-action-benchmark, bigger is better",
        custom.recognises,
        custom.reader(Direction.HIGHER),
        asked_for=True,
    ),
    Format("speedscope", "speedscope profile", speedscope.recognises, speedscope.read),
    Format("pyinstrument", "pyinstrument profile", pyinstrument.recognises, pyinstrument.read),
    Format("memray", "memray statistics", memray.recognises, memray.read),
)
IN_TEXT: Final = (
    Format("locust", "Locust CSV", locust.recognises, locust.read),
    Format("folded", "folded stacks (py-spy raw)", folded.recognises, folded.read),
)
IN_BYTES: Final = (Format("pstats", "cProfile statistics", pstats.recognises, pstats.read),)
ALL: Final = (*IN_JSON, *IN_TEXT, *IN_BYTES)
KINDS: Final = tuple(one.kind for one in ALL)
