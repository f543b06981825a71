"""JSON within limits. NaN and Infinity, which several tools write bare, are let through."""

import json
from typing import Any, Final

from bot.adapters.signals.formats.limits import Limits
from bot.adapters.signals.formats.outcome import UnreadableError

_SHORTER: Final = "Record for a shorter time, or split it."
_NDJSON: Final = '{"type":"Metric"', '{"type":"Point"', '{"metric":"'


class _RepeatedKeyError(ValueError):
    pass


def looks_like_json(text: str) -> bool:
    """Whether its first sign is that of an object or a list."""
    return text.lstrip()[:1] in ("{", "[")


def document_of(text: str, limits: Limits) -> Any:
    """The document; UnreadableError if it is none, or beyond the limits."""
    _refuse_large(text, limits)
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _no_json(text, error) from None
    except _RepeatedKeyError as error:
        why = f"the key {str(error)[:80]!r} occurs twice in one object"
        raise UnreadableError(why, "Remove one: which of them counts is not known.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # Python refuses to convert whole numbers of thousands of digits.
        raise UnreadableError(
            "it holds a whole number of thousands of digits", "Correct that number."
        ) from None
    _refuse_deep(document, limits.depth)
    return document


def _refuse_large(text: str, limits: Limits) -> None:
    """Before anything is made of it; signs inside texts count too, which only errs to be safe."""
    containers = text.count("{") + text.count("[")
    if containers > limits.containers:
        why = f"it has more than {limits.containers:,} objects and lists"
        raise UnreadableError(why, _SHORTER)
    if text.count(",") + containers > limits.values:
        raise UnreadableError(f"it has more than {limits.values:,} values", _SHORTER)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _RepeatedKeyError(key)
            seen.add(key)
    return made


def _refuse_deep(document: Any, most: int) -> None:
    """Level by level, without recursion."""
    level: list[Any] = [document]
    for _ in range(most):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> UnreadableError:
    return UnreadableError("it is nested too deeply", "Record with a smaller depth of stacks.")


def _no_json(text: str, error: json.JSONDecodeError) -> UnreadableError:
    if error.msg == "Extra data" and text.lstrip().replace(" ", "").startswith(_NDJSON):
        why = "it is k6's stream of single points"
        return UnreadableError(why, "Run k6 with `--summary-export FILE` and give that file.")
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        why = f"it ends in the middle of its JSON, at line {error.lineno:,}"
        return UnreadableError(why, "Record or copy it again: it was cut off on its way.")
    why = f"it is no JSON: {error.msg}, line {error.lineno:,}, column {error.colno:,}"
    return UnreadableError(why, "Give the file as the tool wrote it.")
