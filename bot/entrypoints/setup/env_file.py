"""Writes what GitHub gave into `.env`: whole or not at all, and for its owner alone."""

import contextlib
import os
import re
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from bot.adapters.local.git import Git
from bot.ports import UserError

# A value in quotes may run over several lines.
_ENTRY: Final = re.compile(
    r"""[^\S\n]*(?:export[^\S\n]+)?(?P<name>[A-Za-z_]\w*)[^\S\n]*=[^\S\n]*
    (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|)[^\n]*(?:\n|\Z)
    |[^\n]*(?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN: Final = re.compile(r"[ -~]*")
_SPECIAL: Final = re.compile(r"""["'`$\\#]""")


def rewritten(text: str, values: Mapping[str, str], dropped: Collection[str] = ()) -> str:
    """The file's text with these values at its end, and every other line as it was.

    Line feeds inside a value become the two characters that the settings read as one.
    """
    lines = {name: _line(name, value) for name, value in values.items()}
    gone = {*values, *dropped}
    kept = "".join(found[0] for found in _ENTRY.finditer(text) if found["name"] not in gone)
    if kept and not kept.endswith("\n"):
        kept += "\n"
    return kept + "".join(lines.values())


def _line(name: str, value: str) -> str:
    shown = value.strip().replace("\r\n", "\n")
    # What would end the quotes, or mean something in them to one of the programs that read it.
    if not _PLAIN.fullmatch(shown.replace("\n", "")) or _SPECIAL.search(shown):
        problem = f"GitHub gave a {name} that has strange characters in it"
        raise UserError(problem, "Check GITHUB_API_URL: is that GitHub?")
    escaped = shown.replace("\n", "\\n")
    return f'{name}="{escaped}"\n'


class EnvFile:
    """A file of variables that holds secrets."""

    def __init__(self, path: Path) -> None:
        # A link stays a link: what it leads to is replaced.
        self.path = Path(os.path.realpath(path.expanduser()))

    def check(self) -> None:
        """UserError if it could not be written, or would be committed."""
        if self.path.is_dir():
            raise UserError(f"{self.path} is a folder", "Name a file with --env-file.")
        self._text()
        self._check_ignored()
        try:
            with tempfile.TemporaryFile(dir=self.path.parent):
                pass
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, values: Mapping[str, str], dropped: Collection[str] = ()) -> None:
        """Set these variables and leave all others alone."""
        text = rewritten(self._text(), values, dropped)
        try:
            self._replace(text.encode("utf-8"))
        except OSError as error:
            raise self._unwritable(error) from None

    def _replace(self, content: bytes) -> None:
        # It is made for its owner alone, before anything is in it.
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".env-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _text(self) -> str:
        try:
            return self.path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            problem = f"{self.path} cannot be read: {error}"
            raise UserError(problem, "Mend the file, or name another with --env-file.") from None

    def _check_ignored(self) -> None:
        if not any((parent / ".git").exists() for parent in self.path.parents):
            return
        with tempfile.TemporaryDirectory() as home:
            arguments = ("check-ignore", "--quiet", "--", self.path.name)
            answer = Git(Path(home)).run(*arguments, cwd=self.path.parent, ok=(0, 1, 128))
        if answer.code == 0:
            return
        raise UserError(
            f"{self.path} lies in a git repository that does not ignore it, so the App's secrets "
            "could be committed",
            f"Add a line `{self.path.name}` to its .gitignore (and `git rm --cached` the file if "
            "it is tracked), or name a file elsewhere with --env-file.",
        )

    def _unwritable(self, error: OSError) -> UserError:
        problem = f"{self.path} cannot be written: {error.strerror or error}"
        return UserError(problem, "Make its folder writable, or name another with --env-file.")
