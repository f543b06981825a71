"""Keeps answers with their ETags: asking again with one costs nothing of the rate limit."""

from collections import OrderedDict
from typing import NamedTuple

from bot.adapters.github.wire import Answer

_LARGEST_ANSWER = 1_000_000
_ENTRY = 1_000
_TEXT = 50
"""What Python takes for an entry, and for a text beside its characters: bytes, about."""


class Key(NamedTuple):
    """Whose answer to what it is: nobody is ever given another one's."""

    installation: int
    repository: str
    question: str


class Cache:
    """The answers used last, up to a total size in bytes.

    Most answers are short: their headers take more room than what they say, and count as well.
    """

    def __init__(self, limit: int = 32_000_000) -> None:
        self._limit = limit
        self._size = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def get(self, key: Key) -> Answer | None:
        """The answer that was kept."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def keep(self, key: Key, answer: Answer) -> None:
        """Keep an answer that has an ETag, and forget the ones not used for longest."""
        self.forget(key)
        if answer.status != 200 or "etag" not in answer.headers:
            return
        if len(answer.content) > min(_LARGEST_ANSWER, self._limit):
            return
        self._answers[key] = answer
        self._size += _size(key, answer)
        while self._size > self._limit:
            self._size -= _size(*self._answers.popitem(last=False))

    def forget(self, key: Key) -> None:
        """Drop an answer."""
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self._size -= _size(key, dropped)


def _size(key: Key, answer: Answer) -> int:
    headers = sum(len(name) + len(value) + 2 * _TEXT for name, value in answer.headers.items())
    return _ENTRY + len(key.question) + headers + len(answer.content)
