"""YAML from a repository as a tree of nodes, within limits that no bomb gets past."""

from dataclasses import dataclass
from typing import Any

import yaml

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
WHOLE_FILE = "(file)"
"""What a problem names when it is about no key."""

_SYNTAX = "Correct the YAML; text with special characters goes in quotes."


@dataclass(frozen=True, slots=True)
class BadDocument:
    """Why there is no tree: the line, what is wrong, and how to mend it."""

    line: int
    problem: str
    remedy: str


def read_document(given: bytes | str) -> yaml.Node | BadDocument | None:
    """The document's root, None if the file is empty; never raises."""
    text = _decoded(given)
    if isinstance(text, BadDocument):
        return text
    try:
        return _refused(text) or yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return BadDocument(_line(mark), error.problem or "it is no YAML", _SYNTAX)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return BadDocument(line, f"it contains the character {error.character!r}", _SYNTAX)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The library lets through what it cannot convert, such as an escape beyond Unicode.
        return BadDocument(1, f"it is no YAML ({error})", _SYNTAX)


def _decoded(given: bytes | str) -> str | BadDocument:
    if len(given) > MAX_BYTES:
        return BadDocument(1, f"it is larger than {MAX_BYTES} bytes", "Shorten it.")
    if isinstance(given, str):
        return given
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = given[: error.start].count(b"\n") + 1
        return BadDocument(line, "it is not UTF-8", "Save the file as UTF-8.")


def _refused(text: str) -> BadDocument | None:
    """Look at the events before any tree is built: an alias makes one exponentially large."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line(event.start_mark)
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if documents > 1:
            return BadDocument(line, "it holds a second document", "Keep one, without `---`.")
        if depth > MAX_DEPTH:
            return BadDocument(line, "it is nested too deeply", "See examples/ironclaw.yml.")
        if isinstance(event, yaml.AliasEvent):
            return BadDocument(line, f"the alias *{event.anchor} is used", "Write it out.")
        tag = getattr(event, "tag", None)
        if tag is not None:
            return BadDocument(line, f"the tag {tag} is used", "Remove the tag.")
    return None


def _line(mark: Any) -> int:
    return 1 if mark is None else int(mark.line) + 1
