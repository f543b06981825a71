"""What people forget: places that must say the same, and files that must keep their form."""

import ast
import hashlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bot

ROOT = Path(__file__).parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT: dict[str, Any] = PYPROJECT["project"]

LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-build.lock",
    "requirements-release.lock",
)
PINNED = re.compile(
    r"(?P<name>[a-z0-9-]+)(\[(?P<extras>[a-z0-9, -]+)\])?==(?P<version>\S+)( ; [^\\]+)? \\"
)
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
MAKE_IN_CODE = re.compile(r"(?:`|^ {4})make ([a-z-]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
# Of the text at https://www.apache.org/licenses/LICENSE-2.0.txt.
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def files(*patterns: str) -> list[Path]:
    found = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    assert found, f"no file matches {patterns}"
    return found


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


# The version


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["dynamic"] == ["version"]
    assert "version" not in PROJECT
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "bot/__init__.py"
    assert importlib.metadata.version(PROJECT["name"]) == bot.__version__


# The lock files


def pins(lock: str) -> dict[str, str]:
    lines = [PINNED.fullmatch(line) for line in text(lock).splitlines()]
    return {match["name"]: match["version"] for match in lines if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_names_versions_and_hashes_and_nothing_else(lock: str) -> None:
    lines = text(lock).splitlines()
    strange = [line for line in lines if not (PINNED.fullmatch(line) or HASH.fullmatch(line))]
    assert lines
    assert strange == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_a_hash(lock: str) -> None:
    lines = text(lock).splitlines()
    pinned = [number for number, line in enumerate(lines) if PINNED.fullmatch(line)]
    assert pinned
    assert pinned[0] == 0
    assert [lines[n] for n in pinned if not HASH.fullmatch("".join(lines[n + 1 : n + 2]))] == []


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [
        (PROJECT["dependencies"], "requirements.lock"),
        (PYPROJECT["dependency-groups"]["dev"], "requirements-dev.lock"),
        (PYPROJECT["build-system"]["requires"], "requirements-dev.lock"),
        (PYPROJECT["build-system"]["requires"], "requirements-build.lock"),
        (PYPROJECT["dependency-groups"]["build"], "requirements-build.lock"),
        (PYPROJECT["dependency-groups"]["release"], "requirements-release.lock"),
    ],
    ids=["runtime", "development", "build", "image build", "image", "release"],
)
def test_the_lock_holds_every_dependency_in_its_range(wanted: list[str], lock: str) -> None:
    locked = pins(lock)
    assert wanted
    for requirement in map(Requirement, wanted):
        version = locked.get(canonicalize_name(requirement.name), "absent")
        assert version != "absent", f"{requirement.name} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version), f"{requirement} is locked as {version}"


def test_the_lock_names_every_extra_that_a_locked_package_asks_for() -> None:
    """Without it some versions of pip look for the extra of a newer release, which has no hash."""
    lines = filter(None, map(PINNED.fullmatch, text("requirements-dev.lock").splitlines()))
    locked = {match["name"]: set((match["extras"] or "").split(", ")) for match in lines}
    asked = [
        (name, wanted)
        for name in locked
        for wanted in map(Requirement, requires(name))
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""}))
    ]
    assert asked
    missing = [
        f"{name} asks for {wanted}"
        for name, wanted in asked
        if not wanted.extras <= locked.get(canonicalize_name(wanted.name), set())
    ]
    assert missing == [], "run `make lock`"


def requires(name: str) -> list[str]:
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # It is for another system.


def test_development_runs_on_the_versions_that_users_get() -> None:
    runtime = pins("requirements.lock")
    assert runtime
    assert runtime.items() <= pins("requirements-dev.lock").items()


# The commands


def test_the_readme_names_every_make_target_and_no_other() -> None:
    targets = set(TARGET.findall(text("Makefile")))
    assert "test" in targets
    assert set(MAKE_IN_CODE.findall(text("README.md"))) == targets


