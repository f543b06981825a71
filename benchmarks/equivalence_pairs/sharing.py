"""Copies, changed arguments, and objects that two have in common."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "a flat dictionary needs no deep copy",
        """
        from copy import deepcopy


        def with_default(prices: dict[str, int], name: str) -> dict[str, int]:
            result = deepcopy(prices)
            result.setdefault(name, 0)
            return result
        """,
        """
        def with_default(prices: dict[str, int], name: str) -> dict[str, int]:
            result = prices.copy()
            result.setdefault(name, 0)
            return result
        """,
        "with_default({'a': 1}, 'b') == {'a': 1, 'b': 0}",
        function="with_default",
        shows="(lambda d: (with_default(d, 'x') is d, d))({'x': 1})",
    ),
    pair(
        "turned round in place",
        """
        def turn(values: list[int]) -> list[int]:
            i, j = 0, len(values) - 1
            while i < j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
            return values
        """,
        """
        def turn(values: list[int]) -> list[int]:
            values.reverse()
            return values
        """,
        "turn([1, 2, 3]) == [3, 2, 1]",
        function="turn",
        shows="(lambda v: (turn(v) is v, v))([1, 2])",
    ),
    pair(
        "moved on in place by slices",
        """
        def rotate(items: list[int], steps: int) -> None:
            if not items or abs(steps) > 1000:
                return
            for _ in range(steps):
                items.insert(0, items.pop())
        """,
        """
        def rotate(items: list[int], steps: int) -> None:
            if not items or abs(steps) > 1000 or steps < 0:
                return
            cut = len(items) - steps % len(items)
            items[:] = items[cut:] + items[:cut]
        """,
        "(lambda v: (rotate(v, 1), v)[1])([1, 2, 3]) == [3, 1, 2]",
        function="rotate",
        shows="[(lambda v: (rotate(v, n), v))([1, 2, 3]) for n in (-1, 0, 3, 4, 7)]",
    ),
    pair(
        "a dictionary is filled by update",
        """
        def fill(target: dict[str, int], source: dict[str, int]) -> dict[str, int]:
            for name in source:
                target[name] = source[name]
            return target
        """,
        """
        def fill(target: dict[str, int], source: dict[str, int]) -> dict[str, int]:
            target.update(source)
            return target
        """,
        "fill({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}",
        function="fill",
        shows="(lambda t: (fill(t, t) is t, list(fill(t, {'z': 1, 'a': 9}).items())))({'a': 1})",
    ),
    pair(
        "what is missing becomes an own list",
        """
        def collect(values: list[int], into: list[int] | None = None) -> list[int]:
            if into is None:
                into = []
            for value in values:
                into.append(value)
            return into
        """,
        """
        def collect(values: list[int], into: list[int] | None = None) -> list[int]:
            if into is None:
                return values[:]
            into += values
            return into
        """,
        "collect([1, 2]) == [1, 2]",
        "collect([1], [0]) == [0, 1]",
        function="collect",
        shows="(lambda v: (collect(v) is v, collect([3], v) is v, v))([1])",
    ),
    pair(
        "two lists from one pass each",
        """
        def split(values: list[int], limit: int) -> tuple[list[int], list[int]]:
            low: list[int] = []
            high: list[int] = []
            for value in values:
                if value < limit:
                    low = low + [value]
                else:
                    high = high + [value]
            return low, high
        """,
        """
        def split(values: list[int], limit: int) -> tuple[list[int], list[int]]:
            low: list[int] = []
            high: list[int] = []
            for value in values:
                (low if value < limit else high).append(value)
            return low, high
        """,
        "split([1, 5, 2], 3) == ([1, 2], [5])",
        function="split",
        shows="split([3, 3], 3)",
    ),
    pair(
        "a grid with rows of their own",
        """
        def grid(width: int, height: int) -> list[list[int]]:
            if width > 50 or height > 50:
                raise ValueError("too large")
            rows = []
            for _ in range(height):
                row = []
                for _ in range(width):
                    row.append(0)
                rows.append(row)
            return rows
        """,
        """
        def grid(width: int, height: int) -> list[list[int]]:
            if width > 50 or height > 50:
                raise ValueError("too large")
            return [[0] * width for _ in range(height)]
        """,
        "grid(2, 1) == [[0, 0]]",
        function="grid",
        shows="(lambda g: (g[0] is g[1], g))(grid(1, 2)), grid(-1, 2)",
    ),
    pair(
        "changed where it stands, and handed back",
        """
        def scale(rows: list[dict[str, int]], name: str, factor: int) -> list[dict[str, int]]:
            for i in range(len(rows)):
                if name in rows[i]:
                    rows[i][name] = rows[i][name] * factor
            return rows
        """,
        """
        def scale(rows: list[dict[str, int]], name: str, factor: int) -> list[dict[str, int]]:
            for row in rows:
                if name in row:
                    row[name] *= factor
            return rows
        """,
        "scale([{'a': 2}, {}], 'a', 3) == [{'a': 6}, {}]",
        function="scale",
        shows="(lambda r: (scale([r, r], 'a', 2), r))({'a': 1})",
    ),
]

WRONG = [
    pair(
        "one row many times",
        """
        def board(size: int) -> list[list[str]]:
            if size > 50:
                raise ValueError("too large")
            return [["."] * size for _ in range(size)]
        """,
        """
        def board(size: int) -> list[list[str]]:
            if size > 50:
                raise ValueError("too large")
            return [["."] * size] * size
        """,
        "board(2) == [['.', '.'], ['.', '.']]",
        function="board",
        shows="(lambda b: b[0] is b[1])(board(2))",
    ),
    pair(
        "a copy of the outer dictionary only",
        """
        from copy import deepcopy


        def with_owner(groups, name):
            result = deepcopy(groups)
            result.setdefault("owner", []).append(name)
            return result
        """,
        """
        def with_owner(groups, name):
            result = dict(groups)
            result["owner"] = [*result.get("owner", []), name]
            return result
        """,
        "with_owner({'a': ['x']}, 'me') == {'a': ['x'], 'owner': ['me']}",
        function="with_owner",
        shows="(lambda g: with_owner(g, 'me')['a'] is g['a'])({'a': ['x']})",
    ),
    pair(
        "nothing to do, nothing copied",
        """
        def without(values: list[int], unwanted: list[int]) -> list[int]:
            return [value for value in values if value not in unwanted]
        """,
        """
        def without(values: list[int], unwanted: list[int]) -> list[int]:
            if not unwanted:
                return values
            banned = set(unwanted)
            return [value for value in values if value not in banned]
        """,
        "without([1, 2], [1]) == [2]",
        "without([1], []) == [1]",
        function="without",
        shows="(lambda v: without(v, []) is v)([1])",
    ),
    pair(
        "an empty list is a list as well",
        """
        def visit(node: str, seen: list[str] | None = None) -> list[str]:
            if seen is None:
                seen = []
            if node not in seen:
                seen.append(node)
            return seen
        """,
        """
        def visit(node: str, seen: list[str] | None = None) -> list[str]:
            seen = seen or []
            if node not in seen:
                seen.append(node)
            return seen
        """,
        "visit('a') == ['a']",
        "visit('b', ['a']) == ['a', 'b']",
        function="visit",
        shows="(lambda s: (visit('a', s), s))([])",
    ),
    pair(
        "the caller's tasks are used up",
        """
        def schedule(tasks, workers):
            queue = list(tasks)
            plan = [[] for _ in range(max(1, workers))]
            turn = 0
            while queue:
                plan[turn % len(plan)].append(queue.pop(0))
                turn += 1
            return plan
        """,
        """
        def schedule(tasks, workers):
            tasks.reverse()
            plan = [[] for _ in range(max(1, workers))]
            turn = 0
            while tasks:
                plan[turn % len(plan)].append(tasks.pop())
                turn += 1
            return plan
        """,
        "schedule(['a', 'b', 'c'], 2) == [['a', 'c'], ['b']]",
        function="schedule",
        shows="(lambda t: (schedule(t, 1), t))(['a'])",
    ),
    pair(
        "the inner dictionaries are the caller's",
        """
        def overlay(base, extra):
            result = {}
            for section, values in base.items():
                result[section] = dict(values)
            for section, values in extra.items():
                result.setdefault(section, {}).update(values)
            return result
        """,
        """
        def overlay(base, extra):
            result = dict(base)
            for section, values in extra.items():
                result.setdefault(section, {}).update(values)
            return result
        """,
        "overlay({'a': {'x': 1}}, {'a': {'y': 2}}) == {'a': {'x': 1, 'y': 2}}",
        function="overlay",
        shows="(lambda b: (overlay(b, {'a': {'y': 2}}), b))({'a': {'x': 1}})",
    ),
    pair(
        "taken out while it is walked through",
        """
        def drop_negative(values: list[int]) -> list[int]:
            kept = []
            for value in values:
                if value >= 0:
                    kept.append(value)
            values[:] = kept
            return values
        """,
        """
        def drop_negative(values: list[int]) -> list[int]:
            for value in values:
                if value < 0:
                    values.remove(value)
            return values
        """,
        "drop_negative([1, -2, 3]) == [1, 3]",
        function="drop_negative",
        shows="drop_negative([-1, -2])",
    ),
    pair(
        "one record in every place",
        """
        def slots(template: dict[str, int], count: int) -> list[dict[str, int]]:
            if count > 100:
                raise ValueError("too many")
            return [dict(template) for _ in range(count)]
        """,
        """
        def slots(template: dict[str, int], count: int) -> list[dict[str, int]]:
            if count > 100:
                raise ValueError("too many")
            return [dict(template)] * count
        """,
        "slots({'a': 1}, 2) == [{'a': 1}, {'a': 1}]",
        function="slots",
        shows="(lambda s: s[0] is s[1])(slots({}, 2))",
    ),
    pair(
        "a short list is not copied",
        """
        def ordered(values: list[int]) -> list[int]:
            result = list(values)
            for i in range(len(result)):
                for j in range(len(result) - 1 - i):
                    if result[j] > result[j + 1]:
                        result[j], result[j + 1] = result[j + 1], result[j]
            return result
        """,
        """
        def ordered(values: list[int]) -> list[int]:
            if len(values) < 2:
                return values
            return sorted(values)
        """,
        "ordered([2, 1]) == [1, 2]",
        "ordered([1]) == [1]",
        function="ordered",
        shows="(lambda v: ordered(v) is v)([1])",
    ),
    pair(
        "a view that moves with its dictionary",
        """
        def names(table: dict[str, int]) -> list[str]:
            found = []
            for name in table:
                found.append(name)
            return found
        """,
        """
        def names(table: dict[str, int]) -> list[str]:
            return table.keys()
        """,
        "sorted(names({'b': 1, 'a': 2})) == ['a', 'b']",
        function="names",
        shows="type(names({}))",
    ),
    pair(
        "the rows of the caller in the answer",
        """
        def padded(rows: list[list[int]], width: int) -> list[list[int]]:
            if width > 100:
                raise ValueError("too wide")
            return [row + [0] * (width - len(row)) for row in rows]
        """,
        """
        def padded(rows: list[list[int]], width: int) -> list[list[int]]:
            if width > 100:
                raise ValueError("too wide")
            out = []
            for row in rows:
                missing = width - len(row)
                out.append(row + [0] * missing if missing > 0 else row)
            return out
        """,
        "padded([[1], [2, 3]], 2) == [[1, 0], [2, 3]]",
        function="padded",
        shows="(lambda r: padded([r], 1)[0] is r)([1])",
    ),
]
