"""Fixes of ruff that save work when the code runs; most of its fixes do not, so few are taken."""

import ast
import functools
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from bot.adapters.rules.rule import Match, Rule, information
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_CODES = ("C409", "C414", "RUF046", "RUF055", "UP032")
_TIMEOUT_SECONDS = 20
_LOGS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log", "warn"})


@dataclass(frozen=True, slots=True)
class _Fix:
    """One fix, its edits as (row, column) spans counted in characters from 1."""

    code: str
    safe: bool
    edits: tuple[tuple[tuple[int, int], tuple[int, int], str], ...]


@functools.lru_cache(maxsize=4)
def _fixes(text: str) -> tuple[_Fix, ...]:
    """What ruff would fix, asked without any configuration, cache or file of the project."""
    command = [
        find_ruff_bin(), "check", "--isolated", "--no-cache", "--preview", "--exit-zero",
        "--config", "lint.explicit-preview-rules=true", "--select", ",".join(_CODES),
        "--output-format", "json", "--stdin-filename", "module.py", "-",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
            env={},
        )
        return tuple(_read(one) for one in json.loads(done.stdout) if one.get("fix"))
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()


def _read(diagnostic: dict[str, object]) -> _Fix:
    fix = diagnostic["fix"]
    assert isinstance(fix, dict)  # noqa: S101 - ruff's own JSON, and asked for above
    return _Fix(
        code=str(diagnostic["code"]),
        safe=fix["applicability"] == "safe",
        edits=tuple(
            (_place(edit["location"]), _place(edit["end_location"]), edit["content"])
            for edit in fix["edits"]
        ),
    )


def _place(location: dict[str, int]) -> tuple[int, int]:
    return location["row"], location["column"]


def _matches(
    code: str, wanted: Callable[[Source, ast.expr, _Fix], bool], description: str
) -> Callable[[Source], Iterator[Match]]:
    """The search for one code's fixes, as far as `wanted` agrees."""

    def find(source: Source) -> Iterator[Match]:
        for fix in _fixes(source.text):
            if fix.code != code:
                continue
            edits = tuple(
                Edit(_offset(source, start), _offset(source, end), content)
                for start, end, content in fix.edits
            )
            node = _node(source, edits)
            if node is not None and source.hot(node) and wanted(source, node, fix):
                yield Match(node, edits, description)

    return find


def _offset(source: Source, place: tuple[int, int]) -> int:
    row, column = place
    return source.line_start(row) + column - 1


def _node(source: Source, edits: tuple[Edit, ...]) -> ast.expr | None:
    """The call or other expression that the edits lie in, if they import nothing."""
    start, end = min(one.start for one in edits), max(one.end for one in edits)
    found: ast.expr | None = None
    for node in source.of_type(ast.expr):
        inside = source.start(node) <= start and end <= source.end(node)
        if inside and (found is None or source.start(node) >= source.start(found)):
            found = node
    return found


def _is_display(source: Source, node: ast.expr, _: _Fix) -> bool:
    argument = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return source.calls_builtin(node, "tuple") and isinstance(argument, ast.List)


def _is_copy(source: Source, node: ast.expr, _: _Fix) -> bool:
    """Only list() and tuple() inside: to drop sorted() or reversed() may change ties or errors."""
    inner = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return source.calls_builtin(inner, "list", "tuple")


def _is_safe(_: Source, __: ast.expr, fix: _Fix) -> bool:
    return fix.safe


def _is_format(source: Source, node: ast.expr, fix: _Fix) -> bool:
    """Not for a log or a warning, which is rarely written; and not over several lines."""
    around = [parent for parent in source.ancestors(node) if isinstance(parent, ast.Call)]
    called = [ast.unparse(call.func).rpartition(".")[2] for call in around]
    return fix.safe and not _LOGS & set(called) and "\n" not in source.segment(node)


DISPLAY = Rule(
    information(
        "ruff-c409",
        "Write the tuple itself, not a list made into one",
        Severity.LOW,
        why="tuple([1, 2]) builds a list, calls a name and copies.",
        measured="1.75x at n = 1, 1.98x at n = 10,000",
        conditions=("the argument is a list written out",),
        risk="None known.",
        proof=Proof(
            setup="a = n",
            before="result = tuple([a, 1, 2])",
            after="result = (a, 1, 2)",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _matches("C409", _is_display, "a list is built to be copied into a tuple"),
)

COPY = Rule(
    information(
        "ruff-c414",
        "Sort or collect the items themselves, not a copy of them",
        Severity.LOW,
        why="sorted(list(x)) copies x twice.",
        measured="1.69x at n = 1, 1.12x at n = 10,000",
        conditions=("the inner call is the builtin list or tuple, the outer one reads it whole",),
        risk="None known.",
        proof=Proof(
            setup="xs = [(x * 7919) % (n + 1) for x in range(n)]",
            before="result = set(list(xs))",
            after="result = set(xs)",
            sizes=(1, 100, 10_000),
            covers=False,
        ),
    ),
    _matches("C414", _is_copy, "the items are copied once more than needed"),
)

ROUND = Rule(
    information(
        "ruff-ruf046",
        "Do not turn an int into an int",
        Severity.LOW,
        why="int(len(x)) calls a name for nothing.",
        measured="4.2x at n = 1, 2.8x at n = 10,000",
        conditions=("ruff proves the argument to be an int and calls its fix safe",),
        risk="None known.",
        proof=Proof(
            setup="xs = [0] * n",
            before="result = int(len(xs))",
            after="result = len(xs)",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _matches("RUF046", _is_safe, "an int is turned into an int"),
)

LITERAL = Rule(
    information(
        "ruff-ruf055",
        "Use the string's own method for a pattern without metacharacters",
        Severity.MEDIUM,
        why="A regular expression is looked up and interpreted to find plain text.",
        measured="9.4x at n = 1, 2.7x at n = 100",
        conditions=("the pattern is plain text without flags", "ruff calls its fix safe"),
        risk="A subclass of str with methods of its own behaves in its own way.",
        proof=Proof(
            setup="import re\ntext = 'alpha beta ' * n",
            before="result = re.sub('beta', 'x', text)",
            after="result = text.replace('beta', 'x')",
            sizes=(1, 10, 100),
            covers=True,
        ),
    ),
    _matches("RUF055", _is_safe, "a regular expression looks for plain text"),
)

FORMAT = Rule(
    information(
        "ruff-up032",
        "Format by an f-string",
        Severity.LOW,
        why="str.format() parses its template at every call; an f-string is compiled.",
        measured="1.92x at n = 1, 1.99x at n = 1,000",
        conditions=(
            "ruff calls its fix safe",
            "not inside a raise, an assert, a log or a warning",
        ),
        risk="None known: the values are formatted in the same order by the same means.",
        proof=Proof(
            setup="a, b = 'x' * n, n",
            before="result = '{} {}'.format(a, b)",
            after="result = f'{a} {b}'",
            sizes=(1, 10, 1000),
            covers=True,
        ),
    ),
    _matches("UP032", _is_format, "the template is parsed at every call"),
)

RULES = (LITERAL, COPY, DISPLAY, ROUND, FORMAT)
