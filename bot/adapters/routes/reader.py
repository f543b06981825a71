"""Reads the routes of a whole repository."""

from collections.abc import Callable, Mapping

from bot.adapters.routes.aiohttp import Aiohttp
from bot.adapters.routes.django import Django
from bot.adapters.routes.expressions import OutOfSteps
from bot.adapters.routes.files import Project
from bot.adapters.routes.flask import Flask
from bot.adapters.routes.machine import Machine
from bot.adapters.routes.relevance import WORDS, Relevance
from bot.adapters.routes.starlette import Starlette
from bot.adapters.routes.table import MOST_ROUTES, Flattening
from bot.adapters.routes.values import Module
from bot.domain.routes import RouteTable

MOST_STEPS = 4_000_000
"""Expressions and statements that are looked at: some 10 seconds."""


def read_routes(sources: Mapping[str, str], *, steps: int = MOST_STEPS) -> RouteTable:
    """The routes that a repository's Python files register, by path and text; runs none of them.

    Flask, FastAPI and Starlette, Django with its REST framework, and aiohttp. Files may say
    anything: what is malformed, too deep, too large or circular only makes the table smaller,
    and `gaps` says so.
    """
    project = Project(sources)
    relevance = Relevance()
    modules = _modules(project, lambda text: WORDS.search(text) is not None)
    relevance.learn(module.tree for module in modules)
    callers = [one for one in _modules(project, relevance.names_one) if one not in modules]
    relevance.learn(module.tree for module in callers)
    modules += callers
    machine = Machine(project, [Flask(), Starlette(), Django(), Aiohttp()], relevance, steps)
    gaps: list[str] = []
    try:
        for module in modules:
            machine.execute(module)
        machine.run_uncalled(modules)
    except OutOfSteps:
        gaps.append(f"only {steps} steps of the code were followed")
    machine.steps = MOST_STEPS
    flattening = Flattening(machine)
    try:
        routes = flattening.routes(machine.routers, machine.django_roots(), modules)
    except OutOfSteps:
        routes = []
    if len(routes) >= MOST_ROUTES:
        gaps.append(f"only the first {MOST_ROUTES} routes were kept")
    return RouteTable(tuple(dict.fromkeys(routes)), (*gaps, *project.unread))


def _modules(project: Project, wanted: Callable[[str], bool]) -> list[Module]:
    return [
        module
        for file in project.files
        if not _is_test(file) and wanted(project.text(file))
        if (module := project.load(file)) is not None
    ]


def _is_test(file: str) -> bool:
    folders = file.split("/")
    name = folders[-1]
    return (
        any(part in ("test", "tests", "testing") for part in folders[:-1])
        or name.startswith("test_")
        or name == "conftest.py"
    )
