"""Where each rule must fire: a module that defines `f`, and arguments to call it with."""

# ruff: noqa: E501 - a program on one line is easier to compare than one cut in pieces

from typing import Any, NamedTuple


class Fires(NamedTuple):
    """`f(*arguments)` must give the same before and after; `contains` must stand in the result."""

    rule: str
    source: str
    calls: tuple[tuple[Any, ...], ...]
    contains: str


FIRES = (
    Fires(
        "regex-per-call",
        "import re\n\n\ndef f(s):\n    return re.sub(r'o+', '0', s)\n",
        (("foo boo",), ("",)),
        "_F_RE = re.compile(r'o+')",
    ),
    Fires(
        "regex-per-call",
        "import re\n\ndef f(s):\n    p = re.compile('A', re.I | re.MULTILINE)\n    return p.findall(s)\n",
        (("aAb",), ("",)),
        "re.compile('A', re.I | re.MULTILINE)",
    ),
    Fires(
        "regex-per-call",
        "import re as regex\n\ndef f(s):\n    return bool(regex.match('a', s, flags=regex.I))\n",
        (("Abc",), ("x",)),
        "_F_RE.match(s)",
    ),
    Fires(
        "regex-per-call",
        "import re\nfrom re import split\n\ndef f(s):\n    return split('[,;]', s, maxsplit=1)\n",
        (("a,b;c",), ("",)),
        "_F_RE.split(s, maxsplit=1)",
    ),
    Fires(
        "split-for-one-end",
        "def f(s):\n    return s.split('.')[0], s.split('.')[-1]\n",
        (("a.b.c",), ("",), ("abc",), (".",)),
        "s.partition('.')[0]",
    ),
    Fires(
        "split-for-one-end",
        "def f(s):\n    return s.rsplit(b'--', 1)[-1]\n",
        ((b"a--b--c",), (b"",), (b"---",)),
        "s.rpartition(b'--')[2]",
    ),
    Fires(
        "split-for-one-end",
        "def f(s):\n    return s.split('ab', 1)[0]\n",
        (("xabyab",), ("aab",), ("",)),
        "s.partition('ab')[0]",
    ),
    Fires(
        "position-for-membership",
        "def f(s):\n    return [s.find('x') != -1, s.find('x') < 0, s.find('x') >= 0]\n",
        (("axb",), ("",)),
        "'x' in s",
    ),
    Fires(
        "position-for-membership",
        "def f(s):\n    if not s.find('x') == -1:\n        return 1\n    return 2\n",
        (("axb",), ("",)),
        "not ('x' not in s)",
    ),
    Fires(
        "position-for-membership",
        "def f(s: str):\n    words = s.split()\n    return words.count('a') > 0\n",
        (("a b a",), ("",)),
        "'a' in words",
    ),
    Fires(
        "affixes-one-by-one",
        "def f(s):\n    return s.startswith('a') or s.startswith('b') or s.startswith('')\n",
        (("ax",), ("x",), ("",)),
        "s.startswith(('a', 'b', ''))",
    ),
    Fires(
        "affixes-one-by-one",
        "def f(s):\n    return not (s.endswith('a') or s.endswith('b'))\n",
        (("xa",), ("x",)),
        "not s.endswith(('a', 'b'))",
    ),
    Fires(
        "generator-drained",
        "def f(xs):\n    return set(x + 1 for x in xs if x)\n",
        (([1, 2, 0],), ([],)),
        "{x + 1 for x in xs if x}",
    ),
    Fires(
        "generator-drained",
        "def f(xs):\n    return dict((x, [x]) for x in xs)\n",
        (([1, 2, 1],), ([],)),
        "{x: [x] for x in xs}",
    ),
    Fires(
        "generator-drained",
        "def f(xs):\n    return list((x) for x in xs), tuple(x for x in xs)\n",
        (([1, 2, 0],), ([],)),
        "tuple([x for x in xs])",
    ),
    Fires(
        "generator-drained",
        "def f(xs):\n    return sorted((-x for x in xs), key=abs, reverse=True)\n",
        (([1, 2, 0],), ([],)),
        "sorted([-x for x in xs], key=abs, reverse=True)",
    ),
    Fires(
        "list-for-container",
        "def f(xs):\n    return set([x % 3 for x in xs]), dict([(x, 1) for x in xs])\n",
        (([1, 2, 4],), ([],)),
        "{x % 3 for x in xs}",
    ),
    Fires(
        "list-rebuilt-in-loop",
        "def f(xs):\n    out = []\n    for x in xs:\n        out = out + [x * 2]\n    return out\n",
        (([1, 2],), ([],)),
        "out.append(x * 2)",
    ),
    Fires(
        "list-rebuilt-in-loop",
        "def f(n):\n    a = [1]\n    while len(a) < n:\n        a = a + [a[-1] + 1]\n    return a\n",
        ((5,), (0,)),
        "a.append(a[-1] + 1)",
    ),
    Fires(
        "extend-by-loop",
        "def f(n):\n    out = [9]\n    for i in range(n):\n        out.append(i)\n    return out\n",
        ((3,), (0,)),
        "out.extend(range(n))",
    ),
    Fires(
        "extend-by-loop",
        "def f(xs: list):\n    seen = set()\n    for x in xs:\n        seen.add(x)\n    return seen\n",
        (([1, 1, 2],), ([],)),
        "seen.update(xs)",
    ),
    Fires(
        "constant-list-by-loop",
        "def f(s):\n    return [0 for _ in range(len(s) + 1)], [-1 for i in range(len(s))]\n",
        (("abc",), ("",)),
        "[0] * (len(s) + 1)",
    ),
    Fires(
        "constant-list-by-loop",
        "def f(n: int):\n    return [None for _ in range(n)]\n",
        ((3,), (0,), (-1,)),
        "[None] * n",
    ),
    Fires(
        "list-of-one-added",
        "def f(xs):\n    out = []\n    for x in xs:\n        out += [x]\n    return out\n",
        (([1, 2],), ([],)),
        "out.append(x)",
    ),
    Fires(
        "copy-by-comprehension",
        "def f(n):\n    return [i for i in range(n)], [c for c in str(n)]\n",
        ((3,), (0,)),
        "list(range(n))",
    ),
    Fires(
        "copy-by-comprehension",
        "def f(xs: list):\n    return [p for p in enumerate(xs)]\n",
        (([1, 2],), ([],)),
        "list(enumerate(xs))",
    ),
    Fires(
        "copy-of-immutable",
        "import copy\n\ndef f(s: str):\n    return copy.deepcopy(s), copy.copy(len(s))\n",
        (("abc",),),
        "return s, copy.copy(len(s))",
    ),
    Fires(
        "sum-of-lists",
        "def f(xs):\n    return sum(([x, x] for x in xs), [])\n",
        (([1, 2],), ([],)),
        "list(chain.from_iterable([x, x] for x in xs))",
    ),
    Fires(
        "sum-of-lists",
        "import itertools\n\ndef f(xs):\n    return sum([list(x) for x in xs], [])\n",
        ((["ab", "c"],), ([],)),
        "list(itertools.chain.from_iterable([list(x) for x in xs]))",
    ),
    Fires(
        "prefix-summed-again",
        "def f(xs):\n    at = [sum(xs[:i]) for i in range(len(xs) + 1)]\n"
        "    return at, list(range(at[0], at[-1]))\n",
        (([1, 2, 3],), ([],)),
        "list(accumulate(xs, initial=0))",
    ),
    Fires(
        "any-of-generator",
        "def f(xs):\n    return any(x < 0 for x in xs)\n",
        (([1, -2],), ([],), ([1],)),
        "for x in xs:\n        if x < 0:\n            return True\n    return False",
    ),
    Fires(
        "any-of-generator",
        "def f(xs):\n    return all(x in (1, 2) or x > 5 for x in xs if x or x is None)\n",
        (([1, 2, 0],), ([],), ([3],), ([9],)),
        "if (x or x is None) and not (x in (1, 2) or x > 5):",
    ),
    Fires(
        "any-of-generator",
        "def f(xs):\n    return all(a in b for a, b in xs)\n",
        (([("a", "ab")],), ([],), ([("x", "ab")],)),
        "if a not in b:",
    ),
    Fires(
        "any-of-generator",
        "def f(xs, m):\n    if m:\n        if any(x == m for x in xs):\n            return 'yes', m\n    return 'no'\n",
        (([1, 2], 2), ([], 1), ([1], 3)),
        "        for x in xs:\n            if x == m:\n                return 'yes', m\n    return 'no'",
    ),
    Fires(
        "any-of-generator",
        "def f(xs):\n    if not all(x for x in xs):\n        return\n    return 1\n",
        (([1, 0],), ([],), ([1],)),
        "        if not x:\n            return\n    return 1",
    ),
    Fires(
        "sorted-for-one-end",
        "def f(s: str):\n    words = s.split()\n    if words:\n        return sorted(words)[0], 1\n    return None\n",
        (("b a c",), ("",)),
        "min(words)",
    ),
    Fires(
        "sorted-for-one-end",
        "def f(s: str):\n    w = s.split()\n    return sorted(w)[-1] if len(w) > 0 else None\n",
        (("b a c",), ("",)),
        "max(w)",
    ),
    Fires(
        "copy-for-membership",
        "def f(xs: list, s: str):\n    return s in list(xs), 1 in tuple(xs)\n",
        ((["a"], "a"), ([], "a"), ([1], "b")),
        "s in xs",
    ),
    Fires(
        "copy-for-membership",
        "def f(n):\n    d = {str(i): i for i in range(n)}\n    return '1' in list(d)\n",
        ((3,), (0,)),
        "'1' in d",
    ),
    Fires(
        "constants-one-by-one",
        "def f(s: str):\n    return s in ('a', 'b', 'c', 'd', 'e'), s not in ['a', 'b', 'c', 'd', 'e',]\n",
        (("a",), ("z",), ("",)),
        "s in {'a', 'b', 'c', 'd', 'e'}",
    ),
    Fires(
        "constant-table-per-call",
        "def f(k):\n    return {'a': 1, 'b': 2}.get(k)\n",
        (("a",), ("z",)),
        "_F_TABLE = {'a': 1, 'b': 2}",
    ),
    Fires(
        "constant-table-per-call",
        '"""Doc."""\nimport os\n\n\ndef f(k):\n    good = {1, 2, 3}\n    return k in good\n',
        ((1,), (9,)),
        "_F_SET = frozenset({1, 2, 3})",
    ),
    Fires(
        "lookup-of-own-key",
        "def f(xs):\n    d = {x: x * 2 for x in xs}\n    out = []\n    for k in d:\n"
        "        out.append((k, d[k]))\n    return out\n",
        (([1, 2],), ([],)),
        "for k, value in d.items():",
    ),
    Fires(
        "default-by-lambda",
        "from collections import defaultdict\n\ndef f(xs):\n    d = defaultdict(lambda: 0)\n"
        "    e = defaultdict(lambda: [])\n    for x in xs:\n        d[x] += 1\n        e[x].append(x)\n"
        "    return dict(d), dict(e)\n",
        (([1, 1, 2],), ([],)),
        "defaultdict(int)",
    ),
    Fires(
        "items-half-used",
        "def f(d):\n    out = []\n    for _, v in d.items():\n        out.append(v)\n"
        "    return out, [k for k, _ in d.items()]\n",
        (({1: 2},), ({},)),
        "for v in d.values():",
    ),
    Fires(
        "membership-in-keys",
        "def f(**d):\n    return 'a' in d.keys(), 'b' not in d.keys()\n",
        ((),),
        "'a' in d,",
    ),
    Fires(
        "constant-dict-by-loop",
        "def f(xs):\n    return {x: 0 for x in xs}, {x: None for x in xs}\n",
        (([1, 2, 1],), ([],)),
        "dict.fromkeys(xs, 0)",
    ),
    Fires(
        "itemgetter-key",
        "def f(xs):\n    return sorted(xs, key=lambda x: x[1], reverse=True)\n",
        (([(1, 2), (0, 3), (5, 3)],), ([],)),
        "key=itemgetter(1)",
    ),
    Fires(
        "itemgetter-key",
        "import operator\n\ndef f(xs):\n    return max(xs, key=lambda d: d['k'])\n",
        (([{"k": 1}, {"k": 3}],), ([],)),
        "key=operator.itemgetter('k')",
    ),
    Fires(
        "lambda-around-builtin",
        "def f(xs):\n    return sorted(xs, key=lambda x: len(x)), list(map(lambda x: str(x), xs))\n",
        ((["bb", "a"],), ([],)),
        "key=len",
    ),
    Fires(
        "map-of-lambda",
        "def f(xs):\n    return list(map(lambda x: x + 1, xs)), set(filter(lambda x: x > 1, xs))\n",
        (([1, 2],), ([],)),
        "[x + 1 for x in xs]",
    ),
    Fires(
        "import-per-call",
        "import os\n\n\ndef f(xs):\n    from itertools import chain\n\n    return list(chain(xs, xs))\n",
        (([1],),),
        "import os\nfrom itertools import chain\n",
    ),
    Fires(
        "list-as-queue",
        "def f(xs):\n    todo = list(xs)\n    out = []\n    while todo:\n        x = todo.pop(0)\n"
        "        out.append(x)\n        if x > 3:\n            todo.append(x // 2)\n    return out\n",
        (([1, 9, 4],), ([],)),
        "todo = deque(xs)",
    ),
    Fires(
        "list-as-queue",
        "from collections import deque\n\ndef f(n):\n    q = [n]\n    k = 0\n    while len(q) > 0:\n"
        "        x = q.pop(0)\n        k += 1\n        if x:\n            q.extend([x - 1, 0])\n    return k\n",
        ((4,), (0,)),
        "q.popleft()",
    ),
    Fires(
        "insert-in-front",
        "def f(xs):\n    out = []\n    for x in xs:\n        if x:\n            out.insert(0, x)\n    return out\n",
        (([1, 0, 2],), ([],)),
        "    out.reverse()\n",
    ),
    Fires(
        "bytes-or-tuple-grown",
        "def f(n):\n    data = b''\n    for i in range(n):\n        data += bytes([i])\n    return data\n",
        ((3,), (0,)),
        'data = b"".join(data)',
    ),
    Fires(
        "bytes-or-tuple-grown",
        "def f(n):\n    t = ()\n    for i in range(n):\n        t += (i,)\n    return t\n",
        ((3,), (0,)),
        "t.append(i)",
    ),
    Fires(
        "recursion-recomputed",
        "def f(n: int) -> int:\n    if n < 2:\n        return n\n    return f(n - 1) + f(n - 2)\n",
        ((15,), (0,)),
        "@lru_cache(maxsize=4096)\ndef f",
    ),
    Fires(
        "power-then-modulo",
        "def f(n: int):\n    out = 0\n    for i in range(n):\n        out += 3 ** i % 97\n    return out\n",
        ((9,), (0,), (300,)),
        "pow(3, i, 97)",
    ),
    Fires(
        "power-then-modulo",
        "M = 97\n\ndef f(a: int, b: int):\n    if b < 0:\n        raise ValueError\n    return a ** b % M\n",
        ((9, 7), (0, 0), (-3, 3), (1, -1)),
        "pow(a, b, M)",
    ),
    Fires(
        "list-searched-in-loop",
        "def f(s: str, t: str):\n    words = s.split()\n    n = 0\n    for w in t.split():\n"
        "        if w in words:\n            n += 1\n    return n\n",
        (("a b", "a c a"), ("", "")),
        "words_set = set(words)",
    ),
    Fires(
        "list-searched-in-loop",
        "def f(a: list[str], t: str):\n    n = 0\n    for w in t.split():\n        n += w in a\n    return n\n",
        ((["a", "b"], "a c a"), ([], "")),
        "a_set = set(a)",
    ),
    Fires(
        "distinct-by-list",
        "def f(names: list[str]):\n    seen: list[str] = []\n    for name in names:\n        if name not in seen:\n"
        "            seen.append(name)\n    return seen\n",
        ((["b", "a", "b"],), ([],)),
        "seen: list[str] = list(dict.fromkeys(names))",
    ),
    Fires(
        "distinct-by-list",
        "def f(s: str):\n    out = []\n    for w in s.split():\n        if w in out:\n            continue\n"
        "        out.append(w)\n    return out, len(out)\n",
        (("a b a",), ("",)),
        "out = list(dict.fromkeys(s.split()))",
    ),
    Fires(
        "distinct-by-list",
        "def f(n: int):\n    out = []\n    for x in (1, 2, 1):\n        if not x in out:\n            out.append(x)\n"
        "    return out[:n]\n",
        ((1,), (5,)),
        "out = list(dict.fromkeys((1, 2, 1)))",
    ),
    Fires(
        "seen-as-list",
        "def f(s: str):\n    seen = []\n    out = []\n    for w in s.split():\n        if w not in seen:\n"
        "            seen.append(w)\n            out.append(w)\n    return out\n",
        (("a b a",), ("",)),
        "seen = set()",
    ),
    Fires(
        "ruff-c409",
        "def f(a):\n    return tuple([a, 1]), tuple([a])\n",
        ((1,),),
        "(a, 1)",
    ),
    Fires(
        "ruff-c414",
        "def f(xs):\n    return sorted(list(xs), key=abs)\n",
        (([3, -1],), ([],)),
        "sorted(xs, key=abs)",
    ),
    Fires(
        "ruff-ruf046",
        "def f(xs):\n    return int(len(xs))\n",
        (([3, -1],), ([],)),
        "return len(xs)",
    ),
    Fires(
        "ruff-ruf055",
        "import re\n\ndef f(s):\n    return re.sub('a', 'b', s)\n",
        (("banana",), ("",)),
        "s.replace('a', 'b')",
    ),
    Fires(
        "ruff-up032",
        "def f(a, b):\n    return '{}-{:>4}'.format(a, b)\n",
        ((1, "x"),),
        "f'{a}-{b:>4}'",
    ),
)

IDS = [f"{case.rule}-{number}" for number, case in enumerate(FIRES)]
