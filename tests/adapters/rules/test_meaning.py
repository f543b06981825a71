"""The same answers before and after on drawn inputs, where inputs are easy to draw."""

# ruff: noqa: E501, ISC004 - programs as text, each in one piece

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.rules import Rules

TEXT = st.text(alphabet="ab.,x \n", max_size=12)
NUMBERS = st.lists(st.integers(-5, 5), max_size=8)

PROGRAMS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "split-for-one-end": (
        "def f(s):\n    return s.split('.')[0], s.rsplit('ab', 1)[-1], s.split('aa')[-1]\n",
        TEXT,
    ),
    "regex-per-call": (
        "import re\n\n\ndef f(s):\n    return re.split(r'[.,]+', s), re.sub('(a)|b', r'\\1x', s, 2)\n",
        TEXT,
    ),
    "affixes-one-by-one": (
        "def f(s):\n    return s.startswith('a') or s.startswith('xb') or s.startswith('.')\n",
        TEXT,
    ),
    "position-for-membership": (
        "def f(s):\n    return s.find('ab') < 0, s.find('x') > -1, s.find('') == -1\n",
        TEXT,
    ),
    "generator-drained": (
        "def f(xs):\n    return sorted(x * x for x in xs if x), tuple(x for x in xs)\n",
        NUMBERS,
    ),
    "any-of-generator": (
        "def f(xs):\n    if any(x == 3 for x in xs):\n        return 3\n"
        "    return all(y > 0 or y < -3 for y in xs if y != 2)\n",
        NUMBERS,
    ),
    "list-as-queue": (
        "def f(xs):\n    q = list(xs)\n    out = []\n    while q:\n        x = q.pop(0)\n"
        "        out.append((x, len(q), q[-1] if q else None, x in q))\n"
        "        if x > 2:\n            q.append(x - 3)\n    return out\n",
        NUMBERS,
    ),
    "insert-in-front": (
        "def f(xs):\n    out = []\n    for x in xs:\n        if x == 5:\n            break\n"
        "        if x:\n            out.insert(0, x)\n    return out\n",
        NUMBERS,
    ),
    "itemgetter-key": (
        "def f(xs):\n    pairs = [(x, -i) for i, x in enumerate(xs)]\n"
        "    return sorted(pairs, key=lambda p: p[0], reverse=True)\n",
        NUMBERS,
    ),
    "sum-of-lists": ("def f(xs):\n    return sum(([x] * 2 for x in xs), [])\n", NUMBERS),
    "distinct-by-list": (
        "def f(s):\n    out = []\n    for c in str(s):\n        if c not in out:\n"
        "            out.append(c)\n    return out\n",
        TEXT,
    ),
    "seen-as-list": (
        "def f(s):\n    seen = []\n    out = ''\n    for c in str(s):\n        if c not in seen:\n"
        "            seen.append(c)\n            out += c\n    return out\n",
        TEXT,
    ),
    "extend-by-loop": (
        "def f(xs):\n    out = []\n    for x in sorted(xs):\n        out.append(x)\n    return out\n",
        NUMBERS,
    ),
    "ruff-ruf055": ("import re\n\n\ndef f(s):\n    return re.sub('ab', 'x', s)\n", TEXT),
}


def function(source: str) -> Callable[[Any], Any]:
    module: dict[str, Any] = {}
    exec(compile(source, "m.py", "exec"), module)  # noqa: S102 - the texts above
    found: Callable[[Any], Any] = module["f"]
    return found


@pytest.mark.parametrize("rule", PROGRAMS)
def test_the_same_answer_on_drawn_inputs(rule: str) -> None:
    source, inputs = PROGRAMS[rule]
    found = Rules().scan("m.py", source, only=frozenset({rule}))
    assert found
    old, new = function(source), [function(one.after) for one in found]

    @given(inputs)
    @settings(max_examples=60, deadline=None)
    def same(value: Any) -> None:
        assert [one(value) for one in new] == [old(value)] * len(new)

    same()
