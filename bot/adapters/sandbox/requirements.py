"""What a project says it needs for its tests, read from its packaging files without running any."""

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.domain.tree import Tree

_FOR_TESTS = ("test", "tests", "testing")
_FOR_DEVELOPERS = ("dev", "develop", "development")
_TEST_FILE = re.compile(
    r"(?:(?:test|tests|testing|dev|ci)[-_.]?requirements|"
    r"requirements[-_./](?:test|tests|testing|dev|ci))\.txt"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What decides how the environment comes out: a change of any of these makes a new one.
_PACKAGING = re.compile(
    r"(?:.*/)?(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|Pipfile|MANIFEST\.in|Cargo\.toml|"
    r"[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in))|requirements/.*|"
    r".*\.(?:c|cc|cpp|h|hpp|pyx|pxd|rs|f90)"
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What to install: the project itself, extras, single requirements, requirement files."""

    installable: bool
    extras: tuple[str, ...]
    requirements: tuple[str, ...]
    files: tuple[str, ...]
    depends: bool

    def pip_arguments(self, project: str) -> list[str]:
        """For `pip install`, with the project's copy at this path."""
        arguments = [project + (f"[{','.join(self.extras)}]" if self.extras else "")]
        arguments = arguments if self.installable else []
        for file in self.files:
            arguments += ["-r", f"{project}/{file}"]
        return [*arguments, *self.requirements, "pytest"]


def packaging_files(tree: Tree) -> Iterator[tuple[str, bytes]]:
    """The files that an environment depends on, in a fixed order."""
    for path in sorted(tree.files):
        if _PACKAGING.fullmatch(path):
            yield path, tree.files[path].data


def needs(tree: Tree, *, developers: bool = True) -> Needs:
    """What a project needs; without `developers`, only what is named after tests."""
    wanted = (*_FOR_TESTS, *(_FOR_DEVELOPERS if developers else ()))
    project = _toml(tree.text("pyproject.toml"))
    setup = _ini(tree.text("setup.cfg"))
    declared = _table(project, "project")
    installable = (
        "setup.py" in tree.files
        or "build-system" in project
        or bool(declared)
        or setup.has_section("metadata")
    )
    extras = {*_table(declared, "optional-dependencies")}
    if setup.has_section("options.extras_require"):
        extras |= set(setup.options("options.extras_require"))
    files = [path for path in sorted(tree.files) if _TEST_FILE.fullmatch(path) and developers]
    if "requirements.txt" in tree.files and not installable:
        files.insert(0, "requirements.txt")
    found = [*_groups(_table(project, "dependency-groups"), wanted), *_poetry(project, wanted)]
    tox = [*_tox(tree.text("tox.ini"))] if developers else []
    found += [line for line in tox if not line.startswith("-")]
    files += [line.removeprefix("-r").strip() for line in tox if line.startswith("-r")]
    return Needs(
        installable,
        tuple(name for name in wanted if name in extras),
        tuple(dict.fromkeys(found)),
        tuple(dict.fromkeys(file for file in files if str(PurePosixPath(file)) in tree.files)),
        depends=_depends(tree, project, setup),
    )


def _depends(tree: Tree, project: Mapping[str, Any], setup: configparser.RawConfigParser) -> bool:
    """Whether the project needs anything at all to run; in doubt it does."""
    declared = _table(project, "project")
    dynamic = declared.get("dynamic")
    return bool(
        declared.get("dependencies")
        or (isinstance(dynamic, list) and "dependencies" in dynamic)
        or _table(project, "tool", "poetry", "dependencies").keys() - {"python"}
        or setup.has_option("options", "install_requires")
        or "install_requires" in (tree.text("setup.py") or "")
        or (tree.text("requirements.txt") or "").strip()
    )


def _groups(groups: Mapping[str, Any], wanted: tuple[str, ...]) -> Iterator[str]:
    """PEP 735, groups inside groups too."""
    todo, known = [name for name in wanted if name in groups], set(wanted)
    while todo:
        entries = groups.get(todo.pop())
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, str):
                yield entry
                continue
            name = entry.get("include-group") if isinstance(entry, dict) else None
            if isinstance(name, str) and name not in known:
                known.add(name)
                todo.append(name)


def _poetry(project: Mapping[str, Any], wanted: tuple[str, ...]) -> Iterator[str]:
    """Poetry's groups by their names alone: its version ranges are a language of their own."""
    for group in wanted:
        table = _table(project, "tool", "poetry", "group", group, "dependencies")
        yield from (name for name in table if _NAME.fullmatch(name) and name != "python")
    if "dev" in wanted:
        table = _table(project, "tool", "poetry", "dev-dependencies")
        yield from (name for name in table if _NAME.fullmatch(name))


def _tox(text: str | None) -> Iterator[str]:
    parser = _ini(text)
    if parser.has_option("testenv", "deps"):
        for line in parser.get("testenv", "deps").splitlines():
            stripped = line.strip().replace("{toxinidir}/", "")
            # Conditions and substitutions need tox itself.
            if stripped and not set("{}#") & set(stripped) and ": " not in stripped:
                yield stripped


def _toml(text: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return {}


def _table(root: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    value: Any = root
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _ini(text: str | None) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser
