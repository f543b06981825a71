"""Optimisations of one function each: right ones, and wrong ones that the tests beside them pass.

All are made up for this purpose. `tests` are bodies of a test file that has imported `f`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """A function before and after an optimisation, and the tests that its project has."""

    name: str
    old: str
    new: str
    tests: str


RIGHT = [
    Pair(
        "a loop that appends becomes a comprehension",
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out\n",
        "def f(xs):\n    return [x * 2 for x in xs]\n",
        "def test_f():\n    assert f([1, 2, 3]) == [2, 4, 6]\n",
    ),
    Pair(
        "copying by a comprehension becomes list()",
        "def f(xs):\n    return [x for x in xs]\n",
        "def f(xs):\n    return list(xs)\n",
        "def test_f():\n    assert f([1, 2]) == [1, 2]\n    assert f((3,)) == [3]\n",
    ),
    Pair(
        "text added up in a loop is joined",
        "def f(words):\n    text = ''\n    for w in words:\n        text += w + ';'\n"
        "    return text\n",
        "def f(words):\n    return ''.join([w + ';' for w in words])\n",
        "def test_f():\n    assert f(['a', 'b']) == 'a;b;'\n    assert f([]) == ''\n",
    ),
    Pair(
        "membership in a list of constants becomes one in a tuple",
        "def f(word):\n    return word in ['if', 'else', 'for']\n",
        "_KNOWN = ('if', 'else', 'for')\n\n\ndef f(word):\n    return word in _KNOWN\n",
        "def test_f():\n    assert f('if')\n    assert not f('x')\n",
    ),
    Pair(
        "a regular expression is compiled once",
        "import re\n\n\ndef f(line):\n    return re.compile(r'(\\w+)=(\\w*)').findall(line)\n",
        "import re\n\n_PAIRS = re.compile(r'(\\w+)=(\\w*)')\n\n\ndef f(line):\n"
        "    return _PAIRS.findall(line)\n",
        "def test_f():\n    assert f('a=1 b=') == [('a', '1'), ('b', '')]\n",
    ),
    Pair(
        "an exponential recursion remembers",
        "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        "import functools\n\n\n@functools.lru_cache(maxsize=1024, typed=True)\ndef f(n):\n"
        "    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        "import pytest\n\n\n@pytest.mark.parametrize('n', [1, 7, 12])\ndef test_f(n):\n"
        "    assert f(n) == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144][n]\n",
    ),
    Pair(
        "a queue made of a list becomes a deque",
        "def f(graph, start):\n    todo, seen = [start], []\n    while todo:\n"
        "        node = todo.pop(0)\n"
        "        if node not in seen:\n            seen.append(node)\n"
        "            todo.extend(graph.get(node, []))\n    return seen\n",
        "from collections import deque\n\n\ndef f(graph, start):\n"
        "    todo, seen = deque([start]), []\n    while todo:\n        node = todo.popleft()\n"
        "        if node not in seen:\n            seen.append(node)\n"
        "            todo.extend(graph.get(node, []))\n    return seen\n",
        "def test_f():\n    assert f({'a': ['b', 'c'], 'b': ['c']}, 'a') == ['a', 'b', 'c']\n",
    ),
    Pair(
        "an invariant leaves the loop",
        "def f(rows, names):\n    out = []\n    for row in rows:\n        width = len(names)\n"
        "        out.append(row[:width])\n    return out\n",
        "def f(rows, names):\n    width = len(names)\n    return [row[:width] for row in rows]\n",
        "def test_f():\n    assert f(['abc', 'de'], ['x', 'y']) == ['ab', 'de']\n",
    ),
    Pair(
        "a method's list built only to be counted becomes a sum",
        "class Shop:\n    def __init__(self, prices):\n        self.prices = prices\n\n"
        "    def f(self, limit):\n        return len([p for p in self.prices if p > limit])\n\n\n"
        "def f(prices, limit):\n    return Shop(prices).f(limit)\n",
        "class Shop:\n    def __init__(self, prices):\n        self.prices = prices\n\n"
        "    def f(self, limit):\n        return sum([1 for p in self.prices if p > limit])\n\n\n"
        "def f(prices, limit):\n    return Shop(prices).f(limit)\n",
        "def test_f():\n    assert f([1, 5, 9], 4) == 2\n",
    ),
    Pair(
        "a generator yields what it had built first from the same laziness",
        "def f(xs):\n    for x in xs:\n        y = x + 1\n        yield y\n",
        "def f(xs):\n    for x in xs:\n        yield x + 1\n",
        "def test_f():\n    assert list(f([1, 2])) == [2, 3]\n",
    ),
]

WRONG = [
    Pair(
        "order: distinct items through a set",
        "def f(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n"
        "            out.append(x)\n"
        "    return out\n",
        "def f(xs):\n    return list(set(xs))\n",
        "def test_f():\n    assert sorted(f([3, 1, 3])) == [1, 3]\n    assert f([1]) == [1]\n",
    ),
    Pair(
        "unhashable items: a set remembers what was seen",
        "def f(xs):\n    seen, out = [], []\n    for x in xs:\n        if x not in seen:\n"
        "            seen.append(x)\n            out.append(x)\n    return out\n",
        "def f(xs):\n    seen, out = set(), []\n    for x in xs:\n        if x not in seen:\n"
        "            seen.add(x)\n            out.append(x)\n    return out\n",
        "def test_f():\n    assert f(['b', 'a', 'b']) == ['b', 'a']\n",
    ),
    Pair(
        "minus zero: a sum starts from an integer",
        "def f(xs):\n    total = -0.0\n    for x in xs:\n        total += x\n    return total\n",
        "def f(xs):\n    return float(sum(xs))\n",
        "def test_f():\n    assert f([1.0, 2.5]) == 3.5\n",
    ),
    Pair(
        "nan: the largest by max",
        "def f(xs):\n    best = float('-inf')\n    for x in xs:\n        if x > best:\n"
        "            best = x\n"
        "    return best\n",
        "def f(xs):\n    return max(xs, default=float('-inf'))\n",
        "def test_f():\n    assert f([1.0, 4.0, 2.0]) == 4.0\n    assert f([]) == float('-inf')\n",
    ),
    Pair(
        "aliasing: the copy is left out",
        "def f(xs):\n    out = list(xs)\n    return out\n",
        "def f(xs):\n    return xs if isinstance(xs, list) else list(xs)\n",
        "def test_f():\n    assert f([1, 2]) == [1, 2]\n    assert f((1,)) == [1]\n",
    ),
    Pair(
        "aliasing: one row many times",
        "def f(rows, columns):\n    return [[0] * columns for _ in range(rows)]\n",
        "def f(rows, columns):\n    return [[0] * columns] * rows\n",
        "def test_f():\n    assert f(2, 3) == [[0, 0, 0], [0, 0, 0]]\n",
    ),
    Pair(
        "arguments: sorted in place",
        "def f(xs):\n    return sorted(xs)[: 2]\n",
        "def f(xs):\n    xs.sort()\n    return xs[:2]\n",
        "def test_f():\n    assert f([3, 1, 2]) == [1, 2]\n",
    ),
    Pair(
        "laziness: everything is made before the first item is asked for",
        "def f(xs):\n    for x in xs:\n        yield 10 // x\n",
        "def f(xs):\n    yield from [10 // x for x in xs]\n",
        "def test_f():\n    assert list(f([1, 5])) == [10, 2]\n",
    ),
    Pair(
        "exceptions: a missing key answers otherwise",
        "def f(table, key):\n    if key not in table:\n        raise KeyError(key)\n"
        "    return table[key]\n",
        "def f(table, key):\n    return table.get(key)\n",
        "def test_f():\n    assert f({'a': 1}, 'a') == 1\n",
    ),
    Pair(
        "exceptions: an empty input answers instead of raising",
        "def f(xs):\n    return sorted(xs)[0]\n",
        "def f(xs):\n    return min(xs, default=None)\n",
        "def test_f():\n    assert f([2, 1]) == 1\n",
    ),
    Pair(
        "ties: the last of the best instead of the first",
        "def f(people):\n    best = people[0]\n    for p in people:\n"
        "        if p['age'] > best['age']:\n"
        "            best = p\n    return best\n",
        "def f(people):\n    return sorted(people, key=lambda p: p['age'])[-1]\n",
        "def test_f():\n    assert f([{'age': 1, 'n': 'a'}, {'age': 3, 'n': 'b'}])['n'] == 'b'\n",
    ),
    Pair(
        "ties: sorting downwards by reversing",
        "def f(pairs):\n    return sorted(pairs, key=lambda p: p[0], reverse=True)\n",
        "def f(pairs):\n    return sorted(pairs, key=lambda p: p[0])[::-1]\n",
        "def test_f():\n    assert f([(1, 'a'), (2, 'b')]) == [(2, 'b'), (1, 'a')]\n",
    ),
    Pair(
        "truth: zero is taken for missing",
        "def f(a, b):\n    return a if a is not None else b\n",
        "def f(a, b):\n    return a or b\n",
        "def test_f():\n    assert f(1, 2) == 1\n    assert f(None, 2) == 2\n",
    ),
    Pair(
        "types: one and true share a place in a memory",
        "def f(n, m):\n    return (n, m)\n",
        "import functools\n\n\n@functools.lru_cache\ndef f(n, m):\n    return (n, m)\n",
        "def test_f():\n    assert f(1, 2) == (1, 2)\n    assert f(2, 1) == (2, 1)\n",
    ),
    Pair(
        "sharing: the remembered list is handed out",
        "def f(n):\n    return [i * i for i in range(n)]\n",
        "import functools\n\n\n@functools.lru_cache(maxsize=None)\ndef f(n):\n"
        "    return [i * i for i in range(n)]\n",
        "def test_f():\n    assert f(3) == [0, 1, 4]\n",
    ),
    Pair(
        "letters: lower() for casefold()",
        "def f(a, b):\n    return a.casefold() == b.casefold()\n",
        "def f(a, b):\n    return a.lower() == b.lower()\n",
        "def test_f():\n    assert f('Ab', 'aB')\n    assert not f('a', 'b')\n",
    ),
    Pair(
        "blanks: split by one space",
        "def f(line):\n    return line.split()\n",
        "def f(line):\n    return line.split(' ')\n",
        "def test_f():\n    assert f('a b') == ['a', 'b']\n",
    ),
    Pair(
        "digits: isdigit() says yes to more than int() can read",
        "def f(text):\n    try:\n        return int(text)\n    except ValueError:\n"
        "        return -1\n",
        "def f(text):\n    return int(text) if text.isdecimal() else -1\n",
        "def test_f():\n    assert f('12') == 12\n    assert f('x') == -1\n",
    ),
    Pair(
        "floats: added up in another order",
        "def f(xs):\n    total = 0.0\n    for x in xs:\n        total += x\n    return total\n",
        "import math\n\n\ndef f(xs):\n    return math.fsum(xs)\n",
        "def test_f():\n    assert f([1.0, 2.0]) == 3.0\n",
    ),
    Pair(
        "windows: the last one is left out",
        "def f(xs, size):\n    return [xs[i : i + size] for i in range(0, len(xs), size)]\n",
        "def f(xs, size):\n"
        "    return [xs[i * size : (i + 1) * size] for i in range(len(xs) // size)]\n",
        "def test_f():\n    assert f([1, 2, 3, 4], 2) == [[1, 2], [3, 4]]\n",
    ),
    Pair(
        "closures: all know the last step",
        "def f(steps):\n    return [lambda x, s=step: x + s for step in steps]\n",
        "def f(steps):\n    return [lambda x: x + step for step in steps]\n",
        "def test_f():\n    assert [g(1) for g in f([1])] == [2]\n    assert len(f([1, 2])) == 2\n",
    ),
    Pair(
        "clean-up: only where it is read to the end",
        "def f(log):\n    try:\n        yield 1\n    finally:\n        log.append('closed')\n",
        "def f(log):\n    yield 1\n    log.append('closed')\n",
        "def test_f():\n    assert list(f([])) == [1]\n",
    ),
    Pair(
        "contexts: nothing is put back after an error",
        "import contextlib\n\n\n@contextlib.contextmanager\ndef f(log):\n    log.append('in')\n"
        "    try:\n        yield\n    finally:\n        log.append('out')\n",
        "import contextlib\n\n\n@contextlib.contextmanager\ndef f(log):\n    log.append('in')\n"
        "    yield\n    log.append('out')\n",
        "def test_f():\n    with f([]):\n        pass\n",
    ),
    Pair(
        "moments: what is smaller than a second stays",
        "def f(at):\n    return at.replace(second=0, microsecond=0)\n",
        "import datetime\n\n\ndef f(at):\n    return at - datetime.timedelta(seconds=at.second)\n",
        "import datetime\n\n\ndef test_f():\n    at = datetime.datetime(2024, 1, 1, 5, 30)\n"
        "    assert f(at) == at\n",
    ),
    Pair(
        "letters: half a one has no bytes",
        "def f(text):\n    return sum(1 for c in text)\n",
        "def f(text):\n    return len(text.encode('utf-32-le')) // 4\n",
        "def test_f():\n    assert f('ab') == 2\n",
    ),
]
