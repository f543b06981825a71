"""One whole story with githubkit: a pull request, merged, deployed and reverted."""

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import NAME, OWNER, REPO, Client, open_pull

REVERT = """mutation($input: RevertPullRequestInput!) {
  revertPullRequest(input: $input) { revertPullRequest { number headRefOid } }
}"""
CI = """name: CI
on: [pull_request]
jobs:
  tests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: grep -q 'x = 2' app.py
"""


def test_a_pull_request_is_merged_deployed_and_reverted(fake: FakeGitHub, client: Client) -> None:
    number, sha = open_pull(fake, client)
    client.rest.checks.create(OWNER, NAME, name="ironclaw", head_sha=sha)
    merged = client.rest.pulls.merge(OWNER, NAME, number, sha=sha).parsed_data
    assert fake.head(REPO) == merged.sha
    assert fake.files(REPO)["app.py"] == "x = 2\n"
    fake.deploy(REPO)
    deployed = client.rest.repos.list_deployments(OWNER, NAME).parsed_data
    assert [one.sha for one in deployed] == [merged.sha]
    id = client.rest.pulls.get(OWNER, NAME, number).parsed_data.node_id
    revert = client.graphql(REVERT, {"input": {"pullRequestId": id}})["revertPullRequest"]
    second = revert["revertPullRequest"]
    client.rest.pulls.merge(OWNER, NAME, second["number"], sha=second["headRefOid"])
    assert fake.files(REPO)["app.py"] == "x = 1\n"


def test_workflows_judge_exactly_the_commit_that_came(fake: FakeGitHub, client: Client) -> None:
    fake.push(REPO, "main", {".github/workflows/ci.yml": CI})
    _, good = open_pull(fake, client, "ironclaw/good")
    _, bad = open_pull(fake, client, "ironclaw/bad", "x = 3\n")
    assert fake.run_workflows() == 2
    for sha, expected in ((good, "success"), (bad, "failure")):
        listed = client.rest.checks.list_for_ref(OWNER, NAME, sha).parsed_data.check_runs
        apps = [(one.name, one.conclusion, one.app.slug if one.app else "") for one in listed]
        assert apps == [("tests", expected, "github-actions")]
    events = [(one.event, one.action) for one in fake.deliveries]
    assert events.count(("workflow_run", "completed")) == 2
