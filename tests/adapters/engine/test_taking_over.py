"""Workers that die, stand still or are told to stop: every job is done all the same."""

import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from bot.adapters.engine.worker import LEASE_LOST
from tests.adapters.engine.inside import deliver, jobs
from tests.adapters.engine.processes import eventually, workers


def all_done(url: str) -> bool:
    return set(jobs(url).values()) == {"SUCCESS"}


def hand_out(url: str, count: int) -> list[str]:
    deliver(url, *((f"d-{n}", "push", f"team/{n}".encode()) for n in range(count)))
    return [f"team/{number}" for number in range(count)]


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_security_32_one_of_three_workers_is_gone_and_the_others_do_its_jobs(
    postgresql_url: str, tmp_path: Path, way: signal.Signals
) -> None:
    with workers(postgresql_url, tmp_path) as running:
        three = [running.start("hold") for _ in range(3)]
        wanted = hand_out(postgresql_url, 12)
        eventually(lambda: len(running.begun()) == 12)
        lost = three[0]
        assert running.pids("begun").count(lost.pid) > 0
        lost.send_signal(way)
        running.let_go()
        eventually(lambda: all_done(postgresql_url))
        assert set(running.done()) == set(wanted)
        assert lost.pid not in running.pids("done")
        if way is signal.SIGSTOP:
            # Awake again it finds its lease gone, and ends before it does what it was about to do.
            lost.send_signal(signal.SIGCONT)
            assert lost.wait() == LEASE_LOST
            assert lost.pid not in running.pids("done")


def test_on_one_file_the_next_worker_does_what_the_last_left(
    sqlite_url: str, tmp_path: Path
) -> None:
    with workers(sqlite_url, tmp_path) as running:
        first = running.start("hold")
        wanted = hand_out(sqlite_url, 3)
        eventually(lambda: len(running.begun()) == 3)
        first.kill()
        first.wait()
        running.start("note")
        eventually(lambda: all_done(sqlite_url))
    assert Counter(running.done()) == Counter(wanted)


def test_one_file_takes_one_worker(sqlite_url: str, tmp_path: Path) -> None:
    with workers(sqlite_url, tmp_path) as running:
        first = running.start()
        with pytest.raises(AssertionError, match="another Ironclaw works on"):
            running.start()
        first.kill()
        first.wait()
        running.start()


def test_security_34_at_a_polite_stop_jobs_that_end_soon_are_finished(
    database_url: str, tmp_path: Path
) -> None:
    with workers(database_url, tmp_path) as running:
        worker = running.start("hold")
        wanted = hand_out(database_url, 2)
        eventually(lambda: len(running.begun()) == 2)
        worker.send_signal(signal.SIGTERM)
        running.let_go()
        _, errors = worker.communicate()
        assert worker.returncode == 0, errors
        assert sorted(running.done()) == sorted(wanted)
    assert all_done(database_url)


def test_security_34_at_a_polite_stop_jobs_that_do_not_end_are_handed_back(
    database_url: str, tmp_path: Path
) -> None:
    with workers(database_url, tmp_path) as running:
        worker = running.start("hold")
        wanted = hand_out(database_url, 2)
        eventually(lambda: len(running.begun()) == 2)
        worker.send_signal(signal.SIGTERM)
        _, errors = worker.communicate()
        assert worker.returncode == 0, errors
        assert running.done() == []
        assert set(jobs(database_url).values()) == {"ENQUEUED"}
        running.start("note")
        eventually(lambda: all_done(database_url))
    assert sorted(running.done()) == sorted(wanted)


def test_a_job_that_kills_each_worker_is_parked(postgresql_url: str, tmp_path: Path) -> None:
    with workers(postgresql_url, tmp_path) as running:
        hand_out(postgresql_url, 1)
        ends = [ends_by_it(running.start("die"), postgresql_url) for _ in range(7)]
        assert ends == [True] * 6 + [False]
        assert set(jobs(postgresql_url).values()) == {"MAX_RECOVERY_ATTEMPTS_EXCEEDED"}


def ends_by_it(worker: subprocess.Popen[str], url: str) -> bool:
    parked = {"MAX_RECOVERY_ATTEMPTS_EXCEEDED"}
    eventually(lambda: worker.poll() is not None or set(jobs(url).values()) == parked)
    return worker.poll() is not None
