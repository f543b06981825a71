"""Charts as SVG, drawn here: lines over time with what happened, and bars beside a limit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup, escape

from bot.domain.messages import plain

_WIDTH, _HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 12, 28
_STEPS: Final = (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10)
_HUES: Final = 4
"""How many kinds of line the style sheet knows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, and its points by time."""

    name: str
    points: Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar by its name."""

    name: str
    value: float


def lines(title: str, given: Sequence[Line], unit: str = "", marks: Sequence[Mark] = ()) -> Markup:
    """Lines from nothing to the highest value, with a legend; no points, no chart."""
    times = [at for line in given for at, _ in line.points]
    if not times:
        return Markup()
    first, last = min(times), max(times)
    span = max((last - first).total_seconds(), 1.0)
    top = _rounded(max(value for line in given for _, value in line.points))

    def x(at: datetime) -> float:
        return _LEFT + (at - first).total_seconds() / span * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - max(0.0, value) / top * (_HEIGHT - _TOP - _BOTTOM)

    drawn = [*_grid(top, unit), *_moments(first, last, x)]
    for number, line in enumerate(given):
        points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in line.points)
        hue = f"hue-{number % _HUES}"
        if len(line.points) == 1:
            at, value = line.points[0]
            drawn.append(f'<circle class="dot {hue}" cx="{x(at):.1f}" cy="{y(value):.1f}" r="3"/>')
        drawn.append(f'<polyline class="line {hue}" points="{points}"/>')
    drawn += [_mark(mark, x(mark.at)) for mark in marks if first <= mark.at <= last]
    legend = [(line.name, f"hue-{number % _HUES}") for number, line in enumerate(given)]
    return _figure(title, drawn, legend if len(legend) > 1 else [])


def bars(title: str, given: Sequence[Bar], unit: str = "", limit: float | None = None) -> Markup:
    """Bars beside each other, with a line at the limit."""
    if not given:
        return Markup()
    top = _rounded(max([*(bar.value for bar in given), limit or 0.0]))
    room = _HEIGHT - _TOP - _BOTTOM
    step = (_WIDTH - _LEFT - _RIGHT) / len(given)
    drawn = list(_grid(top, unit))
    every = max(1, round(len(given) * 70 / (_WIDTH - _LEFT)))
    for number, bar in enumerate(given):
        height = max(0.0, bar.value) / top * room
        x = _LEFT + number * step
        drawn.append(
            f'<rect class="bar" x="{x + step * 0.15:.1f}" y="{_HEIGHT - _BOTTOM - height:.1f}" '
            f'width="{step * 0.7:.1f}" height="{height:.1f}"/>'
        )
        if number % every == 0:
            drawn.append(
                f'<text class="label" text-anchor="middle" x="{x + step / 2:.1f}" '
                f'y="{_HEIGHT - 8}">{_text(bar.name)}</text>'
            )
    if limit is not None:
        y = _HEIGHT - _BOTTOM - limit / top * room
        drawn.append(
            f'<line class="mark" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="label" text-anchor="end" x="{_WIDTH - _RIGHT}" y="{y - 4:.1f}">'
            "cap</text>"
        )
    return _figure(title, drawn, [])


def _mark(mark: Mark, x: float) -> str:
    return (
        f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text class="label" x="{x + 4:.1f}" y="{_TOP + 10}">{_text(mark.name)}</text>'
    )


def _grid(top: float, unit: str) -> Iterable[str]:
    for part in range(5):
        value = top * part / 4
        y = _HEIGHT - _BOTTOM - part / 4 * (_HEIGHT - _TOP - _BOTTOM)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<text class="label" text-anchor="end" x="{_LEFT - 6}" y="{y + 4:.1f}">'
            f"{_amount(value, unit)}</text>"
        )


def _moments(first: datetime, last: datetime, x: Callable[[datetime], float]) -> Iterable[str]:
    """Five moments below; their day, too, where there are several."""
    form = "%H:%M" if last - first <= timedelta(days=1) else "%m-%d %H:%M"
    for part in range(5 if last > first else 1):
        at = first + (last - first) * part / 4
        anchor = ("start", "middle", "middle", "middle", "end")[part]
        yield (
            f'<text class="label" text-anchor="{anchor}" x="{x(at):.1f}" y="{_HEIGHT - 8}">'
            f"{at:{form}}</text>"
        )


def _figure(title: str, drawn: Iterable[str], legend: Sequence[tuple[str, str]]) -> Markup:
    named = "".join(
        f'<li><svg class="key" viewBox="0 0 12 4" aria-hidden="true">'
        f'<line class="line {hue}" x1="0" x2="12" y1="2" y2="2"/></svg>{_text(name)}</li>'
        for name, hue in legend
    )
    listed = f'<ul class="legend">{named}</ul>' if named else ""
    # Every text in it went through `_text`, and all else are numbers and words of ours.
    return Markup(  # noqa: S704 - as said above
        f'<figure class="chart"><figcaption>{_text(title)}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_text(title)}">'
        f"{''.join(drawn)}</svg>{listed}</figure>"
    )


def _amount(value: float, unit: str) -> str:
    """The value with its unit where a person expects that."""
    number = f"{value:.4g}"
    return f"${number}" if unit == "$" else f"{number} {_text(unit)}".strip()


def _rounded(value: float) -> float:
    """The next number above that four lines divide well."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (len(f"{value:.0f}") - 1)
    while power > value:
        power /= 10
    return next((step * power for step in _STEPS if step * power >= value), 10 * power)


def _text(text: str) -> Markup:
    return escape(plain(text))
