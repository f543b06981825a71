"""Says which release a tag is, or why it is none: `release_check.py v1.2.3`.

Prints what the changelog says of it. Writes `version` and `major` to GITHUB_OUTPUT.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class NoReleaseError(Exception):
    """The tag is no release; the text says what to mend."""


def version_of(tag: str, root: Path = ROOT) -> str:
    """The version that the tag names, which is the program's own."""
    found = re.fullmatch(r"v(\d+\.\d+\.\d+)", tag)
    if found is None:
        raise NoReleaseError(f"{tag!r} is no tag like v1.2.3")
    text = (root / "bot/__init__.py").read_text(encoding="utf-8")
    own = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if own is None or own[1] != found[1]:
        said = own[1] if own else "none"
        raise NoReleaseError(f"bot/__init__.py says {said}: set __version__ there, then tag it")
    return found[1]


def notes_of(version: str, root: Path = ROOT) -> str:
    """What the changelog says of it."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    head = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    found = re.search(rf"{head}\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        wanted = f"## [{version}] - YYYY-MM-DD"
        raise NoReleaseError(f"CHANGELOG.md has nothing below `{wanted}`: name it there")
    return found[1].strip() + "\n"


def main(tag: str) -> int:
    """Print the notes; 1 with a sentence where it is no release."""
    try:
        version = version_of(tag)
        notes = notes_of(version)
    except NoReleaseError as error:
        print(f"::error title=No release::{error}")
        return 1
    output = os.environ.get("GITHUB_OUTPUT")
    if output:
        with Path(output).open("a", encoding="utf-8") as opened:
            opened.write(f"version={version}\nmajor=v{version.partition('.')[0]}\n")
    print(notes, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
