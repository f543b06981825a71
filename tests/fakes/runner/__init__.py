"""A runner of GitHub Actions of our own: the steps of a workflow's job and of composite actions."""

from tests.fakes.runner.job import Done, Runner

__all__ = ["Done", "Runner"]
