"""Lays two texts of one module out as trees, where the tests and the module look for each other."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.domain.equivalence import FunctionRef
from bot.domain.gate.module import read_module
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.learning.comparing import Pair
from bot.ports import UserError

_MOST_FILES, _MOST_BYTES = 2_000, 20_000_000
_OTHERS = frozenset({"pytest", "hypothesis", "unittest", "numpy", "pandas"})
_SKIPPED = frozenset({"__pycache__", ".git", ".venv", "node_modules", ".pytest_cache"})


def lay_out(old: Path, new: Path, function: str, tests: Path | None) -> Pair:
    """Both trees; UserError where a file cannot be read or the function is not in it."""
    before, after = _text(old), _text(new)
    functions = _functions(before, old)
    if function not in functions:
        known = ", ".join(sorted(functions)[:20]) or "none"
        raise UserError(f"{old} has no function {function}", f"It has: {known}.")
    files = dict(_test_files(tests)) if tests is not None else {}
    name = _module_name(old, function, files)
    path = f"{name.replace('.', '/')}.py"
    folder = path.rpartition("/")[0]
    beside = {**_beside(old, before, folder), **_beside(old, after, folder)}
    packages = {f"{part}/__init__.py": b"" for part in _folders(folder)}
    common = {**packages, **beside, **files}
    return Pair(
        _tree({**common, path: before.encode()}),
        _tree({**common, path: after.encode()}),
        FunctionRef(path, function),
        has_tests=bool(files),
    )


def _tree(files: dict[str, bytes]) -> Tree:
    every = (TreeFile(path, FileKind.REGULAR, data) for path, data in sorted(files.items()))
    return Tree.of("0" * 40, every)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        if len(data) > _MOST_BYTES:
            raise UserError(f"{file} has {len(data):,} bytes", "Compare one module's text.")
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not UTF-8: {error}", "Save it as UTF-8.") from None


def _functions(text: str, file: Path) -> frozenset[str]:
    module = read_module(text)
    if isinstance(module, str):
        raise UserError(f"{file} is no Python: {module}", "Compare with code that works.")
    return frozenset(module.functions)


def _test_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Below `tests/`; a file alone is taken as well. Links are not followed."""
    files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
    root = folder.parent if folder.is_file() else folder
    count = size = 0
    for file in files:
        inside = file.relative_to(root)
        if file.is_symlink() or not file.is_file() or _SKIPPED & set(inside.parts):
            continue
        count, size = count + 1, size + file.stat().st_size
        if count > _MOST_FILES or size > _MOST_BYTES:
            problem = f"{folder} has more than {_MOST_FILES:,} files or {_MOST_BYTES:,} bytes"
            raise UserError(problem, "Name the folder of this function's tests alone.")
        yield f"tests/{inside.as_posix()}", file.read_bytes()


def _module_name(old: Path, function: str, tests: dict[str, bytes]) -> str:
    """The name that the tests import the function from; else the file's own."""
    wanted = function.partition(".")[0]
    own = old.stem if old.stem.isidentifier() else "target"
    foreign = sys.stdlib_module_names | _OTHERS | {Path(path).stem for path in tests}
    named: list[str] = []
    whole: list[str] = []
    for path, data in sorted(tests.items()):
        for node in ast.walk(_parsed(data)) if path.endswith(".py") else ():
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                if any(alias.name in (wanted, "*") for alias in node.names):
                    named.append(node.module)
                whole += [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                whole += [alias.name for alias in node.names]
    tails = [name for name in whole if name.rpartition(".")[2] == own]
    others = [name for name in whole if "." not in name]
    for name in (*named, *tails, *others):
        if name.partition(".")[0] not in foreign or name == own:
            return name
    return own


def _parsed(data: bytes) -> ast.AST:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _beside(old: Path, text: str, folder: str) -> dict[str, bytes]:
    """Modules of the same folder that the text imports, and those that they import."""
    found: dict[str, bytes] = {}
    todo = [text]
    while todo and len(found) < _MOST_FILES:
        for node in ast.walk(_parsed(todo.pop().encode())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                file = old.parent / f"{name.partition('.')[0]}.py"
                path = f"{folder}/{file.name}".lstrip("/")
                is_new = path not in found and file.name != old.name
                if is_new and file.is_file() and not file.is_symlink():
                    found[path] = file.read_bytes()
                    todo.append(found[path].decode("utf-8", "replace"))
    return found


def _folders(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
