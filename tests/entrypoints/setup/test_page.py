"""The pages without a server: what is used up stays used up, and what GitHub says stays text."""

from http import HTTPStatus

import pytest

from bot.adapters.github.app import NewApp
from bot.entrypoints.setup.page import BACK, Form, Reply, SetupPages, Visit, cookie_value
from bot.ports import HostError, UserError
from tests.entrypoints.setup.person import Page

HOST = "127.0.0.1:8765"
MANIFEST = '{"name": "a \\"b\\" <c>"}'
FORM = Form("https://github.com/settings/apps/new", MANIFEST, (("x", "y", "<z>"),))
URL = "https://github.com/apps/ironclaw"


class World:
    """A set-up with a GitHub that takes every code, or fails as it is told."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.kept: list[NewApp] = []
        self.error: Exception | None = None
        self.url = URL
        self.pages = SetupPages(HOST, FORM, self.convert, self.kept.append)
        first = self.visit(self.pages.address.removeprefix(f"http://{HOST}"))
        self.cookie = cookie_value(first.headers["Set-Cookie"].partition(";")[0])

    def convert(self, code: str) -> NewApp:
        self.codes.append(code)
        if self.error:
            raise self.error
        return NewApp(7, "ironclaw", "Iv1.x", self.url, "secret1", "secret2", "secret3")

    def visit(self, target: str, cookie: str = "", host: str = HOST) -> Reply:
        return self.pages.answer(Visit(target, host, cookie))

    def form(self) -> Page:
        return Page(self.visit("/", self.cookie).body)

    def back(self, state: str) -> Reply:
        return self.visit(f"{BACK}?code=c1&state={state}")


@pytest.fixture
def world() -> World:
    return World()


def test_the_form_holds_the_manifest_as_it_is(world: World) -> None:
    page = world.form()
    assert page.fields == {"manifest": FORM.manifest}
    assert page.action == f"{FORM.action}?state={page.state}"
    assert "<z>" not in world.visit("/", world.cookie).body


def test_when_the_app_is_made_nothing_works_any_more(world: World) -> None:
    state = world.form().state
    assert world.back(state).ends
    assert world.back(state).status is HTTPStatus.FORBIDDEN
    assert world.visit("/", world.cookie).status is HTTPStatus.FORBIDDEN
    assert (world.codes, len(world.kept)) == (["c1"], 1)


def test_an_empty_state_never_matches_one_that_is_used_up(world: World) -> None:
    world.back(world.form().state)
    assert world.back("").status is HTTPStatus.FORBIDDEN
    assert world.visit("/?token=").status is HTTPStatus.FORBIDDEN
    assert len(world.codes) == 1


@pytest.mark.parametrize("error", [UserError("<b>no</b>", "<i>do</i>"), HostError("<b>no</b>")])
def test_what_github_says_is_text_on_the_page(world: World, error: Exception) -> None:
    world.error = error
    said = world.back(world.form().state)
    assert not said.ends
    assert "&lt;b&gt;no" in said.body
    assert "<b>" not in said.body
    assert "<i>" not in said.body


def test_an_address_of_github_adds_no_header(world: World) -> None:
    world.url = f"{URL}\r\nSet-Cookie: a=b"
    location = world.back(world.form().state).headers["Location"]
    assert location.isprintable()
    assert " " not in location


@pytest.mark.parametrize("target", ["/x", "/created/", "//evil.example", "http://[", "*", ""])
def test_there_are_two_pages_and_no_more(world: World, target: str) -> None:
    assert world.visit(target, world.cookie).status is HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ironclaw_setup=x", "x"),
        ("a=b; ironclaw_setup=x=y", "x=y"),
        ("a=ironclaw_setup=x", ""),
        ("", ""),
    ],
)
def test_our_cookie_is_found_among_others(header: str, value: str) -> None:
    assert cookie_value(header) == value
