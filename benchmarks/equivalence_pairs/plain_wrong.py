"""Small functions of lists, dictionaries and texts, with one mistake each."""

from equivalence_pairs.made import pair

WRONG = [
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
