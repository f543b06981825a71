"""Recorded arguments made longer, so that a gain shows that needs size."""

from __future__ import annotations

from typing import Any

_MOST_ITEMS = 200_000


class Scaled:
    """Arguments whose collections and texts are so many times longer.

    `vary` makes the further items differ from the recorded ones, as real ones do; without it they
    are the recorded ones again, for functions that know only those.
    """

    def __init__(self, factor: int, *, vary: bool) -> None:
        self._factor = factor
        self._vary = vary
        self.longest = 0

    def values(self, values: Any) -> Any:
        args, kwargs = values
        return (
            tuple(self._argument(value) for value in args),
            {name: self._argument(value) for name, value in kwargs.items()},
        )

    def _argument(self, value: Any) -> Any:
        grown = self._grown(value)
        attributes = getattr(value, "__dict__", None)
        if grown is value and type(attributes) is dict and not isinstance(value, type):
            for name, inner in attributes.items():
                attributes[name] = self._grown(inner)
        return grown

    def _grown(self, value: Any) -> Any:
        kind = type(value)
        if kind not in (list, tuple, str, bytes, bytearray, dict, set, frozenset):
            return value
        factor = max(1, min(self._factor, _MOST_ITEMS // max(1, len(value))))
        if factor > 1 and kind in (str, bytes, bytearray):
            value = value * factor
        elif factor > 1 and kind is dict:
            value = {
                self._varied(key, turn): item
                for turn in range(factor)
                for key, item in value.items()
            }
        elif factor > 1:
            value = kind(self._varied(item, turn) for turn in range(factor) for item in value)
        self.longest = max(self.longest, len(value))
        return value

    def _varied(self, item: Any, turn: int) -> Any:
        if not self._vary or turn == 0:
            return item
        kind = type(item)
        if kind is int:
            return item + turn * 1009
        if kind is float:
            return item + turn * 1009.0
        if kind is str:
            return f"{item}{turn}"
        if kind is bytes:
            return item + str(turn).encode()
        if kind is tuple:
            return tuple(self._varied(part, turn) for part in item)
        if kind is list:
            return [self._varied(part, turn) for part in item]
        if kind is dict:
            return {key: self._varied(part, turn) for key, part in item.items()}
        return item
