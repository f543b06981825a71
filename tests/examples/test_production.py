"""The sample service under load, deployed, redeployed and stopped, as the demo does it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.signals.access_log import AccessLog
from tests.examples.shop import BARE, copied, run

ENDPOINTS = {"GET /products/{id}", "GET /search", "POST /orders", "GET /reports/customers"}


@dataclass
class Production:
    """A copy of the service's repository and the folder of its production."""

    tree: Path
    home: Path

    def deploy(self, sha: str, tree: Path | None = None) -> subprocess.CompletedProcess[str]:
        told = {"IRONCLAW_SHA": sha, "IRONCLAW_TREE": str(tree or self.tree)}
        return self.command(**told)

    def command(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        told = {**BARE, "SHOP_HOME": str(self.home), **env}
        return run(self.tree, "deploy.py", *arguments, env=told)

    def instances(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.command("status").stdout)
        return found

    def port(self) -> int:
        return int((self.home / "port").read_text())

    def load(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "load.py", "--port-file", str(self.home / "port"), *arguments],
            cwd=self.tree,
            env=BARE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    made = Production(copied(tmp_path / "a tree"), tmp_path / "a production")
    seeded = run(made.tree, "-m", "shop.seed", "--rows", "200", "--data", str(made.home / "data"))
    assert seeded.returncode == 0, seeded.stderr
    yield made
    assert made.command("stop").returncode == 0


def refused(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def test_load_goes_on_from_one_release_to_the_next(production: Production) -> None:
    assert production.deploy("a" * 40).returncode == 0
    load = production.load("--rate", "80", "--seconds", "4")
    time.sleep(1.5)
    done = production.deploy("b" * 40)
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["sha"] for one in production.instances()] == ["b" * 40]
    said, _ = load.communicate(timeout=30)
    answers = json.loads(said)
    assert load.returncode == 0
    # A request that is on its way to an instance that just closes is nobody's fault.
    assert answers.pop("no answer", 0) <= 3
    assert set(answers) == {"200", "201"}
    now = datetime.now(UTC)
    log = AccessLog(production.home / "access.jsonl")
    reading = log.read(now - timedelta(minutes=5), now + timedelta(seconds=1))
    assert {one.endpoint for one in reading.requests} - {"GET /healthz"} == ENDPOINTS
    assert {one.commit for one in reading.requests} == {"a" * 40, "b" * 40}
    assert (reading.skipped, reading.cut) == (0, False)
    assert not any(one.failed for one in reading.requests)


def broken(tree: Path, to: Path, text: str) -> Path:
    shutil.copytree(tree, to)
    (to / "shop" / "__main__.py").write_text(text)
    return to


def test_a_release_that_does_not_run_changes_nothing(
    production: Production, tmp_path: Path
) -> None:
    assert production.deploy("a" * 40).returncode == 0
    before, port = production.instances(), production.port()
    dead = broken(production.tree, tmp_path / "dead", "raise SystemExit(3)\n")
    done = production.deploy("b" * 40, dead)
    assert done.returncode == 1
    assert "is not deployed" in done.stderr
    assert production.instances() == before
    assert production.port() == port
    assert not refused(port)


def test_a_deployment_that_is_stopped_leaves_what_ran_before(
    production: Production, tmp_path: Path
) -> None:
    assert production.deploy("a" * 40).returncode == 0
    before = production.instances()
    mute = broken(production.tree, tmp_path / "mute", "import time\n\ntime.sleep(60)\n")
    told = {"SHOP_HOME": str(production.home), "IRONCLAW_SHA": "b", "IRONCLAW_TREE": str(mute)}
    running = production.home / "running"
    deploying = subprocess.Popen(
        [sys.executable, "deploy.py"], cwd=production.tree, env=BARE | told
    )
    give_up = time.monotonic() + 10
    while len(list(running.glob("*.json"))) < 2 and time.monotonic() < give_up:
        time.sleep(0.05)
    deploying.terminate()
    assert deploying.wait(timeout=30) == 143
    assert production.instances() == before
    assert len(list(running.glob("*.json"))) == 1


def test_after_stop_nothing_is_left_even_of_a_killed_deployment(
    production: Production, tmp_path: Path
) -> None:
    assert production.deploy("a" * 40).returncode == 0
    port = production.port()
    mute = broken(production.tree, tmp_path / "mute", "import time\n\ntime.sleep(60)\n")
    told = {"SHOP_HOME": str(production.home), "IRONCLAW_SHA": "b", "IRONCLAW_TREE": str(mute)}
    running = production.home / "running"
    deploying = subprocess.Popen(
        [sys.executable, "deploy.py"], cwd=production.tree, env=BARE | told
    )
    give_up = time.monotonic() + 10
    while len(list(running.glob("*.json"))) < 2 and time.monotonic() < give_up:
        time.sleep(0.05)
    deploying.kill()
    deploying.wait()
    pids = [one["pid"] for one in production.instances()]
    assert len(pids) == 2
    assert production.command("stop").returncode == 0
    assert production.instances() == []
    assert refused(port)
    assert not list(running.glob("*.json"))
    for pid in pids:
        assert not is_running(pid)
    assert production.command("stop").returncode == 0


def is_running(pid: int) -> bool:
    """One that has ended may wait in the process table for a parent that is not ours."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_load_waits_for_the_shop_and_ends_when_told(production: Production) -> None:
    load = production.load()
    time.sleep(0.6)
    assert load.poll() is None
    load.send_signal(signal.SIGTERM)
    said, _ = load.communicate(timeout=15)
    assert load.returncode == 0
    assert set(json.loads(said)) <= {"no answer"}


def test_a_production_needs_a_folder_that_stays(production: Production) -> None:
    done = run(production.tree, "deploy.py", env=BARE | {"IRONCLAW_TREE": str(production.tree)})
    assert done.returncode == 2
    assert "SHOP_HOME" in done.stderr
