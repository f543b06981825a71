"""What a pair is made of, and whether it is what it says."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import Any


@dataclass(frozen=True, slots=True)
class Pair:
    """A module before and after; `function` is what was rewritten in it."""

    name: str
    old: str
    new: str
    tests: str
    function: str = "f"
    shows: str = ""


def pair(name: str, old: str, new: str, *tests: str, function: str = "f", shows: str = "") -> Pair:
    """Texts without their indentation, and the tests as one function of assertions.

    `shows` is an expression in the module's names: it differs for a wrong pair, and for a right one
    it does not, on inputs that lie near a mistake. `tried(function, *arguments)` in it is what the
    call answers, or the text of its error.
    """
    wanted = function.partition(".")[0]
    lines = "\n".join(f"    assert {test}" for test in tests)
    body = f"from target import {wanted}\n\n\ndef test_it():\n{lines}\n"
    return Pair(name, dedent(old).lstrip("\n"), dedent(new).lstrip("\n"), body, function, shows)


def problem(one: Pair, *, is_right: bool) -> str:
    """Why a pair is not what it says, "" where it is: one that is not would measure nothing.

    Its tests must pass on both sides; what it `shows` must be alike, or differ, as it should.
    """
    for side, source in (("old", one.old), ("new", one.new)):
        try:
            _run_tests(source, one.tests)
        except Exception as error:  # noqa: BLE001 - whatever it is, the pair is of no use
            return f"its tests fail on the {side} side: {error!r}"
    if not one.shows:
        return "" if is_right else "it shows nothing"
    old, new = _shown(one.old, one.shows), _shown(one.new, one.shows)
    if (old == new) == is_right:
        return ""
    return f"what it shows is {old} and {new}"


def tried(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a call answers, an error as its text: so that what was done before it can be shown."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - which one it is differs
        return repr(error)


def _run_tests(source: str, tests: str) -> None:
    module, former = type(sys)("target"), sys.modules.get("target")
    sys.modules["target"] = module
    try:
        exec(source, module.__dict__)  # noqa: S102 - our own texts
        names: dict[str, Any] = {}
        exec(tests, names)  # noqa: S102 - our own texts
        names["test_it"]()
    finally:
        del sys.modules["target"]
        if former is not None:
            sys.modules["target"] = former


def _shown(source: str, expression: str) -> str:
    module, former = type(sys)("target"), sys.modules.get("target")
    sys.modules["target"] = module
    try:
        exec(source, module.__dict__)  # noqa: S102 - our own texts
        module.__dict__["tried"] = tried
        return repr(eval(expression, module.__dict__))  # noqa: S307 - our own texts
    except Exception as error:  # noqa: BLE001 - which one it is differs
        return repr(error)
    finally:
        del sys.modules["target"]
        if former is not None:
            sys.modules["target"] = former
