"""Searches that build, sort or compare more than the answer needs."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import local_scope, names_in, suspends
from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.kind import HASHABLE
from bot.adapters.rules.kinds import IMMUTABLE, item_of, kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_ENOUGH = 5


def _find_any(source: Source) -> Iterator[Match]:
    for statement in source.hot_nodes(ast.stmt):
        call = _asked(source, statement)
        generator = call.args[0] if call is not None and len(call.args) == 1 else None
        if call is None or not isinstance(generator, ast.GeneratorExp):
            continue
        if _can_be_loop(source, statement, generator):
            name = source.segment(call.func)
            edit = replaced(source, statement, _loop(source, statement, generator, name))
            yield Match(call, (edit,), f"{name}() drives a generator frame for each element")


def _asked(source: Source, statement: ast.stmt) -> ast.Call | None:
    """The call in `return any(...)`, `if any(...): return x` or `if not all(...): return x`."""
    match statement:
        case ast.Return(ast.Call() as call) if source.is_builtin(call.func, "any", "all"):
            return call
        case ast.If(ast.Call() as call, [ast.Return()], []):
            stands_alone = source.is_builtin(call.func, "any")
        case ast.If(ast.UnaryOp(ast.Not(), ast.Call() as call), [ast.Return()], []):
            stands_alone = source.is_builtin(call.func, "all")
        case _:
            return None
    # an `elif` stands in the place of a statement but is none
    return call if stands_alone and source.text.startswith("if", source.start(statement)) else None


def _can_be_loop(source: Source, statement: ast.stmt, node: ast.GeneratorExp) -> bool:
    generator, function = node.generators[0], source.function(statement)
    if len(node.generators) > 1 or len(generator.ifs) > 1 or generator.is_async or suspends(node):
        return False
    closures = (ast.Lambda, ast.NamedExpr, ast.GeneratorExp)
    if any(isinstance(one, closures) for one in ast.walk(node.elt)):
        return False
    if function is None or not source.indentation(statement) or not source.owns_lines(statement):
        return False
    targets = {name.id for name in names_in(generator.target)}
    inner = set(names_in(node))
    used = any(name.id in targets and name not in inner for name in names_in(function))
    taken = any(argument.arg in targets for argument in _parameters(function))
    return not used and not taken and not _declared(function, targets)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [node for node in ast.walk(function.args) if isinstance(node, ast.arg)]


def _declared(function: ast.AST, names: set[str]) -> bool:
    return any(
        isinstance(node, (ast.Global, ast.Nonlocal)) and names & set(node.names)
        for node in ast.walk(function)
    )


def _loop(source: Source, statement: ast.stmt, node: ast.GeneratorExp, name: str) -> str:
    generator = node.generators[0]
    indent = source.indentation(statement)
    step = "\t" if "\t" in indent else "    "
    test = _negated(source, node.elt) if name == "all" else _plain(source, node.elt)
    if generator.ifs:
        condition = _plain(source, generator.ifs[0])
        condition = condition if _binds_and(generator.ifs[0]) else f"({condition})"
        tail = test if name == "all" or _binds_and(node.elt) else f"({test})"
        test = f"{condition} and {tail}"
    target, items = source.segment(generator.target), _plain(source, generator.iter)
    loop = f"for {target} in {items}:\n{indent}{step}if {test}:\n{indent}{step}{step}"
    if isinstance(statement, ast.If):
        return f"{loop}{source.segment(statement.body[0])}"
    early, late = ("True", "False") if name == "any" else ("False", "True")
    return f"{loop}return {early}\n{indent}return {late}"


def _plain(source: Source, node: ast.expr) -> str:
    """The text of an expression, in parentheses where it spans several lines."""
    text = source.segment(node)
    return f"({text})" if "\n" in text else text


_INVERSE: dict[type[ast.cmpop], str] = {
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}


def _negated(source: Source, node: ast.expr) -> str:
    """`not` the expression; `==` stays, since an own class may define `!=` differently."""
    match node:
        case ast.Compare(left, [op], [right]) if type(op) in _INVERSE:
            text = f"{source.segment(left)} {_INVERSE[type(op)]} {source.segment(right)}"
            return f"({text})" if "\n" in text else text
        case ast.UnaryOp(ast.Not(), operand):
            return _plain(source, operand) if _is_tight(operand) else f"({source.segment(operand)})"
        case _:
            text = _plain(source, node)
            return f"not {text}" if _is_tight(node) else f"not ({text})"


def _is_tight(node: ast.expr) -> bool:
    return isinstance(node, (ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Compare))


def _binds_and(node: ast.expr) -> bool:
    return not isinstance(node, (ast.IfExp, ast.Lambda, ast.NamedExpr)) and not (
        isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
    )


def _find_constant(source: Source) -> Iterator[Match]:
    """`x in (constant, ...)` with enough of them, where x is proved to be hashable."""
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        display, left = node.comparators[0], kind_of(source, node.left)
        if not isinstance(display, (ast.Tuple, ast.List)) or left.name not in (
            "str",
            "int",
            "bytes",
        ):
            continue
        kinds = {type(one.value) for one in display.elts if isinstance(one, ast.Constant)}
        constant = all(isinstance(one, ast.Constant) for one in display.elts)
        if (
            not constant
            or len(display.elts) < _ENOUGH
            or not kinds <= {str, int, bytes, type(None)}
        ):
            continue
        text = source.segment(display).strip("[()]").rstrip().rstrip(",")
        new = replaced(source, display, f"{{{text}}}")
        yield Match(node, (new,), "the constants are compared one after another")


def _find_copied(source: Source) -> Iterator[Match]:
    """`x in list(y)`, `x in sorted(y)`: the copy is made for one search."""
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        call = node.comparators[0]
        if not isinstance(call, ast.Call) or call.keywords or len(call.args) != 1:
            continue
        if not source.is_builtin(call.func, "list", "tuple", "sorted", "set", "frozenset"):
            continue
        if _searches_alike(source, call, node.left):
            new = replaced(source, call, source.segment(call.args[0]))
            yield Match(node, (new,), "a copy is built for one search")


def _searches_alike(source: Source, call: ast.Call, left: ast.expr) -> bool:
    """Whether `in` means the same in the copy and in what is copied, types and all."""
    kind, wanted = kind_of(source, call.args[0]), kind_of(source, left)
    if kind.name in ("list", "tuple", "range"):
        sorts = source.is_builtin(call.func, "sorted")
        elements = item_of(source, call.args[0])
        return wanted.name in IMMUTABLE and (not sorts or elements.name in HASHABLE)
    plain = kind.name in ("dict", "set", "frozenset", "keys")
    return plain and wanted.name in HASHABLE and not source.is_builtin(call.func, "sorted")


def _find_first(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.Subscript):
        call = node.value
        if not isinstance(call, ast.Call) or not source.is_builtin(call.func, "sorted"):
            continue
        if not isinstance(node.ctx, ast.Load) or len(call.args) != 1:
            continue
        text = _extreme(source, node, call)
        if text is not None:
            yield Match(node, (replaced(source, node, text),), "everything is sorted for one end")


def _extreme(source: Source, node: ast.Subscript, call: ast.Call) -> str | None:
    if isinstance(node.slice, ast.Slice) or any(one.arg != "key" for one in call.keywords):
        return None
    items, scope = call.args[0], source.names.of_node[node]
    index = ast.unparse(node.slice)
    name = {"0": "min", "-1": "max"}.get(index)
    if name is None or source.names.lookup(name, scope) is not None:
        return None
    # of several largest, sorted()[-1] gives the last and max() the first
    alike = item_of(source, items).name in ("int", "str", "bytes") and not call.keywords
    if name == "max" and not alike:
        return None
    if name == "min" and not alike and not _totally_ordered(source, items, call):
        return None
    if not _known_filled(source, node, items):
        return None
    arguments = ", ".join(source.segment(one) for one in (*call.args, *call.keywords))
    return f"{name}({arguments})"


def _totally_ordered(source: Source, items: ast.expr, call: ast.Call) -> bool:
    """Keys that len() gives are ints, so the first smallest is the same either way."""
    key = call.keywords[0].value if call.keywords else None
    return key is not None and source.is_builtin(key, "len") and isinstance(items, ast.Name)


def _known_filled(source: Source, node: ast.AST, items: ast.expr) -> bool:
    """Whether a test around it, or the literal itself, shows that there is an element."""
    if isinstance(items, (ast.List, ast.Tuple, ast.Set)) and items.elts:
        return True
    if not isinstance(items, ast.Name):
        return False
    scope, child = source.names.resolve(items), node
    for parent in source.ancestors(node):
        if isinstance(parent, (ast.If, ast.IfExp)) and _says_filled(parent.test, items.id):
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            if child in body and scope is not None and not _changed(source, parent, items):
                return kind_of(source, items).name in ("list", "tuple", "set", "dict", "frozenset")
        child = parent
    return False


def _says_filled(test: ast.expr, name: str) -> bool:
    match test:
        case ast.Name(id=tested):
            return tested == name
        case ast.Compare(ast.Call(ast.Name("len"), [ast.Name(id=tested)]), [op], [ast.Constant(0)]):
            return tested == name and isinstance(op, (ast.Gt, ast.NotEq))
        case _:
            return False


def _changed(source: Source, container: ast.AST, items: ast.Name) -> bool:
    """Whether the code under the test may have emptied or rebound the container."""
    return any(name.id == items.id and not _harmless(source, name) for name in names_in(container))


def _harmless(source: Source, name: ast.Name) -> bool:
    parent = source.parents[name]
    if isinstance(parent, ast.Call):
        return source.is_builtin(parent.func, "len", "sorted", "min", "max", "sum", "list")
    reads = (ast.If, ast.IfExp, ast.For, ast.comprehension, ast.Compare)
    return isinstance(name.ctx, ast.Load) and isinstance(parent, reads)


def _find_sum(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        if not source.is_builtin(call.func, "sum") or len(call.args) != 2 or call.keywords:
            continue
        lists, start = call.args
        if not isinstance(start, ast.List) or start.elts or not _gives_lists(source, lists):
            continue
        if source.names.lookup("list", source.names.of_node[call]) is not None:
            continue
        found = import_from(source, call, "itertools", "chain")
        if found is not None:
            name, edit = found
            text = source.segment(lists)
            inner = (
                text
                if text.startswith("(") and isinstance(lists, ast.GeneratorExp)
                else f"({text})"
            )
            new = replaced(source, call, f"list({name}.from_iterable{inner})")
            edits = (new,) if edit is None else (new, edit)
            yield Match(call, edits, "the list built so far is copied for each further list")


def _gives_lists(source: Source, node: ast.expr) -> bool:
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return _is_list(source, node.elt)
    return item_of(source, node).name == "list"


def _is_list(source: Source, node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return isinstance(node.left, ast.List) or isinstance(node.right, ast.List)
    return kind_of(source, node).name == "list"


def _find_prefix(source: Source) -> Iterator[Match]:
    """`[sum(xs[:i]) for i in range(len(xs) + 1)]` whose sums serve as whole numbers."""
    for node in source.hot_nodes(ast.ListComp):
        name = _prefix_sums(source, node)
        found = import_from(source, node, "itertools", "accumulate") if name else None
        if found is not None and _serves_as_int(source, node):
            called, edit = found
            new = replaced(source, node, f"list({called}({name}, initial=0))")
            edits = (new,) if edit is None else (new, edit)
            yield Match(node, edits, "every prefix is summed up from its beginning")


def _prefix_sums(source: Source, node: ast.ListComp) -> str:
    match node:
        case ast.ListComp(
            ast.Call(
                ast.Name("sum") as function,
                [ast.Subscript(ast.Name(xs), ast.Slice(lower, ast.Name(i), None))],
                [],
            ),
            [
                ast.comprehension(
                    ast.Name(target), ast.Call(ast.Name("range") as over, [stop], []), [], 0
                )
            ],
        ) if (
            target == i and ast.unparse(stop) == f"len({xs}) + 1"
        ):
            whole = lower is None or ast.unparse(lower) == "0"
            builtin = source.is_builtin(function, "sum") and source.is_builtin(over, "range")
            return xs if whole and builtin else ""
        case _:
            return ""


def _serves_as_int(source: Source, node: ast.ListComp) -> bool:
    """Sums of floats may differ in the last digit; what range() takes are ints."""
    statement = source.parents[node]
    match statement:
        case ast.Assign([ast.Name() as name]):
            scope = local_scope(source, name)
        case _:
            return False
    return scope is not None and any(
        isinstance(source.parents[one], ast.Subscript)
        and source.calls_builtin(source.parents[source.parents[one]], "range")
        for one in source.names.references(scope, name.id)
    )


ANY = Rule(
    information(
        "any-of-generator",
        "Return from a loop instead of driving a generator through any() or all()",
        Severity.MEDIUM,
        why="A generator costs its creation and a switch of frames for each element.",
        measured="3.2x at n = 1, 2.2x at n = 1,000",
        conditions=(
            "the statement is `return any(...)`, `return all(...)`, or an if that only returns",
            "the loop variable is used nowhere else in the function",
            "no lambda, walrus, await or yield inside",
        ),
        risk="The loop variable becomes a local name; linters may prefer the short form (SIM110).",
        proof=Proof(
            setup=(
                "xs = list(range(n))\n"
                "def short(xs):\n    return any(x < 0 for x in xs)\n"
                "def long(xs):\n    for x in xs:\n        if x < 0:\n"
                "            return True\n    return False"
            ),
            before="result = short(xs)",
            after="result = long(xs)",
            sizes=(1, 10, 1000),
            covers=True,
        ),
    ),
    _find_any,
)

CONSTANTS = Rule(
    information(
        "constants-one-by-one",
        "Search constants in a set",
        Severity.LOW,
        why="A tuple compares one constant after another; a constant set hashes once.",
        measured="2.1x at n = 1, 3.5x at n = 1,000",
        conditions=(
            "at least five constants of hashable type",
            "the left side is proved to be str, int or bytes, hence hashable",
        ),
        risk="With a hit on the first constants there is nothing to gain.",
        proof=Proof(
            setup="words = ['zz'] * n",
            before="for word in words:\n    result = word in ('a', 'b', 'c', 'd', 'e', 'f')",
            after="for word in words:\n    result = word in {'a', 'b', 'c', 'd', 'e', 'f'}",
            sizes=(1, 10, 1000),
            covers=False,
        ),
    ),
    _find_constant,
)

COPIED = Rule(
    information(
        "copy-for-membership",
        "Search the container itself, not a copy",
        Severity.MEDIUM,
        why="list(), set() and sorted() touch every element before the search begins.",
        measured="5.4x at n = 1, 3044x at n = 10,000",
        conditions=(
            "the container is proved to be a builtin list, tuple, range, dict or set",
            "what is looked for is proved to be of a plain, hashable type",
        ),
        risk="None known: comparing plain values has no effects.",
        proof=Proof(
            setup="d = dict.fromkeys(range(n), 0)",
            before="result = 0 in list(d)",
            after="result = 0 in d",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_copied,
)

FIRST = Rule(
    information(
        "sorted-for-one-end",
        "Take min or max, not the end of a sorted copy",
        Severity.MEDIUM,
        why="Sorting takes n log n steps and a copy; one end takes one pass.",
        measured="1.10x at n = 1, 3.8x at n = 10,000",
        conditions=(
            "a test around it shows that there is an element (the errors would differ)",
            "ties cannot be told apart: plain ints or strings, or the first one by len()",
            "no reverse",
        ),
        risk="On input that is sorted already sorting is as fast, or faster.",
        proof=Proof(
            setup="import random\nxs = [random.Random(7).random() for _ in range(1)] * n\n"
            "random.Random(7).shuffle(xs)\nxs = [(i * 7919) % (10 * n + 1) for i in range(n)]",
            before="result = sorted(xs)[0]",
            after="result = min(xs)",
            sizes=(1, 100, 10_000),
            covers=False,
        ),
    ),
    _find_first,
)

SUM = Rule(
    information(
        "sum-of-lists",
        "Chain lists instead of summing them",
        Severity.HIGH,
        why="sum(lists, []) copies everything gathered so far for each further list.",
        measured="0.41x at n = 1, 77x at n = 2,000",
        conditions=("the start is an empty list literal", "each summand is proved to be a list"),
        risk="None known for lists.",
        proof=Proof(
            setup="from itertools import chain\nlists = [[x, x] for x in range(n)]",
            before="result = sum(lists, [])",
            after="result = list(chain.from_iterable(lists))",
            sizes=(1, 100, 2000),
            covers=False,
        ),
    ),
    _find_sum,
)

PREFIX = Rule(
    information(
        "prefix-summed-again",
        "Accumulate prefix sums in one pass",
        Severity.HIGH,
        why="Summing every prefix from its beginning takes quadratic time.",
        measured="1.64x at n = 1, 161x at n = 1,000",
        conditions=(
            "the comprehension sums xs[:i] for i in range(len(xs) + 1)",
            "the sums are handed to range(), so they are ints and exact",
        ),
        risk="None known for ints.",
        proof=Proof(
            setup="from itertools import accumulate\nxs = list(range(n))",
            before="result = [sum(xs[:i]) for i in range(len(xs) + 1)]",
            after="result = list(accumulate(xs, initial=0))",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_prefix,
)

RULES = (SUM, PREFIX, ANY, FIRST, COPIED, CONSTANTS)
