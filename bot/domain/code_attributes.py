"""The function that OpenTelemetry's code attributes of a span or metric name.

Old and new names of https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/.
"""

from collections.abc import Collection, Mapping

from bot.domain.callgraph import FunctionSpan
from bot.domain.routes import CodeFunction, Resolved

_FUNCTION = ("code.function.name", "code.function")
_FILE = ("code.file.path", "code.filepath")
_LINE = ("code.line.number", "code.lineno")
_NAMESPACE = ("code.namespace",)
Code = Mapping[str, str | int]
"""Code attributes of one span, by their names."""
CODE_ATTRIBUTES = frozenset((*_FUNCTION, *_FILE, *_LINE, *_NAMESPACE))
_LONGEST = 1_000

AT_LINE, BY_NAME, BY_NAME_ALONE = 0.99, 0.95, 0.7
"""How sure a place is by file and line, by file and name, and by name where one file has it."""


def function_of_attributes(
    attributes: Mapping[str, object], functions: Collection[FunctionSpan]
) -> tuple[Resolved, ...]:
    """The functions that a span's code attributes can mean, the surest first.

    `functions` are all of the repository. A path is compared by its end, since a service runs
    from a folder of its own. File and line outvote a name; where they disagree, the line is of
    another version of the file, and the name decides.
    """
    file = _text(attributes, _FILE).replace("\\", "/")
    name = _qualified(_text(attributes, _NAMESPACE), _text(attributes, _FUNCTION))
    line = _number(attributes, _LINE)
    here = [one for one in functions if _same_file(file, one.file)] if file else []
    named = [one for one in here if _same_name(name, one)] if name else []
    around = _innermost(here, line) if line else None
    if around is not None and (not name or around in named):
        return (_resolved(around, AT_LINE, f"{file}:{line} lies in it"),)
    if named:
        return _alike(named, BY_NAME, f"`{name}` of {file}")
    if not file and name:
        everywhere = [one for one in functions if _same_name(name, one)]
        return _alike(everywhere, BY_NAME_ALONE, f"`{name}`, of which no file is told")
    return ()


def _alike(found: list[FunctionSpan], sure: float, why: str) -> tuple[Resolved, ...]:
    return tuple(_resolved(one, sure / len(found), f"it is named {why}") for one in found)


def _resolved(function: FunctionSpan, sure: float, why: str) -> Resolved:
    place = CodeFunction(function.file, function.function, function.first_line)
    return Resolved(place, round(sure, 3), (why,))


def _text(attributes: Mapping[str, object], names: tuple[str, ...]) -> str:
    found = next((attributes[name] for name in names if attributes.get(name)), "")
    return found[:_LONGEST] if isinstance(found, str) else ""


def _number(attributes: Mapping[str, object], names: tuple[str, ...]) -> int:
    """A line, which may stand as text as 64-bit integers do in OTLP's JSON; 0 if there is none."""
    found = next((attributes[name] for name in names if attributes.get(name)), 0)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def _qualified(namespace: str, name: str) -> str:
    return f"{namespace}.{name}" if namespace and name else name


def _same_file(told: str, file: str) -> bool:
    """Whether one path ends with the other, by whole folders."""
    longer, shorter = (told, file) if len(told) >= len(file) else (file, told)
    return longer == shorter or longer.endswith("/" + shorter.lstrip("./"))


def _same_name(told: str, function: FunctionSpan) -> bool:
    """Whether a dotted name is the function's own, with or without module and `<locals>`."""
    wanted = told.replace(".<locals>", "").replace("::", ".")
    own = function.function.replace(".<locals>", "")
    module = function.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    whole = f"{module}.{own}"
    if wanted in {own, whole} or whole.endswith(f".{wanted}"):
        return True
    # The module is told as it is imported, which may be below a folder of the repository.
    return wanted.endswith(f".{own}") and module.endswith(wanted.removesuffix(f".{own}"))


def _innermost(functions: list[FunctionSpan], line: int) -> FunctionSpan | None:
    around = [one for one in functions if one.first_line <= line <= one.last_line]
    return min(around, key=lambda one: one.last_line - one.first_line, default=None)
