"""The action on a machine that has nothing: what its first step installs, and from where."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.action.machine import ROOT, report_of, run_action

pytestmark = pytest.mark.soak

BENCH = '{"results": [{"command": "a", "mean": 1, "median": 1, "times": [1, 1.01, 0.99]}]}'


def test_it_installs_what_the_lock_names_once_and_reads(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(BENCH)
    given = {"mode": "report", "files": "a.json"}
    first = run_action(tmp_path, given)
    assert first.conclusion == "success", first.log.text
    assert report_of(first)["headline"] == "1 files read, 0 refused"
    # An earlier step of the job has made it: nothing is asked for any more.
    again = run_action(tmp_path, given, path=closed(tmp_path))
    assert again.conclusion == "success", again.log.text


def test_security_40_it_runs_from_wheels_where_there_is_no_network(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(BENCH)
    wheels = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes"]
    lock = str(ROOT / "requirements.lock")
    subprocess.run([*pip, "--only-binary", ":all:", "-d", str(wheels), "-r", lock], check=True)
    given = {"mode": "report", "files": "a.json"}
    without = run_action(tmp_path, given, path=closed(tmp_path))
    assert without.conclusion == "failure"
    assert "is the index reachable?" in without.log.annotations[0].text
    done = run_action(tmp_path, {**given, "wheels": str(wheels)}, path=closed(tmp_path))
    assert done.conclusion == "success", done.log.text
    (spoilt,) = wheels.glob("flask-3*.whl")
    spoilt.write_bytes(spoilt.read_bytes() + b" ")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.json").write_text(BENCH)
    refused = run_action(other, {**given, "wheels": str(wheels)}, path=closed(tmp_path))
    assert refused.conclusion == "failure"
    assert "see that `wheels` holds them" in refused.log.annotations[0].text


def closed(tmp_path: Path) -> str:
    """A path whose Python has no way to an index."""
    folder = tmp_path / "closed"
    folder.mkdir(exist_ok=True)
    real = subprocess.check_output(["sh", "-c", "command -v python3"], text=True).strip()
    environment = "PIP_CONFIG_FILE=/dev/null PIP_INDEX_URL=http://127.0.0.1:9/ PIP_RETRIES=0"
    (folder / "python3").write_text(f'#!/bin/sh\nexec env {environment} {real} "$@"\n')
    (folder / "python3").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
