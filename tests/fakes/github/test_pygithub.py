"""PyGithub, an independent client, does the same story and understands every answer."""

import pytest
from github import Github, GithubException, GithubIntegration, InputGitTreeElement
from github.Auth import AppAuth

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO


def test_it_finds_the_installation(fake: FakeGitHub, pygithub: Github) -> None:
    auth = AppAuth(fake.app_id, fake.private_key)
    with GithubIntegration(auth=auth, base_url=fake.url, retry=None) as integration:
        found = integration.get_repo_installation("octo", "shop")
        assert found.id == fake.installation(REPO).id
        assert [one.id for one in integration.get_installations()] == [found.id]
        assert integration.get_app().slug == "ironclaw"


def test_it_opens_checks_and_merges_a_pull_request(fake: FakeGitHub, pygithub: Github) -> None:
    repo = pygithub.get_repo(REPO)
    head = repo.get_branch("main").commit
    repo.create_git_ref("refs/heads/ironclaw/x", head.sha)
    blob = repo.create_git_blob("x = 2\n", "utf-8")
    entry = InputGitTreeElement("app.py", "100644", "blob", sha=blob.sha)
    tree = repo.create_git_tree([entry], repo.get_git_tree(head.sha))
    commit = repo.create_git_commit("Faster", tree, [repo.get_git_commit(head.sha)])
    repo.get_git_ref("heads/ironclaw/x").edit(commit.sha)
    pull = repo.create_pull(base="main", head="ironclaw/x", title="Faster", body="It was slow.")
    assert (pull.head.sha, pull.user.login) == (commit.sha, fake.bot)
    assert not pull.mergeable
    assert repo.get_pull(pull.number).mergeable is True
    repo.create_check_run("ironclaw", pull.head.sha, status="completed", conclusion="success")
    runs = list(repo.get_commit(pull.head.sha).get_check_runs(check_name="ironclaw"))
    assert [(run.conclusion, run.app.id) for run in runs] == [("success", fake.app_id)]
    fake.review(REPO, pull.number, "bob")
    assert [(one.user.login, one.state) for one in pull.get_reviews()] == [("bob", "APPROVED")]
    assert [file.filename for file in pull.get_files()] == ["app.py"]
    assert [one.sha for one in pull.get_commits()] == [pull.head.sha]
    merged = pull.merge(sha=pull.head.sha)
    assert merged.merged
    assert repo.get_branch("main").commit.sha == merged.sha
    assert repo.compare(head.sha, merged.sha).status == "ahead"
    assert fake.files(REPO)["app.py"] == "x = 2\n"


def test_it_talks(fake: FakeGitHub, pygithub: Github) -> None:
    repo = pygithub.get_repo(REPO)
    issue = repo.create_issue("Dashboard", "- [ ] one", labels=["ironclaw"])
    comment = issue.create_comment("Hello")
    comment.edit("Hello again")
    fake.comment(REPO, issue.number, "ada", "Hi")
    assert [one.body for one in issue.get_comments()] == ["Hello again", "Hi"]
    assert comment.create_reaction("eyes").content == "eyes"
    fake.react(REPO, issue.number, "ada", "+1")
    assert [one.content for one in issue.get_reactions()] == ["+1"]
    issue.add_to_labels("hold")
    issue.remove_from_labels("ironclaw")
    assert [one.name for one in issue.get_labels()] == ["hold"]
    issue.edit(state="closed")
    assert [one.number for one in repo.get_issues(state="closed", creator=issue.user)] == [1]


def test_it_reads_deployments_and_permissions(fake: FakeGitHub, pygithub: Github) -> None:
    repo = pygithub.get_repo(REPO)
    fake.deploy(REPO, state="failure", description="no room left")
    statuses = list(repo.get_deployments()[0].get_statuses())
    assert [(one.state, one.description) for one in statuses] == [("failure", "no room left")]
    fake.set_permission(REPO, "bob", "maintain")
    assert repo.get_collaborator_permission("bob") == "write"
    assert repo.get_collaborator_permission("ada") == "admin"


def test_it_reads_trees_and_blobs(fake: FakeGitHub, pygithub: Github) -> None:
    repo = pygithub.get_repo(REPO)
    tree = repo.get_git_tree("main", recursive=True)
    assert [one.path for one in tree.tree] == ["app.py", "lib", "lib/other.py"]
    blob = repo.get_git_blob(tree.tree[0].sha)
    assert (blob.size, blob.encoding) == (6, "base64")


def test_it_is_told_what_is_wrong(pygithub: Github) -> None:
    repo = pygithub.get_repo(REPO)
    with pytest.raises(GithubException) as raised:
        repo.create_issue("Long", "x" * 65_537)
    assert raised.value.status == 422
    assert "65536" in raised.value.data["errors"][0]["message"]


def test_it_pages_through_long_lists(fake: FakeGitHub, pygithub: Github) -> None:
    for number in range(65):
        fake.open_issue(REPO, f"Issue {number}")
    listed = pygithub.get_repo(REPO).get_issues(sort="created", direction="asc")
    assert listed.totalCount == 65
    assert [one.number for one in listed] == list(range(1, 66))
