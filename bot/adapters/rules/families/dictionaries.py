"""Dictionaries built, searched or walked with more work than they need."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import is_fresh, local_scope, names_in, single_assignment
from bot.adapters.rules.insertions import constant_name, module_constant
from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_FEW = 2
_MANY_LINES = 30


def _find_fromkeys(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.DictComp):
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.ifs or generator.is_async:
            continue
        target, key = generator.target, node.key
        same = isinstance(target, ast.Name) and isinstance(key, ast.Name) and target.id == key.id
        if not same or not isinstance(node.value, ast.Constant) or not _dict_is_free(source, node):
            continue
        value = "" if node.value.value is None else f", {source.segment(node.value)}"
        new = f"dict.fromkeys({source.segment(generator.iter)}{value})"
        yield Match(node, (replaced(source, node, new),), "every key gets the same constant")


def _dict_is_free(source: Source, node: ast.AST) -> bool:
    scope = source.names.of_node[node]
    return not source.names.star_import and source.names.lookup("dict", scope) is None


def _find_keys(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        call = node.comparators[0]
        match call:
            case ast.Call(ast.Attribute(owner, "keys"), [], []) if (
                kind_of(source, owner).name == "dict"
            ):
                new = replaced(source, call, source.segment(owner))
                yield Match(node, (new,), "a view of the keys is made for one look-up")
            case _:
                continue


def _find_unused(source: Source) -> Iterator[Match]:
    """`for k, _ in d.items()` and its mirror image, in loops and comprehensions."""
    for node in source.nodes:
        if not isinstance(node, (ast.For, ast.comprehension)) or node in source.quoted:
            continue
        match node:
            case ast.For(
                ast.Tuple([key, value]) as pair, ast.Call(ast.Attribute(_, "items"), [], [])
            ):
                pass
            case ast.comprehension(
                ast.Tuple([key, value]) as pair, ast.Call(ast.Attribute(_, "items"), [], [])
            ):
                pass
            case _:
                continue
        call = node.iter
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if source.function(pair) is None or not source.hot(pair):
            continue
        for kept, dropped, view in ((value, key, "values"), (key, value, "keys")):
            if isinstance(dropped, ast.Name) and dropped.id == "_" and _unread(source, dropped):
                owner = source.segment(call.func.value)
                edits = (
                    Edit(*_bare(source, pair), source.segment(kept)),
                    replaced(source, call, f"{owner}.{view}()"),
                )
                what = "key" if view == "values" else "value"
                yield Match(pair, edits, f"the {what} of each pair is thrown away")
                break


def _bare(source: Source, pair: ast.Tuple) -> tuple[int, int]:
    return source.start(pair), source.end(pair)


def _unread(source: Source, name: ast.Name) -> bool:
    scope = source.names.resolve(name)
    if scope is None:
        return False
    inner = source.names.references(scope, name.id)
    return all(not isinstance(one.ctx, ast.Load) for one in inner)


def _find_factory(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        if source.imported(call.func) != "collections.defaultdict" or not call.args:
            continue
        function = call.args[0]
        if not isinstance(function, ast.Lambda) or _parameters(function):
            continue
        name = _empty(function.body)
        scope = source.names.of_node[call]
        if name and not source.names.star_import and source.names.lookup(name, scope) is None:
            new = replaced(source, function, name)
            yield Match(call, (new,), "each missing key costs a Python call")


def _parameters(function: ast.Lambda) -> bool:
    arguments = function.args
    return bool(
        arguments.posonlyargs or arguments.args or arguments.kwonlyargs
        or arguments.vararg or arguments.kwarg
    )  # fmt: skip


def _empty(body: ast.expr) -> str:
    """The type whose call without arguments gives this literal."""
    match body:
        case ast.List([]):
            return "list"
        case ast.Dict([]):
            return "dict"
        case ast.Constant(value):
            empty = {0: "int", "": "str"} if type(value) in (int, str) else {}
            return (
                "float" if type(value) is float and repr(value) == "0.0" else empty.get(value, "")
            )
        case _:
            return ""


def _find_constant(source: Source) -> Iterator[Match]:
    for node in source.nodes:
        if not isinstance(node, (ast.Dict, ast.Set)) or node in source.quoted:
            continue
        if not source.hot(node) or not _is_constant_table(node):
            continue
        parent = source.parents[node]
        if isinstance(parent, ast.Assign):
            readers = _readers(source, parent)
            ready = bool(readers) and all(_only_looks(source, one) for one in readers)
        else:
            ready = isinstance(node, ast.Dict) and _only_looks(source, node)
        if ready and not source.comments_between(source.start(node), source.end(node)):
            yield from _moved(source, node)


def _moved(source: Source, node: ast.Dict | ast.Set) -> Iterator[Match]:
    text = source.segment(node)
    if text.count("\n") > _MANY_LINES:
        return
    if isinstance(node, ast.Set):
        scope = source.names.of_node[node]
        if source.names.star_import or source.names.lookup("frozenset", scope) is not None:
            return
        text = f"frozenset({text})"
    name = constant_name(source, node, "TABLE" if isinstance(node, ast.Dict) else "SET")
    constant = module_constant(source, node, name, text)
    if constant is not None:
        edits = (constant, replaced(source, node, name))
        yield Match(node, edits, "the same constant container is built at every call")


def _is_constant_table(node: ast.Dict | ast.Set) -> bool:
    parts = node.elts if isinstance(node, ast.Set) else [*node.keys, *node.values]
    entries = len(node.elts if isinstance(node, ast.Set) else node.keys)
    return entries >= _FEW and all(isinstance(part, ast.Constant) for part in parts)


def _readers(source: Source, statement: ast.Assign) -> list[ast.Name]:
    """The places that read the one name to which a table is assigned, [] if unsure."""
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or single_assignment(source, target) is not statement:
        return []
    scope = local_scope(source, target)
    names = source.names.references(scope, target.id) if scope is not None else []
    return [name for name in names if name is not target]


def _only_looks(source: Source, node: ast.expr) -> bool:
    """Whether a table is only looked up where it stands, so nobody can change or keep it."""
    parent = source.parents[node]
    match parent:
        case ast.Subscript(value=owner, ctx=ast.Load()):
            return owner is node
        case ast.Compare(comparators=[right], ops=[ast.In() | ast.NotIn()]):
            return right is node
        case ast.Attribute(attr="get", value=owner):
            call = source.parents[parent]
            return owner is node and isinstance(call, ast.Call) and call.func is parent
        case _:
            return False


def _find_lookup(source: Source) -> Iterator[Match]:
    """`for k in d: ... d[k] ...` where d is a dict that the loop leaves alone."""
    for loop in source.hot_nodes(ast.For):
        target, owner = loop.target, loop.iter
        if not isinstance(target, ast.Name) or not isinstance(owner, ast.Name):
            continue
        if kind_of(source, owner).name != "dict" or local_scope(source, owner) is None:
            continue
        reads = [
            node
            for statement in loop.body
            for node in ast.walk(statement)
            if _is_item(node, owner.id, target.id)
        ]
        uses = [name for part in loop.body for name in names_in(part) if name.id == owner.id]
        rebound = any(
            name.id == target.id and not isinstance(name.ctx, ast.Load)
            for part in loop.body
            for name in names_in(part)
        )
        if (
            not reads
            or len(uses) != len(reads)
            or rebound
            or any(r in source.quoted for r in reads)
        ):
            continue
        if not _stays_home(source, owner, loop):
            continue
        name = _value_name(source, loop, target.id)
        edits = [
            replaced(source, target, f"{target.id}, {name}"),
            replaced(source, owner, f"{owner.id}.items()"),
            *(replaced(source, read, name) for read in reads),
        ]
        yield Match(target, tuple(edits), "each key is looked up again in the dict it comes from")


def _stays_home(source: Source, owner: ast.Name, loop: ast.For) -> bool:
    """Whether no other name, argument or attribute can reach the dict while the loop runs."""
    scope = local_scope(source, owner)
    names = source.names.references(scope, owner.id) if scope is not None else []
    if scope is None or not all(is_fresh(source, one) for one in scope.bindings[owner.id]):
        return False
    return all(isinstance(name.ctx, ast.Store) or _reads_only(source, name, loop) for name in names)


def _reads_only(source: Source, name: ast.Name, loop: ast.For) -> bool:
    parent = source.parents[name]
    match parent:
        case ast.Subscript() | ast.Compare() | ast.For() | ast.comprehension() | ast.If():
            return True
        case ast.Attribute(
            attr="get" | "items" | "values" | "keys" | "pop" | "update" | "setdefault"
        ):
            return isinstance(source.parents[parent], ast.Call)
        case ast.Call():
            return source.is_builtin(parent.func, "len", "sorted", "sum", "list", "set", "dict")
        case ast.Return() | ast.AugAssign():
            return not any(True for _ in source.loops(name))
        case _:
            # once the loop is over it may go anywhere, unless an outer loop comes back
            return name.lineno > (loop.end_lineno or 0) and not any(
                True for _ in source.loops(loop)
            )


def _is_item(node: ast.AST, owner: str, key: str) -> bool:
    match node:
        case ast.Subscript(ast.Name(o), ast.Name(k), ast.Load()):
            return o == owner and k == key
        case _:
            return False


def _value_name(source: Source, loop: ast.For, key: str) -> str:
    function = source.function(loop)
    used = {name.id for name in names_in(function)} if function is not None else set()
    return next(
        name
        for name in ("value", f"{key}_value", f"value_of_{key}", f"_{key}_value_")
        if name not in used
    )


FROMKEYS = Rule(
    information(
        "constant-dict-by-loop",
        "Fill a dict with one constant by dict.fromkeys",
        Severity.LOW,
        why="fromkeys() loops in C.",
        measured="1.13x at n = 1, 1.09x at n = 1,000",
        conditions=("the key is the unchanged loop variable", "the value is a literal constant"),
        risk="None known: the same constant object is shared both ways.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = {x: 0 for x in xs}",
            after="result = dict.fromkeys(xs, 0)",
            sizes=(1, 30, 1000),
            covers=False,
        ),
    ),
    _find_fromkeys,
)

KEYS = Rule(
    information(
        "membership-in-keys",
        "Ask the dict, not a view of its keys",
        Severity.LOW,
        why="`k in d.keys()` makes a view for one look-up.",
        measured="1.65x at n = 1, 1.62x at n = 10,000",
        conditions=("the owner is proved to be a dict",),
        risk="None known for a builtin dict.",
        proof=Proof(
            setup="d = dict.fromkeys(range(n), 0)\nk = n // 2",
            before="result = k in d.keys()",
            after="result = k in d",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_keys,
)

UNUSED = Rule(
    information(
        "items-half-used",
        "Walk the keys or the values alone",
        Severity.LOW,
        why="items() builds and takes apart a pair for each entry.",
        measured="1.29x at n = 1, 1.34x at n = 10,000",
        conditions=("one half is named _ and read nowhere", "items() is called without arguments"),
        risk="An own mapping whose items() is not made of its keys() and values().",
        proof=Proof(
            setup="d = dict.fromkeys(range(n), 0)",
            before="result = 0\nfor _, value in d.items():\n    result += value",
            after="result = 0\nfor value in d.values():\n    result += value",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_unused,
)

FACTORY = Rule(
    information(
        "default-by-lambda",
        "Make defaults by the type, not by a lambda",
        Severity.LOW,
        why="Each missing key calls the factory; int, list and dict are called in C.",
        measured="1.31x at n = 1, 1.15x at n = 3,000",
        conditions=(
            "the lambda takes nothing and returns 0, 0.0, an empty string, list or dict",
            "defaultdict is imported from collections, and the type's name is bound by nobody",
        ),
        risk="The factory can be seen in repr() and default_factory.",
        proof=Proof(
            setup="from collections import defaultdict\nxs = list(range(n))",
            before="d = defaultdict(lambda: 0)\nfor x in xs:\n    d[x] += 1\nresult = dict(d)",
            after="d = defaultdict(int)\nfor x in xs:\n    d[x] += 1\nresult = dict(d)",
            sizes=(1, 100, 3000),
            covers=True,
        ),
    ),
    _find_factory,
)

CONSTANT = Rule(
    information(
        "constant-table-per-call",
        "Build a constant dict or set once",
        Severity.MEDIUM,
        why="A dict or set written in a function is built anew at every call.",
        measured="4.5x at n = 1, 6.8x at n = 100",
        conditions=(
            "all keys and values are literals, at least two entries",
            "it is only subscripted, asked by get() or tested by `in`, in place or by one name",
            "the set becomes a frozenset",
        ),
        risk="None known: nothing that could change or keep the container sees it.",
        proof=Proof(
            setup="table = {'a': 1, 'b': 2, 'c': 3, 'd': 4}\nkeys = 'abcd' * n",
            before="for key in keys:\n    result = {'a': 1, 'b': 2, 'c': 3, 'd': 4}.get(key)",
            after="for key in keys:\n    result = table.get(key)",
            sizes=(1, 10, 100),
            covers=True,
        ),
    ),
    _find_constant,
)

LOOKUP = Rule(
    information(
        "lookup-of-own-key",
        "Walk the items of a dict instead of looking up each key",
        Severity.MEDIUM,
        why="`for k in d: d[k]` hashes and searches every key once more.",
        measured="0.78x at n = 1, 1.34x at n = 10,000",
        conditions=(
            "d is proved to be a local dict",
            "the loop uses d for nothing but d[k], and never assigns k",
            "before the loop ends d is handed to nobody who could change it meanwhile",
        ),
        risk="None known: the loop changes neither the dict nor its values' places.",
        proof=Proof(
            setup="d = {str(x): x for x in range(n)}",
            before="result = 0\nfor k in d:\n    result += d[k] + len(k)",
            after="result = 0\nfor k, value in d.items():\n    result += value + len(k)",
            sizes=(1, 100, 10_000),
            covers=False,
        ),
    ),
    _find_lookup,
)

RULES = (CONSTANT, LOOKUP, FACTORY, UNUSED, KEYS, FROMKEYS)
