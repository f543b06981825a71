"""The policy file's JSON Schema, for editors that check it while it is written."""

import json
from enum import StrEnum
from typing import Any

from bot.adapters.policy_file.keys import Key, is_section, keys
from bot.adapters.policy_file.limits import LIMITS
from bot.domain.policy import POLICY_PATH, Policy

_FILLED = {"type": "string", "pattern": "\\S"}
_SCALARS = {bool: "boolean", int: "integer", float: "number", str: "string"}


def policy_schema() -> dict[str, Any]:
    """The schema as JSON values; it agrees with `parse_policy`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Ironclaw's policy, {POLICY_PATH}",
        **_section(Policy, ""),
    }


def schema_text() -> str:
    """The published file's text."""
    return json.dumps(policy_schema(), indent=2) + "\n"


def _section(kind: type, prefix: str) -> dict[str, Any]:
    properties = {name: _property(key) for name, key in keys(kind, prefix).items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _property(key: Key) -> dict[str, Any]:
    if is_section(key.kind):
        section = _section(key.kind, f"{key.path}.")
        section["type"] = ["object", "null"]
        return {"description": key.about, **section}
    return {"description": key.about, "default": _plain(key.default), **_value(key)}


def _value(key: Key) -> dict[str, Any]:
    if key.kind == tuple[str, ...]:
        return {"type": "array", "items": _FILLED}
    if key.kind == dict[str, str]:
        return {"type": ["object", "null"], "additionalProperties": _FILLED}
    if issubclass(key.kind, StrEnum):
        return {"enum": [word.value for word in key.kind]}
    limit = LIMITS.get(key.path)
    range_ = {"minimum": limit.least, "maximum": limit.most} if limit else {}
    return {"type": _SCALARS[key.kind], **range_}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
