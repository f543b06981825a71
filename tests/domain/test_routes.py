import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.routes import (
    CONFIDENCE,
    CodeFunction,
    Framework,
    Likeness,
    Route,
    RouteTable,
)


def route(
    methods: str, pattern: str, function: str, doubt: str = "", framework: str = "flask"
) -> Route:
    named = tuple(methods.split(",")) if methods else ()
    place = CodeFunction("app.py", function, 1)
    return Route(Framework(framework), named, pattern, place, "app.py:9", doubt)


TABLE = RouteTable(
    (
        route("GET", "/users/<int:id>", "user"),
        route("PUT,PATCH", "/users/<int:id>", "change"),
        route("GET", "/users/me", "me"),
        route("", "/any/{x}", "anything"),
        route("GET", "/files/<path:name>", "file"),
        route("GET", "/twice/<a>", "first"),
        route("GET", "/twice/<b>", "second"),
        route("GET", "/v1/items/{id}", "item", "its prefix may be missing"),
        route("", r"api/^orders/(?P<pk>[^/.]+)/$", "order", framework="django"),
    )
)


@pytest.mark.parametrize(
    ("label", "function", "likeness"),
    [
        ("GET /users/<int:id>", "user", Likeness.SAME),
        ("GET /users/{id}", "user", Likeness.SAME),
        ("HEAD /users/{id}/", "user", Likeness.SAME),
        ("PATCH /users/{id}", "change", Likeness.SAME),
        ("GET /users/:user_id", "user", Likeness.RENAMED),
        ("GET /users/17?full=1", "user", Likeness.CONCRETE),
        ("GET https://shop.example/users/17", "user", Likeness.CONCRETE),
        ("GET /users/me", "me", Likeness.SAME),
        ("DELETE /users/me", "me", Likeness.OTHER_METHOD),
        ("DELETE /any/{x}", "anything", Likeness.SAME),
        ("/any/1", "anything", Likeness.CONCRETE),
        ("GET /files/a/b/c", "file", Likeness.CONCRETE),
        ("GET api/^orders/(?P<pk>[^/.]+)/$", "order", Likeness.SAME),
        ("GET /api/orders/{pk}/", "order", Likeness.SAME),
        ("GET /api/orders/12/", "order", Likeness.CONCRETE),
        ("GET /gateway/users/me", "me", Likeness.BELOW_PREFIX),
        ("GET /items/{id}", "item", Likeness.BELOW_PREFIX),
    ],
)
def test_an_endpoint_means_a_handler(label: str, function: str, likeness: Likeness) -> None:
    found = TABLE.resolve(label)
    assert [(one.place.function, one.likeness) for one in found] == [(function, likeness)]
    assert "app.py:9" in found[0].evidence[1]


@pytest.mark.parametrize("label", ["", "GET /", "GET /unknown", "/users/x/y", "GET /me", "GET"])
def test_what_no_route_answers_means_nothing(label: str) -> None:
    assert TABLE.resolve(label) == ()


def test_two_that_are_alike_share_the_confidence_and_say_so() -> None:
    found = TABLE.resolve("GET /twice/{c}")
    assert {one.place.function for one in found} == {"first", "second"}
    assert {one.confidence for one in found} == {round(CONFIDENCE[Likeness.RENAMED] / 2, 3)}
    assert all("2 handlers are alike in that" in one.evidence for one in found)
    assert [one.place.function for one in TABLE.resolve("GET /twice/{a}")] == ["first"]


def test_a_doubted_route_is_less_sure_and_gives_way() -> None:
    (doubted,) = TABLE.resolve("GET /v1/items/{id}")
    assert doubted.confidence < CONFIDENCE[Likeness.SAME]
    assert doubted.evidence[-1] == "its prefix may be missing"
    both = RouteTable((*TABLE.routes, route("GET", "/v1/items/{id}", "sure")))
    assert [one.place.function for one in both.resolve("GET /v1/items/{id}")] == ["sure"]


def test_likenesses_are_ordered_by_how_sure_they_are() -> None:
    assert list(CONFIDENCE) == list(Likeness)
    assert sorted(CONFIDENCE.values(), reverse=True) == list(CONFIDENCE.values())


@given(st.text(max_size=80))
def test_any_label_gives_an_answer_with_confidences_that_are_a_share(label: str) -> None:
    found = TABLE.resolve(label)
    assert sum(one.confidence for one in found) <= 1


NAMES = st.lists(st.sampled_from(["a", "b", "{x}", "{y}"]), min_size=1, max_size=4)


@given(st.lists(NAMES, min_size=1, max_size=6, unique_by=tuple))
def test_every_route_is_found_by_its_own_pattern(patterns: list[list[str]]) -> None:
    paths = ["/" + "/".join(names) for names in patterns]
    table = RouteTable(tuple(route("GET", path, f"f{n}") for n, path in enumerate(paths)))
    for number, path in enumerate(paths):
        assert [one.place.function for one in table.resolve(f"GET {path}")] == [f"f{number}"]
