"""Questions of any() and all() that a plain loop answers sooner."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import names_in, suspends
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


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

RULES = (ANY,)
