"""Trees as flat mappings from path to entry, and back."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.fakes.github.git.objects import Objects

FOLDER = "40000"


class Entry(NamedTuple):
    """What stands at a path: `mode` as git writes it, and the object."""

    mode: str
    sha: str

    @property
    def kind(self) -> str:
        return {FOLDER: "tree", "160000": "commit"}.get(self.mode, "blob")


Flat = Mapping[str, Entry]


def entries(objects: Objects, sha: str) -> dict[str, Entry]:
    """The entries of one tree, folders not opened."""
    data = objects.read(sha)[1]
    found, at = {}, 0
    while at < len(data):
        space, zero = data.index(b" ", at), data.index(b"\0", at)
        name = data[space + 1 : zero].decode("utf-8", "surrogateescape")
        found[name] = Entry(data[at:space].decode(), data[zero + 1 : zero + 21].hex())
        at = zero + 21
    return found


def flat(objects: Objects, sha: str, prefix: str = "") -> dict[str, Entry]:
    """Every file below a tree."""
    found: dict[str, Entry] = {}
    for name, entry in entries(objects, sha).items():
        if entry.mode == FOLDER:
            found.update(flat(objects, entry.sha, f"{prefix}{name}/"))
        else:
            found[prefix + name] = entry
    return found


def write(objects: Objects, files: Flat) -> str:
    """Keep a tree of these files."""
    here: dict[str, Entry] = {}
    below: dict[str, dict[str, Entry]] = {}
    for path, entry in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        else:
            here[name] = entry
    for name, inner in below.items():
        here[name] = Entry(FOLDER, write(objects, inner))
    return objects.write("tree", b"".join(_line(name, here[name]) for name in _ordered(here)))


def _ordered(names: Mapping[str, Entry]) -> list[str]:
    return sorted(
        names, key=lambda name: _bytes(name + "/" if names[name].mode == FOLDER else name)
    )


def _line(name: str, entry: Entry) -> bytes:
    return f"{entry.mode} ".encode() + _bytes(name) + b"\0" + bytes.fromhex(entry.sha)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
