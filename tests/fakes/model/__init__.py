"""Language models on a socket: a server that speaks chat completions, and what it says."""

from tests.fakes.model.server import Asked, FakeModel, Reply, document

__all__ = ["Asked", "FakeModel", "Reply", "document"]
