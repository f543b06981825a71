"""Runs the steps of one job in a folder that holds exactly one commit."""

import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.github.state import Job
from tests.fakes.github.workflow_files import Step, WorkflowJob

SECONDS = 300
_OURS = "actions/"


@dataclass(frozen=True)
class Outcome:
    """How a job ended, and what it printed."""

    conclusion: str
    log: str


def check_out(job: Job, folder: Path) -> None:
    """Lay out the files of the job's commit."""
    git = job.repo.git
    for path, entry in git.files(job.sha).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        data = git.objects.read(entry.sha)[1]
        if entry.mode == "120000":
            file.symlink_to(data.decode())
        elif entry.kind == "blob":
            file.write_bytes(data)
            file.chmod(0o755 if entry.mode == "100755" else 0o644)


def run(job: Job, one: WorkflowJob) -> Outcome:
    """Run the steps one after another, up to the first that fails."""
    log = []
    with tempfile.TemporaryDirectory() as name:
        home, folder = Path(name, "home"), Path(name, "work")
        home.mkdir()
        folder.mkdir()
        check_out(job, folder)
        for step in one.steps:
            code, text = _step(job, step, folder, home)
            log.append(f"$ {step.name}\n{text}")
            if code != 0 and not step.may_fail:
                return Outcome("timed_out" if code is None else "failure", "\n".join(log))
    return Outcome("success", "\n".join(log))


def _step(job: Job, step: Step, folder: Path, home: Path) -> tuple[int | None, str]:
    if step.uses:
        known = step.uses.startswith(_OURS)
        return (0, "") if known else (1, f"this runner has no action {step.uses}")
    env = {**_environment(job, home), **step.env}
    process = subprocess.Popen(
        ["bash", "-eo", "pipefail", "-c", step.run],
        cwd=folder / step.folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        try:
            out, _ = process.communicate(timeout=SECONDS)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            out, code = b"", None
        finally:
            _end_group(process.pid)
    return code, out.decode("utf-8", "replace")


def _end_group(pid: int) -> None:
    """End what a step has left behind."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _environment(job: Job, home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": job.event,
        "GITHUB_REF": f"refs/heads/{job.branch}",
        "GITHUB_REPOSITORY": job.repo.full_name,
        "GITHUB_SHA": job.sha,
    }
