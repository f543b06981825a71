"""`ironclaw demo` plays to its end: one improvement is kept, the planted one taken back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


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
