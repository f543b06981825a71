"""Compares the routes read from real applications with the frameworks' own tables of them.

    python benchmarks/routes.py [--python python3.11] [--keep FOLDER] [--misses 10] [app ...]

Each application is installed by name and version into an environment of its own in a temporary
folder. A child process there imports it and writes down what the framework has registered: the
method, the path and the function. The reader sees only the files, and never imports them. Asked
is, for each registered route whose handler is the application's own code, which function
`RouteTable.resolve` gives for three labels: the path as the framework writes it, the same with
other names of its parts, and a concrete path. Right is the first answer, alone with its
confidence, with the same file and qualified name.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.adapters.routes import read_routes
from bot.domain.endpoints import Placeholder, Span, path_shape
from bot.domain.routes import RouteTable


class App(NamedTuple):
    """What to install, which folder of it is read, and how it is brought up to its route table."""

    requirements: tuple[str, ...]
    package: str
    framework: str
    boot: str


class Registered(NamedTuple):
    """One route of the framework's own table."""

    method: str
    path: str
    file: str
    function: str


APPS = {
    "calibreweb": App(
        ("calibreweb==0.6.27",),
        "calibreweb",
        "flask",
        """
import sys
sys.argv = ["cps", "-p", "app.db", "-g", "gdrive.db", "-o", "cps.log"]
sys.path.insert(0, PACKAGE)  # as its own start script does
import cps
from cps import main, web_server
web_server.start = lambda: True
try:
    main.main()
except SystemExit:
    pass
app = cps.app
""",
    ),
    "gns3-server": App(
        ("gns3-server==3.0.6",),
        "gns3server",
        "starlette",
        "from gns3server.api.server import app",
    ),
    "nemo": App(
        ("nemo==8.1.5",),
        "NEMO",
        "django",
        """
import django
from django.conf import settings
settings.configure(
    ROOT_URLCONF="NEMO.urls",
    SECRET_KEY="x",
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.humanize",
        "django.contrib.admin", "NEMO", "rest_framework", "rest_framework.authtoken",
        "django_filters", "mptt", "auditlog",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "nemo.db"}},
    AUTH_USER_MODEL="NEMO.User",
    MEDIA_ROOT=".", STATIC_ROOT="static", STATIC_URL="/static/", MEDIA_URL="/media/",
    USE_TZ=True, TIME_ZONE="UTC", ALLOWED_HOSTS=["*"], DEBUG=False,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    ALLOW_CONDITIONAL_URLS=True, AUTHENTICATION_BACKENDS=[], SERVER_DOMAIN="http://localhost",
)
django.setup()
""",
    ),
    "maubot": App(
        ("maubot==0.6.0",),
        "maubot",
        "aiohttp",
        """
import asyncio
from pathlib import Path
from maubot.management.api import init
from maubot.server import MaubotServer
FEATURES = [file.stem for file in Path(PACKAGE, "management/api").glob("[a-z]*.py")]
class Config(dict):
    def __missing__(self, key):
        if key == "api_features":
            return dict.fromkeys(FEATURES, True)
        return False if key.endswith("override_resource_path") else "/_matrix/maubot"
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
config = Config()
app = MaubotServer(init(config, loop), config, loop).app
""",
    ),
}

DUMP = '''
import functools, inspect, json, os

def inner(view):
    """The function behind decorators, also those that do not say what they wrap."""
    for _ in range(20):
        if isinstance(view, functools.partial):
            view = view.func
        elif hasattr(view, "__wrapped__"):
            view = view.__wrapped__
        elif inspect.ismethod(view):
            view = view.__func__
        else:
            cells = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
            held = [one for one in cells if inspect.isfunction(one) or inspect.ismethod(one)]
            named = [one for one in held if one.__code__.co_filename.find(PACKAGE) >= 0]
            if "<locals>" not in getattr(view, "__qualname__", "") or len(named) != 1:
                return view
            view = named[0]
    return view

def note(method, path, view, cls=None):
    view = inner(view) if view is not None else cls
    if inspect.isclass(view):
        file, name = inspect.getsourcefile(view), view.__qualname__
    elif hasattr(view, "__code__"):
        file, name = view.__code__.co_filename, view.__qualname__
        if cls is not None and PACKAGE not in file:
            file, name = inspect.getsourcefile(cls), cls.__qualname__
    else:
        file, name = "", repr(view)
    found.append([method, path, file, name])

def of_class(methods, path, cls):
    for method in methods:
        view = getattr(cls, method.lower(), None)
        if view is not None:
            note(method, path, view, cls)

VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
found = []

def flask(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        cls = getattr(view, "view_class", None)
        for method in sorted(rule.methods & set(VERBS)):
            own = cls and getattr(cls, method.lower(), None)
            note(method, rule.rule, own or (cls.dispatch_request if cls else view), cls)

def starlette(app, prefix=""):
    for route in app.routes:
        below = getattr(route, "routes", None)
        if below is not None and not hasattr(route, "endpoint"):
            starlette(route, prefix + route.path)
        elif inspect.isclass(getattr(route, "endpoint", None)):
            of_class(VERBS, prefix + route.path, route.endpoint)
        elif hasattr(route, "endpoint"):
            for method in sorted(getattr(route, "methods", None) or ["WEBSOCKET"]):
                if method != "HEAD":
                    note(method, prefix + route.path, route.endpoint)

def django(patterns, prefix=""):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            django(pattern.url_patterns, path)
            continue
        view = pattern.callback
        cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
        if getattr(view, "actions", None):
            for method, action in view.actions.items():
                note(method.upper(), path, getattr(cls, action), cls)
        elif cls and cls.__name__ != "WrappedAPIView":
            of_class(VERBS, path, cls)
        else:
            note("", path, inner(view))

def aiohttp(app):
    for route in app.router.routes():
        if route.resource is None or route.method == "HEAD":
            continue
        path = route.resource.canonical
        if inspect.isclass(route.handler):
            of_class(VERBS, path, route.handler)
        else:
            note("" if route.method == "*" else route.method, path, route.handler)

if FRAMEWORK == "django":
    from django.urls import get_resolver
    django(get_resolver().url_patterns)
else:
    globals()[FRAMEWORK](app)
with open("routes.json", "w") as file:
    json.dump(found, file)
os._exit(0)  # some keep threads of their own running
'''


