"""What a project needs, how pip is told, and what happens when it cannot be had."""

import os
import sys
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.sandbox import completions, packages, pip_settings
from bot.adapters.sandbox.environment import Builder, environment_key
from bot.adapters.sandbox.interpreter import locate
from bot.adapters.sandbox.isolation import ORDER, probe
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.adapters.sandbox.requirements import needs, packaging_files
from bot.domain.outcomes import RunEnd, TestOutcome
from bot.ports import SandboxSettings, UserError
from tests.adapters.sandbox.projects import HERE, PACKAGE, tree

PYPROJECT = """\
[project]
name = "shop"
version = "1"
dependencies = ["nothing-of-this-name>=1"]
[project.optional-dependencies]
tests = ["pytest-x"]
docs = ["sphinx"]
[dependency-groups]
dev = ["tox", {include-group = "lint"}, {include-group = "dev"}]
lint = ["ruff"]
docs = ["mkdocs"]
[tool.poetry.group.test.dependencies]
coverage = "^7"
"""


def test_reads_what_tests_need_from_all_the_places_there_are() -> None:
    found = needs(
        tree(
            {
                "pyproject.toml": PYPROJECT,
                "requirements/test.txt": "",
                "requirements-docs.txt": "",
                "test-requirements.txt": "",
                "tox.ini": "[testenv]\ndeps =\n  mock\n  py38: old\n  -r extra.txt\n  {env:X}\n",
                "extra.txt": "",
            }
        )
    )
    assert found.pip_arguments("/p") == [
        *["/p[tests]", "-r", "/p/requirements/test.txt", "-r", "/p/test-requirements.txt"],
        *["-r", "/p/extra.txt", "tox", "ruff", "coverage", "mock", "pytest"],
    ]


def test_an_application_is_not_installed_but_its_requirements_are() -> None:
    found = needs(tree({"requirements.txt": "flask", "app.py": ""}))
    assert found.pip_arguments("/p") == ["-r", "/p/requirements.txt", "pytest"]
    assert found.depends


@pytest.mark.parametrize("broken", ["[project", "dependency-groups = 3", "[project]\nname = 1\n"])
def test_broken_packaging_files_ask_for_nothing(broken: str) -> None:
    assert (
        needs(tree({"pyproject.toml": broken, "tox.ini": "[", "setup.cfg": "="})).requirements == ()
    )


def test_the_environment_depends_on_packaging_and_compiled_sources_alone() -> None:
    files = tree({"pyproject.toml": "", "a/x.c": "", "a/x.py": "", "requirements/dev.in": ""})
    assert [path for path, _ in packaging_files(files)] == [
        *["a/x.c", "pyproject.toml", "requirements/dev.in"]
    ]


def test_pip_is_told_how_to_reach_its_index_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://index.example/simple\nuser = true\n"
        f"[install]\nfind-links =\n  {tmp_path}/wheels\n  /no/such\n"
    )
    env = {
        "PIP_CONFIG_FILE": str(config),
        "PIP_INDEX_URL": "https://other.example/simple",
        "PIP_TARGET": "/somewhere",
        "HOME": str(tmp_path),
        "GITHUB_TOKEN": "secret",
    }
    found = pip_settings.environment(env)
    assert found["PIP_INDEX_URL"] == "https://other.example/simple"
    assert "PIP_TARGET" not in found
    assert "PIP_USER" not in found
    assert "secret" not in str(found)
    assert str(tmp_path / "wheels") in pip_settings.paths(found)


