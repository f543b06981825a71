"""New ways for a module to reach what is outside it: imports, evaluation, introspection."""

import ast
from collections import Counter
from collections.abc import Iterator

from bot.domain.gate.module import Module, dotted

_COMPUTING = """
    __future__ abc array base64 binascii bisect calendar cmath collections collections.abc
    contextlib copy dataclasses datetime decimal difflib enum fractions functools graphlib heapq
    html itertools json keyword math numbers operator re reprlib statistics string struct textwrap
    types typing typing_extensions unicodedata zlib
"""
_PURE = frozenset(_COMPUTING.split())
"""Modules that compute and reach nothing."""
_CALLS = {
    "eval": "dynamic-code",
    "exec": "dynamic-code",
    "compile": "dynamic-code",
    "__import__": "dynamic-code",
    "open": "reaches-outside",
    "input": "reaches-outside",
    "print": "reaches-outside",
    "breakpoint": "dynamic-code",
    "globals": "introspection",
    "locals": "introspection",
    "vars": "introspection",
    "setattr": "monkeypatching",
    "delattr": "monkeypatching",
    "exit": "reaches-outside",
    "quit": "reaches-outside",
}
_INSIDES = """
    __globals__ __code__ __closure__ __builtins__ __subclasses__ __bases__ __mro__ __class__
    __dict__ f_globals f_locals f_back f_code _getframe gi_frame cr_frame tb_frame __loader__
    __spec__ __getattribute__ __reduce__ __reduce_ex__ modules settrace setprofile
    getrefcount currentframe stack get_objects get_referrers
"""
_INTROSPECTION = frozenset(_INSIDES.split())
_TESTING = (
    "pytest",
    "unittest",
    "PYTEST_CURRENT_TEST",
    "ironclaw",
    "hypothesis",
    "__main__",
    "CI",
    "benchmark",
    "perf_counter",
    "coverage",
)


def refusals(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    """What the module can do now that it could not before."""
    yield from _imports(old, new)
    yield from _calls(old, new)
    yield from _attributes(old, new)
    yield from _words(old, new)
    yield from _patches(old, new)


def _imports(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    for name in sorted(new.imported - old.imported):
        if name not in _PURE and name.partition(".")[0] not in _tops(old):
            yield "new-import", f"`{name}` was not imported before"
    if _stars(new) - _stars(old):
        yield "new-import", "everything of a module is imported"


def _tops(module: Module) -> frozenset[str]:
    """Packages that it uses already may be used further, where they are no way out."""
    return frozenset(
        name.partition(".")[0]
        for name in module.imported
        if not name.startswith(".") and name.partition(".")[0] not in _WAYS_OUT
    )


_REACHING = """
    os sys subprocess socket ctypes urllib http requests httpx aiohttp multiprocessing threading
    asyncio importlib builtins inspect gc time signal pickle marshal shutil pathlib tempfile io
    concurrent random secrets uuid platform
    resource atexit weakref pkgutil runpy code codeop
"""
_WAYS_OUT = frozenset(_REACHING.split())


def _stars(module: Module) -> frozenset[str]:
    return frozenset(
        node.module or ""
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)
    )


def _calls(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    before, after = _called(old), _called(new)
    for name, count in after.items():
        rule = _CALLS.get(name.removeprefix("builtins."))
        if rule and count > before[name]:
            yield rule, f"`{name}` is called"
    if _computed_getattr(new) > _computed_getattr(old):
        yield "introspection", "`getattr` is called with a name that is made at run time"


def _called(module: Module) -> Counter[str]:
    """Also what is only named, and may be called under another name."""
    return Counter(
        name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name | ast.Attribute) and (name := module.full(node))
    )


def _computed_getattr(module: Module) -> int:
    return sum(
        isinstance(node, ast.Call)
        and dotted(node.func) == "getattr"
        and not (len(node.args) > 1 and isinstance(node.args[1], ast.Constant))
        for node in ast.walk(module.tree)
    )


def _attributes(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    before, after = _introspected(old), _introspected(new)
    for name, count in after.items():
        if count > before[name]:
            yield "introspection", f"`{name}` is looked at"


def _introspected(module: Module) -> Counter[str]:
    found = Counter[str]()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in _INTROSPECTION:
            found[node.attr] += 1
        elif isinstance(node, ast.Constant) and node.value in _INTROSPECTION - {"stack", "modules"}:
            found[str(node.value)] += 1
        elif isinstance(node, ast.Name) and node.id in ("__builtins__", "__loader__", "__spec__"):
            found[node.id] += 1
    return found


def _words(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    """What only somebody needs who wants to know that a test or a clock is watching."""
    before, after = _testing(old), _testing(new)
    for word, count in after.items():
        if count > before[word]:
            yield "detects-tests", f"`{word}` is looked for"


def _testing(module: Module) -> Counter[str]:
    found = Counter[str]()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(
                word for word in _TESTING if word == node.value or _inside(word, node.value)
            )
        elif isinstance(node, ast.Name | ast.Attribute):
            last = node.id if isinstance(node, ast.Name) else node.attr
            found.update(word for word in _TESTING if word == last)
            found.update(["__name__"] if last == "__name__" else [])
    return found


def _inside(word: str, text: str) -> bool:
    return word in ("pytest", "PYTEST_CURRENT_TEST", "unittest", "ironclaw") and word in text


def _patches(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    """Assignments to what belongs to others: modules, classes, functions, built-ins."""
    before = Counter(_patched(old))
    for target, count in Counter(_patched(new)).items():
        if count > before[target]:
            yield "monkeypatching", f"`{target}` is set"


def _patched(module: Module) -> Iterator[str]:
    foreign = module.names | {"builtins", "__builtins__"}
    for node in ast.walk(module.tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign | ast.Delete):
            targets = list(node.targets)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            name = dotted(target)
            if "." in name and name.partition(".")[0] in foreign:
                yield name
