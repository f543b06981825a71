"""Recursion that becomes a table, a loop or a memo."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "the distance of two words, row by row",
        """
        def distance(a: str, b: str) -> int:
            if len(a) > 5 or len(b) > 5:
                raise ValueError("too long")
            if not a or not b:
                return len(a) + len(b)
            if a[0] == b[0]:
                return distance(a[1:], b[1:])
            return 1 + min(distance(a[1:], b), distance(a, b[1:]), distance(a[1:], b[1:]))
        """,
        """
        def distance(a: str, b: str) -> int:
            if len(a) > 5 or len(b) > 5:
                raise ValueError("too long")
            row = list(range(len(b) + 1))
            for i, c in enumerate(a, 1):
                before, row[0] = row[0], i
                for j, d in enumerate(b, 1):
                    before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (c != d))
            return row[-1]
        """,
        "distance('abc', 'abd') == 1",
        "distance('', 'ab') == 2",
        function="distance",
        shows="[distance(a, b) for a in ('', 'ab', 'kit', 'abcde') for b in ('', 'ba', 'sit')]",
    ),
    pair(
        "ways to pay, from a table",
        """
        def ways(amount: int, coins: list[int]) -> int:
            if amount > 30 or len(coins) > 5 or any(coin < 1 for coin in coins):
                raise ValueError("out of range")
            if amount == 0:
                return 1
            if amount < 0 or not coins:
                return 0
            return ways(amount - coins[0], coins) + ways(amount, coins[1:])
        """,
        """
        def ways(amount: int, coins: list[int]) -> int:
            if amount > 30 or len(coins) > 5 or any(coin < 1 for coin in coins):
                raise ValueError("out of range")
            if amount < 0:
                return 0
            table = [1] + [0] * amount
            for coin in coins:
                for reached in range(coin, amount + 1):
                    table[reached] += table[reached - coin]
            return table[amount]
        """,
        "ways(5, [1, 2]) == 3",
        function="ways",
        shows="[ways(n, c) for n in (-1, 0, 4, 9) for c in ([], [2], [2, 2], [3, 1, 2])]",
    ),
    pair(
        "nested lists are laid out with a stack",
        """
        def flat(value: list) -> list:
            out = []
            for item in value:
                if isinstance(item, list):
                    out = out + flat(item)
                else:
                    out.append(item)
            return out
        """,
        """
        def flat(value: list) -> list:
            out = []
            todo = [iter(value)]
            while todo:
                for item in todo[-1]:
                    if isinstance(item, list):
                        todo.append(iter(item))
                        break
                    out.append(item)
                else:
                    todo.pop()
            return out
        """,
        "flat([1, [2, [3]], []]) == [1, 2, 3]",
        function="flat",
        shows="flat([[[]], 'ab', (1, [2]), [[1]]])",
    ),
    pair(
        "every order, from itertools",
        """
        def orders(items: list[int]) -> list[list[int]]:
            if len(items) > 5:
                raise ValueError("too many")
            if not items:
                return [[]]
            found = []
            for place, item in enumerate(items):
                for rest in orders(items[:place] + items[place + 1 :]):
                    found.append([item] + rest)
            return found
        """,
        """
        from itertools import permutations


        def orders(items: list[int]) -> list[list[int]]:
            if len(items) > 5:
                raise ValueError("too many")
            return [list(order) for order in permutations(items)]
        """,
        "orders([1, 2]) == [[1, 2], [2, 1]]",
        function="orders",
        shows="orders([1, 1, True]), orders([])",
    ),
    pair(
        "halves by indices instead of slices",
        """
        def search(values: list[int], wanted: int) -> bool:
            if not values:
                return False
            middle = len(values) // 2
            if values[middle] == wanted:
                return True
            if values[middle] < wanted:
                return search(values[middle + 1 :], wanted)
            return search(values[:middle], wanted)
        """,
        """
        def search(values: list[int], wanted: int) -> bool:
            low, high = 0, len(values)
            while low < high:
                middle = low + (high - low) // 2
                if values[middle] == wanted:
                    return True
                if values[middle] < wanted:
                    low = middle + 1
                else:
                    high = middle
            return False
        """,
        "search([1, 3, 5], 5) is True",
        "search([1, 3, 5], 4) is False",
        function="search",
        shows="[search([5, 1, 9, 2, 2], n) for n in (1, 2, 5, 9)]",
    ),
    pair(
        "how deep a tree is, level by level",
        """
        def height(tree: dict[str, list[str]], root: str, depth: int = 0) -> int:
            if depth > 20:
                return depth
            below = [height(tree, child, depth + 1) for child in tree.get(root, [])]
            return max(below, default=depth)
        """,
        """
        def height(tree: dict[str, list[str]], root: str, depth: int = 0) -> int:
            level = {root}
            while depth <= 20:
                level = {child for node in level for child in tree.get(node, [])}
                if not level:
                    return depth
                depth += 1
            return depth
        """,
        "height({'a': ['b'], 'b': ['c']}, 'a') == 2",
        function="height",
        shows="height({}, 'a'), height({'a': ['b', 'c'], 'c': ['d']}, 'a'), height({}, 'a', 30)",
    ),
    pair(
        "merging sorts like sorting",
        """
        def merge_sort(values: list[int]) -> list[int]:
            if len(values) <= 1:
                return list(values)
            middle = len(values) // 2
            left, right = merge_sort(values[:middle]), merge_sort(values[middle:])
            out = []
            while left and right:
                out.append(left.pop(0) if left[0] <= right[0] else right.pop(0))
            return out + left + right
        """,
        """
        def merge_sort(values: list[int]) -> list[int]:
            return sorted(values)
        """,
        "merge_sort([3, 1, 2]) == [1, 2, 3]",
        function="merge_sort",
        shows="merge_sort([1, True, 0, 1])",
    ),
    pair(
        "a memo for one call",
        """
        def steps(n: int) -> int:
            if n > 18:
                raise ValueError("too large")
            if n < 0:
                return 0
            if n == 0:
                return 1
            return steps(n - 1) + steps(n - 2) + steps(n - 3)
        """,
        """
        def steps(n: int) -> int:
            if n > 18:
                raise ValueError("too large")
            if n < 0:
                return 0
            a, b, c = 0, 0, 1
            for _ in range(n):
                a, b, c = b, c, a + b + c
            return c
        """,
        "steps(4) == 7",
        function="steps",
        shows="[steps(n) for n in range(-1, 19)]",
    ),
]

WRONG = [
    pair(
        "a thing is packed twice",
        """
        def best(items: list[tuple[int, int]], room: int) -> int:
            if len(items) > 8 or room > 60 or any(size < 1 for size, _ in items):
                return 0
            if room <= 0 or not items:
                return 0
            (size, value), rest = items[0], items[1:]
            without = best(rest, room)
            return max(without, value + best(rest, room - size)) if size <= room else without
        """,
        """
        def best(items: list[tuple[int, int]], room: int) -> int:
            if len(items) > 8 or room > 60 or any(size < 1 for size, _ in items):
                return 0
            if room <= 0:
                return 0
            table = [0] * (room + 1)
            for size, value in items:
                for used in range(size, room + 1):
                    table[used] = max(table[used], table[used - size] + value)
            return table[room]
        """,
        "best([(3, 5), (2, 3)], 5) == 8",
        function="best",
        shows="best([(1, 5)], 2)",
    ),
    pair(
        "common letters in a row, and not in order",
        """
        def common(a: str, b: str) -> int:
            if len(a) > 7 or len(b) > 7:
                return -1
            if not a or not b:
                return 0
            if a[0] == b[0]:
                return 1 + common(a[1:], b[1:])
            return max(common(a[1:], b), common(a, b[1:]))
        """,
        """
        def common(a: str, b: str) -> int:
            if len(a) > 7 or len(b) > 7:
                return -1
            best = 0
            row = [0] * (len(b) + 1)
            for c in a:
                following = [0]
                for j, d in enumerate(b):
                    following.append(row[j] + 1 if c == d else 0)
                best = max(best, *following)
                row = following
            return best
        """,
        "common('abc', 'xabc') == 3",
        "common('', 'a') == 0",
        function="common",
        shows="common('axb', 'ab')",
    ),
    pair(
        "the memo forgets one argument",
        """
        def parts(n: int, largest: int) -> int:
            if n > 25:
                return -1
            if n == 0:
                return 1
            if n < 0 or largest <= 0:
                return 0
            return parts(n - largest, largest) + parts(n, largest - 1)
        """,
        """
        def parts(n: int, largest: int) -> int:
            if n > 25:
                return -1
            known = {}

            def count(n: int, largest: int) -> int:
                if n == 0:
                    return 1
                if n < 0 or largest <= 0:
                    return 0
                if n not in known:
                    known[n] = count(n - largest, largest) + count(n, largest - 1)
                return known[n]

            return count(n, largest)
        """,
        "parts(2, 2) == 2",
        "parts(0, 3) == 1",
        function="parts",
        shows="parts(6, 6)",
    ),
    pair(
        "the last child first",
        """
        def walk(tree: dict[str, list[str]], node: str, depth: int = 0) -> list[str]:
            if depth > 6:
                return [node]
            found = [node]
            for child in tree.get(node, []):
                found += walk(tree, child, depth + 1)
            return found
        """,
        """
        def walk(tree: dict[str, list[str]], node: str, depth: int = 0) -> list[str]:
            found = []
            todo = [(node, depth)]
            while todo:
                name, level = todo.pop()
                found.append(name)
                if level <= 6:
                    todo.extend([(child, level + 1) for child in tree.get(name, [])])
            return found
        """,
        "walk({'a': ['b'], 'b': ['c']}, 'a') == ['a', 'b', 'c']",
        function="walk",
        shows="walk({'a': ['b', 'c']}, 'a')",
    ),
    pair(
        "each order of coins counts",
        """
        def ways(amount: int, coins: list[int]) -> int:
            if amount > 40 or len(coins) > 6 or any(coin < 1 for coin in coins):
                return -1
            if amount == 0:
                return 1
            if amount < 0 or not coins:
                return 0
            return ways(amount - coins[-1], coins) + ways(amount, coins[:-1])
        """,
        """
        def ways(amount: int, coins: list[int]) -> int:
            if amount > 40 or len(coins) > 6 or any(coin < 1 for coin in coins):
                return -1
            if amount < 0:
                return 0
            table = [1] + [0] * amount
            for reached in range(1, amount + 1):
                for coin in coins:
                    if coin <= reached:
                        table[reached] += table[reached - coin]
            return table[amount]
        """,
        "ways(2, [1, 2]) == 2",
        "ways(0, [1]) == 1",
        function="ways",
        shows="ways(3, [1, 2])",
    ),
    pair(
        "given up too early where numbers are negative",
        """
        def reaches(numbers: list[int], target: int) -> bool:
            if len(numbers) > 10:
                return False
            if target == 0:
                return True
            if not numbers:
                return False
            return reaches(numbers[1:], target - numbers[0]) or reaches(numbers[1:], target)
        """,
        """
        def reaches(numbers: list[int], target: int) -> bool:
            if len(numbers) > 10:
                return False
            if target == 0:
                return True
            if target < 0 or not numbers:
                return False
            return reaches(numbers[1:], target - numbers[0]) or reaches(numbers[1:], target)
        """,
        "reaches([1, 2, 4], 5) is True",
        "reaches([2, 4], 5) is False",
        function="reaches",
        shows="reaches([3, -1], 2)",
    ),
    pair(
        "texts are taken apart as well",
        """
        def leaves(value: object) -> int:
            if isinstance(value, (list, tuple)):
                return sum([leaves(item) for item in value])
            return 1
        """,
        """
        def leaves(value: object) -> int:
            todo, count = [value], 0
            while todo:
                one = todo.pop()
                if isinstance(one, (list, tuple, str)) and one != "" and len(one) > 1:
                    todo.extend(one)
                elif isinstance(one, (list, tuple)):
                    todo.extend(one)
                else:
                    count += 1
            return count
        """,
        "leaves([1, [2, 3]]) == 3",
        "leaves('') == 1",
        function="leaves",
        shows="leaves('ab')",
    ),
    pair(
        "the first found, and not the first of all",
        """
        def find(values: list[int], wanted: int) -> int:
            ordered = sorted(values)
            for place, value in enumerate(ordered):
                if value == wanted:
                    return place
            return -1
        """,
        """
        def find(values: list[int], wanted: int) -> int:
            ordered = sorted(values)
            low, high = 0, len(ordered) - 1
            while low <= high:
                middle = (low + high) // 2
                if ordered[middle] == wanted:
                    return middle
                if ordered[middle] < wanted:
                    low = middle + 1
                else:
                    high = middle - 1
            return -1
        """,
        "find([3, 1, 2], 2) == 1",
        "find([1], 5) == -1",
        function="find",
        shows="find([2, 2, 2], 2)",
    ),
    pair(
        "an empty part has no mean, and a bad start",
        """
        def climb(costs: list[int]) -> int:
            if len(costs) > 12:
                return -1
            if len(costs) < 2:
                return 0
            return min(costs[0] + climb(costs[1:]), costs[1] + climb(costs[2:]))
        """,
        """
        def climb(costs: list[int]) -> int:
            if len(costs) > 12:
                return -1
            one, two = 0, 0
            for cost in costs:
                one, two = two, min(two, one) + cost
            return min(one, two)
        """,
        "climb([10, 15, 20]) == 15",
        "climb([]) == 0",
        function="climb",
        shows="climb([-5])",
    ),
]
