"""Right ways to write small functions of lists, dictionaries and texts anew."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
    pair(
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
