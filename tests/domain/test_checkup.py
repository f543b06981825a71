"""What readings mean, and that nothing unknown or unseen is ever taken for good."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import checkup
from bot.domain.backlog import SIGN_GOOD_FOR, Backlog, Waiting, WorkerSign
from bot.domain.checkup import Checked, Standing, exit_code, worst

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OK, WARNING, ERROR, NOT_CHECKED = Standing
LINES = st.lists(st.builds(Checked, st.text(), st.sampled_from(Standing), st.text()))
AGES = st.timedeltas(timedelta(0), timedelta(days=30))


def waiting(count: int, seconds: float) -> Waiting:
    return Waiting(count, NOW - timedelta(seconds=seconds))


def sign(executor: str, seconds: float, version: str = "1") -> WorkerSign:
    began = NOW - timedelta(days=1)
    return WorkerSign(executor, "here", 7, version, began, NOW - timedelta(seconds=seconds))


@given(LINES)
def test_an_error_and_nothing_else_makes_it_fail(found: list[Checked]) -> None:
    standings = {one.standing for one in found}
    assert exit_code(found) == int(ERROR in standings)
    assert (worst(found) is ERROR) == (ERROR in standings)
    assert (worst(found) is NOT_CHECKED) == (standings <= {NOT_CHECKED})


@given(AGES, AGES, st.integers(1, 9))
def test_who_waits_longer_is_never_better_off(first: timedelta, more: timedelta, n: int) -> None:
    order = [OK, WARNING, ERROR]
    for look, name in ((checkup.deliveries, ""), (checkup.jobs, "waiting")):
        places = []
        for age in (first, first + more):
            waits = Waiting(n, NOW - age)
            backlog = Backlog(jobs={name: waits}) if name else Backlog(received=waits)
            (found,) = look(backlog, NOW)
            assert (found.standing is OK) == (not found.remedy)
            places.append(order.index(found.standing))
        assert places == sorted(places)


@given(st.floats(-1e6, 1e6))
def test_a_clock_that_is_behind_is_as_wrong_as_one_ahead(seconds: float) -> None:
    found, other = (checkup.clock("clock", "its", one) for one in (seconds, -seconds))
    assert found == other
    assert (found.standing is OK) == (abs(seconds) <= 5)
    assert (found.standing is ERROR) == (abs(seconds) > 45)


@given(st.integers(0, 2**45), st.integers(0, 2**45))
def test_less_room_is_never_better(less: int, more: int) -> None:
    order = [ERROR, WARNING, OK]
    found = [checkup.free_space("disk", "/", free).standing for free in sorted((less, more))]
    assert order.index(found[0]) <= order.index(found[1])


@given(st.integers(0, 0o177777))
def test_a_file_that_others_read_is_told(mode: int) -> None:
    found = checkup.secret_file("file", "/x/.env", mode)
    assert (found.standing is OK) == (mode & 0o077 == 0)


class TestWorkers:
    def look(
        self, *signs: WorkerSign, held: dict[str, bool] | None = None, **more: Waiting
    ) -> list[Checked]:
        backlog = Backlog(workers=signs, **more)  # type: ignore[arg-type] # of one kind here
        return checkup.workers(backlog, NOW, held or {}, "1")

    def test_each_that_lives_has_its_line(self) -> None:
        found = self.look(sign("a", 1), sign("b", 59))
        assert [one.standing for one in found] == [OK, OK]
        assert "a (process 7 on here) works since 2026-03-01 09:00:00 UTC" in found[0].seen

    def test_one_that_has_not_signed_of_late_is_gone(self) -> None:
        (found,) = self.look(sign("a", SIGN_GOOD_FOR.total_seconds() + 1))
        assert found.standing is ERROR
        assert "heard of last at 2026-03-02 08:58:59 UTC" in found.seen

    def test_one_whose_lease_is_free_is_gone_however_fresh_its_sign(self) -> None:
        (found,) = self.look(sign("a", 0), held={"a": False})
        assert found.standing is ERROR
        (found,) = self.look(sign("a", 0), held={"a": True})
        assert found.standing is OK

    def test_none_is_an_error_where_there_is_something_to_do(self) -> None:
        assert self.look()[0].standing is WARNING
        assert self.look(received=waiting(1, 0))[0].standing is ERROR

    def test_one_of_another_version_is_told(self) -> None:
        (found,) = self.look(sign("a", 0, "0.9"))
        assert (found.standing, "version 0.9" in found.seen) == (WARNING, True)


def test_what_is_parked_has_a_line_of_its_own() -> None:
    backlog = Backlog(parked=waiting(3, 60), jobs={"parked": waiting(2, 60)})
    for look, words in ((checkup.deliveries, "3 are parked"), (checkup.jobs, "2 have failed")):
        first, second = look(backlog, NOW)
        assert (first.standing, second.standing) == (OK, WARNING)
        assert words in second.seen
        assert second.remedy


def test_a_job_that_runs_for_hours_is_told() -> None:
    (found,) = checkup.jobs(Backlog(jobs={"running": waiting(1, 4 * 3600)}), NOW)
    assert found.standing is WARNING


@pytest.mark.parametrize(
    ("present", "standing", "remedy"),
    [
        ("0002", OK, ""),
        ("0001", ERROR, "db upgrade"),
        (None, ERROR, "db upgrade"),
        ("0003", ERROR, "newer version"),
    ],
)
def test_a_database_of_another_version(present: str, standing: Standing, remedy: str) -> None:
    found = checkup.revision(present, "0002", {"0001", "0002"})
    assert found.standing is standing
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("lengths", "standing"), [([], ERROR), ([64], OK), ([64, 8], WARNING), ([64, 40], WARNING)]
)
def test_the_secret_of_the_webhook(lengths: list[int], standing: Standing) -> None:
    assert checkup.webhook_secret(lengths).standing is standing


@pytest.mark.parametrize(
    ("listed", "standing"), [(None, WARNING), (["a", "b"], OK), (["b"], WARNING), ([], WARNING)]
)
def test_models_that_the_server_does_not_list(listed: list[str], standing: Standing) -> None:
    assert checkup.models(["a"], listed).standing is standing


@given(st.integers(100, 599), st.dictionaries(st.text(), st.text(), max_size=2))
def test_only_readiness_itself_is_taken_for_ready(status: int, parts: dict[str, str]) -> None:
    found = checkup.readiness("https://x/readyz", status, parts)
    assert (found.standing is OK) == (status == 200 and bool(parts))


def test_an_old_python_and_a_misspelt_setting_are_told() -> None:
    assert checkup.python((3, 10, 9), "Linux").standing is ERROR
    assert checkup.python((3, 14, 0), "Linux").standing is OK
    found = checkup.settings({"PORT"}, 37, {"IRONCLAW_MODEL"})
    assert (found.standing, "IRONCLAW_MODEL" in found.seen) == (WARNING, True)
