"""A sandbox for each test, with nothing of it left afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.sandbox.process_sandbox import ProcessSandbox


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """The folder in which workspaces are made; a test that leaves one behind fails."""
    folder = tmp_path / "workspaces"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def sandbox(tmp_path: Path, place: Path) -> ProcessSandbox:
    return ProcessSandbox(tmp_path / "data", folder=place)
