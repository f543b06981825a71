"""Runs a repository's workflows: each job's `run:` steps, on exactly the commit that came."""

from tests.fakes.github.hub import Hub


class Runner:
    """The machines of GitHub Actions."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def run(self) -> int:
        return 0

    def start(self) -> None: ...

    def stop(self) -> None: ...
