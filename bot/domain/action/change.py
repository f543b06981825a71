"""What a commit changes beside another, and whether it may pass by what the sandbox saw of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.action.outcome import Annotation, Level, Verdict
from bot.domain.benchmark import Benchmark, Faster, Same, Slower, Unmeasured
from bot.domain.equivalence import Different, Equivalence, Equivalent, FunctionRef, Undecided
from bot.domain.gate import Gate, Refuse
from bot.domain.gate.module import read_module, same
from bot.domain.messages.text import cell, code, fenced, prose
from bot.domain.outcomes import TestsVerdict, ToolVerdict
from bot.domain.outcomes import Verdict as Seen
from bot.domain.patch import FileChange, is_test_path
from bot.domain.tree import Tree

MOST_FUNCTIONS: Final = 10
"""How many changed functions are compared: each takes some ten seconds."""


@dataclass(frozen=True, slots=True)
class FunctionSeen:
    """One changed function: what the gate says of its text, its answers, and its speed."""

    ref: FunctionRef
    gate: Gate
    equivalence: Equivalence
    benchmark: Benchmark


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """All that was seen of a change; `left_out` are changed functions beyond the limit."""

    tests: TestsVerdict
    tools: tuple[tuple[str, ToolVerdict], ...]
    functions: tuple[FunctionSeen, ...]
    left_out: int = 0
    isolation: str = ""


def changed_files(base: Tree, head: Tree) -> tuple[FileChange, ...]:
    """The Python files that are new or differ; a new one was empty before."""
    found = []
    for path in sorted(head.files):
        after = head.text(path)
        before = base.text(path) or ""
        if path.endswith(".py") and after is not None and after != before:
            found.append(FileChange(path, before, after))
    return tuple(found)


def changed_functions(change: FileChange) -> tuple[str, ...]:
    """The functions that both texts have and that are not the same; none of a file of tests."""
    old, new = read_module(change.before), read_module(change.after)
    if isinstance(old, str) or isinstance(new, str) or is_test_path(change.path):
        return ()
    both = (name for name in new.functions if name in old.functions)
    return tuple(name for name in both if not same(old.functions[name], new.functions[name]))


def judge_change(seen: ChangeSeen, *, preserves: bool) -> tuple[Verdict, str]:
    """The verdict and why, the worst first.

    Whoever promises to preserve behaviour is held to it; without that promise a different answer
    is what the change may well be for.
    """
    bad = [f"tests: {seen.tests.why}"] if seen.tests.verdict is Seen.FAILED else []
    bad += [f"{tool}: {one.why}" for tool, one in seen.tools if one.verdict is Seen.FAILED]
    bad += [
        f"{one.ref.qualname} is slower"
        for one in seen.functions
        if isinstance(one.benchmark, Slower)
    ]
    unclear = [f"tests: {seen.tests.why}"] if seen.tests.verdict is Seen.INCONCLUSIVE else []
    if preserves:
        for one in seen.functions:
            if isinstance(one.gate, Refuse):
                bad.append(f"{one.ref.qualname}: {one.gate.why}")
            elif isinstance(one.equivalence, Different):
                bad.append(f"{one.ref.qualname} does not behave like the code before")
            elif isinstance(one.equivalence, Undecided):
                unclear.append(f"{one.ref.qualname}: {one.equivalence.why}")
        if seen.left_out:
            unclear.append(f"{seen.left_out} changed functions were not compared")
    if bad:
        return Verdict.FAIL, "; ".join(bad)
    if unclear:
        return Verdict.INCONCLUSIVE, "; ".join(unclear)
    said = f"no test newly fails ({seen.tests.passed} passed)"
    return Verdict.PASS, f"{said}, {len(seen.functions)} changed functions compared"


def sections(seen: ChangeSeen) -> tuple[str, ...]:
    """The tables of what was seen."""
    tests = seen.tests
    counts = f"{tests.passed} passed, {tests.failed} failed, {len(tests.newly_failed)} newly"
    rows = [("tests", str(tests.verdict), f"{counts}: {tests.why}")]
    rows += [(tool, str(one.verdict), one.why) for tool, one in seen.tools]
    lines = ["| check | verdict | detail |", "|---|---|---|"]
    lines += [f"| {name} | {verdict} | {cell(prose(why))} |" for name, verdict, why in rows]
    parts = ["\n".join(lines)]
    if seen.functions:
        table = ["| changed function | answers | speed | gate |", "|---|---|---|---|"]
        table += [_row(one) for one in seen.functions]
        parts.append("\n".join(table))
    for one in seen.functions:
        if isinstance(one.equivalence, Different):
            example = fenced(one.equivalence.counterexample[:4000])
            parts.append(f"{code(one.ref.qualname)} answers this differently:\n\n{example}")
    return (*parts, f"Everything ran in a sandbox ({prose(seen.isolation)}).")


def _row(one: FunctionSeen) -> str:
    gate = "-" if not isinstance(one.gate, Refuse) else one.gate.why
    cells = (answers(one.equivalence), speed(one.benchmark), gate)
    said = " | ".join(cell(prose(text)) for text in cells)
    return f"| {cell(code(f'{one.ref.file}: {one.ref.qualname}'))} | {said} |"


def answers(found: Equivalence) -> str:
    """In words."""
    match found:
        case Equivalent(inputs):
            return f"alike on {inputs} inputs"
        case Different(inputs):
            return f"different ({inputs} inputs)"
        case Undecided(_, why):
            return f"unknown: {why}"


def speed(found: Benchmark) -> str:
    """In words."""
    match found:
        case Faster(seen):
            return f"faster: {seen.speedup:.2f}x ({seen.low:.2f} to {seen.high:.2f})"
        case Same(seen):
            return f"as before ({seen.low:.2f} to {seen.high:.2f})"
        case Slower(seen):
            return f"slower: {seen.speedup:.2f}x ({seen.low:.2f} to {seen.high:.2f})"
        case Unmeasured(why):
            return f"unknown: {why}"


def annotations(seen: ChangeSeen) -> tuple[Annotation, ...]:
    """What went wrong, at its file."""
    found = [
        Annotation(Level.ERROR, "newly failing test", name) for name in seen.tests.newly_failed
    ]
    for tool, verdict in seen.tools:
        found += [Annotation(Level.ERROR, f"new from {tool}", text) for text in verdict.new]
    for one in seen.functions:
        if isinstance(one.benchmark, Slower):
            said = f"{one.ref.qualname}: {speed(one.benchmark)}"
            found.append(Annotation(Level.ERROR, "slower", said, one.ref.file, 1))
        if isinstance(one.equivalence, Different):
            said = f"{one.ref.qualname}: {answers(one.equivalence)}"
            found.append(Annotation(Level.NOTICE, "answers differ", said, one.ref.file, 1))
    return tuple(found)


def change_document(seen: ChangeSeen) -> dict[str, Any]:
    """As plain JSON values."""
    tests = seen.tests
    return {
        "tests": {
            "verdict": str(tests.verdict),
            "why": tests.why,
            "passed": tests.passed,
            "failed": tests.failed,
            "newly_failed": list(tests.newly_failed),
            "flaky": list(tests.flaky),
        },
        "tools": {
            name: {"verdict": str(one.verdict), "why": one.why, "new": list(one.new)}
            for name, one in seen.tools
        },
        "functions": _functions(seen.functions),
        "functions_left_out": seen.left_out,
        "isolation": seen.isolation,
    }


def _functions(seen: Sequence[FunctionSeen]) -> list[dict[str, Any]]:
    return [
        {
            "file": one.ref.file,
            "function": one.ref.qualname,
            "answers": answers(one.equivalence),
            "speed": speed(one.benchmark),
            "gate": one.gate.why if isinstance(one.gate, Refuse) else "",
        }
        for one in seen
    ]
