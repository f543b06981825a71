"""Every word that a person reads on a pull request, as pure functions of the record."""

import re
from typing import Any

from bot.domain.analysis import Analysis, Measurement
from bot.domain.finding import Finding
from bot.domain.improvement import Improvement
from bot.domain.rules import RuleInfo

_BODY_LIMIT = 60_000
_TITLE_LIMIT = 120
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def plain(text: str) -> str:
    """Foreign text without control characters, on one line, for a terminal."""
    return " ".join(_CONTROL.sub("", text).split())


def code(text: str) -> str:
    """Foreign text as inline code: no control characters, no markup, no mention, one line."""
    flat = plain(text)
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}" if flat else "``(empty)``"


def fenced(text: str, language: str = "") -> str:
    """Foreign text as a code block whose fence the text cannot close."""
    clean = _CONTROL.sub("", text)
    longest = max((len(run) for run in re.findall(r"`+", clean)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{clean.rstrip()}\n{fence}"


def title(finding: Finding, info: RuleInfo) -> str:
    """The pull request's title: what changes, and where."""
    place = finding.file if finding.function == "<module>" else finding.function
    text = plain(f"{info.title} in {place}")
    return text if len(text) <= _TITLE_LIMIT else f"{text[: _TITLE_LIMIT - 1]}…"


def commit_message(finding: Finding, info: RuleInfo, why: str) -> str:
    """The one commit's message."""
    return (
        f"{title(finding, info)}\n\n{info.why}\n\nMeasured: {why}.\n"
        f"Rule: {info.id}\nFinding: {finding.id}\n"
    )


def pull_request_body(improvement: Improvement, info: RuleInfo) -> str:
    """Claim, evidence, how to check it, risk, and how to steer."""
    finding, evidence = improvement.finding, improvement.evidence
    parts = [
        f"**Claim.** {info.why}",
        _place(finding),
        finding.evidence and f"**Why here.** {finding.evidence}",
        _basis(improvement),
        _evidence_table(evidence),
        _how_to_check(improvement),
        "## Risk\n" + info.risk + "\n\nIt is right under these conditions, which the rule checks:",
        "\n".join(f"- {condition}" for condition in info.side_conditions),
        _how_to_steer(info),
    ]
    body = "\n\n".join(part for part in parts if part)
    footer = f"\n\n<!-- ironclaw:{improvement.id} -->\n"
    return body[: _BODY_LIMIT - len(footer)] + footer


def revert_body(improvement: Improvement) -> str:
    """Why a merged improvement is taken back."""
    return (
        f"This takes back #{improvement.pull_request}: {improvement.reason}.\n\n"
        "What was measured stands in a comment there. The same finding is not proposed again."
    )


def watch_table(analysis: Analysis) -> str:
    """What a watch measured, as a table."""
    if not analysis.measurements:
        return f"Nothing could be measured: {analysis.why}."
    rows = [_measurement_row(found) for found in analysis.measurements]
    head = "| metric | endpoint | before | after | requests | worse? |\n|---|---|---|---|---|---|"
    return "\n".join((head, *rows))


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
    return f"Found in {code(finding.function)} at {place}: {finding.description}"


def _basis(improvement: Improvement) -> str:
    return (
        f"**Why it may be proposed.** {improvement.reason} "
        f"(confidence {improvement.confidence:.2f} that it ends merged and kept)."
    )


def _how_to_steer(info: RuleInfo) -> str:
    return (
        "## How to steer\n"
        "Close this pull request and the same finding is not proposed again. To switch the rule "
        f"off, name it under `scan.disabled_rules` in `.github/ironclaw.yml`: `{info.id}`. "
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
        ("benchmark", *_speed_cells(evidence.get("benchmark", {}))),
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
        f"| {_cell(name)} | {_cell(str(verdict))} | {_cell(detail)} |"
        for name, verdict, detail in rows
    ]
    head = "## Evidence\n| check | verdict | detail |\n|---|---|---|"
    note = f"Everything ran in a sandbox ({evidence.get('isolation', 'unknown')})."
    return "\n".join((head, *lines)) + f"\n\n{note}"


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
    commands = (
        f"git diff {improvement.base_sha[:12]} {improvement.branch}\n"
        f"git switch --detach {improvement.branch} && python -m pytest"
    )
    return "## Check it yourself\n" + fenced(commands, "console")


def _cell(text: str) -> str:
    return plain(text).replace("|", "\\|")
