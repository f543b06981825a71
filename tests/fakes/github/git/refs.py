"""References as files, which is how git reads and writes them too."""

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
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{sha}\n")

    def delete(self, name: str) -> None:
        (self._folder / name).unlink()

    def under(self, prefix: str) -> dict[str, str]:
        """Every reference whose full name starts so, by name."""
        folder = self._folder / "refs"
        found = {}
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(self._folder).as_posix()
            if name.startswith(prefix) and file.is_file() and not name.endswith(".lock"):
                found[name] = file.read_text().strip()
        return found
