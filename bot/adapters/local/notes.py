"""What is noted on a pull request: its end, comments, labels, reviews and checks."""

from dataclasses import replace

from bot.adapters.local.pulls import Pulls, View
from bot.adapters.local.records import PullRecord, Review, clean
from bot.domain.pulls import Check, PullState

_SUMMARY = 4000


def close(pulls: Pulls, number: int, why: str) -> None:
    """Close it; one that is merged or closed stays what it is."""

    def edit(view: View, record: PullRecord) -> PullRecord:
        if pulls.snapshot(view, record).state is not PullState.OPEN:
            return record
        return replace(record, state=PullState.CLOSED, closed_why=clean(why))

    pulls.change(number, edit)


def comment(pulls: Pulls, number: int, key: str, text: str) -> None:
    """Write the comment of that key, in place of the former one."""
    new = {clean(key): clean(text)}
    pulls.change(number, lambda _, record: replace(record, comments=record.comments | new))


def put_label(pulls: Pulls, number: int, label: str, *, on: bool) -> None:
    """Put a label on, or take it off."""

    def edit(_: View, record: PullRecord) -> PullRecord:
        others = set(record.labels) - {clean(label)}
        return replace(record, labels=tuple(sorted(others | ({clean(label)} if on else set()))))

    pulls.change(number, edit)


def note_review(pulls: Pulls, number: int, person: str, review: Review) -> None:
    """Keep a person's latest word on it."""
    new = {clean(person): review}
    pulls.change(number, lambda _, record: replace(record, reviews=record.reviews | new))


def note_check(pulls: Pulls, number: int, check: Check) -> None:
    """Keep how a check ended; one of another commit than the head says nothing any more."""

    def edit(view: View, record: PullRecord) -> PullRecord:
        if view.tip(record.branch) != check.sha:
            return record
        current = {known.name: known for known in record.checks if known.sha == check.sha}
        short = replace(check, summary=clean(check.summary)[:_SUMMARY])
        return replace(record, checks=tuple(({short.name: short} | current).values()))

    pulls.change(number, edit)
