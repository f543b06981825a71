"""Many writers, one commit: what shares one, who is told, and what close() still writes."""

import threading
from collections.abc import Callable, Sequence

import pytest

from bot.adapters.database.group_commit import GroupCommit, OverloadedError

PATIENCE = 60.0


class Disk:
    """Keeps what is written; each write waits for its turn while the disk is stopped."""

    def __init__(self) -> None:
        self.commits: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.error: Exception | None = None

    def write(self, batch: Sequence[int]) -> None:
        self.begun.release()
        assert self.go_on.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        self.commits.append(list(batch))


class Told:
    """What the writer of each group has heard."""

    def __init__(self) -> None:
        self.heard: dict[str, Exception | None] = {}
        self._changed = threading.Condition()

    def by(self, name: str) -> Callable[[Exception | None], None]:
        def done(error: Exception | None) -> None:
            with self._changed:
                self.heard[name] = error
                self._changed.notify_all()

        return done

    def wait_for(self, *names: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.heard.keys() >= set(names), PATIENCE)


def test_what_comes_during_a_commit_shares_the_next() -> None:
    disk, told = Disk(), Told()
    disk.go_on.clear()
    commits = GroupCommit(disk.write, at_once=4)
    commits.add([1], told.by("first"))
    assert disk.begun.acquire(timeout=PATIENCE)
    for name, items in (("a", [2, 3]), ("b", [4]), ("c", [5, 6]), ("d", [7])):
        commits.add(items, told.by(name))
    assert told.heard == {}
    disk.go_on.set()
    told.wait_for("first", "a", "b", "c", "d")
    commits.close()
    assert disk.commits == [[1], [2, 3, 4], [5, 6, 7]]
    assert set(told.heard.values()) == {None}


def test_a_group_that_is_larger_than_a_commit_is_still_written() -> None:
    disk, told = Disk(), Told()
    commits = GroupCommit(disk.write, at_once=2)
    commits.add([1, 2, 3], told.by("large"))
    told.wait_for("large")
    commits.close()
    assert disk.commits == [[1, 2, 3]]


def test_everybody_in_a_failed_commit_is_told_and_the_next_goes_on() -> None:
    disk, told = Disk(), Told()
    disk.error = OSError("full")
    commits = GroupCommit(disk.write)
    commits.add([1, 2], told.by("failed"))
    told.wait_for("failed")
    assert told.heard["failed"] is disk.error
    with pytest.raises(OSError, match="full"):
        commits.put(3, PATIENCE)
    disk.error = None
    commits.put(4, PATIENCE)
    commits.close()
    assert disk.commits == [[4]]


def test_too_much_that_waits_is_refused_and_what_waits_is_kept() -> None:
    disk, told = Disk(), Told()
    disk.go_on.clear()
    commits = GroupCommit(disk.write, waiting=3)
    commits.add([1], told.by("writing"))
    assert disk.begun.acquire(timeout=PATIENCE)
    commits.add([2, 3], told.by("waiting"))
    with pytest.raises(OverloadedError):
        commits.add([4, 5], told.by("refused"))
    with pytest.raises(TimeoutError):
        commits.put(6, 0.01)
    disk.go_on.set()
    commits.close()
    assert disk.commits == [[1], [2, 3, 6]]
    assert set(told.heard) == {"writing", "waiting"}


def test_closed_it_has_written_everything_and_takes_nothing() -> None:
    disk, told = Disk(), Told()
    commits = GroupCommit(disk.write, at_once=1)
    for number in range(20):
        commits.add([number], told.by(str(number)))
    commits.close()
    assert disk.commits == [[number] for number in range(20)]
    with pytest.raises(OverloadedError):
        commits.add([21], told.by("late"))
