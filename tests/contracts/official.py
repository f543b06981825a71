"""The official descriptions: fetched with npm once, checked by their hashes, read from the archive.

They stay in a folder that git ignores; nothing of them is part of this project.
"""

import base64
import functools
import hashlib
import json
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CACHE = Path(__file__).parent.parent.parent / ".contracts"


class CannotFetchError(Exception):
    """The descriptions cannot be had; the text says what to do."""


@dataclass(frozen=True)
class Package:
    """One version of one package, and the hash that npm has signed for it."""

    name: str
    version: str
    integrity: str

    @property
    def file(self) -> Path:
        return CACHE / f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"


REST = Package(
    "@octokit/openapi",
    "23.0.2",
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
)
WEBHOOKS = Package(
    "@octokit/openapi-webhooks",
    "12.1.0",
    "Z5eDsLCUNbx1zHpZb1LNQirADqdMTvWJQ/deahi0ws+tWWnwHXB+Pr4jfmM9OrETS9Y5iW8ZRu1fdbudObhLrg==",
)
GRAPHQL = Package(
    "@octokit/graphql-schema",
    "15.26.1",
    "RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
)
EXAMPLES = Package(
    "@octokit/webhooks-examples",
    "7.6.1",
    "De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ==",
)
EVALUATOR = (
    Package(
        "@actions/expressions",
        "0.3.61",
        "Ig+tXELvTjlqxQAWBQnLNn2dPpNraLMdSnT+vDzDPmJtbNUhIAH/Z9kVT8pZ8UtJi9vUGs8hwHE8JFJmbOnLEA==",
    ),
    Package(
        "@actions/workflow-parser",
        "0.3.61",
        "NBjJrbwwrEN3LSN0NAISLpCWQLcPSBjmAIkLXHgjGX8Yql4PiD33ifSAvr9sIMU9uIs8wZiGUnvo9yPIMIfKdg==",
    ),
    Package(
        "cronstrue",
        "2.21.0",
        "YxabE1ZSHA1zJZMPCTSEbc0u4cRRenjqqTgCwJT7OvkspPSvfYFITuPFtsT+VkBuavJtFv2kJXT+mKSnlUJxfg==",
    ),
    Package(
        "yaml",
        "2.9.1",
        "3NxN8+78OdzbT7C/WjGsyfPAtJaN3FNDsWxv7Y7mcDsT/oOmgW8BpyQQFFBnvZE3j9Y2Sdz1ULFLezL7Eb2yFw==",
    ),
)
"""GitHub's own parser of workflows and evaluator of expressions, with what they need."""


@functools.cache
def rest() -> dict[str, Any]:
    """The description of the REST API."""
    found: dict[str, Any] = json.loads(_member(REST, "package/generated/api.github.com.json"))
    return found


@functools.cache
def webhooks() -> dict[str, Any]:
    """The description of the webhooks."""
    found: dict[str, Any] = json.loads(_member(WEBHOOKS, "package/generated/api.github.com.json"))
    return found


@functools.cache
def graphql() -> str:
    """The GraphQL schema."""
    return _member(GRAPHQL, "package/schema.graphql").decode()


@functools.cache
def examples() -> list[tuple[str, dict[str, Any]]]:
    """Every example payload of a webhook, with the name of its event."""
    listed = json.loads(_member(EXAMPLES, "package/api.github.com/index.json"))
    return [(event["name"], payload) for event in listed for payload in event["examples"]]


def fetch() -> None:
    """See that every package is there."""
    for package in (REST, WEBHOOKS, GRAPHQL, EXAMPLES, *EVALUATOR):
        _archive(package)


def evaluator(folder: Path) -> Path:
    """A folder in which node finds GitHub's evaluator; no package's own script is run."""
    for package in EVALUATOR:
        place = folder / "node_modules" / package.name
        place.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(_archive(package), "r:gz") as archive:
            archive.extractall(folder, filter="data")
        (folder / "package").rename(place)
        # They are written for a bundler; node wants to be told what is JSON.
        for file in place.rglob("*-schema.js"):
            text = file.read_text(encoding="utf-8")
            told = re.sub(r'(from "[^"]+\.json");', r'\1 with {type: "json"};', text)
            file.write_text(told, encoding="utf-8")
    return folder


def _member(package: Package, name: str) -> bytes:
    data = _archive(package)
    with tarfile.open(data, "r:gz") as archive:
        member = archive.extractfile(name)
        assert member is not None, f"{package.spec} has no {name}"
        return member.read()


def _archive(package: Package) -> Path:
    """The package's file, fetched if it is not there or is not what it should be."""
    if not _is_right(package):
        _fetch(package)
    if not _is_right(package):
        text = f"{package.file.name} is not what {package.spec} was when it was pinned"
        raise CannotFetchError(f"{text}; delete it and try again")
    return package.file


def _is_right(package: Package) -> bool:
    if not package.file.exists():
        return False
    digest = hashlib.sha512(package.file.read_bytes()).digest()
    return base64.b64encode(digest).decode() == package.integrity


def _fetch(package: Package) -> None:
    npm = shutil.which("npm")
    if npm is None:
        text = "`make contracts` fetches GitHub's official descriptions with npm, which is missing"
        raise CannotFetchError(f"{text}; install Node.js, or put {package.file.name} into {CACHE}")
    CACHE.mkdir(exist_ok=True)
    done = subprocess.run(
        [npm, "pack", "--silent", package.spec],
        cwd=CACHE,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    if done.returncode != 0:
        raise CannotFetchError(f"npm cannot fetch {package.spec}: {done.stderr.strip()}")
