"""Errors: which one, when, with what words, and what was done before it."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "a missing name is asked for once",
        """
        def lookup(table: dict[str, int], name: str) -> int:
            if name in table.keys():
                return table[name]
            raise LookupError(f"no {name!r}")
        """,
        """
        def lookup(table: dict[str, int], name: str) -> int:
            try:
                return table[name]
            except KeyError:
                raise LookupError(f"no {name!r}") from None
        """,
        "lookup({'a': 1}, 'a') == 1",
        function="lookup",
        shows="lookup({}, 'x')",
    ),
    pair(
        "the dictionary says itself what is missing",
        """
        def pick(table, names):
            found = []
            for name in names:
                if name not in table:
                    raise KeyError(name)
                found.append(table[name])
            return found
        """,
        """
        def pick(table, names):
            return [table[name] for name in names]
        """,
        "pick({'a': 1}, ['a', 'a']) == [1, 1]",
        function="pick",
        shows="pick({'a': 1}, ['a', 'b', 'c'])",
    ),
    pair(
        "the first bad one is found in the same pass",
        """
        def total(amounts: list[int]) -> int:
            for amount in amounts:
                if amount < 0:
                    raise ValueError(f"negative: {amount}")
            result = 0
            for amount in amounts:
                result += amount
            return result
        """,
        """
        def total(amounts: list[int]) -> int:
            result = 0
            for amount in amounts:
                if amount < 0:
                    raise ValueError(f"negative: {amount}")
                result += amount
            return result
        """,
        "total([1, 2]) == 3",
        function="total",
        shows="total([1, -1, -2])",
    ),
    pair(
        "what is no number is left out, as before",
        """
        def numbers(texts: list[str]) -> list[int]:
            found = []
            for text in texts:
                try:
                    value = int(text)
                except ValueError:
                    value = None
                if value is not None:
                    found.append(value)
            return found
        """,
        """
        def numbers(texts: list[str]) -> list[int]:
            found = []
            append = found.append
            for text in texts:
                try:
                    append(int(text))
                except ValueError:
                    continue
            return found
        """,
        "numbers(['1', 'x', '-2']) == [1, -2]",
        function="numbers",
        shows="numbers(['0', ' 7 ', '1_0', '1.5', ''])",
    ),
    pair(
        "checked before anything moves",
        """
        def transfer(accounts: dict[str, int], source: str, target: str, amount: int) -> None:
            if source not in accounts or target not in accounts:
                raise ValueError("no such account")
            if amount <= 0:
                raise ValueError("nothing to move")
            if accounts[source] < amount:
                raise ValueError("too little")
            accounts[source] = accounts[source] - amount
            accounts[target] = accounts[target] + amount
        """,
        """
        def transfer(accounts: dict[str, int], source: str, target: str, amount: int) -> None:
            there = accounts.get(source)
            if there is None or target not in accounts:
                raise ValueError("no such account")
            if amount <= 0:
                raise ValueError("nothing to move")
            if there < amount:
                raise ValueError("too little")
            accounts[source] = there - amount
            accounts[target] += amount
        """,
        "(lambda a: (transfer(a, 'x', 'y', 2), a)[1])({'x': 3, 'y': 0}) == {'x': 1, 'y': 2}",
        function="transfer",
        shows="(lambda a: (transfer(a, 'x', 'x', 2), a))({'x': 3})",
    ),
]

WRONG = [
    pair(
        "of two errors the other one",
        """
        def checked(rows: list[tuple[str, int]]) -> int:
            for name, _ in rows:
                if not name:
                    raise ValueError("a row has no name")
            for _, amount in rows:
                if amount < 0:
                    raise ValueError("an amount is negative")
            return len(rows)
        """,
        """
        def checked(rows: list[tuple[str, int]]) -> int:
            for name, amount in rows:
                if not name:
                    raise ValueError("a row has no name")
                if amount < 0:
                    raise ValueError("an amount is negative")
            return len(rows)
        """,
        "checked([('a', 1)]) == 1",
        function="checked",
        shows="checked([('a', -1), ('', 1)])",
    ),
    pair(
        "more is left out than before",
        """
        def ages(values: list) -> list[int]:
            found = []
            for value in values:
                if value is None:
                    raise TypeError("an age is missing")
                try:
                    found.append(int(value))
                except ValueError:
                    found.append(0)
            return found
        """,
        """
        def ages(values: list) -> list[int]:
            found = []
            for value in values:
                try:
                    found.append(int(value))
                except (ValueError, TypeError):
                    found.append(0)
            return found
        """,
        "ages(['1', 'x']) == [1, 0]",
        function="ages",
        shows="ages([None])",
    ),
    pair(
        "half of it is done before the error",
        """
        def take(stock: dict[str, int], wanted: dict[str, int]) -> None:
            for name, count in wanted.items():
                if stock.get(name, 0) < count:
                    raise ValueError(f"not enough of {name}")
            for name, count in wanted.items():
                if name in stock:
                    stock[name] -= count
        """,
        """
        def take(stock: dict[str, int], wanted: dict[str, int]) -> None:
            for name, count in wanted.items():
                left = stock.get(name, 0) - count
                if left < 0:
                    raise ValueError(f"not enough of {name}")
                if name in stock:
                    stock[name] = left
        """,
        "(lambda s: (take(s, {'a': 1}), s)[1])({'a': 3, 'b': 1}) == {'a': 2, 'b': 1}",
        function="take",
        shows="(lambda s: (tried(take, s, {'a': 1, 'b': 1}), s))({'a': 3})",
    ),
    pair(
        "the end of something else",
        """
        def first_long(words: list[str], size: int) -> str:
            found = [word for word in words if len(word) >= size]
            return found[0]
        """,
        """
        def first_long(words: list[str], size: int) -> str:
            return next(word for word in words if len(word) >= size)
        """,
        "first_long(['a', 'bb'], 2) == 'bb'",
        function="first_long",
        shows="first_long([], 1)",
    ),
    pair(
        "a wrong one is answered instead of refused",
        """
        def factorial(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            if n > 100:
                raise ValueError("too large")
            result = 1
            for factor in range(1, n + 1):
                result *= factor
            return result
        """,
        """
        from math import prod


        def factorial(n: int) -> int:
            if n > 100:
                raise ValueError("too large")
            return prod(range(2, n + 1))
        """,
        "factorial(5) == 120",
        "factorial(0) == 1",
        function="factorial",
        shows="factorial(-1)",
    ),
    pair(
        "what stands behind the first hit is not looked at",
        """
        def any_even(texts: list[str]) -> bool:
            numbers = [int(text) for text in texts]
            for number in numbers:
                if number % 2 == 0:
                    return True
            return False
        """,
        """
        def any_even(texts: list[str]) -> bool:
            return any(int(text) % 2 == 0 for text in texts)
        """,
        "any_even(['1', '2']) is True",
        "any_even(['1']) is False",
        function="any_even",
        shows="any_even(['2', 'x'])",
    ),
    pair(
        "nothing has no largest, said by another",
        """
        class Empty(Exception):
            pass


        def largest(values: list[int]) -> int:
            if len(values) == 0:
                raise Empty("no values")
            best = values[0]
            for value in values:
                if value > best:
                    best = value
            return best
        """,
        """
        class Empty(Exception):
            pass


        def largest(values: list[int]) -> int:
            try:
                return max(values)
            except ValueError as error:
                raise Empty(str(error)) from None
        """,
        "largest([1, 3, 2]) == 3",
        function="largest",
        shows="largest([])",
    ),
    pair(
        "a place before the beginning is no error",
        """
        def item(values, place):
            if place < 0 or place >= len(values):
                raise IndexError(f"no item {place}")
            return values[place]
        """,
        """
        def item(values, place):
            try:
                return values[place]
            except IndexError:
                raise IndexError(f"no item {place}") from None
        """,
        "item([1, 2], 1) == 2",
        function="item",
        shows="item([1], -1)",
    ),
    pair(
        "the shorter one decides",
        """
        def dot(a: list[int], b: list[int]) -> int:
            if len(a) != len(b):
                raise ValueError("lengths differ")
            total = 0
            for i in range(len(a)):
                total += a[i] * b[i]
            return total
        """,
        """
        def dot(a: list[int], b: list[int]) -> int:
            if len(a) > len(b):
                raise ValueError("lengths differ")
            return sum([x * y for x, y in zip(a, b)])
        """,
        "dot([1, 2], [3, 4]) == 11",
        function="dot",
        shows="dot([1], [1, 2])",
    ),
]
