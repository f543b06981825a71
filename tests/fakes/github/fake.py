"""The fake as tests hold it: started, steered and looked into from Python."""

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.github.acts import following, landing, queueing
from tests.fakes.github.effects import Effect, Effects
from tests.fakes.github.faults import Faults
from tests.fakes.github.graph import execution
from tests.fakes.github.hands import Hands
from tests.fakes.github.hub import Clock, Hub
from tests.fakes.github.installing import Installing
from tests.fakes.github.limits import Limits
from tests.fakes.github.routes import TOPICS
from tests.fakes.github.runner import Runner
from tests.fakes.github.server import Bystander, Recorded, Server
from tests.fakes.github.state import App, Issue, Repository
from tests.fakes.github.webhooks import Delivery, Webhooks
from tests.fakes.runner.job import Done


class FakeGitHub(Hands, Installing):
    """A GitHub with one app, `ironclaw`, on a loopback port.

    Times are those of `clock`; the JWT of an app may go by the machine's clock as well. Webhooks
    wait until `webhooks.flush()`, unless `background` sends them from a thread of their own and
    lets workflows run by themselves; else those run in `run_workflows()`.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        *,
        webhook_url: str = "",
        background: bool = False,
        port: int = 0,
    ) -> None:
        assert TOPICS
        self.hub = Hub(folder, clock)
        self.hub.graphql = lambda request: execution.answer(self.hub, request)
        self.hub.on_branch.append(following.branch_changed)
        self.hub.on_result += [landing.settle, queueing.settle]
        self.hub.webhooks.url = webhook_url
        self.app: App = self.make_app("ironclaw")
        self.runner = Runner(self.hub)
        self._background = background
        self._server = Server(self.hub, port)
        self.hub.web = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="fake-github", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        if self._background:
            self.hub.webhooks.start()
            self.runner.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop everything; the repositories stay in the folder."""
        self.runner.stop()
        self.hub.webhooks.stop()
        self._server.hang_up()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The API's base."""
        return self.hub.web

    @property
    def requests(self) -> list[Recorded]:
        """Every request so far, in its order."""
        return self._server.recorded

    @property
    def bystanders(self) -> list[Bystander]:
        """Those who see every request before and after it is worked on."""
        return self._server.bystanders

    @property
    def faults(self) -> Faults:
        return self.hub.faults

    @property
    def limits(self) -> Limits:
        return self.hub.limits

    @property
    def effects(self) -> Effects:
        return self.hub.effects

    @property
    def effect_log(self) -> list[Effect]:
        return self.hub.effects.log

    @property
    def webhooks(self) -> Webhooks:
        return self.hub.webhooks

    @property
    def deliveries(self) -> list[Delivery]:
        return self.hub.webhooks.log

    def run_workflows(self) -> int:
        """Run what has come up for the workflows, here and now; gives how many ran."""
        return self.runner.run()

    @property
    def jobs_done(self) -> list[Done]:
        """Every job of a workflow that has ended, with its log and what it left behind."""
        return self.runner.done

    def know_action(self, name: str, folder: Path) -> None:
        """From now on workflows may use the action in this folder under this name."""
        self.hub.actions_known[name] = folder

    def repository(self, full_name: str) -> Repository:
        """The record of a repository."""
        found = self.hub.find(full_name)
        if found is None:
            raise KeyError(full_name)
        return found

    def pull(self, full_name: str, number: int) -> Issue:
        """The record of a pull request."""
        issue = self.repository(full_name).issues[number]
        assert issue.pull, f"#{number} is an issue"
        return issue

    def files(self, full_name: str, branch: str = "") -> Mapping[str, str]:
        """The text of every file at the head of a branch."""
        repo = self.repository(full_name)
        sha = repo.git.head(branch or repo.default_branch)
        assert sha, f"there is no branch {branch}"
        read = repo.git.objects.read
        return {
            path: read(entry.sha)[1].decode("utf-8", "replace")
            for path, entry in repo.git.files(sha).items()
        }

    def head(self, full_name: str, branch: str = "") -> str | None:
        """The commit at the head of a branch."""
        repo = self.repository(full_name)
        return repo.git.head(branch or repo.default_branch)
