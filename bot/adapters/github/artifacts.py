"""Reads the report that a workflow of GitHub Actions has kept about one commit."""

import io
import zipfile
import zlib
from collections.abc import AsyncIterator
from typing import Final

from bot.adapters.github.client import Access, expect
from bot.adapters.github.fields import Fields
from bot.domain.action.ci_report import (
    ARTIFACT,
    FILE,
    MOST_BYTES,
    CiSays,
    UnreadableReport,
    read_ci_report,
)

_MOST_RUNS: Final = 10


class GitHubCiReports:
    """The artifacts of one repository; `access` needs no more than to read its workflow runs."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def sandbox_report(self, sha: str) -> CiSays | None:
        """What the newest ended run on exactly this commit has kept, None if none has."""
        async for artifact in self._kept(sha):
            if artifact.flag("expired"):
                continue
            size, id = artifact.number("size_in_bytes"), artifact.number("id")
            if size is None or size > MOST_BYTES:
                return UnreadableReport(f"it is larger than {MOST_BYTES:,} bytes")
            answer = await self._access.get(f"actions/artifacts/{id}/zip")
            if answer.status in (404, 410):
                continue
            expect(answer, 200)
            return _unpacked(answer.content)
        return None

    async def _kept(self, sha: str) -> AsyncIterator[Fields]:
        runs = await self._access.get(
            "actions/runs", head_sha=sha, status="completed", per_page=_MOST_RUNS
        )
        for run in expect(runs, 200).each("workflow_runs"):
            if run.text("head_sha") != sha or not _is_of_here(run):
                continue
            found = await self._access.get(
                f"actions/runs/{run.number('id')}/artifacts", name=ARTIFACT
            )
            for artifact in expect(found, 200).each("artifacts"):
                if artifact.text("name") == ARTIFACT:
                    yield artifact


def _is_of_here(run: Fields) -> bool:
    """A commit of that name in a fork is somebody else's."""
    here = run.number("repository", "id")
    return here is not None and run.number("head_repository", "id") == here


def _unpacked(data: bytes) -> CiSays:
    """The one file in it that counts; nothing is written anywhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(FILE) as file:
            content = file.read(MOST_BYTES + 1)
    except KeyError:
        return UnreadableReport(f"there is no {FILE} in it")
    # What else a strange archive may ask for: another compression, a password.
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, ValueError):
        return UnreadableReport("its archive cannot be read")
    return read_ci_report(content)