def main() -> int:
    options = arguments()
    print(
        f"{'app':14} {'routes':>6} {'as written':>11} {'renamed':>11} {'concrete':>11} {'read':>6}"
    )
    with tempfile.TemporaryDirectory(prefix="routes-") as temporary:
        folder = options.keep or Path(temporary)
        for name in options.app or APPS:
            report(name, APPS[name], folder / name, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("app", nargs="*", choices=[*APPS, []])
    parser.add_argument("--python", default="python3.11", help="an interpreter that all install on")
    parser.add_argument("--keep", type=Path, help="an existing folder for the environments")
    parser.add_argument("--misses", type=int, default=10, help="how many of each are printed")
    return parser.parse_args()


def report(name: str, app: App, folder: Path, options: argparse.Namespace) -> None:
    site = installed(app, folder, options.python)
    routes = list(registered(app, folder, site))
    start = time.perf_counter()
    table = read_routes(sources(site / app.package, site))
    seconds = time.perf_counter() - start
    shares, misses = [], Counter[str]()
    likeness: Counter[tuple[str, bool]] = Counter()
    for form in (as_written, renamed, concrete):
        results = [(route, *judged(table, form(route), route)) for route in routes]
        right = sum(why == "" for _, why, _ in results)
        shares.append(f"{right / len(routes):11.1%}" if routes else f"{'-':>11}")
        likeness.update((kind, why == "") for _, why, kind in results)
        misses.update(why for _, why, _ in results if why)
        for route, why, _ in [one for one in results if one[1]][: options.misses]:
            print(f"    {why}: {form(route)} is {route.function} ({route.file})")
    print(f"{name:14} {len(routes):6} {' '.join(shares)} {seconds:5.1f}s", flush=True)
    print(f"    routes in the table: {len(table.routes)}, misses: {dict(misses)}")
    for kind in sorted({kind for kind, _ in likeness}):
        right, wrong = likeness[kind, True], likeness[kind, False]
        print(f"    {kind or 'nothing found'}: {right} of {right + wrong} right")


def installed(app: App, folder: Path, python: str) -> Path:
    """The site-packages of an environment that has the application."""
    if not (folder / "installed").exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        install = [str(folder / "bin/python"), "-m", "pip", "install", "-q", *app.requirements]
        subprocess.run(install, check=True)
        (folder / "installed").touch()
    return next((folder / "lib").glob("python*/site-packages"))


def registered(app: App, folder: Path, site: Path) -> Iterator[Registered]:
    """The framework's own table, of handlers in the application's own files."""
    with tempfile.TemporaryDirectory(prefix="boot-") as temporary:
        head = f"PACKAGE = {str(site / app.package)!r}\nFRAMEWORK = {app.framework!r}\n"
        (Path(temporary) / "boot.py").write_text(head + app.boot + DUMP)
        program = str((folder / "bin/python").absolute())
        done = subprocess.run(
            [program, "boot.py"], cwd=temporary, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{app.package} does not start:\n{done.stderr[-3000:]}")
        rows = json.loads((Path(temporary) / "routes.json").read_text())
    package = f"{site.absolute()}/{app.package}/"
    for method, path, file, function in dict.fromkeys(map(tuple, rows)):
        if file.startswith(package) and not has_format_suffix(path):
            yield Registered(method, path, str(Path(file).relative_to(site.absolute())), function)


def has_format_suffix(path: str) -> bool:
    """The twin that Django REST framework adds to each of its routes."""
    return "(?P<format>" in path or "<drf_format_suffix" in path


def sources(package: Path, site: Path) -> dict[str, str]:
    return {
        str(file.relative_to(site)): file.read_text(encoding="utf-8", errors="replace")
        for file in package.rglob("*.py")
    }


def as_written(route: Registered) -> str:
    return f"{route.method} {route.path or '/'}".strip()


def renamed(route: Registered) -> str:
    pieces = path_shape(route.path).pieces
    numbered = [
        f"{{part{number}}}" if isinstance(piece, Placeholder) else piece
        for number, piece in enumerate(pieces)
    ]
    return f"{route.method} /{''.join(numbered)}".strip()


def concrete(route: Registered) -> str:
    pieces = path_shape(route.path).pieces
    values = [
        ("17" if piece.span is Span.DIGITS else "x1") if isinstance(piece, Placeholder) else piece
        for piece in pieces
    ]
    return f"{route.method} /{''.join(values)}".strip()


def judged(table: RouteTable, label: str, route: Registered) -> tuple[str, str]:
    """Why the answer is wrong (empty if it is right), and how it was found."""
    answers = table.resolve(label)
    if not answers:
        return "not found", ""
    places = [(answer.place.file, answer.place.function) for answer in answers]
    wanted = (route.file, re.sub(r"\.<locals>$", "", route.function))
    if wanted not in places:
        return f"wrong ({answers[0].place})", answers[0].likeness
    if len(answers) > 1:
        return "not alone", answers[0].likeness
    return "", answers[0].likeness


if __name__ == "__main__":
    sys.exit(main())
