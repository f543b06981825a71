"""Workflows, action, image and manifests under the linters of their kind, each at its strictest."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.contracts.official import CACHE
from tests.entrypoints.action.machine import ROOT
from tests.entrypoints.action.online import of_page

pytestmark = pytest.mark.contracts

LOCK = ROOT / "requirements-release.lock"


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of the linters' commands, made once for each lock."""
    folder = CACHE / f"linters-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    done = folder / "done"
    if not done.exists():
        venv.create(folder, clear=True)
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python")]
        options = ["--disable-pip-version-check", "--quiet", "--only-binary", ":all:"]
        subprocess.run([*pip, "install", *options, "--require-hashes", "-r", str(LOCK)], check=True)
        done.touch()
    return folder / "bin"


def said(tools: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(tools / command[0]), *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_security_40_zizmor_finds_nothing_at_its_strictest(tools: Path, tmp_path: Path) -> None:
    shown = tmp_path / ".github/workflows"
    shown.mkdir(parents=True)
    for name in ("ironclaw", "improve", "report"):
        (text,) = of_page(name).values()
        # What a reader fills in is a commit.
        (shown / f"{name}.yml").write_text(text.replace("@v1", f"@{'a' * 40} # v1"))
    strict = ("zizmor", "--offline", "--no-progress", "--persona=pedantic")
    code, text = said(tools, *strict, str(ROOT))
    assert (code, "No findings to report" in text) == (0, True), text
    # The page's workflows are for readers, who name and pace them as they like.
    code, text = said(tools, "zizmor", "--offline", "--no-progress", str(tmp_path))
    assert (code, "No findings to report" in text) == (0, True), text


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-actions", ["action.yml"]),
        ("vendor.github-workflows", [".github/workflows/*.yml"]),
        ("vendor.dependabot", [".github/dependabot.yml"]),
        ("vendor.compose-spec", ["compose.yml"]),
    ],
)
def test_files_fit_their_schemas(tools: Path, schema: str, files: list[str]) -> None:
    paths = [str(path) for pattern in files for path in sorted(ROOT.glob(pattern))]
    assert paths
    code, text = said(tools, "check-jsonschema", "--builtin-schema", schema, *paths)
    assert code == 0, text


def test_the_image_is_as_hadolint_wants_it(tools: Path) -> None:
    code, text = said(tools, "hadolint", "--failure-threshold", "style", "Dockerfile")
    assert (code, text) == (0, "")


def test_kubernetes_takes_the_manifests(tools: Path) -> None:
    code, text = said(tools, "kubernetes-validate", "--strict", "deploy/kubernetes/ironclaw.yml")
    assert code == 0, text
    assert text.count("passed for resource") == 6


def test_each_linter_sees_what_is_wrong(tools: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN cd /x\n")
    assert said(tools, "hadolint", str(tmp_path / "Dockerfile"))[0]
    (tmp_path / "pod.yml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {x: 1}\n")
    assert said(tools, "kubernetes-validate", "--strict", str(tmp_path / "pod.yml"))[0]
    (tmp_path / "action.yml").write_text(
        "name: A\ndescription: B\nruns:\n  using: composite\n  steps:\n"
        "    - shell: bash\n      run: echo ${{ github.event.pull_request.title }}\n"
    )
    code, text = said(tools, "zizmor", "--offline", "--no-progress", str(tmp_path / "action.yml"))
    assert (code != 0, "template-injection" in text) == (True, True)
