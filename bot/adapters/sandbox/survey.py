"""What an interpreter has installed, asked of itself inside the sandbox."""

import json
from dataclasses import dataclass

# Asked by importlib's finders alone: nothing of what is installed is imported. The probes are
# compiled by the way, because they run many times.
PROGRAM = """
import compileall, importlib.util, json, sys, sysconfig
compileall.compile_dir(sys.argv[1], quiet=2)
names = sys.argv[2:]
def has(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
print("\\n" + json.dumps({
    "modules": [name for name in names if has(name)],
    "sites": sorted({sysconfig.get_paths()[key] for key in ("purelib", "platlib")}),
}))
"""
MODULES = ("pytest", "ruff", "mypy", "black")


@dataclass(frozen=True, slots=True)
class Survey:
    """The modules of interest that can be imported, and where packages are installed."""

    modules: frozenset[str]
    sites: tuple[str, ...]


def parse(output: str) -> Survey | None:
    """The last line of the program's output, or None if it is not what it should be."""
    try:
        raw = json.loads(output.strip().splitlines()[-1])
        return Survey(frozenset(raw["modules"]), tuple(raw["sites"]))
    except (IndexError, KeyError, TypeError, ValueError):
        return None
