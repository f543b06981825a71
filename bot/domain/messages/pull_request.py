"""What stands on the pull request of an improvement: title, commit message and body."""

import shlex
from typing import Any

from bot.domain.benchmark import Peaks, held
from bot.domain.finding import Finding
from bot.domain.improvement import Improvement
from bot.domain.messages.text import (
    TITLE_LIMIT,
    bare,
    cell,
    code,
    fenced,
    fitting,
    marker,
    prose,
    shortened,
)
from bot.domain.rules import RuleInfo


def title(finding: Finding, info: RuleInfo) -> str:
    """The pull request's title: what changes, and where."""
    place = finding.file if finding.function == "<module>" else finding.function
    return shortened(bare(f"{info.title} in {place}"), TITLE_LIMIT)


def commit_message(finding: Finding, info: RuleInfo, why: str) -> str:
    """The one commit's message."""
    return (
        f"{title(finding, info)}\n\n{bare(info.why)}\n\nMeasured: {bare(why)}.\n"
        f"Rule: {bare(info.id)}\nFinding: {finding.id}\n"
    )


def pull_request_body(improvement: Improvement, info: RuleInfo) -> str:
    """Claim, evidence, how to check it, risk, and how to steer."""
    finding, evidence = improvement.finding, improvement.evidence
    parts = [
        f"**Claim.** {prose(info.why)}",
        _place(finding),
        finding.evidence and f"**Why here.** {prose(finding.evidence)}",
        _basis(improvement),
        evidence_table(evidence),
        _who_wrote_it(improvement),
        _how_to_check(improvement),
        "## Risk\n"
        + prose(info.risk)
        + "\n\nIt is right under these conditions, which the rule checks:",
        "\n".join(f"- {prose(condition)}" for condition in info.side_conditions),
        _how_to_steer(info),
    ]
    return fitting(parts, marker(improvement.id))


def _place(finding: Finding) -> str:
    place = code(f"{finding.file}:{finding.line}")
    return f"Found in {code(finding.function)} at {place}: {prose(finding.description)}"


def _basis(improvement: Improvement) -> str:
    return (
        f"**Why it may be proposed.** {prose(improvement.reason)} "
        f"(confidence {improvement.confidence:.2f} that it ends merged and kept)."
    )


def _who_wrote_it(improvement: Improvement) -> str:
    """The model and what it was paid; its own words count for nothing and are shown as such."""
    asked = improvement.evidence.get("model")
    if not asked or improvement.engine == "rules":
        return ""
    words = str(asked.get("words", ""))
    spent = f"{asked['calls']} answers were paid with ${asked['dollars']:.4f}"
    said = f"\n\nIn its own words, which nobody has checked:\n\n{fenced(words)}" if words else ""
    return f"## Who wrote it\n{code(improvement.engine)}; {spent}.{said}"


def _how_to_steer(info: RuleInfo) -> str:
    return (
        "## How to steer\n"
        "Close this pull request and the same finding is not proposed again. To switch the rule "
        f"off, name it under `scan.disabled_rules` in `.github/ironclaw.yml`: {code(info.id)}. "
        "The label `hold` keeps it from being merged. Where you can comment, `/ironclaw help` "
        "lists what else you can say."
    )


def evidence_table(evidence: Any) -> str:
    """Every check of the sandbox, with its verdict and its numbers."""
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
    rows += _memory_rows(evidence.get("memory", {}))
    rows += [
        (f"the rule's own proof, n = {entry['n']:,}", *_speed_cells(entry))
        for entry in evidence.get("proof", {}).get("sizes", ())
    ]
    lines = [
        f"| {name} | {cell(prose(str(verdict)))} | {cell(prose(detail))} |"
        for name, verdict, detail in rows
    ]
    head = "## Evidence\n| check | verdict | detail |\n|---|---|---|"
    note = f"Everything ran in a sandbox ({prose(evidence.get('isolation', 'unknown'))})."
    return "\n".join((head, *lines)) + f"\n\n{note}"


def _memory_rows(found: Any) -> list[tuple[str, str, str]]:
    before, after = found.get("peak_before"), found.get("peak_after")
    if before is None or after is None:
        return []
    verdict = "less" if after < before else "more" if after > before else "same"
    return [("memory, peak of a call", verdict, held(Peaks(before, after)))]


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