async def test_an_environment_that_cannot_be_built_says_how_to_go_on(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    project = tree({"requirements.txt": "nothing-of-this-name\n", "app.py": ""})
    with pytest.raises(UserError, match="No matching distribution") as caught:
        async with sandbox.open(project, SandboxSettings()):
            pass
    assert "--python" in caught.value.remedy
    assert [path.suffix for path in (tmp_path / "data").iterdir()] == [".lock"]


@pytest.mark.soak
async def test_a_project_that_needs_nothing_runs_without_an_index(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    said: list[str] = []
    sandbox = ProcessSandbox(tmp_path / "data", on_progress=said.append, folder=place)
    async with sandbox.open(tree(PACKAGE), SandboxSettings()) as workspace:
        run = await workspace.run_tests()
    assert run.outcomes["tests/test_shop.py::test_right"] is TestOutcome.PASSED
    assert "Ironclaw's own interpreter" in said[-1]


async def test_modules_from_elsewhere_are_no_test_of_the_copy(sandbox: ProcessSandbox) -> None:
    conftest = (
        "import os, sys\nos.makedirs('/tmp/other/shop', exist_ok=True)\n"
        "open('/tmp/other/shop/__init__.py', 'w').write('def double(x): return 4')\n"
        "sys.path.insert(0, '/tmp/other')\n"
    )
    if not sandbox.isolation.startswith(("namespaces", "bubblewrap")):
        pytest.skip("its /tmp is everybody's")
    async with sandbox.open(tree({**PACKAGE, "conftest.py": conftest}), HERE) as workspace:
        run = await workspace.run_tests()
    assert run.end is RunEnd.CRASHED
    assert "not from the sandbox's copy" in run.why


def test_what_only_the_installed_package_has_is_added(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "shop").mkdir(parents=True)
    for name in ("__init__.py", "_fast.so", "_version.py", "data.txt"):
        (site / "shop" / name).write_text(f"installed {name}")
    (site / "shop-1.dist-info").mkdir()
    rows = ["shop/__init__.py", "shop/_fast.so", "shop/_version.py", "shop/data.txt", "../x.py"]
    (site / "shop-1.dist-info" / "RECORD").write_text("".join(f"{row},,\n" for row in rows))
    files = tree({"src/shop/__init__.py": "ours"})
    found = completions.find(files, packages.find(files), [str(site)])
    assert found.keys() == {"src/shop/_fast.so", "src/shop/_version.py"}
    (tmp_path / "copy/src/shop").mkdir(parents=True)
    completions.add(found, tmp_path / "copy")
    assert (tmp_path / "copy/src/shop/_fast.so").read_text() == "installed _fast.so"


@pytest.mark.parametrize(
    ("files", "folders", "names"),
    [
        (["pkg/__init__.py", "pkg/a.py", "setup.py"], ("",), {"pkg"}),
        (["src/pkg/__init__.py", "tests/test_a.py"], ("src",), {"pkg"}),
        (["one.py", "src/two.py"], ("", "src"), {"one", "two"}),
        (["lib/__init__.py", "lib/x.py"], ("",), {"lib"}),
        (["random.py", "src/pkg/__init__.py"], ("src",), {"pkg"}),
    ],
)
def test_finds_where_the_packages_are(
    files: list[str], folders: tuple[str, ...], names: set[str]
) -> None:
    found = packages.find(tree(dict.fromkeys(files, "")))
    assert (found.folders, set(found.names)) == (folders, names)


async def test_a_venv_may_be_named_by_its_folder(sandbox: ProcessSandbox) -> None:
    settings = SandboxSettings(python=sys.prefix)
    async with sandbox.open(tree({"it.py": ""}), settings) as workspace:
        assert (await workspace.run_tests()).end is RunEnd.COMPLETED


async def test_a_kept_environment_is_never_asked_what_it_is(tmp_path: Path) -> None:
    """The project's build may have written it: outside the sandbox nothing of it runs."""
    files = tree({"pyproject.toml": PYPROJECT})
    isolation = probe(ORDER)
    builder = Builder(tmp_path / "data", tmp_path, isolation, lambda _: None)
    base = locate(os.path.realpath(sys.executable))
    kept = tmp_path / "data" / environment_key(base, files)
    canary = tmp_path / "canary"
    (kept / "bin").mkdir(parents=True)
    (kept / "pyvenv.cfg").touch()
    (kept / "bin" / "python").write_text(f"#!/bin/sh\ntouch {canary}\n")
    (kept / "bin" / "python").chmod(0o755)
    kept.with_suffix(".ready").touch()

    found = await builder.interpreter(files)

    assert found.executable == str(kept / "bin" / "python")
    assert not canary.exists()


async def test_a_venv_may_be_named_by_a_path_with_dots(
    sandbox: ProcessSandbox, tmp_path: Path
) -> None:
    """The links of a venv lead to each other, and all of them must name one place alike."""
    venv.create(tmp_path / "venv", symlinks=True)
    (tmp_path / "elsewhere").mkdir()
    settings = SandboxSettings(python=f"{tmp_path}/elsewhere/../venv")
    async with sandbox.open(tree({"it.py": ""}), settings) as workspace:
        assert (await workspace.run_tests()).end is RunEnd.NOT_AVAILABLE


def test_dots_after_a_link_lead_where_the_link_leads(tmp_path: Path) -> None:
    venv.create(tmp_path / "real" / "venv", symlinks=True)
    (tmp_path / "real" / "inner").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "inner")
    found = locate(f"{tmp_path}/link/../venv")
    assert found.executable == f"{tmp_path}/real/venv/bin/python"


def test_a_folder_with_more_than_a_venv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "pyvenv.cfg").touch()
    (tmp_path / ".git").mkdir()
    with pytest.raises(UserError, match="more than a virtual environment"):
        locate(str(tmp_path))


async def test_a_test_command_with_an_open_quote_is_explained(sandbox: ProcessSandbox) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        async with sandbox.open(
            tree({}), replace(HERE, test_command="sh -c 'unclosed")
        ) as workspace:
            await workspace.run_tests()
