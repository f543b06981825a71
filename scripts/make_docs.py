"""Writes what the code itself says: pages of docs/reference, and the policy's schema."""

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from typing import Any, get_args

import typer
import yaml
from rich.text import Text

from bot.adapters.database import make_engine
from bot.adapters.policy_file import schema_text
from bot.adapters.policy_file.keys import all_keys
from bot.adapters.policy_file.limits import LIMITS
from bot.entrypoints.cli import app
from bot.entrypoints.web.api.document import document
from bot.entrypoints.web.api.feedback import Ratings
from bot.entrypoints.web.api.improvements import Improvements
from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = "docs/ironclaw.schema.json"


def pages() -> dict[str, str]:
    """The text of each file by its path in the project."""
    made = {
        "settings": settings_page(),
        "policy": policy_page(),
        "cli": cli_page(),
        "api": api_page(document(_operations())),
        "action": action_page(yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))),
    }
    return {f"docs/reference/{name}.md": text for name, text in made.items()} | {
        SCHEMA: schema_text()
    }


def _page(title: str, intro: str, *parts: str) -> str:
    head = f"# {title}\n\n*Reference.* [All pages](../index.md)\n"
    made = "`make docs` makes this page from the code."
    return "\n".join([head, f"{intro} {made}\n", *parts]).rstrip() + "\n"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


# Settings


