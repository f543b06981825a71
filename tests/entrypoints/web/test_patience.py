"""What never answers is not waited for, and asked but once."""

import threading

import pytest

from bot.entrypoints.web.patience import LATE, Patience


def test_an_answer_is_passed_on() -> None:
    answers = iter(["ok", "cannot be used"])
    patience = Patience(lambda: next(answers))
    assert [patience.answer(10), patience.answer(10)] == ["ok", "cannot be used"]


def test_what_hangs_is_asked_once_and_its_answer_taken_when_it_comes() -> None:
    opened, asked = threading.Event(), []

    def ask() -> str:
        asked.append(1)
        opened.wait(10)
        return "ok"

    patience = Patience(ask)
    assert [patience.answer(0.01) for _ in range(3)] == [LATE] * 3
    opened.set()
    assert patience.answer(10) == "ok"
    assert len(asked) <= 2


def test_an_error_is_the_askers() -> None:
    def ask() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Patience(ask).answer(10)
