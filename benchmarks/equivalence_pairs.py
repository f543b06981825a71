"""Optimisations of realistic functions: right ones, and ones that are wrong in one subtle way.

All are made up for this purpose, from the mistakes that people and models make when they optimise.
`tests` is what the function's project would have; those of a wrong pair pass on both sides. `shows`
is an expression in the module's names that differs between the two, which is why the pair is wrong.
"""

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, slots=True)
class Pair:
    """A module before and after; `function` is what was rewritten in it."""

    name: str
    old: str
    new: str
    tests: str
    function: str = "f"
    shows: str = ""


def _pair(name: str, old: str, new: str, *tests: str, function: str = "f", shows: str = "") -> Pair:
    wanted = function.partition(".")[0]
    lines = "\n".join(f"    assert {test}" for test in tests)
    body = f"from target import {wanted}\n\n\ndef test_it():\n{lines}\n"
    return Pair(name, dedent(old).lstrip("\n"), dedent(new).lstrip("\n"), body, function, shows)


RIGHT = [
    _pair(
        "words are counted by a Counter",
        """
        def f(words: list[str]) -> dict[str, int]:
            counts = {}
            for word in words:
                if word not in counts:
                    counts[word] = 0
                counts[word] += 1
            return counts
        """,
        """
        from collections import Counter


        def f(words: list[str]) -> dict[str, int]:
            return dict(Counter(words))
        """,
        "f(['a', 'b', 'a']) == {'a': 2, 'b': 1}",
        "f([]) == {}",
    ),
    _pair(
        "stop words become a set before the loop",
        """
        def f(words: list[str], stop: list[str]) -> list[str]:
            kept = []
            for word in words:
                if word not in stop:
                    kept.append(word)
            return kept
        """,
        """
        def f(words: list[str], stop: list[str]) -> list[str]:
            banned = set(stop)
            return [word for word in words if word not in banned]
        """,
        "f(['a', 'the', 'b'], ['the']) == ['a', 'b']",
    ),
    _pair(
        "prefix sums replace sums of slices",
        """
        def f(values: list[int], size: int) -> list[int]:
            if size < 1:
                raise ValueError("size")
            return [sum(values[i : i + size]) for i in range(len(values) - size + 1)]
        """,
        """
        def f(values: list[int], size: int) -> list[int]:
            if size < 1:
                raise ValueError("size")
            count = len(values) - size + 1
            if count < 1:
                return []
            total = sum(values[:size])
            found = [total]
            for i in range(size, len(values)):
                total += values[i] - values[i - size]
                found.append(total)
            return found
        """,
        "f([1, 2, 3, 4], 2) == [3, 5, 7]",
        "f([1], 2) == []",
    ),
    _pair(
        "two lists are joined through an index",
        """
        def f(orders: list[tuple[int, str]], users: list[tuple[int, str]]) -> list[tuple[str, str]]:
            found = []
            for user_id, item in orders:
                for id, name in users:
                    if id == user_id:
                        found.append((name, item))
                        break
            return found
        """,
        """
        def f(orders: list[tuple[int, str]], users: list[tuple[int, str]]) -> list[tuple[str, str]]:
            names = {}
            for id, name in users:
                names.setdefault(id, name)
            return [(names[user_id], item) for user_id, item in orders if user_id in names]
        """,
        "f([(1, 'pen'), (3, 'cup')], [(1, 'ann'), (2, 'bob')]) == [('ann', 'pen')]",
    ),
    _pair(
        "a sorted list is searched by halves",
        """
        def f(values: list[int], wanted: int) -> int:
            values = sorted(values)
            count = 0
            for value in values:
                if value < wanted:
                    count += 1
            return count
        """,
        """
        from bisect import bisect_left


        def f(values: list[int], wanted: int) -> int:
            return bisect_left(sorted(values), wanted)
        """,
        "f([3, 1, 2], 3) == 2",
    ),
    _pair(
        "the largest few by a heap, in the same order",
        """
        def f(scores: list[int], k: int) -> list[int]:
            if k <= 0:
                return []
            return sorted(scores, reverse=True)[:k]
        """,
        """
        import heapq


        def f(scores: list[int], k: int) -> list[int]:
            return heapq.nlargest(k, scores)
        """,
        "f([3, 1, 2], 2) == [3, 2]",
        "f([1], 5) == [1]",
    ),
    _pair(
        "text is turned round by a slice",
        """
        def f(text: str) -> bool:
            letters = []
            for c in text:
                if c.isalnum():
                    letters.append(c.lower())
            i, j = 0, len(letters) - 1
            while i < j:
                if letters[i] != letters[j]:
                    return False
                i += 1
                j -= 1
            return True
        """,
        """
        def f(text: str) -> bool:
            letters = [c.lower() for c in text if c.isalnum()]
            return letters == letters[::-1]
        """,
        "f('A man, a plan')  is False",
        "f('abba') is True",
    ),
    _pair(
        "transposing by zip",
        """
        def f(matrix: list[list[int]]) -> list[list[int]]:
            if not matrix:
                return []
            width = min(len(row) for row in matrix)
            result = []
            for x in range(width):
                column = []
                for row in matrix:
                    column.append(row[x])
                result.append(column)
            return result
        """,
        """
        def f(matrix: list[list[int]]) -> list[list[int]]:
            return [list(column) for column in zip(*matrix)]
        """,
        "f([[1, 2], [3, 4]]) == [[1, 3], [2, 4]]",
    ),
    _pair(
        "intervals are merged after one sort",
        """
        def f(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
            rest = sorted(spans)
            out: list[tuple[int, int]] = []
            while rest:
                start, end = rest.pop(0)
                if out and start <= out[-1][1]:
                    out[-1] = (out[-1][0], max(out[-1][1], end))
                else:
                    out.append((start, end))
            return out
        """,
        """
        def f(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
            out: list[tuple[int, int]] = []
            for start, end in sorted(spans):
                if out and start <= out[-1][1]:
                    if end > out[-1][1]:
                        out[-1] = (out[-1][0], end)
                else:
                    out.append((start, end))
            return out
        """,
        "f([(1, 3), (2, 4), (6, 7)]) == [(1, 4), (6, 7)]",
    ),
    _pair(
        "digits are added up without text",
        """
        def f(n: int) -> int:
            if n < 0:
                raise ValueError(n)
            return sum(int(digit) for digit in str(n))
        """,
        """
        def f(n: int) -> int:
            if n < 0:
                raise ValueError(n)
            total = 0
            while n:
                n, digit = divmod(n, 10)
                total += digit
            return total
        """,
        "f(123) == 6",
        "f(0) == 0",
    ),
    _pair(
        "grouping by setdefault",
        """
        def f(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
            groups = {}
            for key, value in pairs:
                if key in groups:
                    groups[key] = groups[key] + [value]
                else:
                    groups[key] = [value]
            return groups
        """,
        """
        def f(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
            groups = {}
            for key, value in pairs:
                groups.setdefault(key, []).append(value)
            return groups
        """,
        "f([('a', 1), ('b', 2), ('a', 3)]) == {'a': [1, 3], 'b': [2]}",
    ),
    _pair(
        "a flat list without adding lists up",
        """
        def f(rows: list[list[int]]) -> list[int]:
            out = []
            for row in rows:
                out = out + row
            return out
        """,
        """
        from itertools import chain


        def f(rows: list[list[int]]) -> list[int]:
            return list(chain.from_iterable(rows))
        """,
        "f([[1], [2, 3], []]) == [1, 2, 3]",
    ),
    _pair(
        "paths through a grid, row by row",
        """
        def f(rows: int, columns: int) -> int:
            if rows <= 0 or columns <= 0:
                return 0
            if rows == 1 or columns == 1:
                return 1
            if rows + columns > 14:
                raise ValueError("too large")
            return f(rows - 1, columns) + f(rows, columns - 1)
        """,
        """
        def f(rows: int, columns: int) -> int:
            if rows <= 0 or columns <= 0:
                return 0
            if rows == 1 or columns == 1:
                return 1
            if rows + columns > 14:
                raise ValueError("too large")
            line = [1] * columns
            for _ in range(rows - 1):
                for x in range(1, columns):
                    line[x] += line[x - 1]
            return line[-1]
        """,
        "f(2, 2) == 2",
        "f(3, 3) == 6",
    ),
    _pair(
        "characters are removed by translate",
        """
        def f(text: str) -> str:
            out = ""
            for c in text:
                if c not in ".,;:!?":
                    out += c
            return out
        """,
        """
        _MARKS = str.maketrans("", "", ".,;:!?")


        def f(text: str) -> str:
            return text.translate(_MARKS)
        """,
        "f('a, b. c!') == 'a b c'",
    ),
    _pair(
        "the first that is missing, by a set",
        """
        def f(numbers: list[int]) -> int:
            n = 1
            while n in numbers:
                n += 1
            return n
        """,
        """
        def f(numbers: list[int]) -> int:
            known = set(numbers)
            n = 1
            while n in known:
                n += 1
            return n
        """,
        "f([1, 2, 4]) == 3",
    ),
    _pair(
        "a key is looked up once",
        """
        def f(prices: dict[str, int], basket: list[str]) -> int:
            total = 0
            for item in basket:
                if item in prices:
                    total = total + prices[item]
            return total
        """,
        """
        def f(prices: dict[str, int], basket: list[str]) -> int:
            get = prices.get
            return sum([get(item, 0) for item in basket])
        """,
        "f({'a': 2}, ['a', 'b', 'a']) == 4",
    ),
    _pair(
        "runs of equal items by groupby",
        """
        def f(text: str) -> list[tuple[str, int]]:
            out = []
            i = 0
            while i < len(text):
                j = i
                while j < len(text) and text[j] == text[i]:
                    j += 1
                out.append((text[i], j - i))
                i = j
            return out
        """,
        """
        from itertools import groupby


        def f(text: str) -> list[tuple[str, int]]:
            return [(c, len(list(group))) for c, group in groupby(text)]
        """,
        "f('aab') == [('a', 2), ('b', 1)]",
    ),
    _pair(
        "the running largest by accumulate",
        """
        def f(values: list[int]) -> list[int]:
            return [max(values[: i + 1]) for i in range(len(values))]
        """,
        """
        from itertools import accumulate


        def f(values: list[int]) -> list[int]:
            return list(accumulate(values, max))
        """,
        "f([1, 3, 2]) == [1, 3, 3]",
    ),
    _pair(
        "a method keeps a total instead of adding up anew",
        """
        class Cart:
            def __init__(self) -> None:
                self.lines: list[tuple[str, int]] = []

            def put(self, name: str, cents: int) -> None:
                self.lines.append((name, cents))

            def total(self) -> int:
                amount = 0
                for line in self.lines:
                    amount = amount + line[1]
                return amount
        """,
        """
        class Cart:
            def __init__(self) -> None:
                self.lines: list[tuple[str, int]] = []

            def put(self, name: str, cents: int) -> None:
                self.lines.append((name, cents))

            def total(self) -> int:
                return sum([cents for _, cents in self.lines])
        """,
        "Cart().total() == 0",
        function="Cart.total",
    ),
    _pair(
        "bits are counted by the number itself",
        """
        def f(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            count = 0
            while n:
                count += n & 1
                n >>= 1
            return count
        """,
        """
        def f(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            return n.bit_count()
        """,
        "f(5) == 2",
    ),
    _pair(
        "a generator that stays one",
        """
        def f(lines: list[str]):
            for line in lines:
                stripped = line.strip()
                if len(stripped) > 0:
                    if not stripped.startswith("#"):
                        yield stripped
        """,
        """
        def f(lines: list[str]):
            for line in lines:
                stripped = line.strip()
                if stripped and stripped[0] != "#":
                    yield stripped
        """,
        "list(f([' a ', '# b', ''])) == ['a']",
    ),
    _pair(
        "pairs that add up, by what is missing",
        """
        def f(values: list[int], target: int) -> int:
            count = 0
            for i in range(len(values)):
                for j in range(i + 1, len(values)):
                    if values[i] + values[j] == target:
                        count += 1
            return count
        """,
        """
        def f(values: list[int], target: int) -> int:
            seen: dict[int, int] = {}
            count = 0
            for value in values:
                count += seen.get(target - value, 0)
                seen[value] = seen.get(value, 0) + 1
            return count
        """,
        "f([1, 2, 3, 2], 4) == 2",
    ),
    _pair(
        "neighbours are compared by pairwise",
        """
        def f(values: list[int]) -> bool:
            for i in range(len(values) - 1):
                if values[i] > values[i + 1]:
                    return False
            return True
        """,
        """
        from itertools import pairwise


        def f(values: list[int]) -> bool:
            return all([a <= b for a, b in pairwise(values)])
        """,
        "f([1, 2, 2]) is True",
        "f([2, 1]) is False",
    ),
    _pair(
        "an error is raised as before",
        """
        class Unknown(Exception):
            pass


        def f(table: dict[str, int], names: list[str]) -> list[int]:
            found = []
            for name in names:
                if name not in table.keys():
                    raise Unknown(name)
                found.append(table[name])
            return found
        """,
        """
        class Unknown(Exception):
            pass


        def f(table: dict[str, int], names: list[str]) -> list[int]:
            found = []
            for name in names:
                if name not in table:
                    raise Unknown(name)
                found.append(table[name])
            return found
        """,
        "f({'a': 1}, ['a']) == [1]",
    ),
    _pair(
        "common items, in the order of the first list",
        """
        def f(a: list[str], b: list[str]) -> list[str]:
            return [x for x in a if x in b]
        """,
        """
        def f(a: list[str], b: list[str]) -> list[str]:
            known = frozenset(b)
            return [x for x in a if x in known]
        """,
        "f(['a', 'b', 'a'], ['a']) == ['a', 'a']",
    ),
    _pair(
        "a polynomial by Horner's rule on whole numbers",
        """
        def f(coefficients: list[int], x: int) -> int:
            total = 0
            for power, c in enumerate(coefficients):
                total += c * x**power
            return total
        """,
        """
        def f(coefficients: list[int], x: int) -> int:
            total = 0
            for c in reversed(coefficients):
                total = total * x + c
            return total
        """,
        "f([1, 2, 3], 2) == 17",
    ),
    _pair(
        "a queue with two ends",
        """
        def f(tasks: dict[str, list[str]]) -> list[str]:
            waiting = {name: len(set(needs)) for name, needs in tasks.items()}
            ready = [name for name in tasks if not waiting[name]]
            done = []
            while ready:
                name = ready.pop(0)
                done.append(name)
                for other in tasks:
                    if name in tasks[other]:
                        waiting[other] -= 1
                        if waiting[other] == 0:
                            ready.append(other)
            return done
        """,
        """
        from collections import deque


        def f(tasks: dict[str, list[str]]) -> list[str]:
            needs = {name: set(wanted) for name, wanted in tasks.items()}
            waiting = {name: len(wanted) for name, wanted in needs.items()}
            ready = deque([name for name in tasks if not waiting[name]])
            done = []
            while ready:
                name = ready.popleft()
                done.append(name)
                for other, wanted in needs.items():
                    if name in wanted:
                        waiting[other] -= 1
                        if waiting[other] == 0:
                            ready.append(other)
            return done
        """,
        "f({'a': [], 'b': ['a']}) == ['a', 'b']",
    ),
    _pair(
        "primes are sieved",
        """
        def f(limit: int) -> list[int]:
            if limit > 500:
                raise ValueError("too many")
            found = []
            for n in range(2, limit + 1):
                prime = True
                for d in range(2, n):
                    if n % d == 0:
                        prime = False
                        break
                if prime:
                    found.append(n)
            return found
        """,
        """
        def f(limit: int) -> list[int]:
            if limit > 500:
                raise ValueError("too many")
            if limit < 2:
                return []
            marks = bytearray([1]) * (limit + 1)
            marks[0:2] = b"\\0\\0"
            for n in range(2, int(limit**0.5) + 1):
                if marks[n]:
                    for multiple in range(n * n, limit + 1, n):
                        marks[multiple] = 0
            return [n for n, mark in enumerate(marks) if mark]
        """,
        "f(10) == [2, 3, 5, 7]",
    ),
    _pair(
        "a copy is taken where one was",
        """
        def f(rows: list[list[int]]) -> list[list[int]]:
            result = []
            for row in rows:
                fresh = []
                for value in row:
                    fresh.append(value)
                result.append(fresh)
            return result
        """,
        """
        def f(rows: list[list[int]]) -> list[list[int]]:
            return [row[:] for row in rows]
        """,
        "f([[1], [2]]) == [[1], [2]]",
    ),
    _pair(
        "letters are counted over the alphabet once",
        """
        def f(a: str, b: str) -> bool:
            if len(a) != len(b):
                return False
            for c in a:
                if a.count(c) != b.count(c):
                    return False
            return True
        """,
        """
        def f(a: str, b: str) -> bool:
            return len(a) == len(b) and sorted(a) == sorted(b)
        """,
        "f('abc', 'cab') is True",
        "f('aab', 'abb') is False",
    ),
]

