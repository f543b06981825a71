"""A bot that opens, merges and reverts until it is killed; run as a program by test_killed."""

import asyncio
import sys
from pathlib import Path

from bot.domain.patch import FileChange, Patch
from bot.domain.pulls import Merged, PullDraft, PullSnapshot, PullState, RevertOpened
from bot.ports import CodeHost
from tests.adapters.local.repos import make_host


async def walk(host: CodeHost, number: int) -> PullSnapshot:
    """Bring one change in and out again, from wherever a former attempt has left it."""
    branch = f"ironclaw/rule/{number}"
    pull = next((one for one in await host.pull_requests() if one.branch == branch), None)
    if pull is None:
        head = (await host.repository()).head_sha
        patch = Patch((FileChange(f"new{number}.py", "", f"x = {number}\n"),))
        text = f"Add new{number}"
        pull = await host.open_pull_request(PullDraft(branch, "main", head, text, "", text, patch))
    await host.comment(pull.number, "status", "opened")
    assert isinstance(await host.merge(pull.number, pull.head_sha), Merged)
    opened = await host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened), opened
    undone = await host.merge(opened.pull.number, opened.pull.head_sha)
    assert isinstance(undone, Merged)
    return opened.pull


async def main(place: Path, state: Path, first: int) -> None:
    """Walk on without an end."""
    host = make_host(place, state)
    for number in range(first, first + 1000):
        await walk(host, number)


async def check(host: CodeHost) -> None:
    """Every pull request is of one piece, whenever the bot has died."""
    pulls = await host.pull_requests()
    assert len({pull.branch for pull in pulls}) == len(pulls)
    head = (await host.repository()).head_sha
    for pull in pulls:
        assert pull.foreign_commits == ()
        assert await host.contains(head, pull.head_sha) == (pull.state is PullState.MERGED)
        if pull.merge_sha:
            assert await host.contains(head, pull.merge_sha)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
