"""Linters, type checkers and formatters: how each is started, and what it says without places."""

import configparser
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.adapters.sandbox.jail.job import Finished
from bot.domain.outcomes import RunEnd, ToolRun
from bot.domain.tree import Tree

#: Mistakes under any style: what cannot be compiled, and what cannot be meant.
_RUFF_DEFAULT = ("--isolated", "--select", "E9,F")
_MYPY_ERROR = re.compile(r"(?P<path>[^:]+):(?:\d+:)*(?:\d+)?:? error: (?P<message>.*)")
_BLACK_LINE = re.compile(r"(would reformat|error: cannot format) (.+?)(?::.*)?$")
_LINE_NUMBER = re.compile(r"\bline \d+")
_ENDS = {"timed-out": RunEnd.TIMED_OUT, "killed": RunEnd.KILLED, "failed": RunEnd.NOT_AVAILABLE}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: whether a project uses it, its arguments, its messages, and codes of failure."""

    configured: Callable[[Tree], bool]
    arguments: Callable[[Tree, str], tuple[str, ...]]
    messages: Callable[[str], Iterator[str]]
    answers: frozenset[int]
    needs_configuration: bool = True


def read(tool: Tool, finished: Finished, text: str, root: str) -> ToolRun:
    """A tool's run from how it ended and what it wrote."""
    if finished.end != "exited":
        return ToolRun(_ENDS[finished.end], why=finished.why)
    last = finished.output.strip()[-500:]
    if finished.code not in tool.answers:
        return ToolRun(RunEnd.CRASHED, why=f"exit code {finished.code}: {last}")
    try:
        found = [message.replace(f"{root}/", "") for message in tool.messages(text)]
    except (KeyError, TypeError, ValueError) as error:
        return ToolRun(RunEnd.CRASHED, why=f"its answer cannot be read: {error}")
    return ToolRun(RunEnd.COMPLETED, Counter(_LINE_NUMBER.sub("line", each) for each in found))


def _pyproject(tree: Tree, tool: str) -> bool:
    try:
        tools = tomllib.loads(tree.text("pyproject.toml") or "").get("tool", {})
    except tomllib.TOMLDecodeError:
        return False
    return isinstance(tools, dict) and tool in tools


def _uses_ruff(tree: Tree) -> bool:
    return _pyproject(tree, "ruff") or bool({"ruff.toml", ".ruff.toml"} & tree.files.keys())


def _uses_mypy(tree: Tree) -> bool:
    if _pyproject(tree, "mypy") or {"mypy.ini", ".mypy.ini"} & tree.files.keys():
        return True
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(tree.text("setup.cfg") or "")
    except configparser.Error:
        return False
    return parser.has_section("mypy")


def _ruff_arguments(tree: Tree, _: str) -> tuple[str, ...]:
    options = () if _uses_ruff(tree) else _RUFF_DEFAULT
    return ("check", "--output-format=json", "--no-cache", "--no-fix", "--force-exclude", *options)


def _mypy_arguments(_: Tree, python: str) -> tuple[str, ...]:
    return (
        "--no-error-summary",
        "--no-color-output",
        "--no-pretty",
        "--show-error-codes",
        "--hide-error-context",
        "--cache-dir=/dev/null",
        f"--python-executable={python}",
    )


def _ruff_messages(text: str) -> Iterator[str]:
    start = text.find("[")
    for entry in json.loads(text[start:] if start >= 0 else ""):
        yield f"{entry['filename']}: {entry['code']} {entry['message']}"


def _mypy_messages(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if found := _MYPY_ERROR.fullmatch(line):
            yield f"{found['path']}: {found['message']}"


def _black_messages(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if found := _BLACK_LINE.match(line):
            yield f"{found[1]} {found[2]}"


TOOLS = {
    "ruff": Tool(
        _uses_ruff, _ruff_arguments, _ruff_messages, frozenset({0, 1}), needs_configuration=False
    ),
    "mypy": Tool(_uses_mypy, _mypy_arguments, _mypy_messages, frozenset({0, 1})),
    "black": Tool(
        lambda tree: _pyproject(tree, "black"),
        lambda *_: ("--check",),
        _black_messages,
        frozenset({0, 1, 123}),
    ),
}


def command(tool: str, tree: Tree, python: str, runner: str, paths: Sequence[str]) -> list[str]:
    """The tool on these files; `python` is the project's, `runner` the one that has the tool."""
    return [runner, "-m", tool, *TOOLS[tool].arguments(tree, python), *paths]
