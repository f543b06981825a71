"""Git repositories that the fake reads and writes itself, and that git itself can clone."""

from tests.fakes.github.git.commits import Commit, Signature
from tests.fakes.github.git.repository import GitRepository, MovedError

__all__ = ["Commit", "GitRepository", "MovedError", "Signature"]
