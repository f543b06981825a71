"""What the repository's own CI saw of a commit, as it is shown on the pull request."""

from bot.domain.action.ci_report import CiReport, CiSays
from bot.domain.action.outcome import Verdict
from bot.domain.messages.text import cell, code, fitting, prose

_SIGNS = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "❔"}


def ci_comment(says: CiSays, sha: str) -> str:
    """The comment; it says that nothing of it decides."""
    note = (
        "This was written by the workflow of this repository, on a machine that ran the change. "
        "Only the required checks decide about the merge."
    )
    if not isinstance(says, CiReport):
        said = f"The report that CI kept of {code(sha[:12])} is not shown: {prose(says.why)}."
        return fitting([said])
    head = f"### {_SIGNS[says.verdict]} CI on {code(sha[:12])}: {prose(says.headline)}"
    tests = f"{says.passed:,} tests passed, {len(says.newly_failed)} newly failed"
    failed = "\n".join(f"- {code(name)}" for name in says.newly_failed)
    return fitting([head, tests, failed, _table(says), note])


def _table(says: CiReport) -> str:
    if not says.functions:
        return ""
    rows = ["| changed function | answers | speed |", "|---|---|---|"]
    for one in says.functions:
        cells = (code(one.name), prose(one.answers), prose(one.speed))
        rows.append(f"| {' | '.join(map(cell, cells))} |")
    return "\n".join(rows)
