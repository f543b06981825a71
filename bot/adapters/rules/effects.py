"""What evaluating an expression, or running a statement, can do besides giving its value."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.kinds import IMMUTABLE, kind_of
from bot.adapters.rules.scopes import Scope
from bot.adapters.rules.source import Source

_PURE_BUILTINS = ("len", "isinstance", "abs", "ord", "chr", "bool", "callable", "id", "type")
_SUSPENDS = (ast.Yield, ast.YieldFrom, ast.Await)


def is_pure(source: Source, node: ast.expr) -> bool:
    """Whether evaluating has no effect: names, constants and what is known of builtin types."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Tuple() | ast.List() | ast.Set():
            return all(is_pure(source, element) for element in node.elts)
        case ast.UnaryOp(op=ast.Not()):
            return is_pure(source, node.operand)
        case ast.BoolOp():
            return all(is_pure(source, value) for value in node.values)
        case ast.Compare():
            sides = (node.left, *node.comparators)
            identity = all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops)
            known = all(kind_of(source, side).name in IMMUTABLE for side in sides)
            return (identity or known) and all(is_pure(source, side) for side in sides)
        case ast.Call(keywords=[]):
            return source.is_builtin(node.func, *_PURE_BUILTINS) and all(
                is_pure(source, argument) for argument in node.args
            )
        case _:
            return False


def suspends(node: ast.AST) -> bool:
    """Whether control can leave between the parts: yield or await."""
    return any(isinstance(inner, _SUSPENDS) for inner in ast.walk(node))


def is_generator(function: ast.AST) -> bool:
    return any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in ast.walk(function))


def names_in(node: ast.AST) -> Iterator[ast.Name]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Name))


def stored(node: ast.AST) -> set[str]:
    """The names that a piece of code binds."""
    return {name.id for name in names_in(node) if not isinstance(name.ctx, ast.Load)}


def local_scope(source: Source, name: ast.Name) -> Scope | None:
    """The function scope in which a name lives alone, shared with no closure; else None."""
    scope = source.names.resolve(name)
    if scope is None or not isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    if name.id in scope.shared or scope.dynamic:
        return None
    homes = (source.names.of_name[one] for one in source.names.references(scope, name.id))
    return scope if all(home is scope or home.is_comprehension for home in homes) else None


def inside(source: Source, node: ast.AST, container: ast.AST) -> bool:
    return node is container or any(parent is container for parent in source.ancestors(node))


def is_fresh(source: Source, binding: ast.AST) -> bool:
    """Whether a binding gives a new container that nobody else can hold yet."""
    parent = source.parents.get(binding)
    if isinstance(parent, ast.arguments):
        return binding in (parent.vararg, parent.kwarg)
    made = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    value = parent.value if isinstance(parent, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr in ("split", "rsplit", "splitlines", "copy")
    builtin = ("list", "dict", "set", "sorted", "tuple", "range")
    return isinstance(value, made) or source.calls_builtin(value, *builtin)


def single_assignment(source: Source, name: ast.Name) -> ast.Assign | None:
    """The one statement `name = value` that binds a local name, if nothing else does."""
    scope = local_scope(source, name)
    bindings = scope.bindings[name.id] if scope is not None else []
    parent = source.parents.get(bindings[0]) if len(bindings) == 1 else None
    simple = isinstance(parent, ast.Assign) and parent.targets == bindings
    return parent if simple and isinstance(parent, ast.Assign) else None
