"""Where the official descriptions say what GitHub does not do; each with its reason."""

from collections.abc import Iterator
from typing import Any

# An app's events are listed in several places, and not with every event that there is.
_OLD_EVENTS = {"check_suite", "workflow_run"}
_MISSING_EVENT = "merge_group"


def corrected(description: dict[str, Any]) -> dict[str, Any]:
    """The description with its known mistakes mended, in place."""
    for schema in _schemas(description):
        values = schema.get("enum")
        if isinstance(values, list):
            # OpenAPI 3.0 wants null among the values too, which the authors leave out.
            if schema.get("nullable") and None not in values:
                values.append(None)
            if {str(one) for one in values} >= _OLD_EVENTS and _MISSING_EVENT not in values:
                values.append(_MISSING_EVENT)
        # A list has no property to tell it by.
        if "array" in schema.get("discriminator", {}).get("mapping", {}):
            schema.pop("discriminator")
        both = schema.get("allOf")
        # An account is a user or an enterprise, never both.
        if both and {one.get("title") for one in both} == {"Simple User", "Enterprise"}:
            schema["anyOf"] = schema.pop("allOf")
    return description


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
