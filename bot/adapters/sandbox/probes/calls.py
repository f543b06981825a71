"""The recorded calls of the wanted functions, each in as many fresh copies as needed."""

from __future__ import annotations

import base64
import os
import pickle
import sys
from typing import Any

from .files import read_json
from .targets import Target, outermost


class Call:
    """One recorded call of one function; its number is its place in the whole recording."""

    def __init__(self, number: int, target: Target, data: bytes) -> None:
        self.number = number
        self.target = target
        self.data = data

    def values(self) -> Any:
        """A fresh copy of the arguments."""
        return pickle.loads(self.data)


class Calls:
    """All calls of a recording that belong to the wanted functions."""

    def __init__(self, config: Any) -> None:
        self._root = config["root"]
        record = read_json(config["recording"])
        wanted = {(f["file"], outermost(f["qualname"])) for f in config["functions"]}
        sys.path[1:1] = [
            path
            for path in (os.path.normpath(os.path.join(self._root, p)) for p in record["path"])
            if path not in sys.path
        ]
        self.targets: list[Target] = []
        self.found: list[Call] = []
        number = 0
        for function in record["functions"]:
            if function["calls"] and (function["file"], function["qualname"]) in wanted:
                target = self._target(function)
                self.targets.append(target)
                for place, data in enumerate(function["calls"]):
                    self.found.append(Call(number + place, target, base64.b64decode(data)))
            number += len(function["calls"])

    def _target(self, function: Any) -> Target:
        target = Target(self._root, function["file"], function["qualname"], function["module"])
        file = os.path.realpath(str(target.module.__file__))
        if not file.startswith(os.path.realpath(self._root)):
            raise ImportError(f"{function['module']} was imported from {file}, not from the copy")
        return target
