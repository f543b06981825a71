"""Puts what a model proposes into the file that it was asked about, and nowhere else."""

import ast
import textwrap
import tokenize
from collections.abc import Iterator, Sequence

from bot.domain.model.conversation import ProposalDocument
from bot.domain.model.target import FunctionNode, Target, indent_of, parse
from bot.domain.patch import FileChange, Refused
from bot.domain.redaction import redact

_MOST_BYTES = 200_000
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign, ast.AnnAssign)
_IMPORTS = (ast.Import, ast.ImportFrom)

# From Python 3.12 on an f-string is several tokens.
_TEXTS = frozenset({tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)})


def splice(document: ProposalDocument, target: Target) -> FileChange | Refused:
    """The file before and after, or why the document is no rewrite of the function asked for.

    Whether the rewrite may be run is the gate's to say; here it is seen to that nothing but this
    function's lines, and new lines at the top of its module, can differ at all.
    """
    if document.file != target.file:
        return Refused("another-file", f"{document.file[:200]!r} was not asked for")
    if document.function != target.function:
        return Refused("another-function", f"{document.function[:200]!r} was not asked for")
    if len(document.replacement) + len(document.additions) > _MOST_BYTES:
        return Refused("too-large", f"more than {_MOST_BYTES:,} characters")
    written = f"{document.additions}\n{document.replacement}"
    if redact(written) != written:
        return Refused("holds-a-secret", "it holds what looks like a secret")
    new = _replacement(document.replacement, target)
    if isinstance(new, Refused):
        return new
    lines = target.source.split("\n")
    lines[target.first_line - 1 : target.last_line] = new
    before = target.source
    after = _added(document.additions, "\n".join(lines), before)
    return after if isinstance(after, Refused) else FileChange(target.file, before, after)


def _replacement(text: str, target: Target) -> list[str] | Refused:
    """The function's new lines at the depth of the old ones."""
    flat = textwrap.dedent(text.strip("\n"))
    tree = parse(flat)
    if tree is None:
        return Refused("syntax", "the replacement is no Python")
    name = target.function.rpartition(".")[2]
    definitions = [one for one in tree.body if isinstance(one, FunctionNode)]
    if len(tree.body) != 1 or len(definitions) != 1 or definitions[0].name != name:
        return Refused("not-one-function", f"the replacement is not `{name}` alone")
    kept = _inside_strings(flat)
    depth = indent_of(target.text)
    lines = [
        line if number in kept or not line.strip() else depth + line
        for number, line in enumerate(flat.rstrip().split("\n"), 1)
    ]
    return _ended(lines, target.source)


def _inside_strings(text: str) -> frozenset[int]:
    """Lines that begin inside a text of several lines: what is before them belongs to it."""
    found: set[int] = set()
    try:
        for token in tokenize.generate_tokens(_reader(text)):
            if token.type in _TEXTS:
                found |= set(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError):
        return frozenset()
    return frozenset(found)


def _reader(text: str) -> "_Lines":
    return _Lines(text.split("\n"))


class _Lines:
    """Gives one line after the other, as the tokenizer asks for them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._rest: Iterator[str] = iter([f"{line}\n" for line in lines])

    def __call__(self) -> str:
        return next(self._rest, "")


def _ended(lines: list[str], source: str) -> list[str]:
    """The lines with the carriage returns that the file has before its line feeds."""
    return [f"{line}\r" for line in lines] if "\r\n" in source else lines


def _added(additions: str, text: str, before: str) -> str | Refused:
    """The text with new imports among its imports, and new definitions behind them."""
    if not additions.strip():
        return text
    flat = textwrap.dedent(additions.strip("\n"))
    tree, module = parse(flat), parse(text)
    if tree is None:
        return Refused("syntax", "the additions are no Python")
    if module is None:
        return Refused("syntax", "the file would be no Python")
    there = {ast.dump(one) for one in module.body}
    wanted = [one for one in tree.body if ast.dump(one) not in there]
    for one in wanted:
        if not isinstance(one, (*_IMPORTS, *_DEFINES)):
            return Refused("work-at-import", f"line {one.lineno} of the additions does something")
    pieces = [(one, _piece(flat, one)) for one in wanted]
    imports = [(one, piece) for one, piece in pieces if isinstance(one, _IMPORTS)]
    others = [piece for one, piece in pieces if not isinstance(one, _IMPORTS)]
    lines = text.split("\n")
    place = _below_imports(module)
    if others:
        joined = "\n\n\n".join(others).split("\n")
        rest = _without_blank(lines[place:])
        gap = ["", ""] if place else []
        lines = [*lines[:place], *_ended([*gap, *joined, "", ""], before), *rest]
    for one, piece in imports:
        at = _import_place(module, one, place)
        lines[at:at] = _ended(piece.split("\n"), before)
        module = parse("\n".join(lines)) or module
        place = _below_imports(module)
    return "\n".join(lines)


def _piece(text: str, node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    return "\n".join(text.split("\n")[first - 1 : node.end_lineno])


def _without_blank(lines: list[str]) -> list[str]:
    """The lines from the first that has anything on."""
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    return lines[first:]


def _below_imports(module: ast.Module) -> int:
    """After which line new definitions stand: the last import of the block at the top."""
    place = 0
    for number, one in enumerate(module.body):
        is_text = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        if not (isinstance(one, _IMPORTS) or (number == 0 and is_text)):
            break
        place = one.end_lineno or one.lineno
    return place


def _import_place(module: ast.Module, new: ast.stmt, otherwise: int) -> int:
    """Before the first import of the block that sorts after it, as import sorters do."""
    for one in module.body:
        if isinstance(one, _IMPORTS) and one.lineno <= otherwise and _order(new) < _order(one):
            return one.lineno - 1
    return otherwise


def _order(node: ast.stmt) -> tuple[bool, bool, bool, str]:
    """The future first, then plain imports before others, those of the package last, by name."""
    if isinstance(node, ast.ImportFrom):
        name = node.module or ""
        return name != "__future__", node.level > 0, name != "__future__", name
    names = [one.name for one in getattr(node, "names", [])]
    return True, False, False, names[0] if names else ""
