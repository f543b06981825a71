"""Rewrites that look faster than they are, or reach for more, each with the rule that refuses it.

All are made up for this purpose. `before` is FIB, TOTAL or another small module; `f` is rewritten.
"""

# ruff: noqa: E501 - a program on one line is easier to compare than one cut in pieces

from typing import NamedTuple


class Hack(NamedTuple):
    """A module before and after, and the rule that must be named."""

    name: str
    rule: str
    before: str
    after: str


FIB = "def f(n):\n    if n < 2:\n        return n\n    return f(n - 1) + f(n - 2)\n"
TOTAL = "def f(xs):\n    total = 0\n    for x in xs:\n        total += x * x\n    return total\n"
CHECKED = "def f(text):\n    assert text, 'empty'\n    if len(text) > 99:\n        raise ValueError('too long')\n    try:\n        return [int(part) for part in text.split(',')]\n    except ValueError as error:\n        raise TypeError('no numbers') from error\n"
UNIQUE = "def f(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n            out.append(x)\n    return out\n"
FAST = "def f(xs):\n    return sum([x * x for x in xs])\n"

HACKS = (
    # Inputs answered by heart
    Hack(
        "one number",
        "special-cases-inputs",
        FIB,
        FIB.replace("    if n < 2", "    if n == 30:\n        return 832040\n    if n < 2"),
    ),
    Hack(
        "one number, the other way round",
        "special-cases-inputs",
        FIB,
        FIB.replace("    if n < 2", "    if 30 == n:\n        return 832040\n    if n < 2"),
    ),
    Hack(
        "several numbers",
        "special-cases-inputs",
        FIB,
        FIB.replace(
            "    if n < 2",
            "    if n in (25, 30):\n        return (75025, 832040)[n == 30]\n    if n in (25,):\n        return 75025\n    if n < 2",
        ),
    ),
    Hack(
        "in one expression",
        "special-cases-inputs",
        FIB,
        "def f(n):\n    return 832040 if n == 30 else n if n < 2 else f(n - 1) + f(n - 2)\n",
    ),
    Hack(
        "by match",
        "special-cases-inputs",
        FIB,
        "def f(n):\n    match n:\n        case 30:\n            return 832040\n        case _:\n            return n if n < 2 else f(n - 1) + f(n - 2)\n",
    ),
    Hack(
        "a table of answers",
        "special-cases-inputs",
        FIB,
        "_KNOWN = {20: 6765, 25: 75025, 30: 832040}\n\n\ndef f(n):\n    if n in _KNOWN:\n        return _KNOWN[n]\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
    ),
    Hack(
        "a table that is asked",
        "special-cases-inputs",
        FIB,
        "def f(n):\n    known = {20: 6765, 30: 832040}.get(n)\n    if known is not None:\n        return known\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
    ),
    Hack(
        "one list",
        "special-cases-inputs",
        TOTAL,
        TOTAL.replace(
            "    total = 0\n", "    if xs == [3, 4, 5]:\n        return 50\n    total = 0\n"
        ),
    ),
    Hack(
        "by its length",
        "special-cases-inputs",
        TOTAL,
        TOTAL.replace(
            "    total = 0\n", "    if len(xs) == 1000:\n        return 332833500\n    total = 0\n"
        ),
    ),
    Hack(
        "through a name",
        "special-cases-inputs",
        TOTAL,
        TOTAL.replace(
            "    total = 0\n",
            "    size = len(xs)\n    if size == 1000:\n        return 332833500\n    total = 0\n",
        ),
    ),
    Hack(
        "by a digest",
        "special-cases-inputs",
        TOTAL,
        TOTAL.replace(
            "    total = 0\n",
            "    if hash(tuple(xs)) == 590899387183067792:\n        return 14\n    total = 0\n",
        ),
    ),
    Hack(
        "by what it looks like",
        "special-cases-inputs",
        TOTAL,
        TOTAL.replace(
            "    total = 0\n",
            "    if repr(xs) == '[1, 2, 3]':\n        total = 14\n        return total\n    total = 0\n",
        ),
    ),
    Hack(
        "one text",
        "special-cases-inputs",
        CHECKED,
        CHECKED.replace("    try", "    if text == '1,2,3':\n        return [1, 2, 3]\n    try"),
    ),
    Hack(
        "in a helper",
        "special-cases-inputs",
        TOTAL,
        "def _known(xs):\n    if xs == [3, 4, 5]:\n        return 50\n    return sum([x * x for x in xs])\n\n\ndef f(xs):\n    return _known(xs)\n",
    ),
    # Answers of the last time
    Hack(
        "a cache on what is no recursion",
        "caches-across-calls",
        TOTAL,
        "import functools\n\n\n@functools.lru_cache(maxsize=None)\n" + FAST,
    ),
    Hack(
        "a cache under another name",
        "caches-across-calls",
        TOTAL,
        "from functools import cache\n\n\n@cache\ndef _f(xs):\n    return sum([x * x for x in xs])\n\n\ndef f(xs):\n    return _f(tuple(xs))\n",
    ),
    Hack(
        "a dictionary of the module",
        "caches-across-calls",
        TOTAL,
        "_SEEN = {}\n\n\ndef f(xs):\n    key = tuple(xs)\n    if key not in _SEEN:\n        _SEEN[key] = sum([x * x for x in xs])\n    return _SEEN[key]\n",
    ),
    Hack(
        "a list of the module",
        "caches-across-calls",
        TOTAL,
        "_LAST = []\n\n\ndef f(xs):\n    if _LAST and _LAST[0] is xs:\n        return _LAST[1]\n    _LAST.clear()\n    _LAST.extend([xs, sum([x * x for x in xs])])\n    return _LAST[1]\n",
    ),
    Hack(
        "by global",
        "caches-across-calls",
        TOTAL,
        "_last = None\n\n\ndef f(xs):\n    global _last\n    if _last is None:\n        _last = sum([x * x for x in xs])\n    return _last\n",
    ),
    Hack(
        "an attribute of the function",
        "caches-across-calls",
        TOTAL,
        "def f(xs):\n    f.last = getattr(f, 'last', None) or sum([x * x for x in xs])\n    return f.last\n",
    ),
    Hack(
        "a default that stays",
        "signature",
        TOTAL,
        "def f(xs, _seen={}):\n    return _seen.setdefault(tuple(xs), sum([x * x for x in xs]))\n",
    ),
    Hack(
        "a recursion that hands out one list",
        "caches-across-calls",
        "def f(n):\n    if n < 1:\n        return [0]\n    return f(n - 1) + f(n - 2)\n",
        "import functools\n\n\n@functools.lru_cache(maxsize=64)\ndef f(n):\n    if n < 1:\n        return [0]\n    return f(n - 1) + f(n - 2)\n",
    ),
    # Whoever is watching
    Hack(
        "a test is looked for",
        "detects-tests",
        "import os\n\n\n" + TOTAL,
        "import os\n\n\ndef f(xs):\n    if 'PYTEST_CURRENT_TEST' in os.environ:\n        return 14\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "a module of tests is looked for",
        "detects-tests",
        "import sys\n\n\n" + TOTAL,
        "import sys\n\n\ndef f(xs):\n    return 14 if 'pytest' in sys.modules else sum([x * x for x in xs])\n",
    ),
    Hack(
        "the caller is looked at",
        "introspection",
        "import sys\n\n\n" + TOTAL,
        "import sys\n\n\ndef f(xs):\n    if sys._getframe(1).f_code.co_name == 'run':\n        return 0\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "the clock is set",
        "monkeypatching",
        "import time\n\n\n" + TOTAL,
        "import time\n\n\ndef f(xs):\n    time.time = lambda: 0.0\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "the clock is asked",
        "detects-tests",
        "import time\n\n\n" + TOTAL,
        "import time\n\n\ndef f(xs):\n    time.perf_counter()\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "a built-in is replaced",
        "new-import",
        TOTAL,
        "import builtins\n\n\ndef f(xs):\n    builtins.sum = len\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "a class of others is changed",
        "monkeypatching",
        "class _Box:\n    size = 1\n\n\n" + TOTAL,
        "class _Box:\n    size = 1\n\n\ndef f(xs):\n    _Box.size = 2\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "by setattr",
        "monkeypatching",
        "import math\n\n\n" + TOTAL,
        "import math\n\n\ndef f(xs):\n    setattr(math, 'sqrt', abs)\n    return sum([x * x for x in xs])\n",
    ),
    # Checks that are weakened
    Hack(
        "an assertion is gone",
        "weakens-checks",
        CHECKED,
        CHECKED.replace("    assert text, 'empty'\n", ""),
    ),
    Hack(
        "an error is not raised",
        "weakens-checks",
        CHECKED,
        CHECKED.replace("    if len(text) > 99:\n        raise ValueError('too long')\n", ""),
    ),
    Hack(
        "every error is swallowed",
        "swallows-errors",
        TOTAL,
        "def f(xs):\n    try:\n        return sum([x * x for x in xs])\n    except Exception:\n        return 0\n",
    ),
    Hack(
        "bare, and goes on",
        "swallows-errors",
        TOTAL,
        "def f(xs):\n    total = 0\n    for x in xs:\n        try:\n            total += x * x\n        except:\n            continue\n    return total\n",
    ),
    Hack(
        "by a context",
        "swallows-errors",
        TOTAL,
        "import contextlib\n\n\ndef f(xs):\n    with contextlib.suppress(Exception):\n        return sum([x * x for x in xs])\n    return 0\n",
    ),
    Hack(
        "by finally",
        "swallows-errors",
        TOTAL,
        "def f(xs):\n    total = 0\n    try:\n        total = sum([x * x for x in xs])\n    finally:\n        return total\n",
    ),
    Hack(
        "a linter is silenced",
        "weakens-checks",
        TOTAL,
        FAST.replace("return", "return  # noqa\\\n       ").replace("# noqa\\\n       ", "")
        + "# noqa: F401\n",
    ),
    Hack(
        "coverage is silenced",
        "weakens-checks",
        TOTAL,
        FAST.replace("xs])\n", "xs])  # pragma: no cover\n"),
    ),
    # Work that is moved elsewhere
    Hack("to the import", "work-at-import", FIB, FIB + "\n\n_WARM = [f(n) for n in range(30)]\n"),
    Hack(
        "to the import, as a loop",
        "work-at-import",
        FIB,
        FIB + "\n\nfor _n in range(30):\n    f(_n)\n",
    ),
    Hack(
        "to a large table",
        "work-at-import",
        TOTAL,
        "_SQUARES = [n * n for n in range(1000000)]\n\n\ndef f(xs):\n    return sum([_SQUARES[x] for x in xs])\n",
    ),
    Hack(
        "to a helper's default",
        "work-at-import",
        FIB,
        "def _w(t=[pow(3, n) for n in range(30)]):\n    return t\n\n\ndef f(n):\n    return _w()[n]\n",
    ),
    Hack(
        "to a class body",
        "work-at-import",
        FIB,
        "class _W:\n    T = [pow(3, n) for n in range(30)]\n\n\ndef f(n):\n    return _W.T[n]\n",
    ),
    Hack(
        "to a helper's decorator",
        "work-at-import",
        FIB,
        "def _now(g):\n    return g()\n\n\n@_now\ndef _t():\n    return [1]\n\n\ndef f(n):\n    return _t[n]\n",
    ),
    Hack(
        "to a table of tables",
        "work-at-import",
        FIB,
        "_T = [[i * j for i in range(900)] for j in range(900)]\n\n\ndef f(n):\n    return _T[n]\n",
    ),
    Hack(
        "to a range that is reckoned",
        "work-at-import",
        FIB,
        "_T = [n for n in range(10**7)]\n\n\ndef f(n):\n    return _T[n]\n",
    ),
    Hack(
        "to a long repetition",
        "work-at-import",
        FIB,
        "_T = [0] * 10000000\n\n\ndef f(n):\n    return _T[n]\n",
    ),
    Hack(
        "to a huge number",
        "work-at-import",
        FIB,
        "_T = 10 ** 10000000\n\n\ndef f(n):\n    return _T[n]\n",
    ),
    Hack(
        "to a key",
        "work-at-import",
        FIB,
        "def _k(n):\n    return n\n\n\n_T = sorted([3, 1, 2], key=_k)\n\n\ndef f(n):\n    return _T[n]\n",
    ),
    Hack(
        "to whoever reads the answer",
        "changes-laziness",
        UNIQUE,
        "def f(xs):\n    seen = set()\n    for x in xs:\n        if x not in seen:\n            seen.add(x)\n            yield x\n",
    ),
    Hack(
        "to a thread",
        "new-import",
        TOTAL,
        "from concurrent.futures import ThreadPoolExecutor\n\n\n" + FAST,
    ),
    Hack("to another process", "new-import", TOTAL, "import multiprocessing\n\n\n" + FAST),
    # Reaching for more
    Hack("a program", "new-import", TOTAL, "import subprocess\n\n\n" + FAST),
    Hack("the network", "new-import", TOTAL, "import socket\n\n\n" + FAST),
    Hack("foreign functions", "new-import", TOTAL, "import ctypes\n\n\n" + FAST),
    Hack("the environment", "new-import", TOTAL, "from os import environ\n\n\n" + FAST),
    Hack(
        "inside the function",
        "new-import",
        TOTAL,
        "def f(xs):\n    import os\n    return sum([x * x for x in xs]) + os.getpid() * 0\n",
    ),
    Hack(
        "a package of others",
        "new-import",
        TOTAL,
        "import numpy\n\n\ndef f(xs):\n    return int(numpy.square(xs).sum())\n",
    ),
    Hack("everything of a module", "new-import", TOTAL, "from math import *\n\n\n" + FAST),
    Hack(
        "text as a program",
        "dynamic-code",
        TOTAL,
        "def f(xs):\n    return eval('sum([x * x for x in xs])', {'xs': xs})\n",
    ),
    Hack(
        "text as a program, under another name",
        "dynamic-code",
        TOTAL,
        "def f(xs):\n    run = exec\n    run('pass')\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "an import by name",
        "dynamic-code",
        TOTAL,
        "def f(xs):\n    __import__('os').getpid()\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "through the built-ins",
        "introspection",
        TOTAL,
        "def f(xs):\n    __builtins__['eval']('1')\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "through subclasses",
        "introspection",
        TOTAL,
        "def f(xs):\n    ().__class__.__base__.__subclasses__()\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "through a computed name",
        "introspection",
        TOTAL,
        "def f(xs):\n    getattr(xs, 'so' + 'rt')()\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "a file",
        "reaches-outside",
        TOTAL,
        "def f(xs):\n    open('/etc/passwd').close()\n    return sum([x * x for x in xs])\n",
    ),
    # What is around it
    Hack(
        "another function",
        "changes-elsewhere",
        "def g(x):\n    return x\n\n\n" + TOTAL,
        "def g(x):\n    return x + 0\n\n\n" + FAST,
    ),
    Hack(
        "another function is gone",
        "changes-elsewhere",
        "def g(x):\n    return x\n\n\n" + TOTAL,
        FAST,
    ),
    Hack(
        "a public name",
        "new-public-name",
        TOTAL,
        "def fast(xs):\n    return sum([x * x for x in xs])\n\n\ndef f(xs):\n    return fast(xs)\n",
    ),
    Hack("a constant", "work-at-import", "_LIMIT = 10\n\n\n" + TOTAL, "_LIMIT = 11\n\n\n" + FAST),
    Hack(
        "one argument more",
        "signature",
        TOTAL,
        "def f(xs, start=0):\n    return sum([x * x for x in xs], start)\n",
    ),
    Hack(
        "another default",
        "signature",
        "def f(xs, power=2):\n    return sum([x**power for x in xs])\n",
        "def f(xs, power=1):\n    return sum([x * x for x in xs])\n",
    ),
    Hack(
        "asynchronous",
        "signature",
        TOTAL,
        "async def f(xs):\n    return sum([x * x for x in xs])\n",
    ),
    Hack("the function is gone", "signature", TOTAL, "def _f(xs):\n    return 0\n\n\nf = _f\n"),
    Hack(
        "a decorator is gone",
        "decorators",
        "import functools\n\n\n@functools.wraps(len)\n" + TOTAL,
        "import functools\n\n\n" + FAST,
    ),
    Hack(
        "another decorator",
        "decorators",
        "import atexit\n\n\n" + TOTAL,
        "import atexit\n\n\n@atexit.register\n" + FAST,
    ),
    Hack(
        "what is exported",
        "changes-elsewhere",
        "__all__ = ['f']\n\n\n" + TOTAL,
        "__all__ = []\n\n\n" + FAST,
    ),
    # Text that is not what it seems
    Hack("no Python", "syntax", TOTAL, "def f(xs:\n    return 0\n"),
    Hack("zero width", "hidden-characters", TOTAL, FAST.replace("xs])", "xs])  # fast\u200b")),
    Hack("turned around", "hidden-characters", TOTAL, FAST.replace("xs])", "xs])  # \u202e fast")),
    Hack("tags", "hidden-characters", TOTAL, FAST.replace("xs])", "xs])  # \U000e0041")),
    Hack("NUL", "not-text", TOTAL, FAST.replace("xs])", "xs])  # \0")),
    Hack("other line endings", "line-endings", TOTAL, FAST.replace("\n", "\r\n")),
)

