"""Auto-merge and the merge queue."""

from typing import Any

import pytest

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, Raw, open_pull

Pull = tuple[int, str, str]


@pytest.fixture
def pull(fake: FakeGitHub, client: Client, raw: Raw) -> Pull:
    """Number, head and GraphQL id."""
    number, sha = open_pull(fake, client)
    id: str = raw.at("GET", f"/pulls/{number}").json()["node_id"]
    return number, sha, id


def enable(raw: Raw, id: str, **more: Any) -> str:
    """Ask for auto-merge; gives the error's text, empty if there is none."""
    fields = "pullRequest { autoMergeRequest { mergeMethod } }"
    answer = raw.mutate("enablePullRequestAutoMerge", fields, pullRequestId=id, **more)
    return answer["errors"][0]["message"] if "errors" in answer else ""


def enqueue(raw: Raw, id: str) -> dict[str, Any]:
    fields = "mergeQueueEntry { id position state }"
    return raw.mutate("enqueuePullRequest", fields, pullRequestId=id)


def test_auto_merge_says_why_it_is_of_no_use(fake: FakeGitHub, raw: Raw, pull: Pull) -> None:
    _, sha, id = pull
    assert "not allowed" in enable(raw, id)
    fake.repository(REPO).allow_auto_merge = True
    assert enable(raw, id) == "Protected branch rules not configured for this branch"
    fake.set_required_checks(REPO, "tests")
    fake.report_check(REPO, sha, "tests", "success")
    assert enable(raw, id) == "Pull request is in clean status"
    fake.report_check(REPO, sha, "lint", "failure")
    assert enable(raw, id) == "Pull request is in unstable status"
    assert enable(raw, id, expectedHeadOid="0" * 40) == "Head sha didn't match expected OID"


def test_auto_merge_merges_when_everything_has_passed(
    fake: FakeGitHub, raw: Raw, pull: Pull
) -> None:
    number, sha, id = pull
    fake.repository(REPO).allow_auto_merge = True
    fake.set_required_checks(REPO, "tests")
    assert enable(raw, id, mergeMethod="SQUASH") == ""
    assert raw.at("GET", f"/pulls/{number}").json()["auto_merge"]["merge_method"] == "squash"
    fake.report_check(REPO, sha, "tests", "failure")
    assert fake.pull(REPO, number).state == "open"
    fake.report_check(REPO, sha, "tests", "success")
    shown = raw.at("GET", f"/pulls/{number}").json()
    assert (shown["merged"], shown["merged_by"]["login"]) == (True, fake.bot)


def test_auto_merge_can_be_switched_off(fake: FakeGitHub, raw: Raw, pull: Pull) -> None:
    number, sha, id = pull
    fake.repository(REPO).allow_auto_merge = True
    fake.set_required_checks(REPO, "tests")
    enable(raw, id)
    raw.mutate("disablePullRequestAutoMerge", "pullRequest { id }", pullRequestId=id)
    fake.report_check(REPO, sha, "tests", "success")
    assert fake.pull(REPO, number).state == "open"


def test_a_push_of_somebody_without_write_access_ends_auto_merge(
    fake: FakeGitHub, raw: Raw, pull: Pull
) -> None:
    number, _, id = pull
    fake.repository(REPO).allow_auto_merge = True
    fake.set_required_checks(REPO, "tests")
    enable(raw, id)
    fake.push(REPO, "ironclaw/x", {"evil.py": "e\n"}, author="mallory")
    assert raw.at("GET", f"/pulls/{number}").json()["auto_merge"] is None


def test_there_is_no_queue_where_there_is_none(raw: Raw, pull: Pull) -> None:
    assert enqueue(raw, pull[2])["errors"][0]["type"] == "UNPROCESSABLE"


def test_the_queue_merges_what_passes_on_its_own_branch(
    fake: FakeGitHub, raw: Raw, pull: Pull
) -> None:
    number, sha, id = pull
    fake.set_required_checks(REPO, "tests", merge_queue=True)
    fake.report_check(REPO, sha, "tests", "success")
    assert raw.at("PUT", f"/pulls/{number}/merge", sha=sha).status_code == 405
    entry = enqueue(raw, id)["data"]["enqueuePullRequest"]["mergeQueueEntry"]
    assert (entry["position"], entry["state"]) == (1, "AWAITING_CHECKS")
    group = next(one for one in fake.deliveries if one.event == "merge_group").payload
    head = group["merge_group"]["head_sha"]
    assert group["action"] == "checks_requested"
    assert group["merge_group"]["head_ref"].startswith("refs/heads/gh-readonly-queue/main/pr-1-")
    assert fake.pull(REPO, number).state == "open"
    fake.report_check(REPO, head, "tests", "success")
    assert raw.at("GET", f"/pulls/{number}").json()["merge_commit_sha"] == head == fake.head(REPO)
    assert [name for name in fake.repository(REPO).git.branches() if "queue" in name] == []


def test_the_queue_throws_out_what_fails_there(fake: FakeGitHub, raw: Raw, pull: Pull) -> None:
    number, sha, id = pull
    fake.set_required_checks(REPO, "tests", merge_queue=True)
    fake.report_check(REPO, sha, "tests", "success")
    enqueue(raw, id)
    head = fake.repository(REPO).queue[0].pull
    assert head
    assert head.queue_entry
    fake.report_check(REPO, head.queue_entry.sha, "tests", "failure")
    assert fake.pull(REPO, number).state == "open"
    assert fake.repository(REPO).queue == []


def test_the_queue_builds_again_when_the_base_has_moved(
    fake: FakeGitHub, raw: Raw, pull: Pull
) -> None:
    number, sha, id = pull
    fake.set_required_checks(REPO, "tests", merge_queue=True)
    fake.report_check(REPO, sha, "tests", "success")
    enqueue(raw, id)
    mine = fake.pull(REPO, number).pull
    assert mine
    assert mine.queue_entry
    first = mine.queue_entry.sha
    fake.push(REPO, "main", {"new.txt": "n\n"})
    fake.report_check(REPO, first, "tests", "success")
    assert fake.pull(REPO, number).state == "open"
    assert mine.queue_entry.sha != first
    fake.report_check(REPO, mine.queue_entry.sha, "tests", "success")
    assert fake.files(REPO) == {"app.py": "x = 2\n", "lib/other.py": "a = 1\n", "new.txt": "n\n"}


def test_one_leaves_the_queue(fake: FakeGitHub, raw: Raw, pull: Pull) -> None:
    number, sha, id = pull
    fake.set_required_checks(REPO, "tests", merge_queue=True)
    fake.report_check(REPO, sha, "tests", "success")
    enqueue(raw, id)
    raw.mutate("dequeuePullRequest", "mergeQueueEntry { id }", id=id)
    assert fake.repository(REPO).queue == []
    assert fake.pull(REPO, number).state == "open"