WRONG = [
    _pair(
        "ties: the best by score loses its place",
        """
        def f(entries: list[tuple[str, int]]) -> list[str]:
            return [name for name, _ in sorted(entries, key=lambda e: -e[1])]
        """,
        """
        def f(entries: list[tuple[str, int]]) -> list[str]:
            return [name for name, _ in sorted(entries, key=lambda e: e[1])[::-1]]
        """,
        "f([('a', 1), ('b', 2)]) == ['b', 'a']",
        shows="f([('a', 1), ('b', 1)])",
    ),
    _pair(
        "the last chunk is lost",
        """
        def f(items: list[int], size: int) -> list[list[int]]:
            if size < 1:
                raise ValueError("size")
            chunks = []
            for start in range(0, len(items), size):
                chunks.append(items[start : start + size])
            return chunks
        """,
        """
        def f(items: list[int], size: int) -> list[list[int]]:
            if size < 1:
                raise ValueError("size")
            return [list(chunk) for chunk in zip(*[iter(items)] * size)]
        """,
        "f([1, 2, 3, 4], 2) == [[1, 2], [3, 4]]",
        shows="f([1, 2, 3], 2)",
    ),
    _pair(
        "one list for all keys",
        """
        def f(keys: list[str]) -> dict[str, list[int]]:
            found = {}
            for key in keys:
                found[key] = []
            return found
        """,
        """
        def f(keys: list[str]) -> dict[str, list[int]]:
            return dict.fromkeys(keys, [])
        """,
        "f(['a', 'b']) == {'a': [], 'b': []}",
        shows="(lambda d: d['a'] is d['b'])(f(['a', 'b']))",
    ),
    _pair(
        "duplicates are dropped on the way",
        """
        def f(a: list[int], b: list[int]) -> int:
            count = 0
            for x in a:
                if x in b:
                    count += 1
            return count
        """,
        """
        def f(a: list[int], b: list[int]) -> int:
            return len(set(a) & set(b))
        """,
        "f([1, 2, 3], [2, 3]) == 2",
        shows="f([1, 1], [1])",
    ),
    _pair(
        "whole numbers divided as fractions",
        """
        def f(values: list[int]) -> int:
            if not values:
                return 0
            return sum(values) // len(values)
        """,
        """
        def f(values: list[int]) -> int:
            if not values:
                return 0
            return int(sum(values) / len(values))
        """,
        "f([1, 2, 4]) == 2",
        shows="f([-1, -2])",
    ),
    _pair(
        "shifting is not dividing towards zero",
        """
        def f(n: int) -> int:
            return int(n / 2)
        """,
        """
        def f(n: int) -> int:
            return n >> 1
        """,
        "f(7) == 3",
        "f(8) == 4",
        shows="f(-7)",
    ),
    _pair(
        "stripping characters is not removing a prefix",
        """
        def f(name: str) -> str:
            if name.startswith("test_"):
                return name[len("test_") :]
            return name
        """,
        """
        def f(name: str) -> str:
            return name.lstrip("test_")
        """,
        "f('test_me') == 'me'",
        "f('other') == 'other'",
        shows="f('test_total')",
    ),
    _pair(
        "an empty list has no largest",
        """
        def f(values: list[int]) -> int:
            best = 0
            for value in values:
                if value > best:
                    best = value
            return best
        """,
        """
        def f(values: list[int]) -> int:
            return max(values, default=0)
        """,
        "f([1, 3, 2]) == 3",
        "f([]) == 0",
        shows="f([-1])",
    ),
    _pair(
        "the argument is sorted for the caller as well",
        """
        def f(values: list[int]) -> float:
            ordered = sorted(values)
            return ordered[len(ordered) // 2] if ordered else 0
        """,
        """
        def f(values: list[int]) -> float:
            values.sort()
            return values[len(values) // 2] if values else 0
        """,
        "f([3, 1, 2]) == 2",
        shows="(lambda v: (f(v), v))([3, 1, 2])",
    ),
    _pair(
        "off by one at the end of the window",
        """
        def f(text: str, word: str) -> int:
            if not word:
                return 0
            count = 0
            for i in range(len(text) - len(word) + 1):
                if text[i : i + len(word)] == word:
                    count += 1
            return count
        """,
        """
        def f(text: str, word: str) -> int:
            if not word:
                return 0
            return text.count(word)
        """,
        "f('abcab', 'ab') == 2",
        shows="f('aaa', 'aa')",
    ),
    _pair(
        "a zero is taken for nothing",
        """
        def f(settings: dict[str, int], name: str) -> int:
            if name in settings:
                return settings[name]
            return 10
        """,
        """
        def f(settings: dict[str, int], name: str) -> int:
            return settings.get(name) or 10
        """,
        "f({'a': 1}, 'a') == 1",
        "f({}, 'a') == 10",
        shows="f({'a': 0}, 'a')",
    ),
    _pair(
        "fractions are added in another order",
        """
        def f(prices: list[float]) -> float:
            total = 0.0
            for price in prices:
                total += price
            return total
        """,
        """
        def f(prices: list[float]) -> float:
            total = 0.0
            for price in sorted(prices):
                total += price
            return total
        """,
        "f([1.0, 2.0]) == 3.0",
        shows="f([0.3, 0.2, 0.1])",
    ),
    _pair(
        "letters with other small forms",
        """
        def f(a: str, b: str) -> bool:
            return a.casefold() == b.casefold()
        """,
        """
        def f(a: str, b: str) -> bool:
            return a.lower() == b.lower()
        """,
        "f('Ab', 'aB') is True",
        shows="f('ß', 'SS')",
    ),
    _pair(
        "blanks at the ends and in rows",
        """
        def f(text: str) -> int:
            return len(text.split())
        """,
        """
        def f(text: str) -> int:
            return text.count(" ") + 1 if text else 0
        """,
        "f('a b c') == 3",
        "f('') == 0",
        shows="f('a  b')",
    ),
    _pair(
        "the dictionary grows by looking",
        """
        def f(graph: dict[str, list[str]], start: str) -> list[str]:
            seen, todo = [], [start]
            while todo:
                node = todo.pop()
                if node not in seen:
                    seen.append(node)
                    todo += graph.get(node, [])
            return seen
        """,
        """
        def f(graph: dict[str, list[str]], start: str) -> list[str]:
            seen, todo = [], [start]
            while todo:
                node = todo.pop()
                if node not in seen:
                    seen.append(node)
                    todo += graph.setdefault(node, [])
            return seen
        """,
        "f({'a': ['b']}, 'a') == ['a', 'b']",
        shows="(lambda g: (f(g, 'a'), g))({})",
    ),
    _pair(
        "the caller's list grows",
        """
        def f(first: list[int], second: list[int]) -> list[int]:
            return first + second
        """,
        """
        def f(first: list[int], second: list[int]) -> list[int]:
            first += second
            return first
        """,
        "f([1], [2]) == [1, 2]",
        shows="(lambda a: (f(a, [2]), a))([1])",
    ),
    _pair(
        "another kind of error",
        """
        def f(table: dict[str, int], key: str) -> int:
            try:
                return table[key]
            except KeyError:
                raise LookupError(f"no {key}") from None
        """,
        """
        def f(table: dict[str, int], key: str) -> int:
            if key not in table:
                raise LookupError(f"no {key!r}")
            return table[key]
        """,
        "f({'a': 1}, 'a') == 1",
        shows="f({}, 'a')",
    ),
    _pair(
        "the end counts, and did not",
        """
        def f(events: list[tuple[int, int]], at: int) -> int:
            return sum(1 for start, end in events if start <= at < end)
        """,
        """
        def f(events: list[tuple[int, int]], at: int) -> int:
            count = 0
            for start, end in events:
                if start <= at <= end:
                    count += 1
            return count
        """,
        "f([(1, 5)], 3) == 1",
        "f([(1, 5)], 7) == 0",
        shows="f([(1, 5)], 5)",
    ),
    _pair(
        "a leap year every four years",
        """
        def f(year: int) -> bool:
            return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        """,
        """
        def f(year: int) -> bool:
            return year & 3 == 0
        """,
        "f(2024) is True",
        "f(2023) is False",
        "f(2000) is True",
        shows="f(1900)",
    ),
    _pair(
        "true is one",
        """
        def f(values: list) -> int:
            count = 0
            for value in values:
                if isinstance(value, int) and not isinstance(value, bool):
                    count += 1
            return count
        """,
        """
        def f(values: list) -> int:
            return sum([isinstance(value, int) for value in values])
        """,
        "f([1, 'a', 2]) == 2",
        shows="f([True])",
    ),
    _pair(
        "a tuple for a list",
        """
        def f(values: list[int]) -> list[int]:
            out = []
            for value in values:
                out.append(value * 2)
            return out
        """,
        """
        def f(values: list[int]) -> list[int]:
            return tuple([value * 2 for value in values]) if not values else [v * 2 for v in values]
        """,
        "f([1, 2]) == [2, 4]",
        "not f([])",
        shows="f([])",
    ),
    _pair(
        "the first of equal ones, and not the last",
        """
        def f(entries: list[tuple[str, int]]) -> dict[str, int]:
            found = {}
            for name, value in entries:
                found[name] = value
            return found
        """,
        """
        def f(entries: list[tuple[str, int]]) -> dict[str, int]:
            found = {}
            for name, value in entries:
                found.setdefault(name, value)
            return found
        """,
        "f([('a', 1), ('b', 2)]) == {'a': 1, 'b': 2}",
        shows="f([('a', 1), ('a', 2)])",
    ),
    _pair(
        "the longest, and of several another one",
        """
        def f(words: list[str]) -> str:
            best = ""
            for word in words:
                if len(word) >= len(best):
                    best = word
            return best
        """,
        """
        def f(words: list[str]) -> str:
            return max(words, key=len, default="")
        """,
        "f(['a', 'bbb', 'cc']) == 'bbb'",
        "f([]) == ''",
        shows="f(['a', 'b'])",
    ),
    _pair(
        "a pattern that only begins",
        """
        import re


        def f(code: str) -> bool:
            return re.fullmatch(r"[A-Z]{2}[0-9]{2}", code) is not None
        """,
        """
        import re

        _CODE = re.compile(r"[A-Z]{2}[0-9]{2}$")


        def f(code: str) -> bool:
            return _CODE.match(code) is not None
        """,
        "f('AB12') is True",
        "f('AB123') is False",
        shows="f('AB12\\n')",
    ),
    _pair(
        "digits that are no digits",
        """
        def f(text: str) -> int:
            for c in text:
                if c not in "0123456789":
                    return -1
            return int(text) if text else -1
        """,
        """
        def f(text: str) -> int:
            return int(text) if text.isdecimal() else -1
        """,
        "f('12') == 12",
        "f('1x') == -1",
        "f('') == -1",
        shows="f('\\u0661')",
    ),
    _pair(
        "negative steps back from the end",
        """
        def f(items: list[int], n: int) -> list[int]:
            start = len(items) - n
            if start < 0:
                start = 0
            return items[start:]
        """,
        """
        def f(items: list[int], n: int) -> list[int]:
            return items[-n:]
        """,
        "f([1, 2, 3], 2) == [2, 3]",
        "f([1], 5) == [1]",
        shows="f([1, 2], 0)",
    ),
    _pair(
        "a cart whose lines are handed out",
        """
        class Cart:
            def __init__(self) -> None:
                self.lines: list[str] = []

            def put(self, name: str) -> None:
                self.lines.append(name)

            def names(self) -> list[str]:
                found = []
                for line in self.lines:
                    found.append(line)
                return found
        """,
        """
        class Cart:
            def __init__(self) -> None:
                self.lines: list[str] = []

            def put(self, name: str) -> None:
                self.lines.append(name)

            def names(self) -> list[str]:
                return self.lines
        """,
        "Cart().names() == []",
        function="Cart.names",
        shows="(lambda c: c.names() is c.lines)(Cart())",
    ),
    _pair(
        "a bounded memory forgets the wrong one",
        """
        class Recent:
            def __init__(self, size: int = 2) -> None:
                self.size = max(1, size)
                self.items: list[str] = []

            def use(self, name: str) -> list[str]:
                if name in self.items:
                    self.items.remove(name)
                self.items.append(name)
                while len(self.items) > self.size:
                    self.items.pop(0)
                return list(self.items)
        """,
        """
        class Recent:
            def __init__(self, size: int = 2) -> None:
                self.size = max(1, size)
                self.items: list[str] = []

            def use(self, name: str) -> list[str]:
                if name not in self.items:
                    self.items.append(name)
                    if len(self.items) > self.size:
                        del self.items[0]
                return list(self.items)
        """,
        "Recent().use('a') == ['a']",
        function="Recent.use",
        shows="(lambda r: (r.use('a'), r.use('b'), r.use('a')))(Recent())",
    ),
    _pair(
        "rounding half the other way",
        """
        from decimal import ROUND_HALF_UP, Decimal


        def f(amount: Decimal) -> Decimal:
            return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        """,
        """
        from decimal import ROUND_HALF_UP, Decimal


        def f(amount: Decimal) -> Decimal:
            return round(amount, 2)
        """,
        "str(f(__import__('decimal').Decimal('1.239'))) == '1.24'",
        shows="f(Decimal('1.005'))",
    ),
    _pair(
        "everything is read before the first is asked for",
        """
        def f(lines: list[str]):
            for line in lines:
                yield line.strip()
        """,
        """
        def f(lines: list[str]):
            yield from [line.strip() for line in lines]
        """,
        "list(f([' a '])) == ['a']",
        shows="(lambda v: (lambda g: (next(g), v.append('b'), list(g)))(f(v)))(['a'])",
    ),
    _pair(
        "one that is not hashable",
        """
        def f(items: list) -> bool:
            for i, item in enumerate(items):
                if item in items[:i]:
                    return True
            return False
        """,
        """
        def f(items: list) -> bool:
            return len(set(items)) < len(items)
        """,
        "f([1, 2, 1]) is True",
        "f(['a']) is False",
        shows="f([[1], [1]])",
    ),
]
