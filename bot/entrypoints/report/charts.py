"""Small charts: a line of blocks for a terminal, an SVG for a page."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
WIDTH, HEIGHT = 240, 48


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """The course of values, lowest to highest; of more than `width`, the highest of each part."""
    points = thinned(values, width)
    low, high = min(points, default=0.0), max(points, default=0.0)
    step = (high - low) / (len(_BLOCKS) - 1)
    return "".join(_BLOCKS[round((value - low) / step) if step else 0] for value in points)


def svg(values: Sequence[float], title: str) -> str:
    """A line chart from nothing to the highest value; `title` is HTML already."""
    points = thinned(values, WIDTH // 2)
    high = max(points, default=0.0) or 1.0
    step = WIDTH / max(1, len(points) - 1)
    line = " ".join(
        f"{number * step:.1f},{HEIGHT - 2 - max(0.0, value) / high * (HEIGHT - 4):.1f}"
        for number, value in enumerate(points)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
        f"<title>{title}</title>"
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )


def thinned(values: Sequence[float], most: int) -> list[float]:
    """At most so many values; each stands for a part of equal length, by its highest."""
    if len(values) <= most:
        return list(values)
    edges = [number * len(values) // most for number in range(most + 1)]
    return [max(values[start:end]) for start, end in pairwise(edges)]
