"""The database of the tests: a file of a few rows that is only read, and a copy to write to."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.database import Database

# Relative, so that a value recorded in one working copy means the same file in another.
FIXTURE = os.path.relpath(Path(__file__).parent / "data" / "shop.sqlite")


@pytest.fixture
def database() -> Iterator[Database]:
    """For reading."""
    fixture = Database(FIXTURE)
    yield fixture
    fixture.close()


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Database]:
    """For writing."""
    shutil.copyfile(FIXTURE, tmp_path / "shop.sqlite")
    copied = Database(str(tmp_path / "shop.sqlite"))
    yield copied
    copied.close()
