"""Loops inside loops that become an index, a set or a search by halves."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "the first place of each, from one pass",
        """
        def f(words: list[str], wanted: list[str]) -> list[int]:
            found = []
            for word in wanted:
                if word in words:
                    found.append(words.index(word))
                else:
                    found.append(-1)
            return found
        """,
        """
        def f(words: list[str], wanted: list[str]) -> list[int]:
            first: dict[str, int] = {}
            for place, word in enumerate(words):
                first.setdefault(word, place)
            return [first.get(word, -1) for word in wanted]
        """,
        "f(['a', 'b', 'a'], ['b', 'x']) == [1, -1]",
        shows="f(['a', 'b', 'a'], ['a', 'a', ''])",
    ),
    pair(
        "how often each occurs, counted once",
        """
        def frequencies(words):
            return [(word, words.count(word)) for word in dict.fromkeys(words)]
        """,
        """
        from collections import Counter


        def frequencies(words):
            return list(Counter(words).items())
        """,
        "frequencies(['a', 'b', 'a']) == [('a', 2), ('b', 1)]",
        "frequencies([]) == []",
        function="frequencies",
        shows="frequencies([1, True, 1.0, 'a'])",
    ),
    pair(
        "records are joined with all their matches",
        """
        from dataclasses import dataclass


        @dataclass
        class User:
            id: int
            name: str


        @dataclass
        class Order:
            user_id: int
            item: str


        def f(orders: list[Order], users: list[User]) -> list[tuple[str, str]]:
            rows = []
            for order in orders:
                for user in users:
                    if user.id == order.user_id:
                        rows.append((order.item, user.name))
            return rows
        """,
        """
        from collections import defaultdict
        from dataclasses import dataclass


        @dataclass
        class User:
            id: int
            name: str


        @dataclass
        class Order:
            user_id: int
            item: str


        def f(orders: list[Order], users: list[User]) -> list[tuple[str, str]]:
            names = defaultdict(list)
            for user in users:
                names[user.id].append(user.name)
            return [
                (order.item, name) for order in orders for name in names.get(order.user_id, ())
            ]
        """,
        "__import__('target').f([], []) == []",
        shows="f([Order(1, 'pen')], [User(1, 'a'), User(2, 'b'), User(1, 'c')])",
    ),
    pair(
        "anagrams are grouped by their letters",
        """
        def anagrams(words):
            groups = []
            for word in words:
                for group in groups:
                    if sorted(group[0]) == sorted(word):
                        group.append(word)
                        break
                else:
                    groups.append([word])
            return groups
        """,
        """
        def anagrams(words):
            groups = {}
            for word in words:
                groups.setdefault("".join(sorted(word)), []).append(word)
            return list(groups.values())
        """,
        "anagrams(['tea', 'ate', 'x']) == [['tea', 'ate'], ['x']]",
        function="anagrams",
        shows="anagrams(['', 'ab', 'ba', '', 'a'])",
    ),
    pair(
        "neighbours are visited with a set and a queue",
        """
        def reachable(graph: dict[str, list[str]], start: str) -> list[str]:
            seen = [start]
            queue = [start]
            while queue:
                node = queue.pop(0)
                for other in graph.get(node, []):
                    if other not in seen:
                        seen.append(other)
                        queue.append(other)
            return seen
        """,
        """
        from collections import deque


        def reachable(graph: dict[str, list[str]], start: str) -> list[str]:
            order = [start]
            seen = {start}
            queue = deque(order)
            while queue:
                for other in graph.get(queue.popleft(), []):
                    if other not in seen:
                        seen.add(other)
                        order.append(other)
                        queue.append(other)
            return order
        """,
        "reachable({'a': ['b', 'c'], 'b': ['c']}, 'a') == ['a', 'b', 'c']",
        function="reachable",
        shows="reachable({'a': ['c', 'b', 'a'], 'b': ['d'], 'c': ['d']}, 'a')",
    ),
    pair(
        "all that are equal are taken out in one pass",
        """
        def f(values: list[int], unwanted: int) -> None:
            while unwanted in values:
                values.remove(unwanted)
        """,
        """
        def f(values: list[int], unwanted: int) -> None:
            values[:] = [value for value in values if value != unwanted]
        """,
        "(lambda v: (f(v, 1), v)[1])([1, 2, 1]) == [2]",
        shows="(lambda v: (f(v, 1), v))([1, 2, 1, True, 3])",
    ),
    pair(
        "the first letter that does not come again",
        """
        def f(text: str) -> str:
            for c in text:
                if text.count(c) == 1:
                    return c
            return ""
        """,
        """
        from collections import Counter


        def f(text: str) -> str:
            counts = Counter(text)
            return next((c for c in text if counts[c] == 1), "")
        """,
        "f('aabc') == 'b'",
        "f('aa') == ''",
        shows="f('') + f('xx') + f('xyx')",
    ),
    pair(
        "each once, in the order of the first",
        """
        def unique(names):
            out = []
            for name in names:
                lowered = name.lower()
                if lowered not in out:
                    out.append(lowered)
            return out
        """,
        """
        def unique(names):
            return list(dict.fromkeys([name.lower() for name in names]))
        """,
        "unique(['A', 'b', 'a']) == ['a', 'b']",
        function="unique",
        shows="unique(['B', 'a', 'b', 'A', ''])",
    ),
    pair(
        "how many are smaller, by a sorted copy",
        """
        def smaller(values: list[int]) -> list[int]:
            result = []
            for value in values:
                count = 0
                for other in values:
                    if other < value:
                        count += 1
                result.append(count)
            return result
        """,
        """
        from bisect import bisect_left


        def smaller(values: list[int]) -> list[int]:
            ordered = sorted(values)
            return [bisect_left(ordered, value) for value in values]
        """,
        "smaller([3, 1, 2]) == [2, 0, 1]",
        function="smaller",
        shows="smaller([3, 1, 3, 1])",
    ),
]

WRONG = [
    pair(
        "another pair with the same sum comes first",
        """
        def two_sum(numbers, target):
            for i in range(len(numbers)):
                for j in range(i + 1, len(numbers)):
                    if numbers[i] + numbers[j] == target:
                        return i, j
            return None
        """,
        """
        def two_sum(numbers, target):
            seen = {}
            for j, number in enumerate(numbers):
                if target - number in seen:
                    return seen[target - number], j
                seen[number] = j
            return None
        """,
        "two_sum([2, 7, 11, 15], 9) == (0, 1)",
        "two_sum([1, 2], 7) is None",
        function="two_sum",
        shows="two_sum([1, 2, 2, 3], 4)",
    ),
    pair(
        "the last place of each, and not the first",
        """
        def f(words: list[str], wanted: list[str]) -> list[int]:
            return [words.index(w) if w in words else -1 for w in wanted]
        """,
        """
        def f(words: list[str], wanted: list[str]) -> list[int]:
            places = {word: place for place, word in enumerate(words)}
            return [places.get(w, -1) for w in wanted]
        """,
        "f(['a', 'b'], ['b', 'x']) == [1, -1]",
        shows="f(['a', 'a'], ['a'])",
    ),
    pair(
        "of several matches one is kept",
        """
        def join(orders, users):
            rows = []
            for order in orders:
                for user in users:
                    if user["id"] == order["user"]:
                        rows.append((order["item"], user["name"]))
            return rows
        """,
        """
        def join(orders, users):
            if not orders:
                return []
            names = {user["id"]: user["name"] for user in users}
            return [(o["item"], names[o["user"]]) for o in orders if o["user"] in names]
        """,
        "join([{'user': 1, 'item': 'pen'}], [{'id': 1, 'name': 'a'}]) == [('pen', 'a')]",
        "join([], [{'id': 1, 'name': 'a'}]) == []",
        function="join",
        shows="join([{'user': 1, 'item': 'p'}], [{'id': 1, 'name': 'a'}, {'id': 1, 'name': 'b'}])",
    ),
    pair(
        "only neighbours are grouped",
        """
        def by_kind(events: list[tuple[str, int]]) -> dict[str, list[int]]:
            groups: dict[str, list[int]] = {}
            for kind, value in events:
                groups.setdefault(kind, []).append(value)
            return groups
        """,
        """
        from itertools import groupby


        def by_kind(events: list[tuple[str, int]]) -> dict[str, list[int]]:
            return {
                kind: [value for _, value in part]
                for kind, part in groupby(events, key=lambda event: event[0])
            }
        """,
        "by_kind([('a', 1), ('a', 2), ('b', 3)]) == {'a': [1, 2], 'b': [3]}",
        function="by_kind",
        shows="by_kind([('a', 1), ('b', 2), ('a', 3)])",
    ),
    pair(
        "each once, but in order",
        """
        def unique(tags):
            out = []
            for tag in tags:
                if tag not in out:
                    out.append(tag)
            return out
        """,
        """
        def unique(tags):
            return sorted(set(tags))
        """,
        "unique(['a', 'b', 'a']) == ['a', 'b']",
        "unique([]) == []",
        function="unique",
        shows="unique(['b', 'a'])",
    ),
    pair(
        "a node is put into the queue twice",
        """
        from collections import deque


        def layers(graph: dict[str, list[str]], start: str) -> list[str]:
            order = []
            seen = {start}
            queue = deque([start])
            while queue:
                node = queue.popleft()
                order.append(node)
                for other in graph.get(node, []):
                    if other not in seen:
                        seen.add(other)
                        queue.append(other)
            return order
        """,
        """
        from collections import deque


        def layers(graph: dict[str, list[str]], start: str) -> list[str]:
            order = []
            seen = set()
            queue = deque([start])
            while queue:
                node = queue.popleft()
                seen.add(node)
                order.append(node)
                queue.extend([o for o in graph.get(node, []) if o not in seen])
            return order
        """,
        "layers({'a': ['b'], 'b': ['c']}, 'a') == ['a', 'b', 'c']",
        function="layers",
        shows="layers({'a': ['b', 'c'], 'b': ['d'], 'c': ['d']}, 'a')",
    ),
    pair(
        "what becomes negative is dropped",
        """
        def difference(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
            out = {}
            for key in a:
                left = a[key] - b.get(key, 0)
                if left != 0:
                    out[key] = left
            return out
        """,
        """
        from collections import Counter


        def difference(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
            return dict(Counter(a) - Counter(b))
        """,
        "difference({'a': 3, 'b': 1}, {'a': 1, 'b': 1}) == {'a': 2}",
        function="difference",
        shows="difference({'a': 1}, {'a': 2})",
    ),
    pair(
        "none of nothing is all",
        """
        def all_paid(bills: list[tuple[str, bool]]) -> bool:
            paid = False
            for _, state in bills:
                if not state:
                    return False
                paid = True
            return paid
        """,
        """
        def all_paid(bills: list[tuple[str, bool]]) -> bool:
            return all([state for _, state in bills])
        """,
        "all_paid([('a', True)]) is True",
        "all_paid([('a', True), ('b', False)]) is False",
        function="all_paid",
        shows="all_paid([])",
    ),
    pair(
        "the same entries in another order",
        """
        def merged(settings: dict[str, int], defaults: dict[str, int]) -> dict[str, int]:
            result = {}
            for name, value in settings.items():
                result[name] = value
            for name, value in defaults.items():
                if name not in result:
                    result[name] = value
            return result
        """,
        """
        def merged(settings: dict[str, int], defaults: dict[str, int]) -> dict[str, int]:
            return {**defaults, **settings}
        """,
        "merged({'a': 1}, {'a': 0, 'b': 2}) == {'a': 1, 'b': 2}",
        function="merged",
        shows="list(merged({'a': 1}, {'b': 2}))",
    ),
    pair(
        "behind equal ones, and not before them",
        """
        def place(grades: list[int], grade: int) -> int:
            count = 0
            for other in sorted(grades):
                if other >= grade:
                    break
                count += 1
            return count
        """,
        """
        from bisect import bisect


        def place(grades: list[int], grade: int) -> int:
            return bisect(sorted(grades), grade)
        """,
        "place([10, 30, 20], 25) == 2",
        "place([], 5) == 0",
        function="place",
        shows="place([10, 20], 20)",
    ),
    pair(
        "what is searched by halves must be in order",
        """
        def contains(ids, wanted):
            for id in ids:
                if id == wanted:
                    return True
            return False
        """,
        """
        from bisect import bisect_left


        def contains(ids, wanted):
            place = bisect_left(ids, wanted)
            return place < len(ids) and ids[place] == wanted
        """,
        "contains([1, 3, 5], 3) is True",
        "contains([1, 3, 5], 4) is False",
        function="contains",
        shows="contains([5, 1, 3], 5)",
    ),
    pair(
        "parts of a text are no letters of it",
        """
        def f(words: list[str], allowed: str) -> list[str]:
            return [word for word in words if word in allowed]
        """,
        """
        def f(words: list[str], allowed: str) -> list[str]:
            letters = set(allowed)
            return [word for word in words if word in letters]
        """,
        "f(['a', 'x'], 'abc') == ['a']",
        shows="f(['ab'], 'abc')",
    ),
    pair(
        "an unhashable item of a list without annotations",
        """
        def without(items, banned):
            kept = []
            for item in items:
                if item not in banned:
                    kept.append(item)
            return kept
        """,
        """
        def without(items, banned):
            banned = set(banned)
            return [item for item in items if item not in banned]
        """,
        "without([1, 2, 3], [2]) == [1, 3]",
        "without([[1], [2]], []) == [[1], [2]] if False else True",
        function="without",
        shows="without([[1]], [[1]])",
    ),
]