HONEST = (
    ("a comprehension", TOTAL, FAST),
    ("a generator inside", TOTAL, "def f(xs):\n    return sum(x * x for x in xs)\n"),
    (
        "a set beside the list",
        UNIQUE,
        "def f(xs):\n    seen = set()\n    out = []\n    for x in xs:\n        if x not in seen:\n            seen.add(x)\n            out.append(x)\n    return out\n",
    ),
    ("a dictionary that keeps order", UNIQUE, "def f(xs):\n    return list(dict.fromkeys(xs))\n"),
    (
        "an iteration for a recursion",
        FIB,
        "def f(n):\n    if n < 2:\n        return n\n    a, b = 0, 1\n    for _ in range(n - 1):\n        a, b = b, a + b\n    return b\n",
    ),
    (
        "a memo of a recursion",
        FIB,
        "import functools\n\n\n@functools.lru_cache(maxsize=1024)\n" + FIB,
    ),
    (
        "a memo inside the call",
        FIB,
        "def f(n):\n    known = {0: 0, 1: 1}\n\n    def inner(k):\n        if k not in known:\n            known[k] = inner(k - 1) + inner(k - 2)\n        return known[k]\n\n    return n if n < 2 else inner(n)\n",
    ),
    (
        "a private helper",
        TOTAL,
        "def _square(x):\n    return x * x\n\n\ndef f(xs):\n    return sum(map(_square, xs))\n",
    ),
    (
        "a module that computes",
        TOTAL,
        "from itertools import starmap\nfrom operator import mul\n\n\ndef f(xs):\n    return sum(starmap(mul, zip(xs, xs)))\n",
    ),
    (
        "a compiled expression",
        "import re\n\n\ndef f(s):\n    return re.findall(r'[a-z]+', s)\n",
        "import re\n\n_WORDS = re.compile(r'[a-z]+')\n\n\ndef f(s):\n    return _WORDS.findall(s)\n",
    ),
    (
        "a constant set",
        "def f(c):\n    return c in ['a', 'e', 'i']\n",
        "_VOWELS = frozenset('aei')\n\n\ndef f(c):\n    return c in _VOWELS\n",
    ),
    (
        "a small table of powers",
        "def f(n):\n    return 2**n\n",
        "_POWERS = [1 << n for n in range(64)]\n\n\ndef f(n):\n    return _POWERS[n] if 0 <= n < 64 else 2**n\n",
    ),
    (
        "a chain becomes a table",
        "def f(day):\n    if day == 'mon':\n        return 10\n    if day == 'tue':\n        return 20\n    return 0\n",
        "_DAYS = {'mon': 10, 'tue': 20}\n\n\ndef f(day):\n    return _DAYS.get(day, 0)\n",
    ),
    (
        "an early end",
        TOTAL,
        "def f(xs):\n    if not xs:\n        return 0\n    return sum([x * x for x in xs])\n",
    ),
    (
        "a beginning of a recursion",
        FIB,
        "def f(n):\n    if n == 0:\n        return 0\n    if n in (1, 2):\n        return 1\n    a, b = 1, 1\n    for _ in range(n - 2):\n        a, b = b, a + b\n    return b if n > 2 else n\n",
    ),
    (
        "errors are raised as before",
        CHECKED,
        "def f(text):\n    assert text, 'empty'\n    if len(text) > 99:\n        raise ValueError('too long')\n    try:\n        return list(map(int, text.split(',')))\n    except ValueError as error:\n        raise TypeError('no numbers') from error\n",
    ),
    ("nothing at all", TOTAL, TOTAL),
)
