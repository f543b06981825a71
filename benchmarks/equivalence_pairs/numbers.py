"""Whole numbers, fractions, Decimals, and what stands between them."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "divisors up to the root",
        """
        def divisors(n: int) -> list[int]:
            if not 0 < n < 3000:
                raise ValueError("out of range")
            found = []
            for d in range(1, n + 1):
                if n % d == 0:
                    found.append(d)
            return found
        """,
        """
        from math import isqrt


        def divisors(n: int) -> list[int]:
            if not 0 < n < 3000:
                raise ValueError("out of range")
            small = [d for d in range(1, isqrt(n) + 1) if n % d == 0]
            return small + [n // d for d in reversed(small) if d * d != n]
        """,
        "divisors(12) == [1, 2, 3, 4, 6, 12]",
        function="divisors",
        shows="divisors(36) + divisors(1) + divisors(2)",
    ),
    pair(
        "a power modulo a number",
        """
        def f(base: int, exponent: int, modulus: int) -> int:
            if not 0 <= exponent < 2000 or modulus <= 0:
                raise ValueError("out of range")
            return base**exponent % modulus
        """,
        """
        def f(base: int, exponent: int, modulus: int) -> int:
            if not 0 <= exponent < 2000 or modulus <= 0:
                raise ValueError("out of range")
            return pow(base, exponent, modulus)
        """,
        "f(3, 4, 5) == 1",
        shows="(f(0, 0, 1), f(-2, 3, 7), f(2, 0, 1))",
    ),
    pair(
        "the largest common divisor",
        """
        def common(a: int, b: int) -> int:
            if a <= 0 or b <= 0:
                raise ValueError("positive numbers only")
            while b:
                a, b = b, a % b
            return a
        """,
        """
        from math import gcd


        def common(a: int, b: int) -> int:
            if a <= 0 or b <= 0:
                raise ValueError("positive numbers only")
            return gcd(a, b)
        """,
        "common(12, 18) == 6",
        function="common",
        shows="common(7, 7) + common(1, 9)",
    ),
    pair(
        "digits are added until one is left",
        """
        def root(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            while n > 9:
                n = sum([int(digit) for digit in str(n)])
            return n
        """,
        """
        def root(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            return 1 + (n - 1) % 9 if n else 0
        """,
        "root(493193) == 2",
        "root(0) == 0",
        function="root",
        shows="[root(n) for n in (9, 10, 18, 99, 10**25)]",
    ),
    pair(
        "amounts are added by sum, from the same zero",
        """
        from decimal import Decimal


        def total(amounts: list[Decimal]) -> Decimal:
            result = Decimal("0.00")
            for amount in amounts:
                result = result + amount
            return result
        """,
        """
        from decimal import Decimal


        def total(amounts: list[Decimal]) -> Decimal:
            return sum(amounts, Decimal("0.00"))
        """,
        "str(total([])) == '0.00'",
        function="total",
        shows="(total([]), total([Decimal('1.5')]), total([Decimal('NaN')]))",
    ),
    pair(
        "the best sum of neighbours in one pass",
        """
        def best(values: list[int]) -> int:
            if not values:
                return 0
            found = values[0]
            for i in range(len(values)):
                for j in range(i + 1, len(values) + 1):
                    found = max(found, sum(values[i:j]))
            return found
        """,
        """
        def best(values: list[int]) -> int:
            if not values:
                return 0
            found = here = values[0] + 0
            for value in values[1:]:
                here = value + max(here, 0)
                found = max(found, here)
            return found
        """,
        "best([1, -2, 3, 4]) == 7",
        "best([]) == 0",
        function="best",
        shows="best([-3, -1, -2]) + best([5, -9, 6])",
    ),
    pair(
        "a prime is tried up to its root",
        """
        def is_prime(n: int) -> bool:
            if n < 2:
                return False
            if n > 3000:
                raise ValueError("too large")
            for d in range(2, n):
                if n % d == 0:
                    return False
            return True
        """,
        """
        from math import isqrt


        def is_prime(n: int) -> bool:
            if n < 2:
                return False
            if n > 3000:
                raise ValueError("too large")
            if n % 2 == 0:
                return n == 2
            for d in range(3, isqrt(n) + 1, 2):
                if n % d == 0:
                    return False
            return True
        """,
        "is_prime(7) is True",
        "is_prime(9) is False",
        function="is_prime",
        shows="[n for n in range(200) if is_prime(n)]",
    ),
    pair(
        "rows times columns",
        """
        def product(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
            if not a or not b or any(len(row) != len(b) for row in a):
                raise ValueError("shapes")
            if any(len(row) != len(b[0]) for row in b):
                raise ValueError("shapes")
            result = []
            for i in range(len(a)):
                line = []
                for j in range(len(b[0])):
                    value = 0
                    for k in range(len(b)):
                        value += a[i][k] * b[k][j]
                    line.append(value)
                result.append(line)
            return result
        """,
        """
        def product(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
            if not a or not b or any(len(row) != len(b) for row in a):
                raise ValueError("shapes")
            if any(len(row) != len(b[0]) for row in b):
                raise ValueError("shapes")
            columns = list(zip(*b))
            return [[sum([x * y for x, y in zip(row, column)]) for column in columns] for row in a]
        """,
        "product([[1, 2]], [[3], [4]]) == [[11]]",
        function="product",
        shows="product([[1, 0], [2, 3]], [[1, 2, 3], [4, 5, 6]])",
    ),
    pair(
        "sums of parts from sums of beginnings",
        """
        def sums(values: list[int], parts: list[tuple[int, int]]) -> list[int]:
            found = []
            for start, end in parts:
                if not 0 <= start <= end <= len(values):
                    raise ValueError("no such part")
                found.append(sum(values[start:end]))
            return found
        """,
        """
        from itertools import accumulate


        def sums(values: list[int], parts: list[tuple[int, int]]) -> list[int]:
            before = [0, *accumulate(values)]
            found = []
            for start, end in parts:
                if not 0 <= start <= end <= len(values):
                    raise ValueError("no such part")
                found.append(before[end] - before[start])
            return found
        """,
        "sums([1, 2, 3], [(0, 2), (1, 3)]) == [3, 5]",
        function="sums",
        shows="sums([5, -1], [(0, 0), (2, 2), (0, 2)])",
    ),
    pair(
        "how many lie between, by two searches",
        """
        def between(values: list[int], edges: list[tuple[int, int]]) -> list[int]:
            return [sum([low <= value < high for value in values]) for low, high in edges]
        """,
        """
        from bisect import bisect_left


        def between(values: list[int], edges: list[tuple[int, int]]) -> list[int]:
            ordered = sorted(values)
            return [
                max(0, bisect_left(ordered, high) - bisect_left(ordered, low))
                for low, high in edges
            ]
        """,
        "between([1, 2, 3], [(1, 3)]) == [2]",
        function="between",
        shows="between([1, 1, 3], [(3, 1), (1, 1), (0, 9)])",
    ),
]

WRONG = [
    pair(
        "half of an even number is rounded down",
        """
        def points(score: float) -> int:
            if not 0 <= score < 1000:
                return 0
            return int(score + 0.5)
        """,
        """
        def points(score: float) -> int:
            if not 0 <= score < 1000:
                return 0
            return round(score)
        """,
        "points(1.4) == 1",
        "points(1.6) == 2",
        function="points",
        shows="points(2.5)",
    ),
    pair(
        "the root of a huge number",
        """
        def root(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            low, high = 0, n + 1
            while high - low > 1:
                middle = (low + high) // 2
                if middle * middle <= n:
                    low = middle
                else:
                    high = middle
            return low
        """,
        """
        def root(n: int) -> int:
            if n < 0:
                raise ValueError("negative")
            return int(n**0.5)
        """,
        "root(10) == 3",
        "root(16) == 4",
        function="root",
        shows="root(10**30 - 1)",
    ),
    pair(
        "the rest of a negative number",
        """
        def hour(start: int, offset: int) -> int:
            return (start + offset) % 24
        """,
        """
        from math import fmod


        def hour(start: int, offset: int) -> int:
            return int(fmod(start + offset, 24))
        """,
        "hour(23, 2) == 1",
        function="hour",
        shows="hour(1, -2)",
    ),
    pair(
        "fractions taken away again do not vanish",
        """
        def averages(values: list[float], size: int) -> list[float]:
            if size < 1:
                raise ValueError("size")
            found = []
            for i in range(len(values) - size + 1):
                total = 0.0
                for value in values[i : i + size]:
                    total += value
                found.append(total / size)
            return found
        """,
        """
        def averages(values: list[float], size: int) -> list[float]:
            if size < 1:
                raise ValueError("size")
            found = []
            total = 0.0
            for place, value in enumerate(values):
                total += value
                if place >= size:
                    total -= values[place - size]
                if place >= size - 1:
                    found.append(total / size)
            return found
        """,
        "averages([1.0, 2.0, 3.0], 2) == [1.5, 2.5]",
        function="averages",
        shows="averages([0.1, 0.2, 0.3, 0.4], 2)",
    ),
    pair(
        "added more exactly than before",
        """
        def total(prices):
            amount = 0.0
            for price in prices:
                amount += price
            return amount
        """,
        """
        from math import fsum


        def total(prices):
            return fsum(prices)
        """,
        "total([1.5, 2.5]) == 4.0",
        "total([]) == 0.0",
        function="total",
        shows="total([0.1] * 10)",
    ),
    pair(
        "one counts as true",
        """
        def agreed(answers: list) -> int:
            count = 0
            for answer in answers:
                if answer is True:
                    count += 1
            return count
        """,
        """
        def agreed(answers: list) -> int:
            return answers.count(True)
        """,
        "agreed([True, False, None]) == 1",
        function="agreed",
        shows="agreed([1])",
    ),
    pair(
        "a zero with a sign",
        """
        def size(x: float) -> float:
            if x < 0:
                return -x
            return x
        """,
        """
        def size(x: float) -> float:
            return abs(x)
        """,
        "size(-1.5) == 1.5",
        "size(2.0) == 2.0",
        function="size",
        shows="size(-0.0)",
    ),
    pair(
        "what is no number is brought between the ends",
        """
        def clamp(x: float, low: float, high: float) -> float:
            if x < low:
                return low
            if x > high:
                return high
            return x
        """,
        """
        def clamp(x: float, low: float, high: float) -> float:
            return max(low, min(x, high))
        """,
        "clamp(5.0, 0.0, 1.0) == 1.0",
        "clamp(-5.0, 0.0, 1.0) == 0.0",
        "clamp(0.5, 0.0, 1.0) == 0.5",
        function="clamp",
        shows="clamp(float('nan'), 0.0, 1.0)",
    ),
    pair(
        "a division of what fits no fraction",
        """
        def pairs(n: int) -> int:
            return n * (n - 1) // 2
        """,
        """
        def pairs(n: int) -> int:
            return int(n * (n - 1) / 2)
        """,
        "pairs(4) == 6",
        "pairs(0) == 0",
        function="pairs",
        shows="pairs(10**10 + 1)",
    ),
    pair(
        "nothing added up is no amount",
        """
        from decimal import Decimal


        def total(lines: list[tuple[str, Decimal]]) -> Decimal:
            amount = Decimal(0)
            for _, price in lines:
                amount += price
            return amount
        """,
        """
        from decimal import Decimal


        def total(lines: list[tuple[str, Decimal]]) -> Decimal:
            return sum([price for _, price in lines])
        """,
        "total([]) == 0",
        function="total",
        shows="total([])",
    ),
    pair(
        "equal keys of different kinds",
        """
        def described(values: list) -> list[str]:
            return [f"{type(value).__name__} {value}" for value in values]
        """,
        """
        def described(values: list) -> list[str]:
            known: dict = {}
            out = []
            for value in values:
                try:
                    if value not in known:
                        known[value] = f"{type(value).__name__} {value}"
                    out.append(known[value])
                except TypeError:
                    out.append(f"{type(value).__name__} {value}")
            return out
        """,
        "described([1, 'a', 1]) == ['int 1', 'str a', 'int 1']",
        function="described",
        shows="described([1, True, 1.0])",
    ),
    pair(
        "the root is counted twice",
        """
        def count_divisors(n: int) -> int:
            if not 0 < n < 3000:
                return 0
            return sum([n % d == 0 for d in range(1, n + 1)])
        """,
        """
        def count_divisors(n: int) -> int:
            if not 0 < n < 3000:
                return 0
            count = 0
            d = 1
            while d * d <= n:
                if n % d == 0:
                    count += 2
                d += 1
            return count
        """,
        "count_divisors(12) == 6",
        "count_divisors(7) == 2",
        function="count_divisors",
        shows="count_divisors(16)",
    ),
    pair(
        "the square of a prime",
        """
        def is_prime(n: int) -> bool:
            if n > 5000:
                raise ValueError("too large")
            return n > 1 and all([n % d for d in range(2, n)])
        """,
        """
        def is_prime(n: int) -> bool:
            if n > 5000:
                raise ValueError("too large")
            if n < 4:
                return n > 1
            if n % 2 == 0:
                return False
            for d in range(3, int(n**0.5), 2):
                if n % d == 0:
                    return False
            return True
        """,
        "is_prime(7) is True",
        "is_prime(12) is False",
        "is_prime(1) is False",
        function="is_prime",
        shows="is_prime(25)",
    ),
    pair(
        "a part that begins before the list",
        """
        def sums(values: list[int], parts: list[tuple[int, int]]) -> list[int]:
            return [sum(values[start:end]) for start, end in parts]
        """,
        """
        def sums(values: list[int], parts: list[tuple[int, int]]) -> list[int]:
            before = [0]
            for value in values:
                before.append(before[-1] + value)
            last = len(values)
            return [before[min(end, last)] - before[min(start, last)] for start, end in parts]
        """,
        "sums([1, 2, 3], [(0, 2), (1, 9)]) == [3, 5]",
        function="sums",
        shows="sums([1, 2, 3], [(2, 1)])",
    ),
    pair(
        "cents are cut off, and not rounded",
        """
        def cents(price: float) -> int:
            if not -1e9 < price < 1e9:
                return 0
            return round(price * 100)
        """,
        """
        def cents(price: float) -> int:
            if not -1e9 < price < 1e9:
                return 0
            return int(price * 100)
        """,
        "cents(1.25) == 125",
        "cents(0.5) == 50",
        function="cents",
        shows="cents(0.29)",
    ),
    pair(
        "a Decimal by way of a fraction",
        """
        from decimal import Decimal


        def with_tax(net: Decimal, percent: int) -> Decimal:
            return net + net * percent / 100
        """,
        """
        from decimal import Decimal


        def with_tax(net: Decimal, percent: int) -> Decimal:
            return Decimal(str(float(net) * (100 + percent) / 100))
        """,
        "with_tax(__import__('decimal').Decimal('100'), 20) == 120",
        function="with_tax",
        shows="with_tax(Decimal('1.10'), 0)",
    ),
]
