"""What a worker is asked to do: a name of something to look at, never what was seen of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advance:
    """Look at one improvement, and move it by one step."""

    improvement: str

    @property
    def key(self) -> str:
        """Jobs of one key run one after the other."""
        return f"improvement/{self.improvement}"


@dataclass(frozen=True, slots=True)
class LookAtRepository:
    """Onboard it, find what to improve, and compare our open improvements with the truth."""

    repository: str

    @property
    def key(self) -> str:
        """Jobs of one key run one after the other."""
        return f"repository/{self.repository}"


@dataclass(frozen=True, slots=True)
class LookAtInstallation:
    """Compare the repositories that we know with those that the installation gives us.

    `changes_only` leaves alone those that are as we know them: they have their own time.
    """

    installation: int
    changes_only: bool = False

    @property
    def key(self) -> str:
        """Jobs of one key run one after the other."""
        return f"installation/{self.installation}"


@dataclass(frozen=True, slots=True)
class Obey:
    """Read a comment as it is now and, if its author may command, do what it says."""

    repository: str
    number: int
    comment: int

    @property
    def key(self) -> str:
        """Jobs of one key run one after the other."""
        return f"repository/{self.repository}"


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Do what was asked for with one improvement; `asked` is the number of the wish."""

    improvement: str
    asked: str

    @property
    def key(self) -> str:
        """Jobs of one key run one after the other."""
        return f"improvement/{self.improvement}"


Job = Advance | LookAtRepository | LookAtInstallation | Obey | CarryOut
