"""The measurement files that the inputs name."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.adapters.signals.formats import Recognised, Refused, read
from bot.entrypoints.regular_file import read_bytes
from bot.ports import UserError

_MOST_FILES: Final = 200
_MAGIC: Final = frozenset("*?[")


def find(patterns: Sequence[str], folder: Path) -> list[Path]:
    """The files that match, each once and in order; UserError if there are far too many.

    A pattern without a star names a file, whether it is there or not: that is told by reading it.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        for path in _matching(pattern, folder):
            found[path] = None
            if len(found) > _MOST_FILES:
                problem = f"more than {_MOST_FILES} files match {pattern!r}"
                raise UserError(problem, "Name a smaller folder.")
    return list(found)


def _matching(pattern: str, folder: Path) -> Iterator[Path]:
    if not _MAGIC & set(pattern):
        yield folder / pattern
        return
    whole = Path(pattern)
    base = Path(whole.anchor) if whole.anchor else folder
    relative = str(whole.relative_to(whole.anchor)) if whole.anchor else pattern
    try:
        matching = sorted(base.glob(relative))
    except (ValueError, NotImplementedError) as error:
        problem = f"{pattern!r} is no pattern of files: {error}"
        raise UserError(problem, "`**` stands alone between slashes.") from None
    yield from (path for path in matching if path.is_file())


def read_file(path: Path, kind: str) -> Recognised | Refused:
    """What a regular file holds; never raises for whatever it is."""
    data = read_bytes(path)
    return data if isinstance(data, Refused) else read(data, path.name, kind=kind)
