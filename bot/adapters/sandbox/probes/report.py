"""A pytest plugin that writes every outcome to a file at once, so that a crash loses nothing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from .files import read_json

_PATH = os.environ.get("IRONCLAW_REPORT", "")
_ONLY = os.environ.get("IRONCLAW_ONLY", "")
_ROOT = os.environ.get("IRONCLAW_PROJECT", "")
_PACKAGES = os.environ.get("IRONCLAW_PACKAGES", "")
_PID = os.getpid()


class Report:
    """The plugin; what it needs of the world is taken when it is made, before any test runs."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(path, flags, 0o600)
        self._write = os.write
        self._pid = os.getpid
        self.add("start", pid=_PID)

    def add(self, kind: str, **values: Any) -> None:
        """One line. A test that forks and goes on as pytest must not report a second time."""
        if self._pid() == _PID:
            line = json.dumps(dict(values, kind=kind))
            self._write(self._file, line.encode("utf-8", "backslashreplace") + b"\n")

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Keep the wanted tests alone."""
        if not _ONLY:
            return
        wanted = set(read_json(_ONLY))
        chosen = [item for item in items if item.nodeid in wanted]
        config.hook.pytest_deselected(items=[i for i in items if i.nodeid not in wanted])
        items[:] = chosen

    def pytest_collection_finish(self, session: Any) -> None:
        self.add("collected", count=len(session.items))

    def pytest_collectreport(self, report: Any) -> None:
        if report.outcome == "failed":
            self.add("collect", id=report.nodeid, why=str(report.longrepr)[-2000:])

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.add("test", id=report.nodeid, when=report.when, outcome=report.outcome)

    def pytest_sessionfinish(self, exitstatus: Any) -> None:
        self.add("foreign", modules=foreign_modules())
        self.add("end", code=int(exitstatus))


def foreign_modules() -> list[list[str]]:
    """Modules of the project that were imported from somewhere else than its copy."""
    found = []
    names = set(filter(None, _PACKAGES.split(",")))
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] in names and isinstance(file, str):
            copied = os.path.realpath(file).startswith(_ROOT)
            if file.endswith(".py") and not copied:
                found.append([name, file])
    return found


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: Any) -> Iterator[None]:
    """No coverage: it is slow, it traces as we do, and too little of it is no failed test."""
    options = early_config.known_args_namespace
    if getattr(options, "cov_source", None):
        options.cov_source = []
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_cmdline_main(config: Any) -> Iterator[None]:
    """One process, every test, no benchmarks; set here, where no missing option is an error."""
    wanted = {"numprocesses": 0, "dist": "no", "tx": [], "maxfail": 0, "benchmark_disable": True}
    for name, value in wanted.items():
        if hasattr(config.option, name):
            setattr(config.option, name, value)
    yield


def pytest_configure(config: Any) -> None:
    """Register once, whatever else loads this module."""
    if _PATH and not config.pluginmanager.has_plugin("ironclaw-report"):
        config.pluginmanager.register(Report(_PATH), "ironclaw-report")
