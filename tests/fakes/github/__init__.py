"""A GitHub of our own: an HTTP server on a socket over real bare git repositories.

`FakeGitHub` is the whole of it for a test; `python -m tests.fakes.github` runs one by hand.
"""

from tests.fakes.github.fake import FakeGitHub

__all__ = ["FakeGitHub"]