def settings_page() -> str:
    rows = [
        (f"`{name.upper()}`", _setting_default(name, field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    intro = "What the operator sets, as [Configuration](../how-to/configuration.md) says."
    return _page("Settings", intro, _table(("Name", "Default", "What it decides"), rows))


def _setting_default(name: str, default: Any) -> str:
    by_place = {
        "database_url": "an SQLite file in the data folder",
        "ironclaw_data_dir": "`./.ironclaw`",
    }
    return by_place.get(name) or ("none" if default in (None, "") else f"`{json.dumps(default)}`")


# The policy


def policy_page() -> str:
    rows = [
        (f"`{key.path}`", f"`{_plain(key.default)}`", str(LIMITS.get(key.path, "")), key.about)
        for key in all_keys()
    ]
    intro = (
        "The keys of `.github/ironclaw.yml`: [how it is read](../how-to/configuration.md),\n"
        "[an example](../../examples/ironclaw.yml), [its schema](../ironclaw.schema.json)."
    )
    heads = ("Key", "Default", "Allowed", "What it decides")
    return _page("The policy of a repository", intro, _table(heads, rows))


def _plain(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


# The command line


def cli_page() -> str:
    program = typer.main.get_command(app)
    intro = "Every command and option, as `ironclaw COMMAND --help` says them."
    return _page("The command line", intro, *_commands(program, "ironclaw"))


def _commands(group: Any, name: str) -> Iterator[str]:
    for word in group.list_commands(None):
        # The program imports a command when it resolves its name, and not before.
        _, command, _ = group.resolve_command(group.make_context(name, [word]), [word])
        full = f"{name} {word}"
        yield f"## {full}\n"
        yield _help(command.help or "")
        yield from _parameters(command)
        if hasattr(command, "list_commands"):
            yield from _commands(command, full)


def _help(text: str) -> str:
    """Paragraphs as they are; what is set in is code, which loses its markup like the rest."""
    plain = Text.from_markup(text.strip()).plain
    # Examples stand apart on a terminal, which joins the lines of a paragraph.
    together = re.sub(r"(?m)^(  \S.*)\n\n(?=  \S)", r"\1\n", plain)
    deeper = re.sub(r"(?m)^  (?=\S)", "    ", together)
    # Outside of code, what stands in angle brackets would be taken for HTML.
    return re.sub(r"(?m)^\S.*$", lambda line: line[0].replace("<", "&lt;"), deeper) + "\n"


def _parameters(command: Any) -> Iterator[str]:
    shown = [one for one in command.params if not one.hidden]
    rows = [(_names(one), _default(one), f"{one.help or ''}{_choices(one)}") for one in shown]
    if rows:
        yield _table(("Given", "Default", "Means"), rows)


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{(parameter.metavar or parameter.name).upper()}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    return ", ".join(f"`{name}`" for name in names)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    if default in (None, "", False) or callable(default):
        return ""
    return f"`{getattr(default, 'value', default)}`"


def _choices(parameter: Any) -> str:
    """What may be given, where that is a short list or a range."""
    kinds = get_args(parameter.type_descriptor.annotation) or (
        parameter.type_descriptor.annotation,
    )
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return f" One of {', '.join(f'`{one.value}`' for one in kind)}."
    least, most = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if least is None and most is None:
        return ""
    return f" At least {least}." if most is None else f" {least} to {most}."


# The HTTP interface


def _operations() -> tuple[Any, ...]:
    # Described, not asked: nothing connects to it.
    engine = make_engine("sqlite:///unused.db")
    return (*Improvements(engine).operations(), *Ratings(engine, 0.1).operations())


def api_page(described: Mapping[str, Any]) -> str:
    routes = [
        (f"{method.upper()} {path}", operation)
        for path, item in described["paths"].items()
        for method, operation in item.items()
    ]
    rows = [
        (f"`{route}`", one["summary"], _rights(one), _asked(one), _answers(one))
        for route, one in routes
    ]
    intro = (
        "Every route of the OpenAPI document, which a server answers at `/openapi/openapi.json`:\n"
        "[how it answers](http.md)."
    )
    heads = ("Route", "Does", "Token", "In query or header", "Answers")
    return _page("Routes", intro, _table(heads, rows), *_bodies(routes, described))


def _rights(operation: Mapping[str, Any]) -> str:
    if not operation.get("security"):
        return "none"
    found = re.search(r"`(\w+)`", operation.get("description", ""))
    return f"`{found[1]}`" if found else "needed"


def _asked(operation: Mapping[str, Any]) -> str:
    given = [one for one in operation.get("parameters", ()) if one["in"] != "path"]
    names = [f"`{one['name']}`" + (" (required)" if one.get("required") else "") for one in given]
    return ", ".join(names)


def _answers(operation: Mapping[str, Any]) -> str:
    every = sorted(int(status) for status in operation["responses"])
    good = [str(status) for status in every if status < HTTPStatus.BAD_REQUEST]
    bad = [str(status) for status in every if status >= HTTPStatus.BAD_REQUEST]
    return "; ".join(", ".join(some) for some in (good, bad) if some)


def _bodies(routes: list[tuple[str, Any]], described: Mapping[str, Any]) -> Iterator[str]:
    asked: dict[str, list[str]] = {}
    for route, operation in routes:
        content = operation.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        if reference:
            asked.setdefault(reference.rpartition("/")[2], []).append(route)
    for name, sent in asked.items():
        schema = described["components"]["schemas"][name]
        required = schema.get("required", ())
        rows = [
            (f"`{field}`", _kind(one), "yes" if field in required else "", _about(one))
            for field, one in schema["properties"].items()
        ]
        yield f"## {name}\n"
        yield f"The body of {', '.join(f'`{route}`' for route in sent)}.\n"
        yield _table(("Field", "Kind", "Required", "Means"), rows)


def _kind(field: Mapping[str, Any]) -> str:
    kinds = [one for one in field.get("anyOf", [field]) if one.get("type") != "null"]
    words = [one.get("type") or one.get("$ref", "").rpartition("/")[2] for one in kinds]
    return " or ".join(f"{word}" for word in words if word)


def _about(field: Mapping[str, Any]) -> str:
    return str(field.get("description", ""))


# The Action


def action_page(action: Mapping[str, Any]) -> str:
    inputs = [
        (f"`{name}`", f"`{one['default']}`", one["description"])
        for name, one in action["inputs"].items()
    ]
    outputs = [(f"`{name}`", one["description"]) for name, one in action["outputs"].items()]
    return _page(
        "Inputs and outputs of the Action",
        "What `action.yml` takes and gives: [how to use it](../how-to/action.md).",
        "## Inputs\n",
        _table(("Input", "Default", "Means"), inputs),
        "## Outputs\n",
        _table(("Output", "Means"), outputs),
    )


def main() -> None:
    for name, text in pages().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"{name} is new")


if __name__ == "__main__":
    main()
