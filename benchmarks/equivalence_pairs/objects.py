"""Classes: equality and hashes, properties, what objects keep, and who else holds it."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "points that may be members of a set",
        """
        from dataclasses import dataclass


        @dataclass(frozen=True)
        class Point:
            x: int
            y: int


        def corners(path: list[Point]) -> list[Point]:
            seen = []
            for point in path:
                if point not in seen:
                    seen.append(point)
            return seen
        """,
        """
        from dataclasses import dataclass


        @dataclass(frozen=True)
        class Point:
            x: int
            y: int


        def corners(path: list[Point]) -> list[Point]:
            return list(dict.fromkeys(path))
        """,
        "corners([]) == []",
        function="corners",
        shows="corners([Point(1, 2), Point(2, 1), Point(1, 2)])",
    ),
    pair(
        "the smallest on a stack",
        """
        class Stack:
            def __init__(self) -> None:
                self.items: list[int] = []

            def push(self, item: int) -> None:
                self.items.append(item)

            def smallest(self) -> int:
                if not self.items:
                    raise IndexError("empty")
                return sorted(self.items)[0]
        """,
        """
        class Stack:
            def __init__(self) -> None:
                self.items: list[int] = []

            def push(self, item: int) -> None:
                self.items.append(item)

            def smallest(self) -> int:
                if not self.items:
                    raise IndexError("empty")
                return min(self.items)
        """,
        "isinstance(Stack(), Stack)",
        function="Stack.smallest",
        shows="(lambda s: (s.push(2), s.push(1), s.push(True), s.smallest()))(Stack())",
    ),
    pair(
        "a property adds up in one line",
        """
        class Account:
            def __init__(self, entries: list[int]) -> None:
                self.entries = list(entries)

            @property
            def balance(self) -> int:
                total = 0
                for place in range(len(self.entries)):
                    total = total + self.entries[place]
                return total
        """,
        """
        class Account:
            def __init__(self, entries: list[int]) -> None:
                self.entries = list(entries)

            @property
            def balance(self) -> int:
                return sum(self.entries)
        """,
        "Account([1, 2]).balance == 3",
        function="Account.balance",
        shows="Account([]).balance",
    ),
    pair(
        "a tree is walked with a stack",
        """
        class Node:
            def __init__(self, name: str) -> None:
                self.name = name
                self.children: list["Node"] = []

            def add(self, name: str) -> "Node":
                child = Node(name)
                self.children.append(child)
                return child

            def names(self) -> list[str]:
                found = [self.name]
                for child in self.children:
                    found = found + child.names()
                return found
        """,
        """
        class Node:
            def __init__(self, name: str) -> None:
                self.name = name
                self.children: list["Node"] = []

            def add(self, name: str) -> "Node":
                child = Node(name)
                self.children.append(child)
                return child

            def names(self) -> list[str]:
                found = []
                todo = [self]
                while todo:
                    node = todo.pop()
                    found.append(node.name)
                    todo.extend(reversed(node.children))
                return found
        """,
        "Node('a').names() == ['a']",
        function="Node.names",
        shows="(lambda n: (n.add('b').add('c'), n.add('d'), n.names())[2])(Node('a'))",
    ),
    pair(
        "a class method splits its text",
        """
        class Version:
            def __init__(self, major: int, minor: int) -> None:
                self.major = major
                self.minor = minor

            @classmethod
            def of(cls, text: str) -> "Version":
                parts = text.split(".")
                if len(parts) != 2 or not parts[0].isdecimal() or not parts[1].isdecimal():
                    raise ValueError(text)
                return cls(int(parts[0]), int(parts[1]))
        """,
        """
        class Version:
            def __init__(self, major: int, minor: int) -> None:
                self.major = major
                self.minor = minor

            @classmethod
            def of(cls, text: str) -> "Version":
                major, _, minor = text.partition(".")
                if not (major.isdecimal() and minor.isdecimal()):
                    raise ValueError(text)
                return cls(int(major), int(minor))
        """,
        "Version.of('1.2').minor == 2",
        function="Version.of",
        shows="[vars(Version.of(t)) for t in ('0.10', '1.2.3')]",
    ),
    pair(
        "sorted by an attribute",
        """
        from dataclasses import dataclass


        @dataclass
        class Job:
            name: str
            cost: int


        def cheapest(jobs: list[Job]) -> list[str]:
            rest = list(jobs)
            names = []
            while rest:
                best = rest[0]
                for job in rest:
                    if job.cost < best.cost:
                        best = job
                names.append(best.name)
                rest = [job for job in rest if job is not best]
            return names
        """,
        """
        from dataclasses import dataclass
        from operator import attrgetter


        @dataclass
        class Job:
            name: str
            cost: int


        def cheapest(jobs: list[Job]) -> list[str]:
            return [job.name for job in sorted({id(job): job for job in jobs}.values(),
                                               key=attrgetter("cost"))]
        """,
        "cheapest([]) == []",
        function="cheapest",
        shows="cheapest([Job('a', 2), Job('b', 1), Job('c', 1), Job('d', 2)])",
    ),
    pair(
        "the history is cut, as long as it was before",
        """
        class History:
            def __init__(self, most: int = 3) -> None:
                self.most = max(1, most)
                self.lines: list[str] = []

            def add(self, line: str) -> int:
                self.lines.append(line)
                while len(self.lines) > self.most:
                    self.lines.pop(0)
                return len(self.lines)
        """,
        """
        class History:
            def __init__(self, most: int = 3) -> None:
                self.most = max(1, most)
                self.lines: list[str] = []

            def add(self, line: str) -> int:
                lines = self.lines
                lines.append(line)
                if len(lines) > self.most:
                    del lines[: -self.most]
                return len(lines)
        """,
        "History().add('a') == 1",
        function="History.add",
        shows="(lambda h: [(h.add(c), list(h.lines)) for c in 'abcd'])(History(2))",
    ),
]

WRONG = [
    pair(
        "what has equality has no hash",
        """
        from dataclasses import dataclass


        @dataclass
        class Point:
            x: int
            y: int


        def unique(points: list[Point]) -> list[Point]:
            seen: list[Point] = []
            for point in points:
                if point not in seen:
                    seen.append(point)
            return seen
        """,
        """
        from dataclasses import dataclass


        @dataclass
        class Point:
            x: int
            y: int


        def unique(points: list[Point]) -> list[Point]:
            return list(dict.fromkeys(points)) if len(points) > 1 else points[:]
        """,
        "unique([]) == []",
        function="unique",
        shows="unique([Point(1, 1), Point(2, 1)])",
    ),
    pair(
        "equal ones with different hashes",
        """
        class Tag:
            def __init__(self, name: str) -> None:
                self.name = name

            def __eq__(self, other: object) -> bool:
                return isinstance(other, Tag) and other.name.lower() == self.name.lower()

            def __hash__(self) -> int:
                return hash(self.name)


        def count_known(tags: list[Tag], known: list[Tag]) -> int:
            count = 0
            for tag in tags:
                if tag in known:
                    count += 1
            return count
        """,
        """
        class Tag:
            def __init__(self, name: str) -> None:
                self.name = name

            def __eq__(self, other: object) -> bool:
                return isinstance(other, Tag) and other.name.lower() == self.name.lower()

            def __hash__(self) -> int:
                return hash(self.name)


        def count_known(tags: list[Tag], known: list[Tag]) -> int:
            every = set(known)
            return sum([tag in every for tag in tags])
        """,
        "count_known([], []) == 0",
        function="count_known",
        shows="count_known([Tag('A')], [Tag('a')])",
    ),
    pair(
        "the total of yesterday",
        """
        class Cart:
            def __init__(self) -> None:
                self.prices: list[int] = []
                self.known: int | None = None

            def put(self, price: int) -> None:
                self.prices.append(price)

            def total(self) -> int:
                self.known = sum(self.prices)
                return self.known
        """,
        """
        class Cart:
            def __init__(self) -> None:
                self.prices: list[int] = []
                self.known: int | None = None

            def put(self, price: int) -> None:
                self.prices.append(price)

            def total(self) -> int:
                if self.known is None:
                    self.known = sum(self.prices)
                return self.known
        """,
        "Cart().total() == 0",
        function="Cart.total",
        shows="(lambda c: (c.total(), c.put(5), c.total()))(Cart())",
    ),
    pair(
        "ordered by one part of what orders them",
        """
        class Item:
            def __init__(self, name: str, weight: int) -> None:
                self.name = name
                self.weight = weight

            def __lt__(self, other: "Item") -> bool:
                return (self.weight, self.name) < (other.weight, other.name)


        def in_order(items: list[Item]) -> list[str]:
            return [item.name for item in sorted(items)]
        """,
        """
        class Item:
            def __init__(self, name: str, weight: int) -> None:
                self.name = name
                self.weight = weight

            def __lt__(self, other: "Item") -> bool:
                return (self.weight, self.name) < (other.weight, other.name)


        def in_order(items: list[Item]) -> list[str]:
            return [item.name for item in sorted(items, key=lambda item: item.weight)]
        """,
        "in_order([]) == []",
        function="in_order",
        shows="in_order([Item('b', 1), Item('a', 1)])",
    ),
    pair(
        "an equal one is taken for the same one",
        """
        from dataclasses import dataclass


        @dataclass
        class Seat:
            row: int


        def others(seats: list[Seat], place: int) -> list[Seat]:
            if not 0 <= place < len(seats):
                return list(seats)
            mine = seats[place]
            return [seat for seat in seats if seat is not mine]
        """,
        """
        from dataclasses import dataclass


        @dataclass
        class Seat:
            row: int


        def others(seats: list[Seat], place: int) -> list[Seat]:
            rest = list(seats)
            if 0 <= place < len(seats):
                rest.remove(seats[place])
            return rest
        """,
        "others([], 0) == []",
        function="others",
        shows="(lambda s: [x is s[0] for x in others(s, 1)])([Seat(1), Seat(1)])",
    ),
    pair(
        "the length is asked for once, and the list grows",
        """
        def closure(links: dict[str, list[str]], start: str) -> list[str]:
            found = [start]
            place = 0
            while place < len(found):
                for other in links.get(found[place], []):
                    if other not in found:
                        found.append(other)
                place += 1
            return found
        """,
        """
        def closure(links: dict[str, list[str]], start: str) -> list[str]:
            found = [start]
            for place in range(len(found)):
                for other in links.get(found[place], []):
                    if other not in found:
                        found.append(other)
            return found
        """,
        "closure({'a': ['b', 'c']}, 'a') == ['a', 'b', 'c']",
        function="closure",
        shows="closure({'a': ['b'], 'b': ['c']}, 'a')",
    ),
    pair(
        "a kind that is only nearly a list",
        """
        def depth(value: object) -> int:
            if isinstance(value, (list, tuple)):
                return 1 + max([depth(item) for item in value], default=0)
            return 0
        """,
        """
        def depth(value: object) -> int:
            if type(value) is not list:
                return 0
            return 1 + max([depth(item) for item in value], default=0)
        """,
        "depth([1, [2]]) == 2",
        "depth(1) == 0",
        function="depth",
        shows="depth(((1,),))",
    ),
    pair(
        "what was handed out changes afterwards",
        """
        class Log:
            def __init__(self) -> None:
                self.lines: list[str] = []

            def add(self, line: str) -> list[str]:
                self.lines = self.lines + [line]
                return self.lines
        """,
        """
        class Log:
            def __init__(self) -> None:
                self.lines: list[str] = []

            def add(self, line: str) -> list[str]:
                self.lines.append(line)
                return self.lines
        """,
        "Log().add('a') == ['a']",
        function="Log.add",
        shows="(lambda log: (lambda first: (log.add('b'), first))(log.add('a')))(Log())",
    ),
    pair(
        "a setter that is gone round",
        """
        class Gauge:
            def __init__(self) -> None:
                self._value = 0
                self.changes = 0

            @property
            def value(self) -> int:
                return self._value

            @value.setter
            def value(self, new: int) -> None:
                self._value = max(0, min(100, new))
                self.changes += 1

            def raise_by(self, steps: list[int]) -> int:
                for step in steps:
                    self.value = self.value + step
                return self.value
        """,
        """
        class Gauge:
            def __init__(self) -> None:
                self._value = 0
                self.changes = 0

            @property
            def value(self) -> int:
                return self._value

            @value.setter
            def value(self, new: int) -> None:
                self._value = max(0, min(100, new))
                self.changes += 1

            def raise_by(self, steps: list[int]) -> int:
                self.value = self.value + sum(steps)
                return self.value
        """,
        "Gauge().raise_by([1]) == 1",
        function="Gauge.raise_by",
        shows="Gauge().raise_by([-5, 3])",
    ),
    pair(
        "an answer for another object of the same name",
        """
        class Shape:
            def __init__(self, name: str, sides: list[int]) -> None:
                self.name = name
                self.sides = sides


        def outlines(shapes: list[Shape]) -> list[int]:
            return [sum(shape.sides) for shape in shapes]
        """,
        """
        class Shape:
            def __init__(self, name: str, sides: list[int]) -> None:
                self.name = name
                self.sides = sides


        def outlines(shapes: list[Shape]) -> list[int]:
            known: dict[str, int] = {}
            for shape in shapes:
                if shape.name not in known:
                    known[shape.name] = sum(shape.sides)
            return [known[shape.name] for shape in shapes]
        """,
        "outlines([]) == []",
        function="outlines",
        shows="outlines([Shape('a', [1]), Shape('a', [2])])",
    ),
]