def test_make_help_names_every_target() -> None:
    described = set(re.findall(r"^([a-z]+):.*## ", text("Makefile"), re.MULTILINE))
    assert described == set(TARGET.findall(text("Makefile")))


@pytest.mark.parametrize("path", names(files("CONTRIBUTING.md", ".github/*.md", "docs/**/*.md")))
def test_other_pages_name_targets_that_exist(path: str) -> None:
    assert set(MAKE_IN_CODE.findall(text(path))) <= set(TARGET.findall(text("Makefile")))


@pytest.mark.parametrize("path", names(files("*.md", ".github/*.md", "docs/**/*.md")))
def test_links_between_pages_lead_somewhere(path: str) -> None:
    folder = (ROOT / path).parent
    assert [link for link in LINK.findall(text(path)) if not (folder / link).exists()] == []


# What is published


def test_the_license_is_apache_2_in_full() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_the_wheel_carries_the_package_and_the_migrations(tmp_path: Path) -> None:
    package = names(files("bot/**/*.py", "bot/py.typed"))
    migrations = names(files("migrations/**/*.py", "migrations/**/*.mako"))
    with zipfile.ZipFile(built(tmp_path)) as wheel:
        carried = {name for name in wheel.namelist() if name.startswith("bot/")}
    assert carried >= {*package, *(f"bot/_{name}" for name in migrations)}


