"""A walk over every route of the fake: each is called, and most are called wrongly once too."""

from typing import Any

import requests

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, commit_input

CI = """name: CI
on: [push, pull_request, merge_group]
jobs:
  tests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: test -f app.py
      - uses: actions/upload-artifact@v7
        with: {name: report, path: app.py}
"""
PULL = """id databaseId number title body state isDraft merged url createdAt updatedAt mergedAt
headRefName headRefOid baseRefName baseRefOid mergeable mergeStateStatus reviewDecision
isInMergeQueue isMergeQueueEnabled author { login } editor { login } lastEditedAt
mergeCommit { oid message author { name user { login } } signature { isValid } }
mergeQueueEntry { id position state headCommit { oid } }
autoMergeRequest { mergeMethod enabledAt enabledBy { login } }
labels(first: 10) { nodes { name } }
comments(first: 10) { totalCount nodes { id databaseId body isMinimized author { login } } }
reviews(last: 10) { nodes { state author { login } } }
commits(first: 10) { nodes { commit { oid } } pageInfo { hasNextPage endCursor } }"""


class Tour:
    """One traveller, who is the app or its installation."""

    def __init__(self, fake: FakeGitHub, session: requests.Session) -> None:
        self.fake = fake
        self._session = session
        self.token = ""

    def be(self, token: str) -> None:
        self.token = token

    def sent_to(self, path: str) -> str:
        """Where a browser is sent that opens this path."""
        answer = self._session.get(self.fake.url + path, allow_redirects=False, timeout=10)
        return answer.headers["Location"]

    def call(self, method: str, path: str, **body: Any) -> Any:
        """Call a path; gives the answer's JSON, None where there is none."""
        answer = self._session.request(
            method,
            self.fake.url + path,
            json=body or None,
            headers={
                **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
                "X-GitHub-Api-Version": "2022-11-28",
            },
            timeout=10,
        )
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None

    def at(self, method: str, path: str, **body: Any) -> Any:
        """Call a path of the repository."""
        return self.call(method, f"/repos/{REPO}{path}", **body)

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Ask GraphQL; gives the data."""
        answer = self.call("POST", "/graphql", query=document, variables=variables)
        found: dict[str, Any] = answer.get("data") or {}
        return found

    def mutate(self, name: str, fields: str, **given: Any) -> Any:
        """One mutation, as its usual document."""
        kind = name[0].upper() + name[1:]
        text = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} }} }}"
        return self.ask(text, input=given).get(name)

    def commit(self, branch: str, files: dict[str, str]) -> str:
        """A commit of the app on a branch of its own."""
        head = self.fake.head(REPO) or ""
        self.at("POST", "/git/refs", ref=f"refs/heads/{branch}", sha=head)
        done = self.mutate(
            "createCommitOnBranch", "commit { oid url }", **commit_input(branch, head, files)
        )
        sha: str = done["commit"]["oid"]
        return sha
