"""What `ironclaw detect` prints: one JSON document, or a few lines with a sparkline."""

from datetime import UTC, datetime
from typing import Any, TypeAlias, assert_never

from bot.domain.detection.leaks import Leak, NoLeak
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Found, Inconclusive, NotFound, Point

Answer: TypeAlias = Found | NotFound | Inconclusive | Leak | NoLeak
_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH = 72


def document(kind: str, answer: Answer) -> dict[str, Any]:
    """The one document that `--json` prints."""
    return {
        "schema": 1,
        "kind": str(kind),
        "verdict": verdict(answer),
        "points": [_point(point) for point in points(answer)],
        "leak": _leak(answer) if kind == "leak" else None,
        "reason": answer.reason,
    }


def verdict(answer: Answer) -> str:
    """The verdict's word."""
    match answer:
        case Found() | Leak():
            return "found"
        case NotFound() | NoLeak():
            return "not_found"
        case Inconclusive():
            return "inconclusive"
        case _:
            assert_never(answer)


def points(answer: Answer) -> tuple[Point, ...]:
    """The points that were found, if any."""
    return answer.points if isinstance(answer, Found) else ()


def _point(point: Point) -> dict[str, Any]:
    return {
        "index": point.index,
        "timestamp": _iso(point.timestamp),
        "direction": str(point.direction),
        "effect": point.effect,
        "p": point.p,
    }


def _leak(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Leak | NoLeak):
        rate = answer.rate
        found = isinstance(answer, Leak)
        return {
            "detected": found,
            "growth_per_hour": rate.per_hour,
            "low": rate.low,
            "high": rate.high,
        }
    return {"detected": False, "growth_per_hour": None, "low": None, "high": None}


def text(series: Series, answer: Answer) -> str:
    """The same for a person."""
    lines = [f"{verdict(answer).replace('_', ' ')}: {answer.reason}", *sparkline(series, answer)]
    for point in points(answer):
        sign = "+" if point.effect >= 0 else ""
        lines.append(
            f"{_iso(point.timestamp)}  value {point.index}  {point.direction:<4}  "
            f"{sign}{point.effect:.1%}  p {point.p:.1g}"
        )
    return "\n".join(lines)


def sparkline(series: Series, answer: Answer) -> list[str]:
    """The series in at most 72 blocks, and below them a mark where something was found."""
    known = series.known()
    if not known:
        return []
    width = min(_WIDTH, len(series.values))
    cells: list[list[float]] = [[] for _ in range(width)]
    for i in known:
        cells[i * width // len(series.values)].append(series.values[i])
    means = [sum(cell) / len(cell) if cell else None for cell in cells]
    there = [mean for mean in means if mean is not None]
    low, high = min(there), max(there)
    step = (high - low) / (len(_BLOCKS) - 1) or 1.0
    line = "".join(" " if mean is None else _BLOCKS[int((mean - low) / step)] for mean in means)
    marked = {point.index * width // len(series.values) for point in points(answer)}
    marks = "".join("^" if i in marked else " " for i in range(width)).rstrip()
    return [line, *([marks] if marks else [])]


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
