"""What the contract suite does with githubkit again and again."""

import base64
from collections.abc import Mapping
from typing import Any

import jwt
import requests
from githubkit import AppInstallationAuthStrategy, GitHub

from tests.fakes.github.fake import FakeGitHub

REPO = "octo/shop"
OWNER, NAME = "octo", "shop"

COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid signature { isValid } } }
}"""

Client = GitHub[AppInstallationAuthStrategy]


class Raw:
    """Plain HTTP with a token, for what no client would send or show."""

    def __init__(self, fake: FakeGitHub, session: requests.Session) -> None:
        self.fake = fake
        self.session = session
        self.token = ""

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: Any
    ) -> requests.Response:
        """Call a path below the API's base."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.session.request(
            method,
            self.fake.url + path,
            json=body or None,
            headers={**sent, **(headers or {})},
            timeout=10,
            allow_redirects=False,
        )

    def at(self, method: str, path: str, **body: Any) -> requests.Response:
        """Call a path below the repository."""
        return self.call(method, f"/repos/{REPO}{path}", **body)

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Ask GraphQL; gives the whole answer."""
        answer: dict[str, Any] = self.call(
            "POST", "/graphql", query=document, variables=variables
        ).json()
        return answer

    def mutate(self, name: str, fields: str, **given: Any) -> dict[str, Any]:
        """One mutation in its usual form; gives the whole answer."""
        kind = name[0].upper() + name[1:]
        text = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} }} }}"
        return self.ask(text, input=given)


def app_token(fake: FakeGitHub, *, now: float | None = None, **claims: Any) -> str:
    """A JWT of the app; `claims` replace the right ones."""
    at = int(fake.hub.now().timestamp() if now is None else now)
    right = {"iss": str(fake.app_id), "iat": at - 60, "exp": at + 540}
    return jwt.encode({**right, **claims}, fake.private_key, "RS256")


def installation_token(raw: Raw, **wanted: Any) -> str:
    """A token of the installation on the repository."""
    id = raw.fake.installation(REPO).id
    headers = {"Authorization": f"Bearer {app_token(raw.fake)}"}
    answer = raw.call("POST", f"/app/installations/{id}/access_tokens", headers=headers, **wanted)
    token: str = answer.json()["token"]
    return token


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
