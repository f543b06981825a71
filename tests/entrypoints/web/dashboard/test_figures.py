"""What the pages say in figures, held against what was put in."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from markupsafe import Markup

from bot.entrypoints.web.dashboard.charts import Bar, Line, Mark, bars, lines
from bot.entrypoints.web.dashboard.pages import PAGES
from tests.domain.samples import NOW
from tests.entrypoints.web.dashboard.conftest import LOCAL, opened
from tests.entrypoints.web.dashboard.data import fill, improvements
from tests.entrypoints.web.dashboard.person import Person


@pytest.fixture(scope="module")
def operator(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    file = tmp_path_factory.mktemp("figures") / "ironclaw.db"
    file.write_bytes(sqlite_template.read_bytes())
    fill(f"sqlite:///{file}")
    with opened(f"sqlite:///{file}", LOCAL) as address, Person(address) as person:
        yield person


def flat(person: Person, path: str) -> str:
    return " ".join(person.get(path).text.split())


def test_health_says_of_what_the_score_is_made(operator: Person) -> None:
    page = flat(operator, "/")
    assert "response time" in page
    assert "the target is 5.00%" in page


def test_an_endpoint_has_its_windows(operator: Person) -> None:
    query = "endpoint=GET+%2Forders&metric=http.server.request.duration&unit=ms"
    page = flat(operator, f"/endpoint?{query}")
    assert "The latest 48 of 120." in page
    assert page.count("<tr>") == 49
    assert "0:05:00" in page
    assert "1:00:00" in flat(operator, f"/endpoint?{query}&hours=168")


def test_deployments_show_both_sides_and_the_gain(operator: Person) -> None:
    page = flat(operator, "/deployments")
    assert page.count("An hour before") == 3
    assert page.count("Until it was taken back") == 1
    assert "The time after is 0.61 of that before (0.55 to 0.68)" in page
    # Twelve windows of forty requests; the one in which it was deployed is of neither side.
    assert page.count('<td class="number">440</td>') >= 9


def test_spending_stands_beside_its_caps_and_what_is_saved(operator: Person) -> None:
    page = flat(operator, "/spending")
    assert "$0.12</span> today, this repository, of $0.40" in page
    assert "of $10.00" in page
    assert "61%" in page
    assert "in production" in page


def test_improvements_are_listed_by_section(operator: Person) -> None:
    page = flat(operator, "/improvements?section=Needs%20you")
    assert "All (6)" in page
    assert page.count('<th scope="row"><a href="/improvements/') == 1


def test_one_improvement_tells_its_story(operator: Person) -> None:
    one = improvements("team/shop")[4]
    page = flat(operator, f"/improvements/{one.id}")
    for word in (
        "seen: ",
        "improvement proposed",
        "now kept",
        "speedup 3.2",
        "+new",
        one.merge_sha,
    ):
        assert word in page


def test_models_are_compared_and_profiles_named(operator: Person) -> None:
    assert flat(operator, "/learning").index(">large<") < flat(operator, "/learning").index(
        ">small<"
    )
    page = flat(operator, "/bottlenecks")
    assert "app/views.py:10 Reports.build" in page
    assert "shop.orders" in page


def test_a_chart_is_a_picture_with_a_name_and_escapes_it() -> None:
    drawn = lines(
        "<b>over time</b>",
        [Line("a<b", [(NOW, 1.0), (NOW + timedelta(hours=1), 3.0)]), Line("c", [(NOW, 2.0)])],
        "ms",
        [Mark("<i>", NOW + timedelta(minutes=30)), Mark("gone", NOW - timedelta(days=1))],
    )
    assert isinstance(drawn, Markup)
    assert 'role="img" aria-label="&lt;b&gt;over time&lt;/b&gt;"' in drawn
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert "gone" not in drawn
    assert "3 ms" in drawn
    assert drawn.count("<polyline") == 2


@pytest.mark.parametrize("highest", [0.0, 1e-9, 0.37, 1.0, 99.0, 101.0, 2_900.0, 1e15])
def test_no_value_leaves_its_chart(highest: float) -> None:
    drawn = lines("x", [Line("x", [(NOW, 0.0), (NOW + timedelta(minutes=5), highest)])])
    heights = [float(one.split(",")[1]) for one in drawn.split('points="')[1].split('"')[0].split()]
    assert all(0 <= height <= 240 for height in heights)
    # And it is not lost at the bottom either.
    assert highest == 0 or min(heights) < 120


def test_one_moment_is_named_once() -> None:
    drawn = lines("x", [Line("a", [(NOW, 1.0)]), Line("b", [(NOW, 2.0)])])
    assert drawn.count(f"{NOW:%H:%M}") == 1


def test_the_navigation_says_where_one_is(operator: Person) -> None:
    for page in PAGES:
        if page.in_navigation:
            shown = operator.get(page.path).text
            marked = re.findall(r'aria-current="page">([^<]*)<', shown)
            assert marked == [page.name], page.path


def test_nothing_gives_no_chart() -> None:
    assert lines("x", []) == ""
    assert bars("x", []) == ""


def test_bars_stay_below_what_is_higher_their_limit_or_the_highest() -> None:
    for limit in (None, 1.0, 500.0):
        drawn = bars("x", [Bar("a", 3.0), Bar("b", 40.0)], "$", limit)
        tops = [float(part.split('"')[0]) for part in drawn.split('y="')[1:]]
        assert min(tops) >= 0
        assert (">cap<" in drawn) is (limit is not None)
