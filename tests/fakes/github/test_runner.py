"""Workflows: which run, on what, and what is said of them."""

import pytest

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, open_pull

WORKFLOW = """name: CI
on:
  push:
    branches: [main]
  {event}:
jobs:
  build:
    runs-on: ubuntu-latest
    env: {{GREETING: hello}}
    steps:
      - uses: actions/checkout@v5
      - name: Say hello
        run: |
          echo "$GREETING $GITHUB_SHA"
          {command}
  after:
    needs: build
    runs-on: ubuntu-latest
    steps: [{{run: "test -f app.py"}}]
"""


def add_workflow(fake: FakeGitHub, command: str, event: str = "pull_request") -> None:
    text = WORKFLOW.format(command=command, event=event)
    fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    fake.hub.jobs.clear()


def results(fake: FakeGitHub, sha: str) -> dict[str, str | None]:
    runs = fake.repository(REPO).runs.values()
    return {run.name: run.conclusion for run in runs if run.sha == sha}


@pytest.mark.parametrize(
    ("command", "build", "after"),
    [("true", "success", "success"), ("false", "failure", "skipped")],
)
def test_a_job_waits_for_those_that_it_needs(
    fake: FakeGitHub, client: Client, command: str, build: str, after: str
) -> None:
    add_workflow(fake, command)
    _, sha = open_pull(fake, client)
    assert fake.run_workflows() == 1
    assert results(fake, sha) == {"build": build, "after": after}
    runs = [run for run in fake.repository(REPO).runs.values() if run.name == "build"]
    assert f"hello {sha}" in runs[0].output["summary"]


def test_nothing_runs_twice(fake: FakeGitHub, client: Client) -> None:
    add_workflow(fake, "true")
    open_pull(fake, client)
    assert fake.run_workflows() == 1
    assert fake.run_workflows() == 0


def test_a_push_to_another_branch_starts_nothing(fake: FakeGitHub) -> None:
    add_workflow(fake, "true")
    fake.push(REPO, "feature", {"a.txt": "a\n"})
    assert fake.run_workflows() == 0
    fake.push(REPO, "main", {"a.txt": "a\n"})
    assert fake.run_workflows() == 1


def test_a_new_head_is_run_again(fake: FakeGitHub, client: Client) -> None:
    add_workflow(fake, "grep -q 'x = 2' app.py")
    _, first = open_pull(fake, client)
    second = fake.push(REPO, "ironclaw/x", {"app.py": "x = 5\n"})
    assert fake.run_workflows() == 2
    assert [results(fake, sha)["build"] for sha in (first, second)] == ["success", "failure"]


def test_the_merge_queue_runs_them(fake: FakeGitHub, client: Client) -> None:
    add_workflow(fake, "true", "merge_group")
    number, sha = open_pull(fake, client)
    fake.set_required_checks(REPO, "build", merge_queue=True)
    fake.report_check(REPO, sha, "build", "success")
    id = client.rest.pulls.get("octo", "shop", number).parsed_data.node_id
    enqueue = "enqueuePullRequest(input: {pullRequestId: $id}) { clientMutationId }"
    client.graphql(f"mutation($id: ID!) {{ {enqueue} }}", {"id": id})
    assert fake.run_workflows() >= 1
    assert fake.files(REPO)["app.py"] == "x = 2\n"


def test_a_broken_file_fails(fake: FakeGitHub) -> None:
    fake.push(REPO, "main", {".github/workflows/ci.yml": "on: push\njobs: [\n"})
    fake.run_workflows()
    assert [run.conclusion for run in fake.repository(REPO).workflow_runs] == ["failure"]


def test_a_strange_action_fails(fake: FakeGitHub) -> None:
    text = "on: push\njobs: {build: {steps: [{uses: evil/action@v1}]}}\n"
    sha = fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    fake.run_workflows()
    assert results(fake, sha) == {"build": "failure"}


def test_a_step_sees_no_secret_of_ours(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "hush")
    text = "on: push\njobs: {build: {steps: [{run: 'test -z \"$GITHUB_WEBHOOK_SECRET\"'}]}}\n"
    sha = fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    fake.run_workflows()
    assert results(fake, sha) == {"build": "success"}
