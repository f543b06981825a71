"""How much a command has written, looked at ever more seldom the longer looking takes."""

import os
import time
from collections.abc import Sequence


class Growth:
    """Bytes and entries below some folders, beside what was there at the start."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = folders
        self._next_look = 0.0
        self._start = self._measure()

    def look(self) -> tuple[int, int]:
        """(bytes, entries) that came since the start; (0, 0) when it is too early to look again."""
        if time.monotonic() < self._next_look:
            return 0, 0
        size, entries = self._measure()
        return size - self._start[0], entries - self._start[1]

    def _measure(self) -> tuple[int, int]:
        began = time.monotonic()
        size = entries = 0
        todo = list(self._folders)
        while todo:
            for entry in _scan(todo.pop()):
                entries += 1
                try:
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                except OSError:
                    continue
        now = time.monotonic()
        self._next_look = now + max(1.0, 10 * (now - began))
        return size, entries


def _scan(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
