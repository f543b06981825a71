"""Every word that a person reads on a pull request, as pure functions of the record."""

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from bot.domain.analysis import Analysis, Measurement
from bot.domain.finding import Finding
from bot.domain.improvement import Improvement
from bot.domain.rules import RuleInfo

_BODY_LIMIT = 60_000
_TITLE_LIMIT = 120
_TEXT_LIMIT = 2_000
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPAN_OR_TEXT = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|[^`]+|`+")
_REFERENCE = r"@(?=\w)|#(?=\w)|:(?=//)|\bGH(?=-)|\bwww(?=\.)"
_REFERENCES = re.compile(_REFERENCE, re.IGNORECASE)
_LIVE = re.compile(rf"(?P<markup>[\\`\[\]*_~])|(?P<sign>[&<|])|{_REFERENCE}", re.IGNORECASE)
_SIGNS = {"&": "&amp;", "<": "&lt;", "|": "&#124;"}
_SKIPS_CI = re.compile(r"\[(?=\s*(?:skip|ci|no|actions)\b)|\*{3}(?=\s*no_ci)", re.IGNORECASE)
_BREAK = "&#8203;"
"""No width: what GitHub would link or act on is not recognised across it."""


def plain(text: str) -> str:
    """Foreign text without control characters, on one line, for a terminal."""
    return " ".join(_CONTROL.sub("", text).split())


def prose(text: str) -> str:
    """Foreign text as one line of Markdown that means nothing but itself.

    Its inline code stays; it mentions, links, closes and hides nothing.
    """
    flat = _shortened(plain(text), _TEXT_LIMIT)
    return _SPAN_OR_TEXT.sub(lambda found: code(found[2]) if found[2] else _inert(found[0]), flat)


def _inert(text: str) -> str:
    def escaped(found: re.Match[str]) -> str:
        if found["markup"]:
            return f"\\{found[0]}"
        return _SIGNS[found[0]] if found["sign"] else f"{found[0]}{_BREAK}"

    return _LIVE.sub(escaped, text)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _bare(text: str) -> str:
    """Foreign text where there is no Markdown: it refers to nobody and steers no CI."""
    flat = _shortened(plain(text), _TEXT_LIMIT)
    return _SKIPS_CI.sub("(", _REFERENCES.sub(r"\g<0> ", flat))


def plain_lines(text: str) -> str:
    """The same for several lines, which stay lines."""
    return "\n".join(_CONTROL.sub("", line).rstrip() for line in text.split("\n"))


def code(text: str) -> str:
    """Foreign text as inline code: no control characters, no markup, no mention, one line."""
    flat = plain(text).replace("<!--", "<! --")
    ticks = "`" * (_longest_run(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}" if flat else "``(empty)``"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def fenced(text: str, language: str = "") -> str:
    """Foreign text as a code block whose fence the text cannot close."""
    clean = _CONTROL.sub("", text).replace("<!--", "<! --")
    fence = "`" * max(3, _longest_run(clean) + 1)
    return f"{fence}{language}\n{clean.rstrip()}\n{fence}"


def title(finding: Finding, info: RuleInfo) -> str:
    """The pull request's title: what changes, and where."""
    place = finding.file if finding.function == "<module>" else finding.function
    return _shortened(_bare(f"{info.title} in {place}"), _TITLE_LIMIT)


def commit_message(finding: Finding, info: RuleInfo, why: str) -> str:
    """The one commit's message."""
    return (
        f"{title(finding, info)}\n\n{_bare(info.why)}\n\nMeasured: {_bare(why)}.\n"
        f"Rule: {_bare(info.id)}\nFinding: {finding.id}\n"
    )


def pull_request_body(improvement: Improvement, info: RuleInfo) -> str:
    """Claim, evidence, how to check it, risk, and how to steer."""
    finding, evidence = improvement.finding, improvement.evidence
    parts = [
        f"**Claim.** {prose(info.why)}",
        _place(finding),
        finding.evidence and f"**Why here.** {prose(finding.evidence)}",
        _basis(improvement),
        _evidence_table(evidence),
        _how_to_check(improvement),
        "## Risk\n"
        + prose(info.risk)
        + "\n\nIt is right under these conditions, which the rule checks:",
        "\n".join(f"- {prose(condition)}" for condition in info.side_conditions),
        _how_to_steer(info),
    ]
    return "\n\n".join((*_fitting(parts), f"<!-- ironclaw:{improvement.id} -->\n"))


def _fitting(parts: Iterable[str]) -> Iterator[str]:
    """The parts that there is room for; half a part could leave a fence or a table open."""
    room = _BODY_LIMIT
    for part in filter(None, parts):
        room -= len(part) + 2
        if room < 0:
            yield "Here ends what there is room for."
            return
        yield part


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
    rows = [_measurement_row(found) for found in analysis.measurements]
    head = "| metric | endpoint | before | after | requests | worse? |\n|---|---|---|---|---|---|"
    return "\n".join((head, *rows))


def watch_comment(improvement: Improvement, analysis: Analysis) -> str:
    """What a watch has led to, with the numbers."""
    return f"{improvement.state}: {prose(improvement.reason)}\n\n{watch_table(analysis)}"


def _measurement_row(found: Measurement) -> str:
    shape = "{:.1%}" if found.metric == "error_rate" else "{:.1f}"
    before, after = shape.format(found.baseline), shape.format(found.candidate)
    counts = f"{found.baseline_count} / {found.candidate_count}"
    worse = "yes" if found.bad else "no"
    return (
        f"| {found.metric} | {_cell(code(found.endpoint))} | {before} | {after} "
        f"| {counts} | {worse} |"
    )


def _place(finding: Finding) -> str:
    place = code(f"{finding.file}:{finding.line}")
    return f"Found in {code(finding.function)} at {place}: {prose(finding.description)}"


def _basis(improvement: Improvement) -> str:
    return (
        f"**Why it may be proposed.** {prose(improvement.reason)} "
        f"(confidence {improvement.confidence:.2f} that it ends merged and kept)."
    )


def _how_to_steer(info: RuleInfo) -> str:
    return (
        "## How to steer\n"
        "Close this pull request and the same finding is not proposed again. To switch the rule "
        f"off, name it under `scan.disabled_rules` in `.github/ironclaw.yml`: {code(info.id)}. "
        "The label `hold` keeps it from being merged."
    )


def _evidence_table(evidence: Any) -> str:
    tests, equal = evidence.get("tests", {}), evidence.get("equivalence", {})
    rows = [
        (
            "tests",
            tests.get("verdict", "not run"),
            _test_counts(tests),
        ),
        *(
            (tool, evidence[tool]["verdict"], evidence[tool]["why"])
            for tool in ("ruff", "mypy", "black")
            if tool in evidence
        ),
        (
            "equivalence",
            equal.get("verdict", "not run"),
            equal.get("why") or f"{equal.get('inputs', 0)} inputs answered alike",
        ),
        ("benchmark, calls as recorded", *_speed_cells(_as_recorded(evidence))),
    ]
    scaled = evidence.get("at_scale", {})
    if scaled.get("speedup"):
        name = f"benchmark, inputs {scaled.get('scale')} times longer"
        rows.append((name, *_speed_cells(scaled)))
    rows += [
        (f"the rule's own proof, n = {entry['n']:,}", *_speed_cells(entry))
        for entry in evidence.get("proof", {}).get("sizes", ())
    ]
    lines = [
        f"| {name} | {_cell(prose(str(verdict)))} | {_cell(prose(detail))} |"
        for name, verdict, detail in rows
    ]
    head = "## Evidence\n| check | verdict | detail |\n|---|---|---|"
    note = f"Everything ran in a sandbox ({prose(evidence.get('isolation', 'unknown'))})."
    return "\n".join((head, *lines)) + f"\n\n{note}"


def _as_recorded(evidence: Any) -> Any:
    inputs = evidence.get("benchmark", {}).get("inputs", "")
    return {**evidence.get("as_recorded", {}), "inputs": inputs}


def _test_counts(tests: Any) -> str:
    passed, failed = tests.get("passed", 0), tests.get("failed", 0)
    return f"{passed} passed, {failed} failed, {len(tests.get('newly_failed', ()))} newly failed"


def _speed_cells(found: Any) -> tuple[str, str]:
    if not found.get("speedup"):
        return str(found.get("verdict", "not run")), str(found.get("why", ""))
    inputs = f", {found['inputs']}" if found.get("inputs") else ""
    detail = f"{found['speedup']:.2f}x (99 % interval {found['low']:.2f} to {found['high']:.2f})"
    return str(found["verdict"]), detail + inputs


def _how_to_check(improvement: Improvement) -> str:
    branch = shlex.quote(improvement.branch)
    commands = (
        f"git diff {improvement.base_sha[:12]} {branch}\n"
        f"git switch --detach {branch} && python -m pytest"
    )
    return "## Check it yourself\n" + fenced(commands, "console")


def _cell(markdown: str) -> str:
    """Markdown inside a table: a pipe in inline code is escaped by exactly one backslash."""
    return re.sub(r"\\*\|", r"\\|", markdown)
