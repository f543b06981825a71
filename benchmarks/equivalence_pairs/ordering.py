"""Sorting, the largest few, ties, windows, and the order of dictionaries."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "the best few by a key, ties as before",
        """
        def best(entries: list[tuple[str, int]], k: int) -> list[tuple[str, int]]:
            if k < 1:
                return []
            return sorted(entries, key=lambda entry: entry[1], reverse=True)[:k]
        """,
        """
        import heapq


        def best(entries: list[tuple[str, int]], k: int) -> list[tuple[str, int]]:
            if k < 1:
                return []
            return heapq.nlargest(k, entries, key=lambda entry: entry[1])
        """,
        "best([('a', 1), ('b', 3), ('c', 2)], 2) == [('b', 3), ('c', 2)]",
        function="best",
        shows="best([('a', 1), ('b', 1), ('c', 2), ('d', 1)], 3)",
    ),
    pair(
        "the first of the sorted ones is the smallest",
        """
        def shortest(words):
            if not words:
                return None
            return sorted(words, key=len)[0]
        """,
        """
        def shortest(words):
            if not words:
                return None
            return min(words, key=len)
        """,
        "shortest(['abc', 'b', 'c']) == 'b'",
        "shortest([]) is None",
        function="shortest",
        shows="shortest(['bb', 'aa', 'cc'])",
    ),
    pair(
        "putting in place by hand is sorting",
        """
        def f(values: list[int]) -> list[int]:
            out: list[int] = []
            for value in values:
                place = len(out)
                while place > 0 and out[place - 1] > value:
                    place -= 1
                out.insert(place, value)
            return out
        """,
        """
        def f(values: list[int]) -> list[int]:
            return sorted(values)
        """,
        "f([3, 1, 2]) == [1, 2, 3]",
        shows="f([1, True, 0, False, -1])",
    ),
    pair(
        "two sorted halves are merged",
        """
        def f(a: list[int], b: list[int]) -> list[int]:
            return sorted(a + b)
        """,
        """
        import heapq


        def f(a: list[int], b: list[int]) -> list[int]:
            return list(heapq.merge(sorted(a), sorted(b)))
        """,
        "f([3, 1], [2]) == [1, 2, 3]",
        shows="f([True, 0], [1, False])",
    ),
    pair(
        "places in a contest from one sort",
        """
        def ranks(scores: list[int]) -> list[int]:
            return [sorted(scores, reverse=True).index(score) + 1 for score in scores]
        """,
        """
        def ranks(scores: list[int]) -> list[int]:
            place: dict[int, int] = {}
            for number, score in enumerate(sorted(scores, reverse=True), 1):
                place.setdefault(score, number)
            return [place[score] for score in scores]
        """,
        "ranks([10, 30, 20]) == [3, 1, 2]",
        function="ranks",
        shows="ranks([5, 7, 7, 5, 1])",
    ),
    pair(
        "the middle of all so far, from a list kept sorted",
        """
        def f(values: list[int]) -> list[int]:
            out = []
            for end in range(1, len(values) + 1):
                part = sorted(values[:end])
                out.append(part[(end - 1) // 2])
            return out
        """,
        """
        from bisect import insort


        def f(values: list[int]) -> list[int]:
            part: list[int] = []
            out = []
            for value in values:
                insort(part, value)
                out.append(part[(len(part) - 1) // 2])
            return out
        """,
        "f([3, 1, 2]) == [3, 1, 2]",
        shows="f([1, True, 0, 1, 5])",
    ),
    pair(
        "one sort by two keys",
        """
        def f(people: list[tuple[str, int]]) -> list[tuple[str, int]]:
            by_name = sorted(people, key=lambda person: person[0])
            return sorted(by_name, key=lambda person: person[1])
        """,
        """
        def f(people: list[tuple[str, int]]) -> list[tuple[str, int]]:
            return sorted(people, key=lambda person: (person[1], person[0]))
        """,
        "f([('b', 2), ('a', 2), ('c', 1)]) == [('c', 1), ('a', 2), ('b', 2)]",
        shows="f([('b', 2), ('a', 2), ('b', 1), ('a', 2)])",
    ),
    pair(
        "the next larger one by a stack",
        """
        def next_larger(values: list[int]) -> list[int]:
            out = []
            for i in range(len(values)):
                found = -1
                for j in range(i + 1, len(values)):
                    if values[j] > values[i]:
                        found = j
                        break
                out.append(found)
            return out
        """,
        """
        def next_larger(values: list[int]) -> list[int]:
            out = [-1] * len(values)
            waiting: list[int] = []
            for place, value in enumerate(values):
                while waiting and values[waiting[-1]] < value:
                    out[waiting.pop()] = place
                waiting.append(place)
            return out
        """,
        "next_larger([2, 1, 3]) == [2, 2, -1]",
        function="next_larger",
        shows="next_larger([2, 2, 1, 2, 3, 3])",
    ),
    pair(
        "the largest of each window by a queue",
        """
        def f(values: list[int], size: int) -> list[int]:
            if size < 1:
                raise ValueError("size")
            return [max(values[i : i + size]) for i in range(len(values) - size + 1)]
        """,
        """
        from collections import deque


        def f(values: list[int], size: int) -> list[int]:
            if size < 1:
                raise ValueError("size")
            found: list[int] = []
            places: deque[int] = deque()
            for place, value in enumerate(values):
                while places and values[places[-1]] < value:
                    places.pop()
                places.append(place)
                if places[0] <= place - size:
                    places.popleft()
                if place >= size - 1:
                    found.append(values[places[0]])
            return found
        """,
        "f([1, 3, 2, 0], 2) == [3, 3, 2]",
        shows="f([3, 3, 1, 2, 2, 0], 3)",
    ),
    pair(
        "the most frequent first, as before among equals",
        """
        def top(counts: dict[str, int]) -> list[tuple[str, int]]:
            return sorted(counts.items(), key=lambda entry: -entry[1])
        """,
        """
        from collections import Counter


        def top(counts: dict[str, int]) -> list[tuple[str, int]]:
            return Counter(counts).most_common()
        """,
        "top({'a': 1, 'b': 2}) == [('b', 2), ('a', 1)]",
        function="top",
        shows="top({'a': 1, 'b': 1, 'c': -2, 'd': 3})",
    ),
]

WRONG = [
    pair(
        "ties of the best few are told apart by name",
        """
        def best(scores: dict[str, int], k: int) -> list[str]:
            ordered = sorted(scores.items(), key=lambda entry: entry[1], reverse=True)
            return [name for name, _ in ordered[: max(0, k)]]
        """,
        """
        import heapq


        def best(scores: dict[str, int], k: int) -> list[str]:
            largest = heapq.nlargest(max(0, k), [(score, name) for name, score in scores.items()])
            return [name for _, name in largest]
        """,
        "best({'a': 1, 'b': 3, 'c': 2}, 2) == ['b', 'c']",
        function="best",
        shows="best({'a': 1, 'b': 1}, 1)",
    ),
    pair(
        "the last of the longest, and not the first",
        """
        def longest(words):
            return sorted(words, key=len)[-1] if words else ""
        """,
        """
        def longest(words):
            return max(words, key=len) if words else ""
        """,
        "longest(['a', 'ccc', 'bb']) == 'ccc'",
        "longest([]) == ''",
        function="longest",
        shows="longest(['a', 'b'])",
    ),
    pair(
        "an equal one is taken for a larger one",
        """
        def next_larger(values: list[int]) -> list[int]:
            out = []
            for i, value in enumerate(values):
                found = -1
                for other in values[i + 1 :]:
                    if other > value:
                        found = other
                        break
                out.append(found)
            return out
        """,
        """
        def next_larger(values: list[int]) -> list[int]:
            out = [-1] * len(values)
            waiting: list[int] = []
            for place, value in enumerate(values):
                while waiting and values[waiting[-1]] <= value:
                    out[waiting.pop()] = value
                waiting.append(place)
            return out
        """,
        "next_larger([2, 1, 3]) == [3, 3, -1]",
        function="next_larger",
        shows="next_larger([2, 2, 3])",
    ),
    pair(
        "places without gaps",
        """
        def ranks(scores: list[int]) -> list[int]:
            return [1 + sum([other > score for other in scores]) for score in scores]
        """,
        """
        def ranks(scores: list[int]) -> list[int]:
            place = {score: n for n, score in enumerate(sorted(set(scores), reverse=True), 1)}
            return [place[score] for score in scores]
        """,
        "ranks([10, 30, 20]) == [3, 1, 2]",
        function="ranks",
        shows="ranks([5, 5, 1])",
    ),
    pair(
        "numbers in the order of their texts",
        """
        def newest(versions: list[str]) -> str:
            if not versions:
                return ""
            parts = [[int(p) for p in v.split(".") if p.isdecimal()] for v in versions]
            return versions[parts.index(max(parts))]
        """,
        """
        def newest(versions: list[str]) -> str:
            return max(versions, default="")
        """,
        "newest(['1.2', '1.3', '1.1']) == '1.3'",
        "newest([]) == ''",
        function="newest",
        shows="newest(['1.9', '1.10'])",
    ),
    pair(
        "equal ones change places",
        """
        from dataclasses import dataclass


        @dataclass
        class Task:
            name: str
            urgency: int


        def queue(tasks: list[Task]) -> list[str]:
            return [task.name for task in sorted(tasks, key=lambda task: task.urgency)]
        """,
        """
        from dataclasses import dataclass


        @dataclass
        class Task:
            name: str
            urgency: int


        def queue(tasks: list[Task]) -> list[str]:
            return [name for _, name in sorted([(task.urgency, task.name) for task in tasks])]
        """,
        "queue([]) == []",
        function="queue",
        shows="queue([Task('b', 1), Task('a', 1)])",
    ),
    pair(
        "the second largest may be equal to the largest",
        """
        def second(values: list[int]) -> int:
            if len(values) < 2:
                return -1
            return sorted(values)[-2]
        """,
        """
        def second(values: list[int]) -> int:
            if len(values) < 2:
                return -1
            first = other = min(values)
            for value in values:
                if value > first:
                    first, other = value, first
                elif other < value < first:
                    other = value
            return other
        """,
        "second([1, 3, 2]) == 2",
        "second([1]) == -1",
        function="second",
        shows="second([1, 3, 3])",
    ),
    pair(
        "touching spans are joined",
        """
        def merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
            out: list[tuple[int, int]] = []
            for start, end in sorted(spans):
                if out and start < out[-1][1]:
                    last = out.pop()
                    out.append((last[0], max(last[1], end)))
                else:
                    out.append((start, end))
            return out
        """,
        """
        def merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
            out: list[tuple[int, int]] = []
            for start, end in sorted(spans):
                if out and start <= out[-1][1]:
                    if end > out[-1][1]:
                        out[-1] = (out[-1][0], end)
                else:
                    out.append((start, end))
            return out
        """,
        "merge([(1, 3), (2, 4), (6, 7)]) == [(1, 4), (6, 7)]",
        function="merge",
        shows="merge([(1, 2), (2, 3)])",
    ),
    pair(
        "a span inside another makes it shorter",
        """
        def merge(spans: list[tuple[int, int]]) -> list[list[int]]:
            out: list[list[int]] = []
            for start, end in sorted(spans):
                if out and start <= out[-1][1]:
                    out[-1][1] = max(out[-1][1], end)
                else:
                    out.append([start, end])
            return out
        """,
        """
        def merge(spans: list[tuple[int, int]]) -> list[list[int]]:
            out: list[list[int]] = []
            for start, end in sorted(spans):
                if out and start <= out[-1][1]:
                    out[-1][1] = end
                else:
                    out.append([start, end])
            return out
        """,
        "merge([(1, 3), (2, 4), (6, 7)]) == [[1, 4], [6, 7]]",
        function="merge",
        shows="merge([(1, 9), (2, 3)])",
    ),
    pair(
        "turned round, and so are the equal ones",
        """
        def oldest(people):
            return sorted(people, key=lambda person: person["age"], reverse=True)
        """,
        """
        def oldest(people):
            ordered = sorted(people, key=lambda person: person["age"])
            ordered.reverse()
            return ordered
        """,
        "oldest([{'n': 'a', 'age': 1}, {'n': 'b', 'age': 2}])[0]['n'] == 'b'",
        function="oldest",
        shows="oldest([{'n': 'a', 'age': 1}, {'n': 'b', 'age': 1}])",
    ),
]
