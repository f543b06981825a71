"""Strings taken apart, or searched, further than the result needs."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_LIBRARIES = frozenset({"re", "regex", "np", "numpy", "shlex", "str", "tf", "pa", "pc"})


def _find_split(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.Subscript):
        call, end = node.value, _end_index(node)
        if end is None or not isinstance(node.ctx, ast.Load) or not isinstance(call, ast.Call):
            continue
        text = _partition(source, call, end)
        if text is not None:
            yield Match(
                node, (replaced(source, node, text),), "the whole string is split for one end of it"
            )


def _end_index(node: ast.Subscript) -> int | None:
    index = node.slice
    if isinstance(index, ast.Constant) and type(index.value) is int and index.value == 0:
        return 0
    negative = isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub)
    if negative and isinstance(index, ast.UnaryOp) and isinstance(index.operand, ast.Constant):
        return -1 if index.operand.value == 1 and type(index.operand.value) is int else None
    return None


def _partition(source: Source, call: ast.Call, end: int) -> str | None:
    function = call.func
    if not isinstance(function, ast.Attribute) or call.keywords:
        return None
    if not call.args or not _separates(call.args[0]) or not _is_text(source, function.value):
        return None
    limit = call.args[1] if len(call.args) == 2 else None
    if len(call.args) > 2 or (limit is not None and not _is_one(limit)):
        return None
    if limit is not None and function.attr != ("split", "rsplit")[end]:
        return None
    if function.attr not in ("split", "rsplit"):
        return None
    method, index = ("partition", 0) if end == 0 else ("rpartition", 2)
    owner = source.text[source.start(function) : source.end(function) - len(function.attr)]
    return f"{owner}{method}({source.segment(call.args[0])})[{index}]"


def _separates(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and bool(node.value)
    )


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 1


def _is_text(source: Source, owner: ast.expr) -> bool:
    """Text, as far as its use tells: not a module, a compiled pattern or a column of texts."""
    if kind_of(source, owner).name in ("str", "bytes"):
        return True
    last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    if last in _LIBRARIES or source.imported(owner):
        return False
    lowered = last.lower()
    return not lowered.endswith(("_re", "regex", "pattern", "regexp", "rx", "_pat", "splitter"))


def _find_index(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.Compare):
        call = node.left
        if len(node.ops) != 1 or not isinstance(call, ast.Call) or call.keywords:
            continue
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr not in ("find", "count"):
            continue
        answer = _found(function.attr, node.ops[0], node.comparators[0])
        if answer is None or len(call.args) != 1 or not _comparable(source, function, call.args[0]):
            continue
        needle, text = (_operand(source, one) for one in (call.args[0], function.value))
        if needle is not None and text is not None:
            new = f"{needle} {'in' if answer else 'not in'} {text}"
            new = f"({new})" if _needs_parentheses(source, node) else new
            what = "the position" if function.attr == "find" else "every occurrence"
            yield Match(
                node, (replaced(source, node, new),), f"{what} is computed only to be compared"
            )


def _found(method: str, op: ast.cmpop, right: ast.expr) -> bool | None:
    """What the comparison asks: is it there, is it absent, or something else (None)."""
    value = _integer(right)
    if method == "find":
        table = {
            (ast.NotEq, -1): True, (ast.Gt, -1): True, (ast.GtE, 0): True,
            (ast.Eq, -1): False, (ast.Lt, 0): False,
        }  # fmt: skip
    else:
        table = {
            (ast.NotEq, 0): True, (ast.Gt, 0): True, (ast.GtE, 1): True,
            (ast.Eq, 0): False, (ast.Lt, 1): False,
        }  # fmt: skip
    return table.get((type(op), value)) if value is not None else None


def _integer(node: ast.expr) -> int | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return sign * node.value
    return None


def _comparable(source: Source, function: ast.Attribute, needle: ast.expr) -> bool:
    """Whether both are proved to be text, or with count() a list or tuple of plain values."""
    owner, wanted = kind_of(source, function.value), kind_of(source, needle)
    if owner.name in ("str", "bytes"):
        return owner.name == wanted.name
    if function.attr == "find" and not owner.name and wanted.name == "str":
        # a position compared with -1 or 0: nothing but text answers find() with one
        return not (isinstance(function.value, ast.Attribute) and function.value.attr == "str")
    plain = wanted.name in ("str", "int", "bytes", "bool")
    return function.attr == "count" and owner.name in ("list", "tuple") and plain


def _operand(source: Source, node: ast.expr) -> str | None:
    simple = (ast.Name, ast.Attribute, ast.Constant, ast.Call, ast.Subscript)
    return source.segment(node) if isinstance(node, simple) else None


def _needs_parentheses(source: Source, node: ast.expr) -> bool:
    parent = source.parents[node]
    return isinstance(parent, (ast.UnaryOp, ast.BinOp, ast.Compare, ast.Attribute, ast.Starred))


def _find_prefixes(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.BoolOp):
        if isinstance(node.op, ast.Or):
            yield from _prefixes(source, node)


def _prefixes(source: Source, node: ast.BoolOp) -> Iterator[Match]:
    calls = [value for value in node.values if _is_affix_test(value)]
    if len(calls) != len(node.values):
        return
    functions = [call.func for call in calls if isinstance(call, ast.Call)]
    if len({source.segment(function) for function in functions}) != 1:
        return
    affixes = [source.segment(call.args[0]) for call in calls if isinstance(call, ast.Call)]
    new = f"{source.segment(functions[0])}(({', '.join(affixes)}))"
    start, end = _with_parentheses(source, node)
    yield Match(node, (Edit(start, end, new),), "one call can test all of these at once")


def _with_parentheses(source: Source, node: ast.expr) -> tuple[int, int]:
    """The span of a node with the parentheses that only a `not` before it made necessary."""
    start, end = source.start(node), source.end(node)
    parent = source.parents[node]
    if isinstance(parent, ast.UnaryOp) and source.segment(parent).startswith("not ("):
        around = source.text[start - 1], source.text[end : end + 1]
        return (start - 1, end + 1) if around == ("(", ")") else (start, end)
    return start, end


def _is_affix_test(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and not node.keywords
        and len(node.args) == 1
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("startswith", "endswith")
        and isinstance(node.func.value, ast.Name)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, (str, bytes))
    )


SPLIT = Rule(
    information(
        "split-for-one-end",
        "Take one end of a string by partition, not by splitting all of it",
        Severity.MEDIUM,
        why="split() cuts the whole string and builds a list; partition() stops at the first cut.",
        measured="1.10x at n = 1, 79x at n = 1,000",
        conditions=(
            "the separator is a non-empty literal, so that partition() accepts it",
            "only [0] of split() or [-1] of rsplit() or split() is used",
            "the owner is no module, compiled pattern or column of strings by name or import",
        ),
        risk="An own class with split() but without partition() fails; str and bytes have both.",
        proof=Proof(
            setup="text = 'part.' * n",
            before="result = text.split('.')[0], text.split('.')[-1]",
            after="result = text.partition('.')[0], text.rpartition('.')[2]",
            sizes=(1, 10, 1000),
            covers=True,
        ),
    ),
    _find_split,
)

POSITION = Rule(
    information(
        "position-for-membership",
        "Ask `in` instead of comparing find() or count()",
        Severity.LOW,
        why="`in` needs no method call and no number, and count() cannot stop at the first one.",
        measured="6.0x at n = 1, 4.2x at n = 100",
        conditions=(
            "for find() the needle is proved to be str, so only text answers with a position",
            "for count() the owner is proved to be a str, bytes, list or tuple",
            "the needle is proved to be of a type compared by value",
            "the comparison asks nothing but whether there is one",
        ),
        risk="None known for builtin strings, lists and tuples.",
        proof=Proof(
            setup="text = 'ab' * n + 'c' + 'ab' * n",
            before="result = text.find('c') != -1",
            after="result = 'c' in text",
            sizes=(1, 10, 100),
            covers=True,
        ),
    ),
    _find_index,
)

PREFIXES = Rule(
    information(
        "affixes-one-by-one",
        "Test all prefixes or suffixes in one call",
        Severity.LOW,
        why="startswith() and endswith() take a tuple, which saves all further method calls.",
        measured="2.5x at n = 1, 2.4x at n = 100",
        conditions=(
            "the same local name is tested each time",
            "every prefix or suffix is a literal",
            "nothing else stands in the same `or`",
        ),
        risk="An own class whose startswith() takes no tuple; those of str and bytes do.",
        proof=Proof(
            setup="text = 'x' * n",
            before="result = text.startswith('a') or text.startswith('b') or text.startswith('c')",
            after="result = text.startswith(('a', 'b', 'c'))",
            sizes=(1, 10, 100),
            covers=False,
        ),
    ),
    _find_prefixes,
)

RULES = (SPLIT, POSITION, PREFIXES)
