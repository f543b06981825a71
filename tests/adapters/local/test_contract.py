"""The code host on disk keeps the promises of every code host."""

from pathlib import Path

import pytest

from tests.adapters.codehost_contract import CodeHostContract, World
from tests.adapters.local.repos import LocalWorld


class TestLocalCodeHost(CodeHostContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return LocalWorld(tmp_path)
