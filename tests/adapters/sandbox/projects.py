"""Small projects as trees, and the sandboxes they run in."""

import sys
from collections.abc import Mapping

from bot.domain.tree import FileKind, Tree, TreeFile
from bot.ports import SandboxSettings

#: The interpreter of these tests has pytest and needs no building.
HERE = SandboxSettings(python=sys.executable, timeout_seconds=60)

PACKAGE = {
    "shop/__init__.py": "def double(x):\n    return 2 * x\n",
    "tests/test_shop.py": (
        "import pytest\n"
        "from shop import double\n"
        "def test_right():\n    assert double(2) == 4\n"
        "def test_wrong():\n    assert double(2) == 5\n"
        "@pytest.mark.skip\ndef test_skipped():\n    pass\n"
    ),
}


#: Plugins of this environment that take a second to load and do nothing for small projects.
_FAST = "[pytest]\naddopts = -p no:asyncio -p no:hypothesispytest\n"


def tree(files: Mapping[str, str | bytes]) -> Tree:
    """Ordinary files with these contents."""
    every = {"pytest.ini": _FAST, **files}
    return Tree.of("0" * 40, [_file(path, data) for path, data in every.items()])


def _file(path: str, data: str | bytes) -> TreeFile:
    return TreeFile(path, FileKind.REGULAR, data.encode() if isinstance(data, str) else data)
