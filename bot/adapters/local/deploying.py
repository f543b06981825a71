"""Deploys by a command of the operator's, and keeps what came of it in the repository."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local.git import printable
from bot.adapters.local.objects import quarantine
from bot.adapters.local.pulls import Pulls
from bot.adapters.local.records import (
    DEPLOYMENTS,
    clean,
    deployments_from_bytes,
    deployments_to_bytes,
)
from bot.adapters.local.transaction import Change, change_refs, recover
from bot.adapters.local.trees import lay_out, read_blobs
from bot.domain.pulls import Deployment
from bot.domain.tree import Tree

_KEPT = 1000
_TAIL = 2000
_ENVIRONMENT = ("PATH", "HOME", "USER", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Deploy:
    """How to deploy: what is run, for how long, and what it sees besides the commit."""

    command: str
    seconds: float
    environment: Mapping[str, str]


def plain_environment() -> dict[str, str]:
    """The environment without anything that could be a secret of ours."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def known_deployments(pulls: Pulls) -> tuple[Deployment, ...]:
    """Every deployment that is recorded, oldest first."""
    found = pulls.workshop.refs().get(DEPLOYMENTS)
    if found is None:
        return ()
    return deployments_from_bytes(read_blobs(pulls.workshop, [found.sha])[found.sha])


def running_now(deployments: tuple[Deployment, ...], sha: str) -> Deployment | None:
    """The deployment of this commit, if it is the last one and was successful."""
    last = deployments[-1] if deployments else None
    return last if last and last.sha == sha and last.successful else None


def record_deployment(pulls: Pulls, sha: str, why: str) -> Deployment:
    """Append one deployment; without a `why` it was successful."""
    with pulls.workshop.locked() as lock, quarantine(pulls.workshop) as made:
        recover(pulls.workshop)
        before = known_deployments(pulls)
        number = int(before[-1].id) + 1 if before else 1
        new = Deployment(str(number), sha, pulls.clock.now(), not why, clean(why))
        blob = made.blob(deployments_to_bytes((*before, new)[-_KEPT:]))
        made.release()
        found = pulls.workshop.refs().get(DEPLOYMENTS)
        change = Change(DEPLOYMENTS, found.sha if found else "", blob)
        change_refs(pulls.workshop, lock, [change])
        return new


async def run_deploy(deploy: Deploy, tree: Tree) -> str:
    """Run the command in a clean copy of the tree; what went wrong, or nothing."""
    with tempfile.TemporaryDirectory(prefix="ironclaw-deploy-") as folder:
        place = Path(folder) / "tree"
        place.mkdir()
        await asyncio.to_thread(lay_out, tree, place)
        with (Path(folder) / "output").open("w+b") as output:
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", deploy.command),
                cwd=place,
                env={
                    **deploy.environment,
                    "IRONCLAW_SHA": tree.sha,
                    "IRONCLAW_TREE": str(place),
                },
                stdin=asyncio.subprocess.DEVNULL,
                # A file and not a pipe: a server that the command leaves running may keep it.
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            ended = await _ended(process, deploy.seconds)
            return "" if ended == 0 else _what_went_wrong(ended, deploy, output.name)


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> int | None:
    """The exit code; None, and everything it started killed, when it took too long."""
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _what_went_wrong(code: int | None, deploy: Deploy, output: str) -> str:
    with Path(output).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        said = printable(file.read().decode("utf-8", "replace"), _TAIL)
    how = f"took longer than {deploy.seconds:g} s" if code is None else f"ended with {code}"
    return f"the deploy command {how}: {said or 'it said nothing'}"
