"""What the contract suite does with githubkit again and again."""

import base64
from typing import Any

from githubkit import AppInstallationAuthStrategy, GitHub

from tests.fakes.github.fake import FakeGitHub

REPO = "octo/shop"
OWNER, NAME = "octo", "shop"

COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid signature { isValid } } }
}"""

Client = GitHub[AppInstallationAuthStrategy]


def commit_input(branch: str, expected: str, files: dict[str, str]) -> dict[str, Any]:
    """What createCommitOnBranch is given."""
    additions = [
        {"path": path, "contents": base64.b64encode(text.encode()).decode()}
        for path, text in files.items()
    ]
    return {
        "branch": {"repositoryNameWithOwner": REPO, "branchName": branch},
        "expectedHeadOid": expected,
        "message": {"headline": "Make x faster", "body": "It was slow."},
        "fileChanges": {"additions": additions},
    }


def commit(client: Client, branch: str, expected: str, files: dict[str, str]) -> str:
    """Commit as the app; gives the commit."""
    given = {"input": commit_input(branch, expected, files)}
    sha: str = client.graphql(COMMIT, given)["createCommitOnBranch"]["commit"]["oid"]
    return sha


def open_pull(
    fake: FakeGitHub, client: Client, branch: str = "ironclaw/x", text: str = "x = 2\n"
) -> tuple[int, str]:
    """A pull request of the app; gives its number and head."""
    head = fake.head(REPO)
    assert head
    client.rest.git.create_ref(OWNER, NAME, ref=f"refs/heads/{branch}", sha=head)
    sha = commit(client, branch, head, {"app.py": text})
    made = client.rest.pulls.create(
        OWNER, NAME, title="Make x faster", head=branch, base="main", body="It was slow."
    ).parsed_data
    return made.number, sha
