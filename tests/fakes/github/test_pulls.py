"""Pull requests: what can be merged, how, and what happens to them beside that."""

import pytest

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, Raw, commit, open_pull


def test_mergeability_is_found_out_after_the_first_look(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    number, _ = open_pull(fake, client)
    fake.push(REPO, "main", {"lib/other.py": "a = 2\n"})
    looks = [raw.at("GET", f"/pulls/{number}").json() for _ in range(2)]
    shown = [(one["mergeable"], one["mergeable_state"]) for one in looks]
    assert shown == [(None, "unknown"), (True, "clean")]
    fake.push(REPO, "main", {"app.py": "x = 9\n"})
    looks = [raw.at("GET", f"/pulls/{number}").json() for _ in range(2)]
    assert [one["mergeable_state"] for one in looks] == ["unknown", "dirty"]


def test_another_head_is_not_merged(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, sha = open_pull(fake, client)
    fake.push(REPO, "ironclaw/x", {"app.py": "x = 4\n"})
    before = fake.head(REPO)
    answer = raw.at("PUT", f"/pulls/{number}/merge", sha=sha)
    assert (answer.status_code, fake.head(REPO)) == (409, before)


def test_a_conflict_is_not_merged(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, sha = open_pull(fake, client)
    fake.push(REPO, "main", {"app.py": "x = 9\n"})
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 405


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_each_method_brings_the_change(
    fake: FakeGitHub, client: Client, raw: Raw, method: str, parents: int
) -> None:
    number, sha = open_pull(fake, client)
    sha = commit(client, "ironclaw/x", sha, {"lib/other.py": "a = 5\n"})
    fake.push(REPO, "main", {"new.txt": "n\n"})
    done = raw.at("PUT", f"/pulls/{number}/merge", sha=sha, merge_method=method).json()
    made = fake.repository(REPO).git.commit(done["sha"])
    assert made
    assert (len(made.parents), fake.head(REPO)) == (parents, done["sha"])
    assert fake.files(REPO) == {"app.py": "x = 2\n", "lib/other.py": "a = 5\n", "new.txt": "n\n"}
    back = raw.mutate(
        "revertPullRequest",
        "revertPullRequest { number headRefOid }",
        pullRequestId=raw.at("GET", f"/pulls/{number}").json()["node_id"],
    )["data"]["revertPullRequest"]["revertPullRequest"]
    raw.at("PUT", f"/pulls/{back['number']}/merge", sha=back["headRefOid"])
    assert fake.files(REPO) == {"app.py": "x = 1\n", "lib/other.py": "a = 1\n", "new.txt": "n\n"}


def test_a_method_can_be_forbidden(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    fake.repository(REPO).methods = {"squash"}
    assert raw.at("PUT", f"/pulls/{number}/merge").status_code == 405
    done = raw.at("PUT", f"/pulls/{number}/merge", merge_method="squash")
    assert done.status_code == 200


def test_required_checks_hold_the_merge_until_their_app_has_passed_them(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    number, sha = open_pull(fake, client)
    fake.set_required_checks(REPO, ("tests", fake.hub.actions.id))
    impostor = fake.make_app("impostor")
    fake.report_check(REPO, sha, "tests", "success", app=impostor)
    fake.report_status(REPO, sha, "tests", "success")
    refused = raw.at("PUT", f"/pulls/{number}/merge", sha=sha)
    assert (refused.status_code, "tests" in refused.json()["message"]) == (405, True)
    fake.report_check(REPO, sha, "tests", "failure")
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 405
    fake.report_check(REPO, sha, "tests", "success")
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 200


def test_required_reviews_hold_the_merge(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, sha = open_pull(fake, client)
    fake.set_required_checks(REPO, approvals=1)
    fake.review(REPO, number, "ada", "CHANGES_REQUESTED")
    fake.review(REPO, number, "bob", "APPROVED")
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 405
    fake.review(REPO, number, "ada", "APPROVED")
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 200


def test_a_strict_rule_wants_the_branch_up_to_date(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    number, sha = open_pull(fake, client)
    fake.set_required_checks(REPO, strict=True)
    fake.push(REPO, "main", {"new.txt": "n\n"})
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 405
    assert raw.at("PUT", f"/pulls/{number}/update-branch").status_code == 202
    head = fake.head(REPO, "ironclaw/x")
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=head).status_code == 200


def test_one_branch_has_one_open_pull_request(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    open_pull(fake, client)
    given = {"title": "Again", "head": "ironclaw/x", "base": "main"}
    answer = raw.at("POST", "/pulls", **given)
    assert answer.status_code == 422
    assert "already exists" in answer.json()["errors"][0]["message"]
    given = {"title": "Nothing", "head": "main", "base": "ironclaw/x"}
    assert "No commits" in raw.at("POST", "/pulls", **given).json()["errors"][0]["message"]


def test_a_deleted_branch_closes_it(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, _ = open_pull(fake, client)
    fake.delete_branch(REPO, "ironclaw/x")
    shown = raw.at("GET", f"/pulls/{number}").json()
    assert (shown["state"], shown["merged"]) == ("closed", False)


def test_a_head_that_the_base_has_got_is_merged(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, sha = open_pull(fake, client)
    fake.reset_branch(REPO, "main", sha)
    shown = raw.at("GET", f"/pulls/{number}").json()
    assert (shown["merged"], shown["merge_commit_sha"]) == (True, sha)


def test_it_cannot_be_reverted_when_later_changes_are_in_the_way(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    number, sha = open_pull(fake, client)
    id = raw.at("GET", f"/pulls/{number}").json()["node_id"]
    revert = ("revertPullRequest", "revertPullRequest { number }")
    assert raw.mutate(*revert, pullRequestId=id)["errors"][0]["type"] == "UNPROCESSABLE"
    raw.at("PUT", f"/pulls/{number}/merge", sha=sha)
    fake.push(REPO, "main", {"app.py": "x = 8\n"})
    assert raw.mutate(*revert, pullRequestId=id)["errors"][0]["type"] == "UNPROCESSABLE"
    assert len(fake.repository(REPO).pulls()) == 1


def test_what_a_person_has_undone_is_not_reverted(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    number, sha = open_pull(fake, client)
    id = raw.at("GET", f"/pulls/{number}").json()["node_id"]
    raw.at("PUT", f"/pulls/{number}/merge", sha=sha)
    fake.push(REPO, "main", {"app.py": "x = 1\n"})
    answer = raw.mutate("revertPullRequest", "revertPullRequest { number }", pullRequestId=id)
    assert answer["errors"][0]["type"] == "UNPROCESSABLE"
    assert list(fake.repository(REPO).git.branches()) == ["ironclaw/x", "main"]


def test_texts_have_limits(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    number, sha = open_pull(fake, client)
    fits, over = "x" * 65_536, "x" * 65_537
    assert raw.at("PATCH", f"/pulls/{number}", body=fits).status_code == 200
    assert raw.at("PATCH", f"/pulls/{number}", body=over).status_code == 422
    assert raw.at("POST", f"/issues/{number}/comments", body=over).status_code == 422
    note = {
        "path": "app.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "notice",
        "message": "here",
    }

    def check(**output: object) -> int:
        whole = {"title": "t", "summary": "s", **output}
        return raw.at("POST", "/check-runs", name="ours", head_sha=sha, output=whole).status_code

    assert [check(summary="x" * 65_535), check(summary="x" * 65_536)] == [201, 422]
    assert [check(annotations=[note] * 50), check(annotations=[note] * 51)] == [201, 422]


def test_annotations_are_added_to_those_that_are_there(
    fake: FakeGitHub, client: Client, raw: Raw
) -> None:
    _, sha = open_pull(fake, client)
    run = fake.report_check(REPO, sha, "ours", None, app=fake.app)
    note = {"path": "app.py", "start_line": 1, "end_line": 1}
    note |= {"annotation_level": "notice", "message": "here"}
    for _ in range(2):
        output = {"title": "t", "summary": "s", "annotations": [note]}
        raw.at("PATCH", f"/check-runs/{run.id}", output=output)
    assert raw.at("GET", f"/check-runs/{run.id}").json()["output"]["annotations_count"] == 2
    assert len(raw.at("GET", f"/check-runs/{run.id}/annotations").json()) == 2


def test_only_its_own_app_changes_a_check(fake: FakeGitHub, client: Client, raw: Raw) -> None:
    _, sha = open_pull(fake, client)
    run = fake.report_check(REPO, sha, "tests", "failure")
    given = {"status": "completed", "conclusion": "success"}
    assert raw.at("PATCH", f"/check-runs/{run.id}", **given).status_code == 403
