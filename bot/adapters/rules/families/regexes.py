"""Regular expressions that are looked up, or compiled, at every call."""

import ast
import re
import warnings
from collections.abc import Iterator

from bot.adapters.rules.insertions import constant_name, module_constant, top_level
from bot.adapters.rules.rule import Match, Rule, information
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

# where each function takes its flags by position
_FLAGS_AT = {
    "match": 2, "search": 2, "fullmatch": 2, "findall": 2, "finditer": 2,
    "split": 3, "sub": 4, "subn": 4, "compile": 1,
}  # fmt: skip
_FLAGS = frozenset(
    "A ASCII I IGNORECASE M MULTILINE S DOTALL U UNICODE X VERBOSE".split()  # noqa: SIM905
)


def _find(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        path = source.imported(call.func)
        function = path.removeprefix("re.")
        if path == function or function not in _FLAGS_AT or not _safe(source, call, function):
            continue
        edits = _edits(source, call, function)
        if edits is not None:
            what = "compiled" if function == "compile" else "looked up in the cache of re"
            yield Match(call, edits, f"the constant pattern is {what} at every call")


def _safe(source: Source, call: ast.Call, function: str) -> bool:
    if not call.args or any(isinstance(one, ast.Starred) for one in call.args):
        return False
    if any(keyword.arg in (None, "pattern") for keyword in call.keywords):
        return False
    if function != "compile" and len(call.args) + len(call.keywords) < 2:
        return False
    pattern = call.args[0]
    if not isinstance(pattern, ast.Constant) or not isinstance(pattern.value, (str, bytes)):
        return False
    flags = _flags(call, function)
    value = _flag_value(source, flags) if flags is not None else re.RegexFlag(0)
    return value is not None and _compiles(pattern.value, value)


def _flags(call: ast.Call, function: str) -> ast.expr | None:
    position = _FLAGS_AT[function]
    if len(call.args) > position:
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "flags"), None)


def _flag_value(source: Source, node: ast.expr) -> re.RegexFlag | None:
    """The value of `re.X | re.Y`, or None for anything else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _flag_value(source, node.left), _flag_value(source, node.right)
        return left | right if left is not None and right is not None else None
    name = source.imported(node).removeprefix("re.")
    return re.RegexFlag[name] if name in _FLAGS else None


def _compiles(pattern: str | bytes, flags: re.RegexFlag) -> bool:
    """Whether compiling it while the module is imported succeeds and warns of nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern, flags)
    except (re.error, ValueError, Warning, OverflowError, RecursionError):
        return False
    return True


def _edits(source: Source, call: ast.Call, function: str) -> tuple[Edit, ...] | None:
    compiled = _compile_path(source, call)
    if compiled is None:
        return None
    flags = _flags(call, function)
    stated = [source.segment(one) for one in (call.args[0], flags) if one is not None]
    name = constant_name(source, call, "RE")
    constant = module_constant(source, call, name, f"{compiled}({', '.join(stated)})")
    if constant is None:
        return None
    if function == "compile":
        return constant, Edit(source.start(call), source.end(call), name)
    return constant, Edit(
        source.start(call), source.end(call), _method(source, call, function, name)
    )


def _method(source: Source, call: ast.Call, function: str, name: str) -> str:
    flags = _flags(call, function)
    kept = [source.segment(one) for one in call.args[1:] if one is not flags]
    kept += [source.segment(one) for one in call.keywords if one.value is not flags]
    return f"{name}.{function}({', '.join(kept)})"


def _compile_path(source: Source, call: ast.Call) -> str | None:
    """How the module itself reaches `re.compile`, if it does so before this function is defined."""
    before = top_level(source, call)
    for statement in source.tree.body:
        if statement is before:
            break
        for alias in statement.names if isinstance(statement, ast.Import) else ():
            bound = alias.asname or alias.name
            if alias.name == "re" and source.names.module.bindings.get(bound) == [alias]:
                return f"{bound}.compile"
    return None


PER_CALL = Rule(
    information(
        "regex-per-call",
        "Compile a constant pattern once, as a module constant",
        Severity.MEDIUM,
        why="`re.sub(pattern, ...)` looks its pattern up in a dictionary behind several Python"
        " calls every time; a module constant goes straight to the C code.",
        measured="3.3x at n = 1, 3.2x at n = 100",
        conditions=(
            "the pattern is a literal and the flags are names of re",
            "the pattern compiles, without a warning, on this Python",
            "`re` is imported once at the top of the module, before the function",
            "no LOCALE or DEBUG flag",
        ),
        risk="The pattern is compiled when the module is imported, so importing takes longer.",
        proof=Proof(
            setup="import re\ntext = 'alpha beta ' * n\npattern = re.compile(r'beta\\b')",
            before="result = re.search(r'beta\\b', text)",
            after="result = pattern.search(text)",
            sizes=(1, 10, 100),
            covers=True,
        ),
    ),
    _find,
)

RULES = (PER_CALL,)
