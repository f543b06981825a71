"""The machines of GitHub Actions: takes what has come up, runs it, and reports."""

import threading
from typing import Any

from tests.fakes.github import running
from tests.fakes.github.acts import checks
from tests.fakes.github.hub import Hub
from tests.fakes.github.running import Outcome
from tests.fakes.github.shapes import checks as shapes
from tests.fakes.github.state import CheckRun, CheckSuite, Job, WorkflowRun
from tests.fakes.github.workflow_files import Workflow, WorkflowJob, started_by


class Runner:
    """Runs jobs from the thread that calls `run`, or from its own after `start`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._busy = threading.Lock()

    def run(self) -> int:
        """Run everything that has come up, and what comes up meanwhile."""
        count = 0
        with self._busy:
            while (job := self._next()) is not None:
                for workflow in self._workflows(job):
                    self._run(job, workflow)
                    count += 1
        return count

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._loop, name="workflow-runner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _loop(self) -> None:
        while not self._stopping.wait(0.02):
            self.run()

    def _next(self) -> Job | None:
        with self._hub.lock:
            return self._hub.jobs.pop(0) if self._hub.jobs else None

    def _workflows(self, job: Job) -> list[Workflow]:
        with self._hub.lock:
            return list(started_by(job))

    def _run(self, job: Job, workflow: Workflow) -> None:
        with self._hub.lock:
            run = self._begin(job, workflow)
            started = {one.key: self._queue(job, run.suite, one) for one in workflow.jobs}
        results: dict[str, str] = {}
        for one in workflow.jobs:
            blocked = any(results.get(need) != "success" for need in one.needs)
            skipped = Outcome("skipped", "")
            outcome = skipped if blocked else running.run(job, one)
            results[one.key] = outcome.conclusion
            with self._hub.lock:
                self._report(job, started[one.key], outcome)
        with self._hub.lock:
            passed = not workflow.broken and set(results.values()) <= {"success", "skipped"}
            run.status = "completed"
            run.conclusion = "success" if passed else "failure"
            self._tell(run, job, "completed")

    def _begin(self, job: Job, workflow: Workflow) -> WorkflowRun:
        hub, repo = self._hub, job.repo
        suite = CheckSuite(hub.next_id(), hub.actions, job.sha, job.branch, hub.now())
        repo.suites.append(suite)
        run = WorkflowRun(
            hub.next_id(),
            len(repo.workflow_runs) + 1,
            workflow.name,
            workflow.path,
            job.sha,
            job.branch,
            job.event,
            job.by,
            hub.now(),
            suite,
        )
        run.pulls = tuple(
            issue.number
            for issue in repo.pulls()
            if issue.pull and issue.pull.head_sha == job.sha and issue.state == "open"
        )
        repo.workflow_runs.append(run)
        self._tell(run, job, "requested")
        run.status = "in_progress"
        self._tell(run, job, "in_progress")
        return run

    def _queue(self, job: Job, suite: CheckSuite, one: WorkflowJob) -> CheckRun:
        hub, bot = self._hub, self._hub.actions.bot
        values = {"status": "in_progress"}
        return checks.create_run(
            hub, job.repo, hub.actions, bot, one.name, job.sha, values, into=suite
        )

    def _report(self, job: Job, run: CheckRun, outcome: Outcome) -> None:
        values: dict[str, Any] = {"status": "completed", "conclusion": outcome.conclusion}
        if outcome.log:
            values["output"] = {"title": run.name, "summary": outcome.log[-checks.TEXT_LIMIT :]}
        checks.update_run(self._hub, job.repo, run, self._hub.actions.bot, values)

    def _tell(self, run: WorkflowRun, job: Job, action: str) -> None:
        hub = self._hub
        shown = shapes.workflow_run(hub.web, job.repo, run)
        workflow = shapes.workflow(hub.web, job.repo, run)
        body: dict[str, Any] = {"action": action, "workflow_run": shown, "workflow": workflow}
        hub.emit("workflow_run", job.repo, job.by, **body)
