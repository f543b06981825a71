"""`ironclaw demo` plays to its end: one improvement is kept, the planted one taken back."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests


@pytest.mark.soak
def test_the_whole_loop_is_played_to_both_of_its_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.entrypoints.cli", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "planted: " in done.stdout


@pytest.mark.soak
def test_the_dashboard_stays_up_with_what_the_demo_has_recorded(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "bot.entrypoints.cli", "demo", "--serve"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PORT": str(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and "listens at" not in line:
            pass
        page = requests.get(f"http://127.0.0.1:{port}/improvements", timeout=30)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert page.status_code == 200
    assert "kept" in page.text
    assert "reverted" in page.text
