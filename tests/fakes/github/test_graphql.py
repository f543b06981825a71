"""GraphQL: real documents, and the errors that come with status 200."""

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, Raw, commit_input, open_pull

COMMIT = ("createCommitOnBranch", "commit { oid signature { isValid wasSignedByGitHub } }")


def test_a_commit_is_made_on_the_expected_head_only(fake: FakeGitHub, raw: Raw) -> None:
    head = fake.head(REPO) or ""
    raw.at("POST", "/git/refs", ref="refs/heads/x", sha=head)
    first = raw.mutate(*COMMIT, **commit_input("x", head, {"app.py": "x = 2\n"}))
    assert first["data"]["createCommitOnBranch"]["commit"]["signature"]["isValid"] is True
    stale = raw.mutate(*COMMIT, **commit_input("x", head, {"app.py": "x = 3\n"}))
    assert stale["errors"][0]["type"] == "STALE_DATA"
    assert fake.files(REPO, "x")["app.py"] == "x = 2\n"


def test_a_commit_of_the_app_is_its_own_and_signed(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    _, sha = open_pull(fake, client)
    shown = raw.at("GET", f"/commits/{sha}").json()
    assert (shown["author"]["login"], shown["author"]["type"]) == (fake.bot, "Bot")
    assert shown["commit"]["verification"]["verified"] is True
    pushed = fake.push(REPO, "ironclaw/x", {"a": "1\n"})
    shown = raw.at("GET", f"/commits/{pushed}").json()
    assert (shown["author"]["login"], shown["commit"]["verification"]["verified"]) == ("ada", False)


def test_a_file_loses_its_mode(fake: FakeGitHub, raw: Raw) -> None:
    head = fake.head(REPO) or ""
    git = fake.repository(REPO).git
    blob = git.objects.write("blob", b"#!/bin/sh\n")
    entry = {"path": "run.sh", "mode": "100755", "type": "blob", "sha": blob}
    tree = raw.at("POST", "/git/trees", base_tree=head, tree=[entry]).json()["sha"]
    made = raw.at("POST", "/git/commits", message="m", tree=tree, parents=[head]).json()["sha"]
    raw.at("POST", "/git/refs", ref="refs/heads/x", sha=made)
    assert git.files(made)["run.sh"].mode == "100755"
    raw.mutate(*COMMIT, **commit_input("x", made, {"run.sh": "#!/bin/bash\n"}))
    assert git.files(fake.head(REPO, "x") or "")["run.sh"].mode == "100644"


def test_workflows_are_out_of_reach(fake: FakeGitHub, raw: Raw) -> None:
    head = fake.head(REPO) or ""
    raw.at("POST", "/git/refs", ref="refs/heads/x", sha=head)
    given = commit_input("x", head, {".github/workflows/evil.yml": "on: push\n"})
    refused = raw.mutate(*COMMIT, **given)
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    assert "workflows" in refused["errors"][0]["message"]
    assert fake.head(REPO, "x") == head


def test_what_is_not_in_the_schema_is_refused(raw: Raw) -> None:
    answer = raw.ask("{ viewer { salary } }")
    assert "data" not in answer
    assert "salary" in answer["errors"][0]["message"]
    assert raw.ask("{ viewer {")["errors"]


def test_a_list_wants_to_know_how_much_of_it(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    for text in ("one", "two", "three"):
        fake.comment(REPO, number, "ada", text)
    query = """query($n: Int!, $after: String) { repository(owner: "octo", name: "shop") {
      pullRequest(number: $n) { comments(first: 2, after: $after) {
        nodes { body } pageInfo { hasNextPage endCursor } } } } }"""
    first = raw.ask(query, n=number)["data"]["repository"]["pullRequest"]["comments"]
    assert [one["body"] for one in first["nodes"]] == ["one", "two"]
    cursor = first["pageInfo"]["endCursor"]
    rest = raw.ask(query, n=number, after=cursor)["data"]["repository"]["pullRequest"]["comments"]
    assert [one["body"] for one in rest["nodes"]] == ["three"]
    without = raw.ask(query.replace("first: 2, ", ""), n=number)
    assert without["errors"][0]["type"] == "MISSING_PAGINATION_BOUNDARIES"


def test_who_changed_a_text_is_known(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    query = """query($n: Int!) { repository(owner: "octo", name: "shop") {
      pullRequest(number: $n) { lastEditedAt editor { login } author { login __typename } } } }"""
    shown = raw.ask(query, n=number)["data"]["repository"]["pullRequest"]
    assert (shown["lastEditedAt"], shown["editor"]) == (None, None)
    assert shown["author"] == {"login": "ironclaw", "__typename": "Bot"}
    fake.edit(REPO, number, login="mallory", body="Mine now")
    shown = raw.ask(query, n=number)["data"]["repository"]["pullRequest"]
    assert (shown["lastEditedAt"], shown["editor"]["login"]) == ("2026-03-02T09:00:00Z", "mallory")


def test_a_node_is_found_by_its_id(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    id = raw.at("GET", f"/pulls/{number}").json()["node_id"]
    query = (
        "query($id: ID!) { node(id: $id) { id ... on PullRequest { number mergeStateStatus } } }"
    )
    shown = raw.ask(query, id=id)["data"]["node"]
    assert (shown["id"], shown["number"]) == (id, number)
    assert raw.ask(query, id="nonsense")["errors"][0]["type"] == "NOT_FOUND"


def test_a_comment_is_added_and_hidden(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    subject = raw.at("GET", f"/pulls/{number}").json()["node_id"]
    fields = "commentEdge { node { id isMinimized } }"
    made = raw.mutate("addComment", fields, subjectId=subject, body="Old news")
    id = made["data"]["addComment"]["commentEdge"]["node"]["id"]
    hidden = raw.mutate(
        "minimizeComment",
        "minimizedComment { isMinimized minimizedReason }",
        subjectId=id,
        classifier="OUTDATED",
    )
    shown = hidden["data"]["minimizeComment"]["minimizedComment"]
    assert shown == {"isMinimized": True, "minimizedReason": "outdated"}


def test_permissions_hold_here_too(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    id = raw.at("GET", f"/pulls/{number}").json()["node_id"]
    fake.grant(REPO, pull_requests="read")
    refused = raw.mutate("convertPullRequestToDraft", "pullRequest { id }", pullRequestId=id)
    assert refused["errors"][0]["type"] == "FORBIDDEN"
