"""When a job that failed is tried again."""

from datetime import timedelta

from bot.adapters.engine.jobs import pause_after
from bot.ports import HostBusyError, HostError
from tests.fakes.clock import START


def test_a_job_waits_as_planned() -> None:
    assert pause_after(HostError("it is down"), 30, START) == 30


def test_a_job_is_not_tried_again_before_the_host_lets_us() -> None:
    error = HostBusyError(START + timedelta(hours=1), "the limit is used up")
    assert pause_after(error, 30, START) == 3600


def test_a_limit_that_is_over_makes_no_job_hurry() -> None:
    assert pause_after(HostBusyError(START, "it is over"), 30, START + timedelta(hours=1)) == 30
