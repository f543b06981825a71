"""Where a program's time or memory went: the cost of each function, merged and ranked."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class CostUnit(StrEnum):
    """What a cost is counted in; samples where the profiler does not say how often it looked."""

    SECONDS = "seconds"
    BYTES = "bytes"
    SAMPLES = "samples"


class CostOrder(StrEnum):
    """By which of its costs a function is ranked."""

    OWN = "own"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class CodeSpot:
    """A function as a profiler names it; `line` is 1-based, 0 if unknown, `file` may be empty."""

    file: str
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class FunctionCost:
    """What one function cost, in the profile's unit.

    `own` leaves out what it called; `total` holds that, and counts a recursion once. `calls` is
    None where the profiler does not count them.
    """

    spot: CodeSpot
    own: float
    total: float
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One measured run of a program, or several put together.

    `total` is the cost of everything measured, also of functions that are not listed. Where
    `lines_define` is false a line is the first one that was seen running, not the definition's.
    """

    unit: CostUnit
    functions: tuple[FunctionCost, ...]
    total: float
    name: str = ""
    lines_define: bool = True
    at: datetime | None = None
    commit: str = ""

    def share(self, cost: float) -> float:
        """The part of everything measured, 0 to 1; 0 where nothing was."""
        return min(1.0, cost / self.total) if self.total > 0 else 0.0


def ranked(
    profile: Profile, by: CostOrder = CostOrder.OWN, most: int | None = None
) -> tuple[FunctionCost, ...]:
    """The functions, the most expensive first."""

    def place(cost: FunctionCost) -> tuple[float, float, str, int, str]:
        first, second = (cost.own, cost.total) if by is CostOrder.OWN else (cost.total, cost.own)
        return -first, -second, cost.spot.file, cost.spot.line, cost.spot.name

    return tuple(sorted(profile.functions, key=place)[:most])


def trimmed(profile: Profile, most: int) -> Profile:
    """The profile with the functions alone that cost most, by either cost; `total` stays."""
    if len(profile.functions) <= most:
        return profile
    kept: dict[CodeSpot, FunctionCost] = {}
    for pair in zip(ranked(profile, CostOrder.OWN), ranked(profile, CostOrder.TOTAL), strict=True):
        for cost in pair:
            if len(kept) < most:
                kept.setdefault(cost.spot, cost)
    return replace(profile, functions=ranked(replace(profile, functions=tuple(kept.values()))))


def merged(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """Profiles put together, one for each unit in the order of their first: costs add up.

    A function is the same by file and name, and by its line where that defines it. Calls that one
    of the profiles did not count are unknown. The moment is the latest, the name the first.
    """
    groups: dict[CostUnit, list[Profile]] = {}
    for profile in profiles:
        groups.setdefault(profile.unit, []).append(profile)
    return tuple(_put_together(group) for group in groups.values())


def _put_together(group: Sequence[Profile]) -> Profile:
    if len(group) == 1:
        return group[0]
    costs: dict[tuple[str, int | None, str], FunctionCost] = {}
    for profile in group:
        for cost in profile.functions:
            spot = cost.spot
            key = (spot.file, spot.line if profile.lines_define else None, spot.name)
            known = costs.get(key)
            costs[key] = cost if known is None else _sum(known, cost)
    moments = [profile.at for profile in group if profile.at is not None]
    commits = {profile.commit for profile in group}
    together = replace(
        group[0],
        functions=tuple(costs.values()),
        total=math.fsum(profile.total for profile in group),
        lines_define=all(profile.lines_define for profile in group),
        at=max(moments, default=None),
        commit=commits.pop() if len(commits) == 1 else "",
    )
    return replace(together, functions=ranked(together))


def _sum(one: FunctionCost, other: FunctionCost) -> FunctionCost:
    known = one.calls is not None and other.calls is not None
    return FunctionCost(
        _first(one.spot, other.spot),
        one.own + other.own,
        one.total + other.total,
        (one.calls or 0) + (other.calls or 0) if known else None,
    )


def _first(one: CodeSpot, other: CodeSpot) -> CodeSpot:
    """The spot with the lower line that is known."""
    lines = [spot.line for spot in (one, other) if spot.line > 0]
    return replace(one, line=min(lines, default=0))


@dataclass
class Tally:
    """Adds costs up to a profile, in whichever form a profiler gives them.

    With `lines_define` false, frames of one file and name are one function.
    """

    lines_define: bool = True
    _ids: dict[tuple[str, int, str], int] = field(default_factory=dict)
    _spots: list[CodeSpot] = field(default_factory=list)
    _own: list[float] = field(default_factory=list)
    _total: list[float] = field(default_factory=list)
    _calls: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._spots)

    def function(self, spot: CodeSpot) -> int:
        """The number of a function, the same for each frame of it."""
        key = (spot.file, spot.line if self.lines_define else 0, spot.name)
        known = self._ids.get(key)
        if known is None:
            known = self._ids[key] = len(self._spots)
            self._spots.append(spot)
            self._own.append(0.0)
            self._total.append(0.0)
        elif not self.lines_define:
            self._spots[known] = _first(self._spots[known], spot)
        return known

    def add_stack(self, stack: Sequence[int], cost: float) -> None:
        """A cost seen with this stack of functions, the outermost first."""
        if stack:
            self._own[stack[-1]] += cost
        for function in set(stack):
            self._total[function] += cost

    def add(self, function: int, own: float = 0.0, total: float = 0.0, calls: int = 0) -> None:
        """Costs that are known apart; `total` of outermost calls alone, or recursion adds up."""
        self._own[function] += own
        self._total[function] += total
        if calls:
            self._calls[function] = self._calls.get(function, 0) + calls

    def profile(self, unit: CostUnit, name: str = "", total: float | None = None) -> Profile:
        """What was added up, without functions that cost nothing and were not called.

        `total` is the sum of own costs unless it is known better.
        """
        counts: Mapping[int, int] = self._calls
        functions = tuple(
            FunctionCost(spot, self._own[n], max(self._own[n], self._total[n]), counts.get(n))
            for n, spot in enumerate(self._spots)
            if self._own[n] or self._total[n] or n in counts
        )
        everything = math.fsum(self._own) if total is None else total
        made = Profile(unit, functions, everything, name, self.lines_define)
        return replace(made, functions=ranked(made))
