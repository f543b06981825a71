"""The forum on GitHub keeps the promises of every forum."""

import pytest

from tests.adapters.codehost_contract import a_draft
from tests.adapters.forum_contract import ForumContract, ForumWorld
from tests.adapters.github.world import GitHubForumWorld, GitHubWorld


class TestGitHubForum(ForumContract):
    @pytest.fixture(name="world")
    async def forum_world(self, world: GitHubWorld) -> ForumWorld:
        pull = await world.host.open_pull_request(await a_draft(world))
        return GitHubForumWorld(world, pull.number, pull.head_sha)
