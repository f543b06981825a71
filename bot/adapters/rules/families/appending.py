"""Lists grown by more work than one append each."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import local_scope, names_in, suspends
from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.loops import is_plain_loop, iterates_simply
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _load(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target


def _find_extend(source: Source) -> Iterator[Match]:
    for loop in source.hot_nodes(ast.For):
        call = _single_call(loop)
        if call is None or not is_plain_loop(source, loop):
            continue
        method, owner, argument = call
        target = kind_of(source, owner).name
        wanted = {("list", "append"): "extend", ("set", "add"): "update"}.get((target, method))
        if wanted is None or local_scope(source, owner) is None:
            continue
        if any(name.id == owner.id for name in names_in(loop.iter)):
            continue
        items = source.segment(loop.iter)
        if isinstance(loop.iter, ast.Tuple) and not items.startswith("("):
            items = f"({items})"
        if ast.dump(argument) == ast.dump(_load(loop.target)) and iterates_simply(
            source, loop.iter
        ):
            edit = Edit(source.start(loop), source.end(loop), f"{owner.id}.{wanted}({items})")
            yield Match(loop, (edit,), f"{method}() is called once for each element")


def _single_call(loop: ast.For) -> tuple[str, ast.Name, ast.expr] | None:
    """Method, owner and argument of a body that is one call `name.method(argument)`."""
    match loop.body:
        case [ast.Expr(ast.Call(ast.Attribute(ast.Name() as owner, method), [argument], []))]:
            return method, owner, argument
        case _:
            return None


def _find_append(source: Source) -> Iterator[Match]:
    for statement in source.hot_nodes(ast.AugAssign):
        value = statement.value
        if not isinstance(statement.op, ast.Add) or not isinstance(statement.target, ast.Name):
            continue
        if (
            not isinstance(value, ast.List)
            or len(value.elts) != 1
            or not any(source.loops(statement))
        ):
            continue
        element, name = value.elts[0], statement.target
        if isinstance(element, ast.Starred) or kind_of(source, name).name != "list":
            continue
        if local_scope(source, name) is not None and not suspends(element):
            text = f"{name.id}.append({source.segment(element)})"
            new = replaced(source, statement, text)
            yield Match(statement, (new,), "a list of one is built for each element added")


def _find_rebuilt(source: Source) -> Iterator[Match]:
    for statement in source.hot_nodes(ast.Assign):
        match statement:
            case ast.Assign(
                [ast.Name() as name],
                ast.BinOp(ast.Name() as left, ast.Add(), ast.List([element])),
            ) if left.id == name.id and not isinstance(element, ast.Starred):
                pass
            case _:
                continue
        if any(source.loops(statement)) and _is_unshared_list(source, name):
            text = f"{name.id}.append({source.segment(element)})"
            new = replaced(source, statement, text)
            yield Match(statement, (new,), "the whole list is copied to add one element")


def _is_unshared_list(source: Source, name: ast.Name) -> bool:
    """A list that starts as a display in this function and that no other name can reach."""
    scope = local_scope(source, name)
    if scope is None or kind_of(source, name).name != "list":
        return False
    if any(isinstance(one, ast.arg) for one in scope.bindings[name.id]):
        return False
    fresh = (ast.List, ast.ListComp, ast.BinOp)
    for one in source.names.references(scope, name.id):
        parent = source.parents[one]
        if isinstance(one.ctx, ast.Store):
            if not isinstance(parent, ast.Assign) or not isinstance(parent.value, fresh):
                return False
        elif not _keeps_to_itself(source, one, parent):
            return False
    return True


def _keeps_to_itself(source: Source, name: ast.Name, parent: ast.AST) -> bool:
    match parent:
        case ast.Return():
            return not any(True for _ in source.loops(parent))
        case ast.BinOp(op=ast.Add()):
            return True
        case ast.Subscript() | ast.If() | ast.While() | ast.Compare():
            return True
        case ast.Attribute(attr="append" | "extend" | "sort" | "index" | "count"):
            return True
        case ast.Call():
            return source.is_builtin(parent.func, "len", "sorted", "sum", "any", "all", "tuple")
        case ast.For(iter=items):
            return items is not name
        case _:
            return False


EXTEND = Rule(
    information(
        "extend-by-loop",
        "Add all elements in one call",
        Severity.MEDIUM,
        why="extend() and update() loop in C, without a method call for each element.",
        measured="1.75x at n = 1, 10x at n = 1,000",
        conditions=(
            "the loop does nothing but add its unchanged variable",
            "the container is proved to be a list or set of this function, and is not what is read",
            "what is read is proved to be a builtin container or iterator",
            "the loop variable is read nowhere else",
        ),
        risk="None known for builtin containers.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = []\nfor x in xs:\n    result.append(x)",
            after="result = []\nresult.extend(xs)",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_extend,
)


APPEND = Rule(
    information(
        "list-of-one-added",
        "Append the element, not a list of it",
        Severity.LOW,
        why="`xs += [x]` builds and throws away a list each time.",
        measured="1.46x at n = 1, 3.5x at n = 1,000",
        conditions=(
            "the name is a local list, proved by every assignment to it",
            "the statement is in a loop",
        ),
        risk="None known: both change the same list in place.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = []\nfor x in xs:\n    result += [x]",
            after="result = []\nfor x in xs:\n    result.append(x)",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_append,
)


REBUILT = Rule(
    information(
        "list-rebuilt-in-loop",
        "Append in place, not by copying the list",
        Severity.HIGH,
        why="`xs = xs + [x]` copies all elements each time, so the loop takes quadratic time.",
        measured="1.56x at n = 1, 153x at n = 3,000",
        conditions=(
            "the list starts as a display in this function",
            "no other name, container, call or closure can hold the old list",
            "the statement is in a loop",
        ),
        risk="None known once nobody else can see the list.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = []\nfor x in xs:\n    result = result + [x]",
            after="result = []\nfor x in xs:\n    result.append(x)",
            sizes=(1, 100, 3000),
            covers=True,
        ),
    ),
    _find_rebuilt,
)

RULES = (
    REBUILT,
    EXTEND,
    APPEND,
)
