"""The sample service as the tests need it: copied, imported, or run in a process of its own."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

SHOP = Path(__file__).parent.parent.parent / "examples" / "shop"
FIXTURE = SHOP / "tests" / "data" / "shop.sqlite"
# Neither HOME nor anything else of whoever runs the tests.
BARE = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}


def copied(to: Path) -> Path:
    """A copy as the demo makes it: without the planted changes."""
    leave_out = shutil.ignore_patterns("planted", "production", "__pycache__", ".*_cache")
    return Path(shutil.copytree(SHOP, to, ignore=leave_out))


def sources() -> dict[str, str]:
    """Every module of the service by its path in the repository."""
    found = {
        path.relative_to(SHOP).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(SHOP.glob("shop/*.py"))
    }
    assert found
    return found


def run(
    folder: Path, *arguments: str, env: Mapping[str, str] = BARE
) -> subprocess.CompletedProcess[str]:
    """Run Python there, and wait for it."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def imported(name: str) -> Iterator[ModuleType]:
    """One of its modules, forgotten afterwards: `shop` is a name that others may have."""
    before = set(sys.modules)
    sys.path.insert(0, str(SHOP))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(SHOP))
        for module in set(sys.modules) - before:
            if module.partition(".")[0] == "shop":
                del sys.modules[module]