def test_security_40_a_wheel_that_is_built_twice_is_the_same_byte_by_byte(tmp_path: Path) -> None:
    first, second = built(tmp_path / "first"), built(tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()


def built(folder: Path) -> Path:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


# CI


def workflows() -> list[tuple[str, dict[str, Any]]]:
    found = files(".github/workflows/*.yml")
    return [(path.name, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in found]


def test_actions_are_pinned_by_commit_and_say_which_version() -> None:
    uses = [
        line.strip()
        for path in files(".github/workflows/*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    pinned = re.compile(r"(- )?uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+(\.\d+)*")
    assert uses
    assert [use for use in uses if not pinned.fullmatch(use)] == []


def test_workflows_start_without_permissions_and_each_job_names_its_own() -> None:
    for name, workflow in workflows():
        assert workflow["permissions"] == {}, name
        assert workflow["jobs"]
        assert [job for job, does in workflow["jobs"].items() if "permissions" not in does] == []


def test_ci_runs_the_pythons_we_say_we_support() -> None:
    said = "Programming Language :: Python :: 3."
    supported = {
        name.rpartition(" ")[2] for name in PROJECT["classifiers"] if name.startswith(said)
    }
    matrix = dict(workflows())["ci.yml"]["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert set(matrix) == supported
    assert {f"py{v.replace('.', '')}" for v in supported} == set(
        PYPROJECT["tool"]["black"]["target-version"]
    )
    assert PROJECT["requires-python"] == f">={min(matrix, key=lambda v: int(v[2:]))}"


# What is shown against attackers

SHOWN = "docs/reference/security.md"
DEMANDS = {*range(1, 20), 22, 23}
"""Those of which every one has its tests; others are listed as far as they are shown."""
NUMBERED = re.compile(r"^ *(?:async )?def (test_security_((?:\d+_)+)\w+)", re.MULTILINE)


def demands() -> dict[int, list[tuple[str, str]]]:
    """The table: files and names of tests by the number of the demand."""
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", text(SHOWN), re.MULTILINE)
    found: dict[int, list[tuple[str, str]]] = {}
    for number, tests in rows:
        found[int(number)] = [
            (file, name)
            for file, listed in re.findall(r"`([\w/]+\.py)`: ((?:`\w+`(?:, )?)+)", tests)
            for name in re.findall(r"`(\w+)`", listed)
        ]
    return found


def test_each_demand_on_security_names_tests_that_there_are() -> None:
    shown = demands()
    assert shown.keys() >= DEMANDS
    for number, tests in shown.items():
        assert tests, number
        for file, name in tests:
            assert number in numbers_of(name), name
            assert re.search(rf"def {name}\(", text(f"tests/{file}")), f"{file} has no {name}"


def test_each_numbered_test_belongs_to_a_demand_that_is_listed() -> None:
    shown = demands()
    paths = [path for path in files("tests/**/*.py") if path.name != Path(__file__).name]
    found = {
        name: set(numbers_of(name))
        for path in paths
        for name, _ in NUMBERED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 80
    assert {name for name, listed in found.items() if not listed <= shown.keys()} == set()


def numbers_of(name: str) -> list[int]:
    found = NUMBERED.match(f"def {name}")
    return [int(one) for one in found[2].split("_") if one] if found else []


# The layers


def forbidden(layer: str) -> set[str]:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    return {
        name
        for contract in contracts
        if contract["type"] == "forbidden" and layer in contract["source_modules"]
        for name in contract["forbidden_modules"]
    }


@pytest.mark.parametrize("layer", ["bot.domain", "bot.ports", "bot.learning", "bot.workflows"])
def test_the_contracts_forbid_every_dependency_below_the_adapters(layer: str) -> None:
    modules = importlib.metadata.packages_distributions()
    ours = {canonicalize_name(Requirement(wanted).name) for wanted in PROJECT["dependencies"]}
    for name in sorted(ours):
        imported_as = {
            module
            for module, owners in modules.items()
            if name in map(canonicalize_name, owners) and not module.startswith("_")
        }
        assert imported_as & forbidden(layer), f"{name} is not forbidden in {layer}"


PURE_PATHS = {"PurePath", "PurePosixPath", "PureWindowsPath"}
CLOCKS = {"now", "today", "utcnow"}


def impurities(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=imported) if any(name.name == "pathlib" for name in imported):
                found.append("import pathlib")
            case ast.ImportFrom(module="pathlib", names=imported):
                found += [name.name for name in imported if name.name not in PURE_PATHS]
            case ast.Call(func=ast.Attribute(attr=attribute)) if attribute in CLOCKS:
                found.append(f"{attribute}()")
            case ast.Call(func=ast.Name(id="open" | "input" | "print" as name)):
                found.append(f"{name}()")
            case _:
                pass
    return found


@pytest.mark.parametrize("path", names(files("bot/domain/**/*.py")))
def test_the_domain_reads_no_clock_and_no_file(path: str) -> None:
    assert impurities(text(path)) == []


@pytest.mark.parametrize(
    ("source", "impurity"),
    [
        ("from datetime import datetime, UTC\nat = datetime.now(UTC)", "now()"),
        ("import datetime\nday = datetime.date.today()", "today()"),
        ("from pathlib import Path, PurePosixPath", "Path"),
        ("import pathlib", "import pathlib"),
        ("def read():\n    return open('x').read()", "open()"),
    ],
)
def test_an_impurity_is_seen(source: str, impurity: str) -> None:
    assert impurities(source) == [impurity]


# Exceptions to the rules


def test_every_rule_of_the_gate_is_described() -> None:
    source = "".join(file.read_text() for file in sorted((ROOT / "bot/domain/gate").glob("*.py")))
    said = set(
        re.findall(
            r'(?:yield |: |\(\()"([a-z]+(?:-[a-z]+)+|syntax|signature|decorators|'
            r'introspection|monkeypatching)"',
            source,
        )
    )
    page = (ROOT / "docs/explanation/verification.md").read_text()
    listed = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])
    }
    assert said == listed


def test_every_ignored_rule_has_its_reason_beside_it() -> None:
    lint = re.search(
        r"^ignore = \[.*?(?=^\[tool\.ruff\.lint\.flake8)",
        text("pyproject.toml"),
        re.MULTILINE | re.DOTALL,
    )
    assert lint
    rules = [line for line in lint[0].splitlines() if line.startswith('    "')]
    assert rules
    assert [line for line in rules if not re.search(r", # .{12}", line)] == []
