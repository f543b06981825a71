"""What `ironclaw improve` prints: one JSON document, or text for a person."""

import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from bot.domain.finding import Finding
from bot.domain.improvement import Improvement, State
from bot.domain.messages import plain, plain_lines
from bot.domain.messages.text import amount
from bot.entrypoints.improve.loop import Result

SCHEMA = 1
_NOT_RUN: dict[str, Any] = {
    "tests": {
        "verdict": "inconclusive",
        "passed": 0,
        "failed": 0,
        "newly_failed": [],
        "seconds": 0.0,
        "why": "not run",
    },
    "equivalence": {"verdict": "inconclusive", "inputs": 0, "counterexample": None},
    "benchmark": {"verdict": "inconclusive", "speedup": None, "low": None, "high": None},
}
_TOOL_NOT_RUN = {"verdict": "inconclusive", "new": [], "why": "not run"}
_COLOURS = {State.OPEN: "green", State.REJECTED: "red", State.HELD: "yellow"}


def document(result: Result) -> dict[str, Any]:
    """The one document that `--json` prints."""
    return {
        "schema": SCHEMA,
        "repository": result.repository.name,
        "base": result.repository.head_sha,
        "base_problem": result.base_problem,
        "stopped_early": result.stopped_early,
        "findings": [_finding(finding) for finding in result.findings],
        "improvements": [_improvement(one) for one in result.improvements],
        "model": _spending(result),
    }


def _spending(result: Result) -> dict[str, Any]:
    """What language models were asked in this run, and what that cost by the ledger."""
    asked = [one.evidence["model"] for one in result.improvements if "model" in one.evidence]
    return {
        "calls": sum(one["calls"] for one in asked),
        "dollars": round(sum(one["dollars"] for one in asked), 6),
        "tokens": {
            name: sum(one["tokens"][name] for one in asked) for name in ("sent", "received")
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "file": finding.file,
        "line": finding.line,
        "function": finding.function,
        "severity": str(finding.severity),
        "description": finding.description,
    }


def _improvement(one: Improvement) -> dict[str, Any]:
    sandbox = {
        **_NOT_RUN,
        **dict.fromkeys(("ruff", "mypy", "black"), _TOOL_NOT_RUN),
        **{name: value for name, value in one.evidence.items() if name != "model"},
    }
    return {
        "id": one.id,
        "finding": one.finding.id,
        "state": str(one.state),
        "reason": one.reason,
        "engine": one.engine,
        "rule": one.finding.rule,
        "file": one.finding.file,
        "function": one.finding.function,
        "branch": one.branch,
        "commit": one.head_sha,
        "confidence": one.confidence,
        "diff": one.patch.diff() if one.patch else "",
        "sandbox": sandbox,
        "model": one.evidence.get("model"),
    }


def show(result: Result, console: Console, path: Path) -> None:
    """Print the result for a person, with commands that reach the repository at `path`."""
    if result.base_problem:
        console.print(f"[red]{escape(result.base_problem)}[/red]")
        output = result.base_tests.output if result.base_tests else ""
        console.print(escape(plain_lines(output[-2000:].strip())), highlight=False)
        console.print("Mend the tests, or name how they run: --test-command, --python.")
        return
    if not result.findings:
        console.print("Nothing found that could be improved.")
        if result.stopped_early:
            console.print(f"Not looked at: {escape(plain(result.stopped_early))}.")
        return
    for one in result.improvements:
        _show_one(one, console)
    opened = [one for one in result.improvements if one.state is State.OPEN]
    rejected = sum(one.state is State.REJECTED for one in result.improvements)
    held = sum(one.state is State.HELD for one in result.improvements)
    found = amount(len(result.findings), "finding")
    console.print(f"{found}, {len(opened)} opened, {rejected} rejected, {held} held.")
    spent = _spending(result)
    if spent["calls"]:
        console.print(
            f"Asked models {spent['calls']} times, {sum(spent['tokens'].values()):,} tokens, "
            f"${spent['dollars']:.4f}.",
            highlight=False,
        )
    if result.stopped_early:
        console.print(f"Ended early: {result.stopped_early}.")
    if opened:
        branch, git = escape(opened[0].branch), escape(_git(path))
        console.print(f"\nLook at one:  {git} log -p -1 {branch}", highlight=False, soft_wrap=True)
        console.print(f"Take it:      {git} merge {branch}", highlight=False, soft_wrap=True)
        console.print(f"Refuse it:    {git} branch -D {branch}", highlight=False, soft_wrap=True)


def _git(path: Path) -> str:
    """How git is called for the repository at `path` from the current folder."""
    return "git" if path.resolve() == Path.cwd() else f"git -C {shlex.quote(plain(str(path)))}"


def _show_one(one: Improvement, console: Console) -> None:
    colour = _COLOURS.get(one.state, "white")
    finding = one.finding
    place = escape(plain(f"{finding.file}:{finding.line} {finding.function}"))
    head = f"[{colour}]{one.state:<8}[/{colour}] {place}  [dim]{escape(plain(finding.rule))}[/dim]"
    console.print(head, highlight=False, soft_wrap=True)
    console.print(f"         {escape(plain(one.reason))}", highlight=False, soft_wrap=True)
    stopped = (one.evidence.get("model") or {}).get("stopped", "")
    if stopped:
        console.print(f"         model: {escape(plain(stopped))}", highlight=False, soft_wrap=True)
    if one.branch:
        console.print(f"         branch {escape(one.branch)}", highlight=False, soft_wrap=True)
