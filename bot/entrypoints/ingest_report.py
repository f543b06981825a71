"""What `ironclaw ingest` says of each file, for a person and as JSON."""

from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from bot.adapters.signals.formats import Recognised, Refused
from bot.domain import measured, profile
from bot.domain.measured import BenchmarkResult
from bot.domain.messages import plain_lines
from bot.domain.profile import CostUnit, FunctionCost, Profile

_TOP: Final = 5
_PREFIXES: Final = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))


def document(file: str, found: Recognised | Refused, *, kept: bool) -> dict[str, Any]:
    """One file as plain JSON."""
    if isinstance(found, Refused):
        said = {"kind": found.kind or None, "refused": found.why, "remedy": found.remedy}
        return {"file": file, **said}
    return {
        "file": file,
        "kind": found.kind,
        "title": found.title,
        "kept": kept,
        "series": len(found.results),
        "functions": sum(len(one.functions) for one in found.profiles),
        "top_results": [_result(one) for one in measured.ranked(found.results, _TOP)],
        "profiles": [_profile(one) for one in found.profiles],
        "notes": list(found.notes),
    }


def _result(result: BenchmarkResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "unit": result.unit,
        "direction": result.direction.value,
        "value": result.value,
        "statistic": result.statistic.value,
        "missing": result.missing or None,
        "stddev": result.stddev,
        "count": result.count,
    }


def _profile(one: Profile) -> dict[str, Any]:
    return {
        "name": one.name,
        "unit": one.unit.value,
        "total": one.total,
        "top_functions": [
            {
                "file": cost.spot.file,
                "line": cost.spot.line,
                "name": cost.spot.name,
                "own": cost.own,
                "total": cost.total,
                "calls": cost.calls,
            }
            for cost in profile.ranked(one, most=_TOP)
        ],
    }


def show(console: Console, file: str, found: Recognised | Refused, *, kept: bool) -> None:
    """One file on the terminal; nothing in it is taken for markup."""
    name = f"[bold]{_plain(file)}[/bold]"
    if isinstance(found, Refused):
        kind = f" ({found.kind})" if found.kind else ""
        _print(console, f"[red]refused[/red] {name}{kind}: {_plain(found.why)}")
        _print(console, f"  [yellow]to mend it:[/yellow] {_plain(found.remedy)}")
        return
    again = "" if kept else ", read before"
    counts = [f"{len(found.results)} series"] if found.results else []
    counts += [f"{len(one.functions)} functions" for one in found.profiles]
    total = ", ".join(counts) or "nothing measured"
    _print(console, f"[green]read[/green] {name}: {_plain(found.title)}, {total}{again}")
    for result in measured.ranked(found.results, _TOP):
        _print(console, f"  {_value(result):>12}  {_plain(result.name)}")
    for one in found.profiles:
        for cost in profile.ranked(one, most=_TOP):
            _print(console, f"  {_cost(one, cost)}")
    for note in found.notes:
        _print(console, f"  note: {_plain(note)}")


def _print(console: Console, line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True)


def _plain(text: str) -> str:
    return escape(" ".join(plain_lines(text).split()))


def _value(result: BenchmarkResult) -> str:
    return "-" if result.value is None else _amount(result.value, result.unit)


def _amount(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:.4g} {_plain(unit)}".removesuffix(" 1").rstrip()
    size, prefix = next((one for one in _PREFIXES if abs(value) >= one[0]), _PREFIXES[-1])
    return f"{value / size:.3g} {prefix}s"


def _cost(one: Profile, cost: FunctionCost) -> str:
    unit = "s" if one.unit is CostUnit.SECONDS else one.unit.value
    spot = f"{cost.spot.file}:{cost.spot.line}" if cost.spot.file else "(built in)"
    share = f"own {one.share(cost.own):>4.0%} {_amount(cost.own, unit)}"
    return f"{share}, total {_amount(cost.total, unit)}  {_plain(cost.spot.name)}  {_plain(spot)}"
