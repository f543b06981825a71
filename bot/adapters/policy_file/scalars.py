"""Single values of the policy file: exactly the type asked for, or the reason why not."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

_TEXT_TAG = "tag:yaml.org,2002:str"
_NULL_TAG = "tag:yaml.org,2002:null"
# YAML 1.1 reads 010 as 8 and 1:30 as 90: nobody means that.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_NUMBER = re.compile(r"[-+]?([0-9][0-9_]*(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 30


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is not one, and how to mend it."""

    problem: str
    remedy: str


def is_null(node: yaml.Node) -> bool:
    """Whether nothing stands there."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL_TAG


def read_scalar(node: yaml.Node, kind: Any) -> Any | Wrong:
    """The value as `kind`, which is bool, int, float, str or a StrEnum."""
    if not isinstance(node, yaml.ScalarNode):
        found = "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
        return Wrong(f"{found} stands where {name_of(kind)} belongs", f"Write {name_of(kind)}.")
    if is_null(node):
        return Wrong("nothing stands here", f"Write {name_of(kind)}, or remove the line.")
    if kind is bool:
        return _truth(node)
    if kind is int:
        return _number(node, _WHOLE, int)
    if kind is float:
        return _number(node, _NUMBER, float)
    text = _text(node)
    if isinstance(text, str) and kind is not str:
        return _word(text, kind)
    return text


def name_of(kind: Any) -> str:
    """A type in the words of who writes the file."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "one of " + ", ".join(kind)
    return {bool: "true or false", int: "a whole number", float: "a number"}.get(kind, "a text")


def _truth(node: yaml.ScalarNode) -> bool | Wrong:
    words = {"true": True, "false": False}
    if node.style is None and node.value.lower() in words:
        return words[node.value.lower()]
    return Wrong(f"{node.value!r} is neither true nor false", "Write true or false, unquoted.")


def _number(
    node: yaml.ScalarNode, form: re.Pattern[str], kind: type[int] | type[float]
) -> float | Wrong:
    text = node.value
    if node.style is None and len(text) <= _LONGEST_NUMBER and form.fullmatch(text):
        number = kind(text.replace("_", ""))
        if math.isfinite(number):
            return number
    return Wrong(f"{text!r} is not {name_of(kind)}", f"Write {name_of(kind)}, unquoted.")


def _text(node: yaml.ScalarNode) -> str | Wrong:
    if node.style is None and node.tag != _TEXT_TAG:
        return Wrong(f"{node.value} is no text in YAML", f'Put it in quotes: "{node.value}".')
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in node.value):
        return Wrong("it contains a character that no text has", "Remove the escape.")
    return str(node.value)


def _word(text: str, kind: type[StrEnum]) -> StrEnum | Wrong:
    try:
        return kind(text)
    except ValueError:
        return Wrong(f"{text!r} is unknown", f"Write {name_of(kind)}.")
