"""One whole story with githubkit: a pull request, merged, deployed and reverted."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from githubkit import AppInstallationAuthStrategy, GitHub

from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub

REPO = "octo/shop"
COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid signature { isValid } } }
}"""
REVERT = """mutation($input: RevertPullRequestInput!) {
  revertPullRequest(input: $input) { revertPullRequest { number headRefOid } }
}"""

Client = GitHub[AppInstallationAuthStrategy]


@pytest.fixture
def fake(tmp_path: Path, clock: FixedClock) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path, clock) as made:
        made.create_repository(REPO, {"app.py": "x = 1\n", "lib/other.py": "a = 1\n"})
        yield made


@pytest.fixture
def client(fake: FakeGitHub) -> Iterator[Client]:
    id = fake.installation(REPO).id
    auth = AppInstallationAuthStrategy(fake.app_id, fake.private_key, id)
    with GitHub(auth, base_url=fake.url, timeout=10, http_cache=False, auto_retry=False) as made:
        yield made


def open_pull(fake: FakeGitHub, client: Client, branch: str = "ironclaw/x") -> tuple[int, str]:
    """A pull request of the app; gives its number and head."""
    head = fake.head(REPO)
    assert head
    client.rest.git.create_ref("octo", "shop", ref=f"refs/heads/{branch}", sha=head)
    contents = base64.b64encode(b"x = 2\n").decode()
    wanted = {
        "branch": {"repositoryNameWithOwner": REPO, "branchName": branch},
        "expectedHeadOid": head,
        "message": {"headline": "Make x faster"},
        "fileChanges": {"additions": [{"path": "app.py", "contents": contents}]},
    }
    sha = client.graphql(COMMIT, {"input": wanted})["createCommitOnBranch"]["commit"]["oid"]
    made = client.rest.pulls.create(
        "octo", "shop", title="Make x faster", head=branch, base="main", body="It was slow."
    ).parsed_data
    return made.number, sha


def test_a_pull_request_is_merged_and_reverted(fake: FakeGitHub, client: Client) -> None:
    number, sha = open_pull(fake, client)
    client.rest.checks.create("octo", "shop", name="ironclaw", head_sha=sha)
    merged = client.rest.pulls.merge("octo", "shop", number, sha=sha).parsed_data
    assert fake.head(REPO) == merged.sha
    assert fake.files(REPO)["app.py"] == "x = 2\n"
    id = client.rest.pulls.get("octo", "shop", number).parsed_data.node_id
    revert = client.graphql(REVERT, {"input": {"pullRequestId": id}})["revertPullRequest"]
    second = revert["revertPullRequest"]
    client.rest.pulls.merge("octo", "shop", second["number"], sha=second["headRefOid"])
    assert fake.files(REPO)["app.py"] == "x = 1\n"
