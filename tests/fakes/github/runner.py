"""The machines of GitHub Actions: takes what has come up, runs it, and reports."""

import threading
from typing import Any

from tests.fakes.github import machines
from tests.fakes.github.acts import checks
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import checks as shapes
from tests.fakes.github.state import CheckRun, CheckSuite, Job, WorkflowRun
from tests.fakes.github.workflow_files import Workflow, started_by
from tests.fakes.runner.actions import BrokenWorkflowError
from tests.fakes.runner.job import Done
from tests.fakes.runner.log import Log
from tests.fakes.runner.planning import Planned


class Runner:
    """Runs jobs from the thread that calls `run`, or from its own after `start`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._busy = threading.Lock()
        self.done: list[Done] = []
        """Every job that has ended."""

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
        """Those that the event starts; none where a pull request conflicts with its base."""
        with self._hub.lock:
            if job.pull:
                merged = machines.merge_commit(self._hub, job, self._hub.people.get("web-flow"))
                if merged is None:
                    return []
                job.tested_sha = merged
            return list(started_by(job))

    def _run(self, job: Job, workflow: Workflow) -> None:
        with self._hub.lock:
            run = self._begin(job, workflow)
            started = [(one, self._queue(job, run.suite, one)) for one in workflow.jobs]
        results: dict[str, dict[str, Any]] = {}
        for one, check in started:
            needs = {name: results[name] for name in one.needs}
            done = self._done(job, run, workflow, one, needs)
            self.done.append(done)
            known = results.setdefault(one.key, {"result": "success", "outputs": {}})
            known["outputs"].update(done.results)
            if done.conclusion != "success":
                known["result"] = done.conclusion
            with self._hub.lock:
                self._report(job, check, done)
        with self._hub.lock:
            ended = {one["result"] for one in results.values()}
            passed = not workflow.broken and ended <= {"success", "skipped"}
            run.status = "completed"
            run.conclusion = "success" if passed else "failure"
            self._tell(run, job, "completed")

    def _done(
        self,
        job: Job,
        run: WorkflowRun,
        workflow: Workflow,
        one: Planned,
        needs: dict[str, dict[str, Any]],
    ) -> Done:
        with machines.machine(self._hub, job, run, workflow, one) as machine:
            try:
                return machine.run_job(workflow.document, one, needs)
            except BrokenWorkflowError as error:
                return Done(Log([str(error)]), "failure")

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
            from_fork=job.is_fork,
        )
        run.pulls = tuple(
            issue.number
            for issue in repo.pulls()
            if issue.pull and issue.pull.head_sha == job.sha and issue.state == "open"
            # What comes from a fork is not told of.
            if issue.pull.fork is None
        )
        repo.workflow_runs.append(run)
        self._tell(run, job, "requested")
        run.status = "in_progress"
        self._tell(run, job, "in_progress")
        return run

    def _queue(self, job: Job, suite: CheckSuite, one: Planned) -> CheckRun:
        hub, bot = self._hub, self._hub.actions.bot
        values = {"status": "in_progress"}
        return checks.create_run(
            hub, job.repo, hub.actions, bot, one.name, job.sha, values, into=suite
        )

    def _report(self, job: Job, run: CheckRun, done: Done) -> None:
        values: dict[str, Any] = {"status": "completed", "conclusion": done.conclusion}
        if done.log.text:
            values["output"] = {"title": run.name, "summary": done.log.text[-checks.TEXT_LIMIT :]}
        checks.update_run(self._hub, job.repo, run, self._hub.actions.bot, values)

    def _tell(self, run: WorkflowRun, job: Job, action: str) -> None:
        hub = self._hub
        shown = shapes.workflow_run(hub.web, job.repo, run)
        workflow = shapes.workflow(hub.web, job.repo, run)
        body: dict[str, Any] = {"action": action, "workflow_run": shown, "workflow": workflow}
        hub.emit("workflow_run", job.repo, job.by, **body)
