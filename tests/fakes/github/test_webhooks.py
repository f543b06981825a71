"""Deliveries: signed, logged, sent again, and what can go wrong with them."""

import hashlib
import hmac
from datetime import timedelta

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Raw, app_token


class Intake:
    """A receiver that keeps what comes, and answers as it is told."""

    def __init__(self) -> None:
        self.status = 202
        self.came: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, headers: dict[str, str], body: bytes) -> int:
        self.came.append((headers, body))
        return self.status

    @property
    def guids(self) -> list[str]:
        return [headers["X-GitHub-Delivery"] for headers, _ in self.came]


@pytest.fixture
def intake(fake: FakeGitHub) -> Intake:
    fake.webhooks.flush()
    made = fake.webhooks.sink = Intake()
    return made


def test_a_delivery_is_signed_over_its_bytes(fake: FakeGitHub, intake: Intake) -> None:
    fake.open_issue(REPO, "Größer 🦀")
    fake.webhooks.flush()
    (headers, body), *_ = intake.came
    digest = hmac.new(fake.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert headers["X-GitHub-Event"] == "issues"
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(fake.app_id)


def test_nothing_is_sent_before_its_time(fake: FakeGitHub, intake: Intake) -> None:
    fake.open_issue(REPO, "One")
    assert intake.came == []
    assert fake.webhooks.flush() == 1
    assert fake.webhooks.flush() == 0


def as_app(raw: Raw, method: str, path: str) -> object:
    headers = {"Authorization": f"Bearer {app_token(raw.fake)}"}
    return raw.call(method, path, headers=headers).json()


def test_a_failed_delivery_is_sent_again_under_its_name(
    fake: FakeGitHub, raw: Raw, intake: Intake
) -> None:
    intake.status = 500
    fake.open_issue(REPO, "One")
    fake.webhooks.flush()
    failed = as_app(raw, "GET", "/app/hook/deliveries?status=failure")
    assert isinstance(failed, list)
    assert (failed[0]["status_code"], failed[0]["event"]) == (500, "issues")
    intake.status = 202
    as_app(raw, "POST", f"/app/hook/deliveries/{failed[0]['id']}/attempts")
    fake.webhooks.flush()
    assert len(intake.guids) == 2
    assert len(set(intake.guids)) == 1
    newest = as_app(raw, "GET", "/app/hook/deliveries?per_page=1")
    assert isinstance(newest, list)
    assert (newest[0]["redelivery"], newest[0]["status"]) == (True, "OK")
    assert newest[0]["guid"] == failed[0]["guid"] == intake.guids[0]


def test_the_log_is_read_by_cursor(fake: FakeGitHub, raw: Raw, intake: Intake) -> None:
    for number in range(7):
        fake.open_issue(REPO, f"Issue {number}")
    headers, seen = {"Authorization": f"Bearer {app_token(fake)}"}, []
    path = "/app/hook/deliveries?per_page=3"
    while path:
        answer = raw.call("GET", path, headers=headers)
        seen += [one["id"] for one in answer.json()]
        path = answer.links.get("next", {}).get("url", "").removeprefix(fake.url)
    assert seen == [one.id for one in fake.deliveries][::-1]


def test_the_log_goes_back_three_days(
    fake: FakeGitHub, raw: Raw, intake: Intake, clock: FixedClock
) -> None:
    fake.open_issue(REPO, "Old")
    clock.advance(timedelta(days=3, seconds=1))
    fake.open_issue(REPO, "New")
    listed = as_app(raw, "GET", "/app/hook/deliveries")
    assert isinstance(listed, list)
    assert len(listed) == 1


def test_bad_luck_with_deliveries(fake: FakeGitHub, intake: Intake) -> None:
    for kind in ("lost", "twice", "held", "dropped"):
        fake.webhooks.fault(kind, "issues", "opened")
        fake.open_issue(REPO, kind)
    fake.webhooks.flush()
    assert [b'"twice"' in body for _, body in intake.came] == [True, True]
    assert len(set(intake.guids)) == 1
    fake.webhooks.release()
    fake.webhooks.flush()
    assert b'"held"' in intake.came[-1][1]
    assert [one.ok for one in fake.deliveries if b'"lost"' in one.body] == [False]
    assert [one for one in fake.deliveries if b'"dropped"' in one.body] == []


def test_order_can_be_lost(fake: FakeGitHub, intake: Intake) -> None:
    for number in range(8):
        fake.open_issue(REPO, f"Issue {number}")
    before = [one.guid for one in fake.webhooks.waiting]
    fake.webhooks.shuffle(seed=1)
    fake.webhooks.flush()
    assert intake.guids != before
    assert sorted(intake.guids) == sorted(before)


def test_a_suspended_installation_is_told_nothing_more(fake: FakeGitHub, intake: Intake) -> None:
    fake.suspend_installation(REPO)
    fake.open_issue(REPO, "Unheard")
    fake.webhooks.flush()
    assert [headers["X-GitHub-Event"] for headers, _ in intake.came] == ["installation"]


def test_an_app_hears_only_of_its_own_checks_being_asked_for(
    fake: FakeGitHub, intake: Intake
) -> None:
    other = fake.make_app("other")
    fake.install(REPO, other)
    run = fake.report_check(REPO, fake.head(REPO) or "", "theirs", "failure", app=other)
    fake.webhooks.flush()
    intake.came.clear()
    fake.rerequest_check(REPO, run.id)
    fake.webhooks.flush()
    heard = [headers["X-GitHub-Hook-Installation-Target-ID"] for headers, _ in intake.came]
    assert heard == [str(other.id)]
