"""The image: what its file promises, and its steps run on this machine, since no Docker is here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import __version__
from tests.dockerfile import ROOT, environment, instructions
from tests.story.processes import free_port, wait_until


def of(name: str, stage: int = 1) -> list[str]:
    return [one.text for one in instructions() if (one.stage, one.name) == (stage, name)]


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return found


def manifests() -> list[dict[str, Any]]:
    text = (ROOT / "deploy/kubernetes/ironclaw.yml").read_text(encoding="utf-8")
    return list(yaml.safe_load_all(text))


def test_it_is_pinned_runs_as_nobody_and_has_no_compiler() -> None:
    bases = {one.text.partition(" ")[0] for one in instructions() if one.name == "FROM"}
    assert len(bases) == 1
    assert len(bases.pop().partition("@sha256:")[2]) == 64
    assert of("USER") == ["10001:10001"]
    (run,) = of("RUN")
    assert "apt-get install --yes --no-install-recommends bubblewrap git " in run
    assert "pip" not in run
    assert of("HEALTHCHECK")
    assert (of("ENTRYPOINT"), of("CMD")) == (['["ironclaw"]'], ['["serve"]'])


def test_everything_that_is_copied_is_let_through() -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sources = [
        source
        for text in of("COPY", 0)
        for source in text.split()[:-1]
        if not source.startswith("--")
    ]
    assert len(sources) > 5
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in kept


def test_nothing_of_ours_can_write_outside_its_folders() -> None:
    services = load("compose.yml")["services"]
    for name in ("web", "worker"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert services["worker"]["deploy"]["replicas"] == 2
    pods = [one["spec"]["template"]["spec"] for one in manifests() if one["kind"] == "Deployment"]
    assert len(pods) == 2
    for pod in pods:
        (container,) = pod["containers"]
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["automountServiceAccountToken"] is False
        assert container["image"] == f"ghcr.io/OWNER/ironclaw:{__version__}"


def test_what_others_ask_for_is_what_the_image_offers() -> None:
    port = environment(1)["PORT"]
    (target,) = load("deploy/prometheus.yml")["scrape_configs"][0]["static_configs"]
    assert target["targets"] == [f"web:{port}"]
    web = next(one for one in manifests() if one["metadata"]["name"] == "ironclaw-web")
    (container,) = web["spec"]["template"]["spec"]["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": int(port)}]
    assert of("EXPOSE") == [port]
    for folder in ("/data", "/tmp"):  # noqa: S108 - a mount's name
        assert folder in [one["mountPath"] for one in container["volumeMounts"]]


@pytest.mark.soak
def test_its_steps_make_a_service_that_is_healthy(tmp_path: Path) -> None:
    """Every step of the build, then the command and the health check of the result."""
    image = _built(tmp_path)
    program = tmp_path / "opt/ironclaw/bin/ironclaw"
    surroundings = {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        **{name: value for name, value in environment(1).items() if name != "PATH"},
        "HOME": str(image),
        "IRONCLAW_DATA_DIR": str(image),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "GITHUB_WEBHOOK_SECRET": "of-nobody",
    }
    said = subprocess.run(
        [str(program), "--version"], env=surroundings, capture_output=True, text=True, check=True
    )
    assert __version__ in said.stdout
    log = tmp_path / "log"
    with log.open("wb") as out:
        service = subprocess.Popen(
            [str(program), "web"], cwd=image, env=surroundings, stdout=out, stderr=out
        )
    try:
        (check,) = [one.words for one in instructions() if one.name == "HEALTHCHECK"]

        def healthy() -> bool:
            assert service.poll() is None, log.read_text()
            done = subprocess.run(check, env=surroundings, capture_output=True, check=False)
            return done.returncode == 0

        wait_until("it is healthy", healthy, log)
    finally:
        service.terminate()
        assert service.wait(30) == 0, log.read_text()
    assert subprocess.run(check, env=surroundings, capture_output=True, check=False).returncode


def _built(tmp_path: Path) -> Path:
    """Run the steps of the first stage below a folder that stands for the root."""
    folders = {"/source": "source", "/opt": "opt", "/wheels": "wheels"}
    tools = tmp_path / "tools"
    tools.mkdir()
    # What the base image has under these names.
    base = shutil.which("python3", path=os.defpath + os.pathsep + os.environ["PATH"]) or ""
    for name, command in (("python", base), ("pip", f"{sys.executable} -m pip")):
        (tools / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (tools / name).chmod(0o755)
    surroundings = {
        **environment(0),
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }
    folder = tmp_path
    for one in (one for one in instructions() if one.stage == 0):
        text = one.text
        for name, place in folders.items():
            text = text.replace(name, str(tmp_path / place))
        if one.name == "WORKDIR":
            folder = Path(text)
            folder.mkdir()
        elif one.name == "COPY":
            *sources, target = text.split()
            for source in sources:
                _copy(ROOT / source, folder / (source if target == "./" else target))
        elif one.name == "RUN":
            subprocess.run(["sh", "-c", text], cwd=folder, env=surroundings, check=True)
    data = tmp_path / "data"
    data.mkdir()
    return data


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", ".ironclaw", ".env")
        shutil.copytree(source, target, ignore=ignored)
    else:
        shutil.copy(source, target)
