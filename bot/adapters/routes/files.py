"""The repository's files as modules: which file an import means, without importing anything."""

import ast
import warnings
from collections.abc import Mapping

from bot.adapters.routes.values import Module

LARGEST_FILE = 1_000_000
"""Characters; a larger file is generated, and takes long to parse."""
LIBRARIES = frozenset(
    {"aiohttp", "django", "fastapi", "flask", "rest_framework", "starlette", "werkzeug"}
)
"""Their code is known by name and never read, also where a repository carries a copy."""


class Project:
    """Modules by dotted name, parsed when they are first needed."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = {file: text for file, text in sources.items() if file.endswith(".py")}
        self._modules: dict[str, Module | None] = {}
        self._named: dict[str, str] = {}
        self._packages = {file.rpartition("/")[0] for file in self._sources}
        for file in sorted(self._sources):
            for name in (_dotted(file), self._package_name(file)):
                self._named.setdefault(name, file)
        self.unread: list[str] = []

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._sources))

    def text(self, file: str) -> str:
        return self._sources[file]

    def load(self, file: str) -> Module | None:
        """The file as a module; None if it cannot be parsed."""
        if file not in self._modules:
            tree = self._parse(file)
            name = self._package_name(file)
            # By folder, since a relative import works from there, whatever the root is called.
            package = file.rpartition("/")[0].replace("/", ".")
            self._modules[file] = (
                None if tree is None else Module(file, name, package, tree, _libraries(tree))
            )
        return self._modules[file]

    def find(self, name: str, importer: Module | None = None) -> Module | None:
        """The module that an absolute import means; None if it is a library's or is missing.

        A name is tried from the root and from the root of each package, then from each folder
        around the importing file, since programs are started in folders of all kinds.
        """
        if name.partition(".")[0] in LIBRARIES:
            return None
        file = self._named.get(name) or self._near(name, importer)
        return self.load(file) if file else None

    def _near(self, name: str, importer: Module | None) -> str:
        path = name.replace(".", "/")
        folders = importer.file.split("/")[:-1] if importer else []
        for count in range(1, len(folders) + 1):
            base = "/".join(folders[:count])
            for file in (f"{base}/{path}.py", f"{base}/{path}/__init__.py"):
                if file in self._sources:
                    return file
        return ""

    def is_namespace(self, name: str) -> bool:
        """Whether a dotted name is a folder of the repository without a file of its own."""
        return name.replace(".", "/") in self._packages

    def _package_name(self, file: str) -> str:
        """The dotted name below the outermost folder that is a package."""
        parts = file.split("/")
        first = len(parts) - 1
        while first and "/".join([*parts[:first], "__init__.py"]) in self._sources:
            first -= 1
        return _dotted("/".join(parts[first:]))

    def _parse(self, file: str) -> ast.Module | None:
        text = self._sources[file]
        if len(text) > LARGEST_FILE:
            self.unread.append(f"{file} is larger than {LARGEST_FILE} characters")
            return None
        try:
            with warnings.catch_warnings():
                # Of what is wrong in the code read, which is nobody's business here.
                warnings.simplefilter("ignore")
                return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.unread.append(f"{file} cannot be parsed: {type(error).__name__}")
            return None


def _libraries(tree: ast.Module) -> frozenset[str]:
    """The top names of everything that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def _dotted(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
