"""Looks at this machine: the program, its settings, its files, git and the sandbox."""

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bot import __version__
from bot.adapters.local.git import Git
from bot.adapters.sandbox.isolation import probe
from bot.domain import checkup
from bot.domain.checkup import Checked, error, ok, warning
from bot.settings import SECRETS, Settings

_ASSIGNED: Final = re.compile(r"^\s*(?:export\s+)?(IRONCLAW_\w+)\s*=", re.MULTILINE)
_OF_OTHERS: Final = re.compile(r"IRONCLAW_(DEBUG|TOKEN|INPUT_\w+|SANDBOX\w*)")
"""Names that the program itself or the Action reads, and that are no settings."""
_MOST_FILE: Final = 1_000_000


def program() -> Iterator[Checked]:
    """What runs here."""
    yield ok("ironclaw", f"version {__version__} at {Path(__file__).parents[2]}")
    yield checkup.python(sys.version_info[:3], f"{platform.system()} {platform.release()}")


def settings_read(settings: Settings, environment: Mapping[str, str]) -> Iterator[Checked]:
    """Which are set, never to what; and who else may read the file that they stand in."""
    file = Path.cwd() / ".env"
    text = ""
    if file.is_file():
        with file.open(encoding="utf-8", errors="replace") as opened:
            text = opened.read(_MOST_FILE)
    known = {name.upper() for name in Settings.model_fields}
    named = {name for name in environment if name.startswith("IRONCLAW_")}
    strange = {
        name
        for name in named | set(_ASSIGNED.findall(text))
        if name not in known and not _OF_OTHERS.fullmatch(name)
    }
    given = given_names(settings)
    yield checkup.settings(given, len(known), strange)
    secret = sorted(name.upper() for name in SECRETS)
    unset = ", ".join(name for name in secret if name not in given) or "none"
    present = ", ".join(name for name in secret if name in given) or "none"
    yield ok("secrets", f"set are {present}; not set are {unset}")
    if text:
        yield checkup.secret_file("settings file", str(file), file.stat().st_mode)
    key = settings.github_private_key_file
    if key is not None and key.exists():
        yield checkup.secret_file("private key file", str(key), key.stat().st_mode)
    lengths = [len(one.get_secret_value()) for one in settings.webhook_secrets]
    yield checkup.webhook_secret(lengths)
    yield checkup.intake_token([len(one.get_secret_value()) for one in settings.intake_tokens])


def given_names(settings: Settings) -> frozenset[str]:
    """The settings that the operator has set."""
    fields, given = Settings.model_fields, settings.model_fields_set
    # The database's address is filled in where none is set, which counts as set.
    default = f"sqlite:///{settings.ironclaw_data_dir / 'ironclaw.db'}"
    own = settings.database_url.get_secret_value() == default
    return frozenset(
        name.upper() for name in fields if name in given and not (own and name == "database_url")
    )


def data_folder(settings: Settings) -> Iterator[Checked]:
    """Where everything is kept; it is not made here."""
    name, folder = "data folder", settings.ironclaw_data_dir
    if not folder.exists():
        parent = next((one for one in folder.parents if one.exists()), Path("/"))
        if not os.access(parent, os.W_OK | os.X_OK):
            remedy = f"Make it for this user, let this user write in {parent}, or name another."
            yield error(name, f"{folder} is not there and cannot be made", remedy)
            return
        remedy = "Nothing: the service makes it. If you expected one, look at IRONCLAW_DATA_DIR."
        yield warning(name, f"{folder} is not there yet", remedy)
        folder = parent
    elif not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        remedy = "Let this user read and write it, or name another in IRONCLAW_DATA_DIR."
        yield error(name, f"{folder} is no folder that this user can write in", remedy)
        return
    yield checkup.free_space(name, str(folder), shutil.disk_usage(folder).free)


def git() -> Iterator[Checked]:
    """Whether it is there and new enough; UserError if not."""
    with tempfile.TemporaryDirectory() as home:
        yield ok("git", Git(Path(home)).run("version").line)


def sandbox() -> Iterator[Checked]:
    """The isolation that `improve` would have here, tried as it tries it."""
    found = probe()
    if found.level == "limits":
        remedy = (
            "Install bubblewrap, allow unprivileged user namespaces, or take a kernel with "
            "Landlock (5.13): the code of others could read the App's key."
        )
        yield error("sandbox", str(found), remedy)
        return
    yield ok("sandbox", str(found))
