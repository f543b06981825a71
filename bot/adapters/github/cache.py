"""Keeps answers with their ETags: asking again with one costs nothing of the rate limit."""

from collections import OrderedDict
from typing import NamedTuple

from bot.adapters.github.wire import Answer

_LARGEST_ANSWER = 1_000_000


class Key(NamedTuple):
    """Whose answer to what it is: nobody is ever given another one's."""

    installation: int
    repository: str
    question: str


class Cache:
    """The answers used last, up to a total size."""

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
        self._size += len(answer.content)
        while self._size > self._limit:
            _, dropped = self._answers.popitem(last=False)
            self._size -= len(dropped.content)

    def forget(self, key: Key) -> None:
        """Drop an answer."""
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self._size -= len(dropped.content)
