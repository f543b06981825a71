"""Test 39 in a real browser: whatever stands in any field is text on a page, and does nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bot.domain.improvement import Improvement
from tests.entrypoints.web.dashboard.conftest import LOCAL, opened
from tests.entrypoints.web.dashboard.data import fill
from tests.entrypoints.web.dashboard.test_pages import LISTS, Watched

STRANGE = {
    "a script": "<script>window.done = 1</script>",
    "an image": '"><img src=x onerror="window.done = 1">',
    "an attribute": "' autofocus onfocus='window.done = 1",
    "a drawing": "</title></svg><svg onload=window.done=1>",
    "a template": "{{ 7 * 7 }}{% for x in y %}${7*7}<%= 7*7 %>",
    "a link": "javascript:window.done=1//</a><a href=javascript:window.done=1>",
    "the end": "</main></body></html>--><!--]]><iframe srcdoc='<script>parent.done=1</script>'>",
    "controls": "\x1b[31m\u202e\u2066\ufeff\U000e0041\x00",
}

_LIVE = """[...document.querySelectorAll('*')].filter(one => [...one.attributes].some(
    a => a.name.startsWith('on') || a.name === 'style' || a.value.startsWith('javascript:')
)).length"""


EACH = [pytest.param(text, id=name, marks=pytest.mark.soak) for name, text in STRANGE.items()]
ALL = pytest.param(" ".join(STRANGE.values()), id="all of them")


@pytest.fixture(params=[ALL, *EACH])
def strange(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(sqlite_url: str, strange: str) -> Iterator[tuple[str, list[Improvement]]]:
    made = fill(sqlite_url, say=strange)
    with opened(sqlite_url, LOCAL) as address:
        yield address, made


def test_security_39_strange_texts_stay_texts_in_a_browser(
    browser: Browser, place: tuple[str, list[Improvement]], strange: str
) -> None:
    address, made = place
    watched = Watched(browser, address, "desk")
    watched.page.on("dialog", lambda one: watched.complaints.append(f"dialog {one.message}"))
    deeper = [f"/improvements/{one.id}" for one in made]
    seen = ""
    for path in (*LISTS, *deeper, f"{deeper[1]}/approve"):
        page = watched.open(path)
        assert watched.complaints == [], path
        assert page.evaluate("window.done") is None, path
        assert page.locator("iframe, img, main script, object, embed").count() == 0, path
        assert page.evaluate(_LIVE) == 0, path
        assert page.locator("html > body > main").count() == 1, path
        seen += page.locator("body").inner_text()
        links = page.evaluate("[...document.links].map(one => one.protocol)")
        assert set(links) == {"http:"}, path
    # What is harmless is shown as it is, so that the pages did have it.
    assert "".join(filter(str.isprintable, strange))[:15] in seen
    assert not any(sign in seen for sign in strange if not sign.isprintable())
    watched.open("/endpoints").locator("tbody th a").first.click()
    assert watched.page.locator("figure.chart svg").count() == 1
    assert watched.complaints == []
    watched.page.close()
