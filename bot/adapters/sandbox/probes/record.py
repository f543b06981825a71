"""A pytest plugin that keeps the calls of some functions, as they were before each call.

The functions get one statement more when their module is compiled, so that they are seen however
they are reached, and keep their identity, signature and decorators.
"""

from __future__ import annotations

import ast
import atexit
import base64
import builtins
import hashlib
import heapq
import importlib.machinery
import os
import pickle
import random
import sys
import threading
import time
from types import FrameType
from typing import Any

from .files import read_json, write_json
from .targets import Definition, definitions, outermost

_SEEN = "__ironclaw_seen__"
_CHOSEN = 200
_LARGEST = 20
_ONE_CALL_BYTES = 4_000_000
_ALL_BYTES = 16_000_000
# Large arguments make every later process slow to start, and say little that smaller ones do not.
_FUNCTION_BYTES = 1_000_000
_MODEST_BYTES = 100_000
_FEWEST = 3
_SECONDS_A_FUNCTION = 20.0
_VARARGS, _VARKEYWORDS = 0x04, 0x08


class Kept:
    """The calls of one function: a fair sample of them, and the largest."""

    def __init__(self, seed: int) -> None:
        self.count = 0
        self.module = ""
        self.refused: dict[str, int] = {}
        self._known: set[bytes] = set()
        self._sample: list[bytes] = []
        self._largest: list[tuple[int, int, bytes]] = []
        self._random = random.Random(seed)
        self._spent = 0.0

    def add(self, frame: FrameType) -> None:
        """Decide whether this call is kept; only then is it pickled."""
        began = time.perf_counter()
        self.count += 1
        place = self._random.randrange(self.count)
        values = arguments(frame)
        smallest = self._largest[0][0] if len(self._largest) == _LARGEST else -1
        wanted = len(self._sample) < _CHOSEN or place < _CHOSEN or _size_hint(values) > smallest
        if wanted and self._spent < _SECONDS_A_FUNCTION:
            self._keep(values, place)
        self._spent += time.perf_counter() - began

    def calls(self, most_bytes: int) -> list[bytes]:
        """What was kept, each call once: the largest of modest size, then all, small ones first."""
        large = [data for _, _, data in sorted(self._largest, key=lambda entry: -entry[0])]
        modest = [data for data in large if len(data) <= _MODEST_BYTES][: _LARGEST // 2]
        found: list[bytes] = []
        used = 0
        for data in dict.fromkeys([*modest, *sorted([*self._sample, *large], key=len)]):
            if used + len(data) > most_bytes and len(found) >= _FEWEST:
                break
            used += len(data)
            found.append(data)
        return found

    def _keep(self, values: Any, place: int) -> None:
        try:
            data = pickle.dumps(values, pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            why = f"{type(error).__name__}: {str(error)[:120]}"
            self.refused[why] = self.refused.get(why, 0) + 1
            return
        digest = hashlib.sha256(data).digest()
        if digest in self._known or len(data) > _ONE_CALL_BYTES:
            return
        self._known.add(digest)
        if len(self._sample) < _CHOSEN:
            self._sample.append(data)
        elif place < _CHOSEN:
            self._sample[place] = data
        entry = (_size_hint(values), self.count, data)
        if len(self._largest) < _LARGEST:
            heapq.heappush(self._largest, entry)
        else:
            heapq.heappushpop(self._largest, entry)


class Recorder:
    """Everything that is recorded in one run."""

    def __init__(self, config: Any) -> None:
        self._root = config["root"]
        self._out = config["out"]
        self._pid = os.getpid()
        self._busy = threading.local()
        self.functions = [
            (entry["file"], outermost(entry["qualname"])) for entry in config["functions"]
        ]
        self.files = {os.path.realpath(os.path.join(self._root, f)) for f, _ in self.functions}
        self._kept = [Kept(number) for number in range(len(self.functions))]

    def seen(self, number: int) -> None:
        """Called by the recorded functions themselves, first thing."""
        if getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            frame = sys._getframe(1)
            self._kept[number].module = str(frame.f_globals.get("__name__"))
            self._kept[number].add(frame)
        finally:
            self._busy.now = False

    def transform(self, data: Any, path: str) -> Any:
        """The module's syntax tree with a call of `seen` in each recorded function."""
        tree = ast.parse(data, path)
        # Of several definitions under one name the last one is what the name means.
        last = dict(definitions(tree))
        for number, (file, qualname) in enumerate(self.functions):
            same = os.path.realpath(path) == os.path.realpath(os.path.join(self._root, file))
            if same and qualname in last:
                _insert(last[qualname], number)
        return tree

    def write(self) -> None:
        """Hand everything over; a forked child has nothing of its own to say."""
        if os.getpid() != self._pid:
            return
        used = [kept for kept in self._kept if kept.count]
        share = min(_FUNCTION_BYTES, _ALL_BYTES // max(1, len(used)))
        functions = [
            {
                "file": file,
                "qualname": qualname,
                "module": kept.module,
                "count": kept.count,
                "refused": kept.refused,
                "calls": [base64.b64encode(data).decode() for data in kept.calls(share)],
            }
            for (file, qualname), kept in zip(self.functions, self._kept)
        ]
        path = [os.path.relpath(p, self._root) for p in sys.path if p.startswith(self._root)]
        record = {"path": path, "functions": functions}
        write_json(self._out, record)


def arguments(frame: FrameType) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The positional and the keyword arguments of a call that has just begun."""
    code, values = frame.f_code, frame.f_locals
    positional, keywords = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    args = tuple(values[name] for name in names[:positional])
    kwargs = {name: values[name] for name in names[positional : positional + keywords]}
    rest = positional + keywords
    if code.co_flags & _VARARGS:
        args += values[names[rest]]
        rest += 1
    if code.co_flags & _VARKEYWORDS:
        kwargs.update(values[names[rest]])
    return args, kwargs


def _insert(definition: Definition, number: int) -> None:
    call = ast.Call(ast.Name(_SEEN, ast.Load()), [ast.Constant(number)], [])
    statement = ast.copy_location(ast.Expr(call), definition.body[0])
    ast.fix_missing_locations(statement)
    has_docstring = ast.get_docstring(definition, clean=False) is not None
    definition.body.insert(1 if has_docstring else 0, statement)


def _size_hint(values: Any) -> int:
    """Which of two calls is the larger, without pickling them."""
    args, kwargs = values
    size = 0
    for value in (*args, *kwargs.values()):
        for thing in (value, *list(getattr(value, "__dict__", {}).values())[:20]):
            try:
                size += len(thing)
            except Exception:
                size += 1
    return size


def _install(recorder: Recorder) -> None:
    setattr(builtins, _SEEN, recorder.seen)
    loader: Any = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def source_to_code(self: Any, data: Any, path: Any, **options: Any) -> Any:
        if isinstance(path, str) and os.path.realpath(path) in recorder.files:
            data = recorder.transform(data, path)
        return compile_source(self, data, path, **options)

    loader.source_to_code = source_to_code
    # A cached module would come without the statement; no cache is found in an empty folder.
    sys.pycache_prefix = os.path.join(os.path.dirname(recorder._out), "no-cache")
    atexit.register(recorder.write)


if "IRONCLAW_RECORD" in os.environ:
    _install(Recorder(read_json(os.environ["IRONCLAW_RECORD"])))
