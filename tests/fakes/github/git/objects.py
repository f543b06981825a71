"""Loose git objects, read and written without starting git: a story makes thousands of them."""

import hashlib
import os
import subprocess
import zlib
from pathlib import Path


class NoObjectError(KeyError):
    """There is no such object."""


class Objects:
    """The object store of one bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[str, tuple[str, bytes]] = {}

    def read(self, sha: str) -> tuple[str, bytes]:
        """The kind and content of an object."""
        found = self._seen.get(sha)
        if found is None:
            found = self._seen[sha] = self._load(sha)
        return found

    def write(self, kind: str, data: bytes) -> str:
        """Keep an object; gives its name."""
        whole = f"{kind} {len(data)}\0".encode() + data
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        if sha not in self._seen:
            self._store(sha, whole)
            self._seen[sha] = kind, data
        return sha

    def _store(self, sha: str, whole: bytes) -> None:
        file = self._path(sha)
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            temporary = file.with_suffix(".new")
            temporary.write_bytes(zlib.compress(whole, 1))
            os.replace(temporary, file)  # noqa: PTH105 - git may be reading at this moment

    def _load(self, sha: str) -> tuple[str, bytes]:
        if len(sha) != 40:
            raise NoObjectError(sha)
        try:
            whole = zlib.decompress(self._path(sha).read_bytes())
        except FileNotFoundError:
            return self._packed(sha)
        head, _, data = whole.partition(b"\0")
        return head.split(b" ")[0].decode(), data

    def _packed(self, sha: str) -> tuple[str, bytes]:
        """From a pack, which only somebody who runs git by hand makes here."""
        if not any(self.folder.joinpath("objects", "pack").glob("*.pack")):
            raise NoObjectError(sha)
        asked = subprocess.run(
            ["git", "cat-file", "--batch"],
            cwd=self.folder,
            input=sha.encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        head, _, rest = asked.stdout.partition(b"\n")
        words = head.decode().split(" ")
        if len(words) != 3:
            raise NoObjectError(sha)
        return words[1], rest[: int(words[2])]

    def _path(self, sha: str) -> Path:
        return self.folder / "objects" / sha[:2] / sha[2:]
