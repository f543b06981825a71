"""Repositories that mean no good: whatever they say, the table is read, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.routes import read_routes
from bot.adapters.routes.files import LARGEST_FILE
from tests.adapters.routes.reading import table

GOOD = """
from flask import Flask
app = Flask(__name__)
@app.route("/x")
def x(): ...
"""
FOUND = {"GET /x -> good.py:x"}


@pytest.mark.parametrize(
    "bad",
    [
        "def route(:\n",
        "route = '\0'",
        "route = " + "(" * 10_000,
        "route = " + "-" * 100_000 + "1",
        "route = " + "+".join(["'a'"] * 3_000),
        "route = " + "[" * 90 + "]" * 90,
        "route = x" + ".a" * 3_000,
        "\ud800 route",
        "route = 1\n" + "#" * LARGEST_FILE,
        "from bad import *\nfrom bad import route\nroute()\n",
        "import bad.bad.bad\nbad.route.route\n",
        "from ....... import route\n@route\ndef f(): ...\n",
        "class route(route): ...\nclass A(A): ...\nA.as_view()()\n",
        """
from flask import Flask
app = Flask()
app.route()
app.route(1)(2)
app.add_url_rule()
app.register_blueprint()
app.route(*[1], **{'x': 2})(lambda: 1)
""",
        "from fastapi import *\nfrom fastapi import APIRouter\nAPIRouter(routes=7).mount()\n",
        "from aiohttp import web\nweb.get()\nweb.Application().add_routes(5)\nweb.view('/')\n",
        "from django.urls import path, include\nurlpatterns = [path(), include(), path(1, 2)]\n",
        "route = {**1, None: 2, [1]: 3}\nroute[1:2] = 3\nroute['x']['y'] = 1\n*a, b = route\n",
        "route = '{:>999999999}'.format(1) + '%999999999d' % 1 + 'a' * 10**9\n",
        "for route in range(10**9):\n    app.route('/%s' % route)\n",
        "def route():\n    return route()\nroute()\nx = lambda: x()\nx()\n",
    ],
)
def test_a_bad_file_hides_no_other(bad: str) -> None:
    sources = {"bad.py": bad, "good.py": GOOD}
    found = read_routes(sources).routes
    assert [(route.pattern, route.handler.file) for route in found][-1:] == [("/x", "good.py")]


def test_what_was_not_read_is_told() -> None:
    found = read_routes({"bad.py": "def route(:", "big.py": "# route" + " " * LARGEST_FILE})
    assert found.routes == ()
    assert found.gaps == (
        "bad.py cannot be parsed: SyntaxError",
        f"big.py is larger than {LARGEST_FILE} characters",
    )


def test_routers_and_patterns_in_circles_end() -> None:
    assert (
        table(
            flask_="""
        from flask import Flask, Blueprint
        a, b, app = Blueprint("a", "a", url_prefix="/a"), Blueprint("b", "b"), Flask("x")
        a.register_blueprint(b, url_prefix="/b")
        b.register_blueprint(a)
        app.register_blueprint(a)
        @b.route("/x")
        def x(): ...
        """,
            django_="""
        from django.urls import include, path
        def y(request): ...
        urlpatterns = [path("y/", y), path("again/", include("django_"))]
        urlpatterns += urlpatterns
        """,
        )
        == {"GET /a/b/x -> flask_.py:x", "* y/ -> django_.py:y ?"}
    )


def test_a_program_that_never_ends_is_left_where_the_steps_end() -> None:
    calls = (f"def f{n}():\n    route\n" + f"    f{n + 1}()\n" * 9 for n in range(30))
    program = "\n".join(calls) + "\nf0()\n"
    found = read_routes({"loop.py": program, "good.py": GOOD}, steps=20_000)
    assert found.gaps == ("only 20000 steps of the code were followed",)
    assert {route.pattern for route in found.routes} == {"/x"}


def test_loops_in_loops_make_no_endless_table() -> None:
    loops = "".join(f"{'    ' * n}for a{n} in [1] * 5 or range(9):\n" for n in range(6))
    program = f"{GOOD}\n{loops}{'    ' * 6}app.add_url_rule('/y', view_func=x)\n"
    assert {route.pattern for route in read_routes({"good.py": program}).routes} == {"/x", "/y"}


def test_nothing_of_the_code_is_run(capfd: pytest.CaptureFixture[str]) -> None:
    program = f"print('run')\nraise SystemExit\n__import__('os').system('echo run')\n{GOOD}"
    assert table(good=program) == FOUND
    assert capfd.readouterr().out == ""


def test_a_test_s_own_application_is_none_of_the_repository_s() -> None:
    assert table(good=GOOD, tests__app=GOOD, test_app=GOOD, conftest=GOOD) == FOUND


PIECES = st.sampled_from(
    [
        "from flask import Flask, Blueprint\n", "from m1 import *\n", "from . import m0\n",
        "app = Flask('x')\n", "bp = Blueprint('b', 'b', url_prefix=app)\n",
        "app.register_blueprint(bp, url_prefix='/p')\n", "bp.register_blueprint(bp)\n",
        "@app.route('/x')\n@bp.get('/y')\ndef f(*args, **kw):\n    return f(f)\n",
        "class C(C0, metaclass=f):\n    def __init__(self):\n        self.app = C()\n",
        "app = C().app\n", "app = app or bp\n", "for app, bp in [app, bp]:\n    app.route(bp)(f)\n",
        "try:\n    app()\nexcept E:\n    app = 1\nelse:\n    del app\n", "app.x = app\n",
        "bp = app.x.x.x\n", "def make(app=app):\n    global bp\n    bp = app\n    return make\n",
        "make()()()\n", "x = [y for x in app for y in x]\n", "app[bp] = {**app, 1: bp}\n",
        "match app:\n    case [x, *y]:\n        app.route(x)(y)\n", "f = staticmethod(f)\n",
        "while app:\n    app.add_url_rule('/z', view_func=f)\n", "super().route()\n",
    ]
)  # fmt: skip


@given(st.lists(st.lists(PIECES, max_size=10).map("".join), min_size=1, max_size=3))
def test_any_program_is_read(programs: list[str]) -> None:
    sources = {f"m{number}.py": text for number, text in enumerate(programs)}
    found = read_routes(sources, steps=50_000)
    assert all(route.pattern.startswith("/") for route in found.routes)
    assert found == read_routes(sources, steps=50_000)
