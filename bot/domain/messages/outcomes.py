"""What is said of an outcome: the numbers of a watch, and why a merge is taken back."""

from bot.domain.analysis import Analysis, Measurement
from bot.domain.analysis.gain import Arrived, Gain, GainUnclear, NotArrived, Ratio
from bot.domain.improvement import Improvement
from bot.domain.messages.text import cell, code, fitting, prose

_ROWS = 50


def revert_body(improvement: Improvement) -> str:
    """Why a merged improvement is taken back."""
    return (
        f"This takes back #{improvement.pull_request}: {prose(improvement.reason)}.\n\n"
        "What was measured stands in a comment there. The same finding is not proposed again."
    )


def watch_table(analysis: Analysis) -> str:
    """What a watch measured, as a table."""
    if not analysis.measurements:
        return f"Nothing could be measured: {prose(analysis.why)}."
    worst = sorted(analysis.measurements, key=lambda found: not found.bad)
    rows = [_measurement_row(found) for found in worst[:_ROWS]]
    if len(worst) > _ROWS:
        rows.append(f"\nand {len(worst) - _ROWS} more")
    head = "| metric | endpoint | before | after | requests | worse? |\n|---|---|---|---|---|---|"
    return "\n".join((head, *rows))


def watch_comment(improvement: Improvement, analysis: Analysis, gain: Gain | None = None) -> str:
    """What a watch has led to, with the numbers, and whether what was promised arrived."""
    what = f"{improvement.state}: {prose(improvement.reason)}"
    promise = (gain_line(gain),) if gain else ()
    return fitting((what, *promise, watch_table(analysis)))


def gain_line(gain: Gain) -> str:
    """Whether the gain arrived, with the ratio of response times and its interval."""
    match gain:
        case Arrived(seen, why):
            return f"The gain arrived: {why}, {_ratio(seen)}."
        case NotArrived(seen, why):
            return f"The gain did not arrive: {why}, {_ratio(seen)}."
        case GainUnclear(why, seen):
            if seen is None:
                return f"Whether the gain arrived could not be measured: {why}."
            return f"Whether the gain arrived is not clear: {why}, {_ratio(seen)}."


def _ratio(seen: Ratio) -> str:
    return (
        f"response time {seen.ratio:.2f} of what it was "
        f"(95 % interval {seen.low:.2f} to {seen.high:.2f})"
    )


def _measurement_row(found: Measurement) -> str:
    shape = "{:.1%}" if found.metric == "error_rate" else "{:.1f}"
    before, after = shape.format(found.baseline), shape.format(found.candidate)
    counts = f"{found.baseline_count} / {found.candidate_count}"
    worse = "yes" if found.bad else "no"
    return (
        f"| {found.metric} | {cell(code(found.endpoint))} | {before} | {after} "
        f"| {counts} | {worse} |"
    )
