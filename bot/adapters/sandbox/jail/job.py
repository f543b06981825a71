"""What a warden is told to run, and what it answers: plain values that travel as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Level = Literal["bubblewrap", "namespaces", "landlock", "limits"]
LEVELS: tuple[Level, ...] = ("bubblewrap", "namespaces", "landlock", "limits")

Kind = Literal["ro", "rw", "tmpfs", "link", "dir"]
End = Literal["exited", "timed-out", "killed", "failed"]


@dataclass(frozen=True, slots=True)
class Mount:
    """One thing the command sees; everything that is not named is not there."""

    kind: Kind
    target: str
    source: str = ""
    size_mb: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the command and all its descendants together may use; zero means no limit."""

    seconds: float = 600
    memory_mb: int = 4096
    processes: int = 256
    output_bytes: int = 10_000_000
    disk_mb: int = 2048
    files: int = 200_000
    poll_seconds: float = 0.2


@dataclass(frozen=True, slots=True)
class Job:
    """One command with its walls. `writable` are the folders whose growth is limited."""

    level: Level
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    mounts: tuple[Mount, ...] = ()
    limits: Limits = field(default_factory=Limits)
    writable: tuple[str, ...] = ()
    network: bool = False
    bwrap: str = ""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """The inverse of `to_json`."""
        raw: dict[str, Any] = json.loads(text)
        raw["argv"] = tuple(raw["argv"])
        raw["writable"] = tuple(raw["writable"])
        raw["mounts"] = tuple(Mount(**mount) for mount in raw["mounts"])
        raw["limits"] = Limits(**raw["limits"])
        return cls(**raw)


@dataclass(frozen=True, slots=True)
class Finished:
    """How the command ended; `why` explains any end but "exited"."""

    end: End
    code: int | None = None
    why: str = ""
    seconds: float = 0.0
    output: str = field(default="", repr=False)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Finished":
        """The inverse of `to_json`."""
        return cls(**json.loads(text))
