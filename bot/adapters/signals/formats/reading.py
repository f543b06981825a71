"""Reads one file: what it is by its structure, and what is in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from bot.adapters.signals.formats import asv, decoding, documents, fields
from bot.adapters.signals.formats.limits import Limits, Meter
from bot.adapters.signals.formats.outcome import Content, Recognised, Refused, UnreadableError
from bot.adapters.signals.formats.registry import IN_BYTES, IN_JSON, IN_TEXT, Format
from bot.domain import measured, profile

_AS_WRITTEN: Final = "Give the file as the tool wrote it."
_KNOWN: Final = (
    "docs/reference/metrics.md lists what is read. Give one of these files as its tool wrote it."
)
_MOST_NOTES: Final = 20


def read(
    data: bytes, name: str = "", *, kind: str = "", meter: Meter | None = None
) -> Recognised | Refused:
    """What the bytes are and hold; never raises for any bytes.

    `name` is the file's, for a person; it decides nothing. `kind` takes one format alone.
    """
    counting = meter or Meter()
    found = ""
    try:
        document, formats = _document(decoding.unpacked(data, counting.limits), counting.limits)
        chosen = _format(document, formats, kind)
        found = chosen.kind
        content = chosen.read(document, counting)
        return _recognised(chosen, content, name, counting.limits)
    except UnreadableError as error:
        return Refused(error.why, error.remedy or _AS_WRITTEN, found)


def _document(data: bytes, limits: Limits) -> tuple[Any, Sequence[Format]]:
    if not data.strip():
        raise UnreadableError("it is empty", "See that the tool ran to its end.")
    if any(one.recognises(data) for one in IN_BYTES):
        return data, IN_BYTES
    text = decoding.text_of(data)
    if documents.looks_like_json(text):
        return documents.document_of(text, limits), IN_JSON
    return text, IN_TEXT


def _format(document: Any, formats: Sequence[Format], kind: str) -> Format:
    """The one format that this is, the wanted one if one is wanted."""
    if kind:
        wanted = [one for one in formats if one.kind == kind]
        if not wanted or not wanted[0].recognises(document):
            raise UnreadableError(f"it is not of the kind {kind}{_seen(document)}", _KNOWN)
        return wanted[0]
    known = [one for one in formats if not one.asked_for and one.recognises(document)]
    if len(known) > 1:
        kinds = ", ".join(one.kind for one in known)
        raise UnreadableError(f"it could be any of {kinds}", "Say which with `--kind`.")
    if known:
        return known[0]
    if asv.describes(document):
        why = "it describes asv's benchmarks or machine and holds no result"
        raise UnreadableError(why, "Give a file of `results/<machine>/` with a commit in its name.")
    raise UnreadableError(f"it is of no known format{_seen(document)}", _KNOWN)


def _seen(document: Any) -> str:
    """What stands at its top, for a person to recognise."""
    if isinstance(document, dict):
        keys = ", ".join(fields.text(key, 40) for key in list(document)[:6])
        return f": an object with {keys or 'no keys'}"
    if isinstance(document, list):
        return f": a list of {len(document):,}"
    if isinstance(document, str):
        return f": text that begins with {fields.text(document.lstrip()[:40])!r}"
    return ""


def _recognised(chosen: Format, content: Content, name: str, limits: Limits) -> Recognised:
    notes = list(content.notes)
    results = measured.merged(content.results, limits.kept_values)
    if len(results) < len(content.results):
        repeated = len(content.results) - len(results)
        notes.append(f"{repeated} series had the name of another and were put together with it")
    missing = [result for result in results if result.value is None]
    if missing:
        notes.append(f"{len(missing)} series have no value: {missing[0].missing}")
    profiles = [
        replace(profile.trimmed(one, limits.kept_functions), name=one.name or fields.text(name))
        for one in profile.merged(content.profiles)
    ]
    left_out = sum(len(one.functions) for one in profile.merged(content.profiles)) - sum(
        len(one.functions) for one in profiles
    )
    if left_out:
        notes.append(f"{left_out:,} functions that cost least are left out")
    if not results and not profiles:
        if not content.empty:
            raise UnreadableError("it holds no measurement", "See that the tool measured anything.")
        notes.append(content.empty)
    return Recognised(
        chosen.kind, chosen.title, results, tuple(profiles), tuple(notes[:_MOST_NOTES])
    )
