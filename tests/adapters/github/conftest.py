"""A repository on the fake GitHub for every test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.github.world import GitHubWorld, github_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[GitHubWorld]:
    async with github_world(tmp_path) as made:
        yield made
