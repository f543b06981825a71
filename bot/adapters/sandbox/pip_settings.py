"""How the user's pip reaches its index: the only settings of the user that a build is told."""

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

# What says where packages come from; nothing that says where they go, or who logs in elsewhere.
_KEYS = frozenset(
    {
        "cert",
        "client_cert",
        "constraint",
        "default_timeout",
        "extra_index_url",
        "find_links",
        "index_url",
        "no_binary",
        "no_index",
        "only_binary",
        "pre",
        "prefer_binary",
        "proxy",
        "retries",
        "timeout",
        "trusted_host",
    }
)
_SECTIONS = ("global", "install")


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """PIP_ variables that say what the user's configuration files and environment say."""
    found: dict[str, str] = {}
    for file in _files(env):
        found |= _read(file)
    found |= {
        name.removeprefix("PIP_").lower(): value
        for name, value in env.items()
        if name.startswith("PIP_")
    }
    return {f"PIP_{key.upper()}": value for key, value in found.items() if key in _KEYS}


def paths(variables: Mapping[str, str]) -> list[str]:
    """Files and folders that these settings name, such as certificates and local indexes."""
    words = [word for value in variables.values() for word in value.split()]
    # The pages of an index on disk point at files beside the folder of the pages.
    named = [word.removeprefix("file://").removesuffix("/simple") for word in words]
    return [path for path in named if len(path) > 1 and path[0] == "/" and Path(path).exists()]


def _files(env: Mapping[str, str]) -> Iterator[Path]:
    """Pip's own places, the later ones stronger."""
    home = Path(env.get("HOME", "/nonexistent"))
    if env.get("PIP_CONFIG_FILE") == os.devnull:
        return
    yield Path("/etc/xdg/pip/pip.conf")
    yield Path("/etc/pip.conf")
    yield home / ".pip" / "pip.conf"
    yield Path(env.get("XDG_CONFIG_HOME", home / ".config")) / "pip" / "pip.conf"
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    yield Path(sys.prefix) / "pip.conf"
    if "PIP_CONFIG_FILE" in env:
        yield Path(env["PIP_CONFIG_FILE"])


def _read(file: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}
    return {
        key.replace("-", "_"): value.strip()
        for section in _SECTIONS
        if parser.has_section(section)
        for key, value in parser.items(section)
    }
