"""Which functions a change of one file touches."""

from collections.abc import Iterator, Mapping

from bot.domain.callgraph import CallGraph, FunctionSpan
from bot.domain.suspects import Touch


def touches(file: str, before: str, after: str) -> Iterator[Touch]:
    """The functions whose own lines differ, were added or removed; "" for the file's other lines.

    A function's own lines are those that no function within it has. What only moves is not
    touched, and a file that is not Python is touched as a whole.
    """
    if before == after:
        return
    old, new = _own_lines(file, before), _own_lines(file, after)
    for function in dict.fromkeys([*new, *old]):
        if old.get(function) != new.get(function):
            yield Touch(file, function)


def _own_lines(file: str, text: str) -> Mapping[str, list[str]]:
    """By qualified name; definitions of the same name are one."""
    lines = text.splitlines()
    spans = CallGraph({file: text}).functions if file.endswith(".py") else ()
    owner = [""] * len(lines)
    # From the outermost to the innermost, which comes to own its lines.
    for span in sorted(spans, key=_size, reverse=True):
        first, last = span.first_line - 1, min(span.last_line, len(lines))
        owner[first:last] = [span.function] * (last - first)
    found: dict[str, list[str]] = {}
    for name, line in zip(owner, lines, strict=True):
        if line.strip():
            found.setdefault(name, []).append(line)
    return found


def _size(span: FunctionSpan) -> int:
    return span.last_line - span.first_line
