"""The pages in a real browser: with data and empty, on a desk and a phone, by day and by night."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # no types
from playwright.sync_api import Browser, Page, Request

from bot.domain.improvement import State
from tests.entrypoints.web.api_calls import keep
from tests.entrypoints.web.dashboard.conftest import LOCAL, opened
from tests.entrypoints.web.dashboard.data import SHOP, fill, improvements

LISTS = (
    "/",
    "/endpoints",
    "/bottlenecks",
    "/improvements",
    "/deployments",
    "/learning",
    "/spending",
    "/work",
)
OPEN = improvements(SHOP)[1]
SERIES = "endpoint=GET+%2Forders&metric=http.server.request.duration&unit=ms"
DEEPER = (
    f"/improvements/{OPEN.id}",
    f"/improvements/{OPEN.id}/approve",
    f"/endpoint?{SERIES}",
    "/pause",
    "/improvements?section=Needs+you",
    "/endpoints?hours=720",
)
LOOKS = {"desk": (1280, 900, "light"), "phone": (390, 800, "dark")}


class Place(NamedTuple):
    """A server and its database."""

    address: str
    url: str


@pytest.fixture(scope="module", params=["data", "empty"])
def place(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("pages") / "ironclaw.db")
    url = f"sqlite:///{file}"
    if request.param == "data":
        fill(url)
    with opened(url, LOCAL) as address:
        yield Place(address, url)


@pytest.fixture
def full(sqlite_url: str) -> Iterator[Place]:
    fill(sqlite_url)
    with opened(sqlite_url, LOCAL) as address:
        yield Place(address, sqlite_url)


class Watched:
    """A page of which everything is noted that it should not do."""

    def __init__(self, browser: Browser, address: str, look: str, *, script: bool = True) -> None:
        width, height, scheme = LOOKS[look]
        self.address = address
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"asked {request.url}")

    def open(self, path: str) -> Page:
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == 200, (path, answer.text())
        return self.page


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def beyond(page: Page) -> int:
    """By how much a page is wider than the window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_quiet_fits_and_can_be_used(
    browser: Browser, place: Place, look: str, request: pytest.FixtureRequest
) -> None:
    has_data = "data" in request.node.callspec.id.split("-")
    watched = Watched(browser, place.address, look)
    try:
        for path in (*LISTS, *(DEEPER if has_data else ())):
            page = watched.open(path)
            assert watched.complaints == [], path
            assert serious(page) == [], path
            assert beyond(page) <= 0, path
            assert page.locator("h1").count() == 1, path
            assert page.locator("main").inner_text().strip(), path
    finally:
        watched.page.close()


def test_the_checker_finds_what_is_wrong(browser: Browser, full: Place) -> None:
    """Or that it found nothing would say nothing."""
    page = Watched(browser, full.address, "desk").open("/")
    page.evaluate("document.querySelector('main').append(document.createElement('select'))")
    assert any(one.startswith("select-name") for one in serious(page))
    page.close()


def test_an_empty_dashboard_says_what_to_do(browser: Browser, sqlite_url: str) -> None:
    with opened(sqlite_url, LOCAL) as address:
        page = Watched(browser, address, "desk").open("/")
        assert "ironclaw setup" in page.locator("main").inner_text()
        page.close()


def test_a_person_acts_by_keyboard_alone_and_is_asked_once(browser: Browser, full: Place) -> None:
    watched = Watched(browser, full.address, "desk")
    page = watched.open(f"/improvements/{OPEN.id}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Hold":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/hold")
    assert "Do nothing with it" in page.locator("main").inner_text()
    page.get_by_role("button", name="Hold").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/improvements/{OPEN.id}")
    shown = page.get_by_role("region", name="What was asked for").inner_text()
    assert "hold" in shown
    assert "the operator" in shown
    assert "waiting" in shown
    assert watched.complaints == []
    page.close()


def test_a_page_follows_what_happens(browser: Browser, full: Place) -> None:
    watched = Watched(browser, full.address, "desk")
    watched.page.clock.install()
    page = watched.open(f"/improvements/{OPEN.id}")
    page.evaluate("window.same = true")
    keep(full.url, OPEN.move(State.MERGED, "merged at last", OPEN.updated_at, merge_sha="9" * 40))
    page.clock.fast_forward(11_000)
    page.get_by_text("merged at last").first.wait_for()
    assert page.evaluate("window.same") is True
    assert "updated at" in page.locator("#live").inner_text()
    assert watched.complaints == []
    page.close()


def test_a_page_says_when_it_is_not_current(browser: Browser, full: Place) -> None:
    page = Watched(browser, full.address, "desk").page
    page.clock.install()
    page.goto(f"{full.address}/")
    page.route("**/*", lambda route: route.abort())
    page.clock.fast_forward(11_000)
    page.get_by_text("not up to date").wait_for()
    page.close()


def test_pages_work_without_script(browser: Browser, full: Place) -> None:
    watched = Watched(browser, full.address, "desk", script=False)
    page = watched.open("/improvements")
    assert page.locator("noscript meta[http-equiv=refresh]").count() == 1
    page.get_by_role("link", name="Needs you (1)").click()
    page.get_by_role("link", name="sorted-for-min").click()
    page.get_by_role("link", name="Resume", exact=True).click()
    page.get_by_role("button", name="Resume").click()
    assert page.get_by_role("region", name="What was asked for").count() == 1
    page.close()


def test_pause_and_resume_hold_for_the_whole_repository(browser: Browser, full: Place) -> None:
    page = Watched(browser, full.address, "desk").open("/")
    page.get_by_role("link", name="Pause").click()
    page.get_by_role("button", name="Pause").click()
    assert "the operator has paused this repository" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Resume").click()
    page.get_by_role("button", name="Resume").click()
    assert page.get_by_role("alert").count() == 0
    page.close()
