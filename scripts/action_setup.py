"""Makes the Action's own Python environment below RUNNER_TEMP, from the checkout of the Action.

Modes that Python's own library is enough for get an empty one, at once and without a network; the
others get what requirements.lock names, with its hashes. IRONCLAW_INPUT_WHEELS names a folder of
wheels to take them from instead of the index. Run with `python -I`.
"""

import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ACTION = Path(__file__).resolve().parent.parent
LOCK = ACTION / "requirements.lock"
PACKAGED_MODES = frozenset({"sandbox", "report", "improve"})
DONE = "ironclaw-done"
"""The file that says that an environment is whole."""


class CannotError(Exception):
    """It cannot be made; the text says what to do."""


def main() -> int:
    """Make it, or find it, and tell the next step where its Python is."""
    try:
        python = environment()
    except (CannotError, OSError) as error:
        text = str(error).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(f"::error title=Ironclaw::{text}")
        return 1
    output = os.environ.get("GITHUB_OUTPUT")
    if output:
        with Path(output).open("a", encoding="utf-8", newline="\n") as opened:
            opened.write(f"python={python}\n")
    print(f"Ironclaw runs with {python}")
    return 0


def needs_packages() -> bool:
    """Whether more than Python's own library is needed: to talk to GitHub, or to run projects."""
    mode = given("MODE").lower() or "gate"
    writes = given("COMMENT").lower() == "true" or bool(given("PULL_REQUEST"))
    # One that is none of ours is told at once.
    return mode in PACKAGED_MODES or writes


def given(name: str) -> str:
    """One input."""
    return os.environ.get(f"IRONCLAW_INPUT_{name}", "").strip()


def place(temporary: Path, *, packages: bool) -> tuple[Path, Path]:
    """The folder of the environment, and its Python there."""
    known = hashlib.sha256(f"{ACTION}\0{sys.executable}\0{sys.version}\0".encode())
    known.update(LOCK.read_bytes() if packages else b"")
    folder = temporary / f"ironclaw-{known.hexdigest()[:16]}"
    return folder, folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment() -> Path:
    """The Python of the environment, which an earlier step of the job may have made."""
    temporary = Path(os.environ.get("RUNNER_TEMP") or tempfile.gettempdir())
    packages = needs_packages()
    folder, python = place(temporary, packages=packages)
    done = folder / DONE
    if done.exists():
        return python
    try:
        venv.create(folder, clear=True, with_pip=packages, symlinks=os.name != "nt")
    except subprocess.CalledProcessError:
        raise CannotError("this Python has no ensurepip: use actions/setup-python") from None
    if packages:
        install(python, temporary)
    # No build is needed, and none can bring in what no lock names.
    paths = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", paths))
    (site / "ironclaw.pth").write_text(f"{ACTION}\n", encoding="utf-8")
    done.touch()
    return python


def install(python: Path, temporary: Path) -> None:
    """What the lock names, each file by its hash, built nowhere."""
    wheels = given("WHEELS")
    source = ["--no-index", "--find-links", str(Path(wheels).resolve())] if wheels else []
    options = ["--disable-pip-version-check", "--quiet", "--only-binary", ":all:"]
    command = [str(python), "-I", "-m", "pip", "install", *options, "--require-hashes", *source]
    # The project that is looked at stands in the current folder: nothing of it is imported.
    done = subprocess.run([*command, "-r", str(LOCK)], cwd=temporary, check=False)
    if done.returncode != 0:
        remedy = "see that `wheels` holds them" if wheels else "is the index reachable?"
        raise CannotError(f"the packages of requirements.lock cannot be installed: {remedy}")


if __name__ == "__main__":
    sys.exit(main())
