"""Values that stick out of what is usual around them."""

from collections import deque

from bot.domain.detection.ranks import median, spread, two_sided
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Detection, Direction, Found, Inconclusive, NotFound, Point

_FEWEST = 20
_WINDOW = 60
_SPREADS = 6.0


def find_anomalies(series: Series) -> Detection:
    """Runs of values more than six spreads from the median of the values before them."""
    known = series.known()
    if len(known) < _FEWEST:
        return Inconclusive(f"{len(known)} values are known, {_FEWEST} needed")
    usual: deque[float] = deque(maxlen=_WINDOW)
    points: list[Point] = []
    for i in known:
        value = series.values[i]
        if len(usual) >= _FEWEST:
            middle, wide = median(usual), spread(usual)
            floor = max(wide, 0.01 * abs(middle))
            if floor and abs(value - middle) > _SPREADS * floor:
                direction = Direction.UP if value > middle else Direction.DOWN
                effect = (value - middle) / (abs(middle) or abs(value))
                p = two_sided((value - middle) / floor)
                if not points or points[-1].high < i - 1:
                    points.append(Point(i, series.times[i], direction, effect, p, i, i))
        usual.append(value)
    if not points:
        return NotFound(f"nothing sticks out of {len(known)} values")
    return Found(tuple(points), f"{len(points)} anomalies in {len(known)} values")
