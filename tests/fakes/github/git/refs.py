"""References as files, which is how git reads and writes them too."""

import tempfile
from pathlib import Path


class Refs:
    """The references of one bare repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> str | None:
        """The object that a full name (`refs/heads/main`) stands for."""
        try:
            found = (self._folder / name).read_text().strip()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        return found or None

    def write(self, name: str, sha: str) -> None:
        """Whole or not at all: another thread, and git, read while this writes."""
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        # Not beside the file, where it would be taken for a reference.
        with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False) as new:
            new.write(f"{sha}\n")
        Path(new.name).replace(file)

    def delete(self, name: str) -> None:
        (self._folder / name).unlink()

    def under(self, prefix: str) -> dict[str, str]:
        """Every reference whose full name starts so, by name."""
        folder = self._folder / "refs"
        found = {}
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(self._folder).as_posix()
            if name.startswith(prefix) and not name.endswith(".lock"):
                sha = self.read(name)
                if sha:
                    found[name] = sha
        return found
