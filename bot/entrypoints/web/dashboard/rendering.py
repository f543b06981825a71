"""Pages as HTML: one environment that escapes everything, and the headers of every page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot import __version__
from bot.domain.messages import plain, plain_lines
from bot.domain.model.spending import MICRO
from bot.entrypoints.web.problems import Problem

_HERE: Final = Path(__file__).parent
_KIND: Final = "text/html; charset=utf-8"
_LARGE: Final = 10_000
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # With no referrer at all a browser would not say where a form comes from either.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Response:
    """A whole page."""
    text = _ENVIRONMENT.get_template(template).render(version=__version__, **values)
    answer = Response(text, status.value, content_type=_KIND)
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer


def failure(problem: Problem, **values: Any) -> Response:
    """What went wrong and what to do, as a page."""
    return page("failure.html", problem.status, problem=problem, **values)


def asset(name: str) -> Path:
    """A file of ours that pages name."""
    return _HERE / "assets" / name


def _shown(value: Any) -> Any:
    """Whatever a text holds, no control character of it reaches a page."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return plain_lines(value)
    return "" if value is None else value


def _when(at: datetime | None) -> Markup:
    if at is None:
        return Markup("-")
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M}"
    )


def _number(value: float | None) -> str:
    if not isinstance(value, int | float):
        return "-"
    return f"{value:,.4g}" if abs(value) < _LARGE else f"{value:,.0f}"


def _money(micro: int | None) -> str:
    if micro is None:
        return "-"
    cents = micro % (MICRO // 100) == 0
    return f"${micro / MICRO:,.2f}" if cents else f"${micro / MICRO:,.4f}"


def _flat(value: Any) -> Any:
    """Nested plain JSON as lines of a list, for evidence of any shape."""
    if isinstance(value, Mapping):
        return [(str(name), inner) for name, inner in value.items()]
    return value


def _diff(text: str | None) -> Markup:
    """A diff line by line, each with what it is for a person who cannot see its colour."""
    kinds = {"+": ("added", "added: "), "-": ("removed", "removed: "), "@": ("place", "")}
    shown = []
    for line in (text or "").splitlines():
        header = line.startswith(("+++", "---"))
        name, said = ("place", "") if header else kinds.get(line[:1], ("same", ""))
        spoken = Markup('<span class="unseen">{}</span>').format(said) if said else ""
        clean = plain_lines(line)
        shown.append(Markup('<span class="{}">{}{}</span>').format(name, spoken, clean))
    return Markup("\n").join(shown)


def _made() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "when": _when,
        "number": _number,
        "money": _money,
        "flat": _flat,
        "diff": _diff,
        "plain": lambda text: escape(plain(str(text))),
    }
    return made


_ENVIRONMENT: Final = _made()
