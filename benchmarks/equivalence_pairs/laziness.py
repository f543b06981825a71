"""Generators, iterators that are read once, clean-up, functions that are made, async functions."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "windows by a queue that forgets",
        """
        from collections.abc import Iterable, Iterator


        def windows(items: Iterable[int], size: int) -> Iterator[tuple[int, ...]]:
            if size < 1:
                raise ValueError("size")
            kept: list[int] = []
            for item in items:
                kept.append(item)
                if len(kept) > size:
                    kept.pop(0)
                if len(kept) == size:
                    yield tuple(kept)
        """,
        """
        from collections import deque
        from collections.abc import Iterable, Iterator


        def windows(items: Iterable[int], size: int) -> Iterator[tuple[int, ...]]:
            if size < 1:
                raise ValueError("size")
            kept: deque[int] = deque()
            for item in items:
                kept.append(item)
                if len(kept) > size:
                    kept.popleft()
                if len(kept) == size:
                    yield tuple(kept)
        """,
        "list(windows([1, 2, 3], 2)) == [(1, 2), (2, 3)]",
        function="windows",
        shows="list(windows(iter([1, 2]), 3)), list(windows([], 1))",
    ),
    pair(
        "parts of a size, each read when it is asked for",
        """
        def chunks(items, size):
            if size < 1:
                raise ValueError("size")
            part = []
            for item in items:
                part.append(item)
                if len(part) == size:
                    yield part
                    part = []
            if part:
                yield part
        """,
        """
        from itertools import islice


        def chunks(items, size):
            if size < 1:
                raise ValueError("size")
            rest = iter(items)
            while part := list(islice(rest, size)):
                yield part
        """,
        "list(chunks([1, 2, 3], 2)) == [[1, 2], [3]]",
        function="chunks",
        shows="(lambda i: (next(chunks(i, 2)), list(i)))(iter([1, 2, 3, 4]))",
    ),
    pair(
        "each once, as it comes",
        """
        from collections.abc import Iterable, Iterator


        def unique(names: Iterable[str]) -> Iterator[str]:
            seen = []
            for name in names:
                if name not in seen:
                    seen.append(name)
                    yield name
        """,
        """
        from collections.abc import Iterable, Iterator


        def unique(names: Iterable[str]) -> Iterator[str]:
            seen = set()
            for name in names:
                if name not in seen:
                    seen.add(name)
                    yield name
        """,
        "list(unique(['a', 'b', 'a'])) == ['a', 'b']",
        function="unique",
        shows="(lambda i: (next(unique(i)), list(i)))(iter(['a', 'b']))",
    ),
    pair(
        "what is inside is handed on",
        """
        def flat(rows: list[list[int]]):
            for row in rows:
                for value in row:
                    yield value
        """,
        """
        def flat(rows: list[list[int]]):
            for row in rows:
                yield from row
        """,
        "list(flat([[1], [2, 3]])) == [1, 2, 3]",
        function="flat",
        shows="(lambda r: (lambda g: (next(g), r[0].append(9), list(g)))(flat(r)))([[1]])",
    ),
    pair(
        "the log is closed, however it ends",
        """
        def lines(texts: list[str], log: list[str]):
            log.append("open")
            try:
                for text in texts:
                    if text.strip():
                        if not text.startswith("#"):
                            yield text.strip()
            finally:
                log.append("closed")
        """,
        """
        def lines(texts: list[str], log: list[str]):
            log.append("open")
            try:
                for text in texts:
                    stripped = text.strip()
                    if stripped and text[0] != "#":
                        yield stripped
            finally:
                log.append("closed")
        """,
        "list(lines(['a', '#'], [])) == ['a']",
        function="lines",
        shows="(lambda log: (lambda g: (next(g), g.close(), log))(lines([' a'], log)))([])",
    ),
    pair(
        "one function for each, made another way",
        """
        def adders(steps: list[int]) -> list:
            def make(step: int):
                def add(value: int) -> int:
                    return value + step

                return add

            out = []
            for step in steps:
                out.append(make(step))
            return out
        """,
        """
        def adders(steps: list[int]) -> list:
            return [lambda value, _step=step: value + _step for step in steps]
        """,
        "[add(1) for add in adders([1, 2])] == [2, 3]",
        function="adders",
        shows="[add(10) for add in adders([3, 4, 5])]",
    ),
    pair(
        "a check is put together once",
        """
        def longer_than(limit: int):
            def check(text: str) -> bool:
                count = 0
                for _ in text:
                    count += 1
                return count > limit

            return check
        """,
        """
        def longer_than(limit: int):
            def check(text: str) -> bool:
                return len(text) > limit

            return check
        """,
        "longer_than(2)('abc') is True",
        function="longer_than",
        shows="longer_than(0)(''), longer_than(-1)('')",
    ),
    pair(
        "awaited one after the other, without a list on the way",
        """
        async def _doubled(value: int) -> int:
            return value * 2


        async def total(values: list[int]) -> int:
            doubled = []
            for value in values:
                doubled = doubled + [await _doubled(value)]
            result = 0
            for value in doubled:
                result += value
            return result
        """,
        """
        async def _doubled(value: int) -> int:
            return value * 2


        async def total(values: list[int]) -> int:
            result = 0
            for value in values:
                result += await _doubled(value)
            return result
        """,
        "__import__('asyncio').run(total([1, 2])) == 6",
        function="total",
        shows="__import__('asyncio').run(total([]))",
    ),
    pair(
        "a setting is put back, whatever happens",
        """
        from contextlib import contextmanager


        @contextmanager
        def changed(settings: dict[str, int], name: str, value: int):
            had = False
            former = None
            for key in settings:
                if key == name:
                    had = True
                    former = settings[key]
            settings[name] = value
            try:
                yield settings
            finally:
                if had:
                    settings[name] = former
                else:
                    settings.pop(name, None)
        """,
        """
        from contextlib import contextmanager


        @contextmanager
        def changed(settings: dict[str, int], name: str, value: int):
            had = name in settings
            former = settings.get(name)
            settings[name] = value
            try:
                yield settings
            finally:
                if had:
                    settings[name] = former
                else:
                    settings.pop(name, None)
        """,
        "(lambda c: (c.__enter__(), c.__exit__(None, None, None))[0])(changed({}, 'a', 1)) == {}",
        function="changed",
        shows="(lambda s: (changed(s, 'a', 1).__enter__(), s))({'b': 2})",
    ),
]

WRONG = [
    pair(
        "one part that is filled again and again",
        """
        def chunks(items: list[int], size: int):
            if size < 1:
                raise ValueError("size")
            part: list[int] = []
            for item in items:
                part.append(item)
                if len(part) == size:
                    yield part
                    part = []
            if part:
                yield part
        """,
        """
        def chunks(items: list[int], size: int):
            if size < 1:
                raise ValueError("size")
            part: list[int] = []
            for item in items:
                part.append(item)
                if len(part) == size:
                    yield part
                    part.clear()
            if part:
                yield part
        """,
        "[list(part) for part in chunks([1, 2, 3], 2)] == [[1, 2], [3]]",
        function="chunks",
        shows="list(chunks([1, 2, 3, 4], 2))",
    ),
    pair(
        "one more is read than is handed out",
        """
        from collections.abc import Iterator


        def head(lines: Iterator[str], count: int) -> list[str]:
            out = []
            while len(out) < count:
                try:
                    out.append(next(lines))
                except StopIteration:
                    break
            return out
        """,
        """
        from collections.abc import Iterator


        def head(lines: Iterator[str], count: int) -> list[str]:
            out = []
            for line in lines:
                if len(out) >= count:
                    break
                out.append(line)
            return out
        """,
        "head(iter(['a', 'b']), 5) == ['a', 'b']",
        function="head",
        shows="(lambda i: (head(i, 1), list(i)))(iter(['a', 'b']))",
    ),
    pair(
        "closed only if it is read to its end",
        """
        def lines(texts: list[str], log: list[str]):
            log.append("open")
            try:
                for text in texts:
                    yield text.strip()
            finally:
                log.append("closed")
        """,
        """
        def lines(texts: list[str], log: list[str]):
            log.append("open")
            for text in texts:
                yield text.strip()
            log.append("closed")
        """,
        "list(lines([' a'], [])) == ['a']",
        function="lines",
        shows="(lambda log: (lambda g: (next(g), g.close(), log))(lines([' a'], log)))([])",
    ),
    pair(
        "read twice, and the second time there is nothing",
        """
        from collections.abc import Iterable


        def shares(values: Iterable[int]) -> list[float]:
            kept = list(values)
            total = 0
            for value in kept:
                total += value
            return [value / total for value in kept] if total else []
        """,
        """
        from collections.abc import Iterable


        def shares(values: Iterable[int]) -> list[float]:
            total = sum(values)
            return [value / total for value in values] if total else []
        """,
        "shares([1, 3]) == [0.25, 0.75]",
        function="shares",
        shows="shares(iter([1, 3]))",
    ),
    pair(
        "the shorter list ends it",
        """
        def paired(keys: list[str], values: list[int]) -> dict[str, int]:
            result = {}
            for place in range(len(keys)):
                result[keys[place]] = values[place]
            return result
        """,
        """
        def paired(keys: list[str], values: list[int]) -> dict[str, int]:
            return dict(zip(keys, values))
        """,
        "paired(['a', 'b'], [1, 2]) == {'a': 1, 'b': 2}",
        function="paired",
        shows="paired(['a'], [])",
    ),
    pair(
        "all at once, and in another order",
        """
        import asyncio


        async def _fetch(name: str, log: list[str]) -> str:
            log.append(f"ask {name}")
            await asyncio.sleep(0)
            log.append(f"got {name}")
            return name.upper()


        async def fetch_all(names: list[str], log: list[str]) -> list[str]:
            found = []
            for name in names:
                found.append(await _fetch(name, log))
            return found
        """,
        """
        import asyncio


        async def _fetch(name: str, log: list[str]) -> str:
            log.append(f"ask {name}")
            await asyncio.sleep(0)
            log.append(f"got {name}")
            return name.upper()


        async def fetch_all(names: list[str], log: list[str]) -> list[str]:
            return list(await asyncio.gather(*[_fetch(name, log) for name in names]))
        """,
        "__import__('asyncio').run(fetch_all(['a', 'b'], [])) == ['A', 'B']",
        function="fetch_all",
        shows="(lambda log: (asyncio.run(fetch_all(['a', 'b'], log)), log))([])",
    ),
    pair(
        "after the first failure the others go on",
        """
        import asyncio


        async def _save(name: str, done: list[str]) -> int:
            await asyncio.sleep(0)
            if not name:
                raise ValueError("no name")
            done.append(name)
            return len(name)


        async def save_all(names: list[str], done: list[str]) -> int:
            total = 0
            for name in names:
                total += await _save(name, done)
            return total
        """,
        """
        import asyncio


        async def _save(name: str, done: list[str]) -> int:
            await asyncio.sleep(0)
            if not name:
                raise ValueError("no name")
            done.append(name)
            return len(name)


        async def save_all(names: list[str], done: list[str]) -> int:
            return sum(await asyncio.gather(*[_save(name, done) for name in names]))
        """,
        "__import__('asyncio').run(save_all(['a', 'bc'], [])) == 3",
        function="save_all",
        shows="(lambda d: (tried(asyncio.run, save_all(['', 'a'], d)), d))([])",
    ),
    pair(
        "all functions know the last step only",
        """
        def adders(steps: list[int]) -> list:
            def make(step: int):
                return lambda value: value + step

            return [make(step) for step in steps]
        """,
        """
        def adders(steps: list[int]) -> list:
            out = []
            for step in steps:
                out.append(lambda value: value + step)
            return out
        """,
        "[add(1) for add in adders([1])] == [2]",
        function="adders",
        shows="[add(1) for add in adders([1, 2])]",
    ),
    pair(
        "what is made looks at its list once",
        """
        def counter(words: list[str]):
            def count(word: str) -> int:
                found = 0
                for other in words:
                    if other == word:
                        found += 1
                return found

            return count
        """,
        """
        def counter(words: list[str]):
            def count(word: str) -> int:
                return " ".join(words).split(" ").count(word)

            return count
        """,
        "counter(['a', 'b', 'a'])('a') == 2",
        function="counter",
        shows="counter(['', 'a b'])('a')",
    ),
    pair(
        "put back only where nothing went wrong",
        """
        from contextlib import contextmanager


        @contextmanager
        def raised_limit(settings: dict[str, int], value: int):
            former = settings.get("limit", 0)
            settings["limit"] = value
            try:
                yield former
            finally:
                settings["limit"] = former
        """,
        """
        from contextlib import contextmanager


        @contextmanager
        def raised_limit(settings: dict[str, int], value: int):
            former = settings.get("limit", 0)
            settings["limit"] = value
            yield former
            settings["limit"] = former
        """,
        "raised_limit({'limit': 1}, 2).__enter__() == 1",
        function="raised_limit",
        shows="(lambda s: (lambda c: (c.__enter__(), c.gen.close(), s))(raised_limit(s, 1)))({})",
    ),
    pair(
        "the first is handed out before the second is known",
        """
        def differences(values: list[int]):
            former = None
            for value in values:
                if former is not None:
                    yield value - former
                former = value
        """,
        """
        def differences(values: list[int]):
            former = 0
            for value in values:
                if former:
                    yield value - former
                former = value
        """,
        "list(differences([1, 3, 6])) == [2, 3]",
        function="differences",
        shows="list(differences([0, 5]))",
    ),
]
