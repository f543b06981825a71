import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.endpoints import path_shape, split_endpoint, without_query


@pytest.mark.parametrize(
    ("pattern", "text", "names"),
    [
        ("/", "", ()),
        ("/users/", "users", ()),
        ("/users/<int:id>", "users/{}", ("id",)),
        ("/users/<id>/files/<path:name>", "users/{}/files/{}", ("id", "name")),
        ("/a/<any(x,y):kind>", "a/{}", ("kind",)),
        ("/users/{id}", "users/{}", ("id",)),
        ("/users/{id:int}/{rest:path}", "users/{}/{}", ("id", "rest")),
        (r"/users/{id:\d{1,3}}", "users/{}", ("id",)),
        ("/users/:id/x", "users/{}/x", ("id",)),
        ("/at/12:30", "at/12:30", ()),
        (r"api/^users/(?P<pk>[^/.]+)/$", "api/users/{}", ("pk",)),
        (r"^a/(?P<x>(a|b)\)[)]+)/b\.json$", "a/{}/b.json", ("x",)),
        (r"^a/(?:page-(?P<n>\d+)/)?$", "a/{}", ("",)),
        (r"^a/(?=b)(?i)c/\d+/$", "a/c/{}", ("",)),
        ("/files/{name}.{ext}", "files/{}.{}", ("name", "ext")),
        ("//double//slash", "double/slash", ()),
        ("/open/<int:id", "open/<int:id", ()),
        ("/open/{id", "open/{id", ()),
        ("/open/(id", "open/(id", ()),
        ("/end\\", "end", ()),
    ],
)
def test_every_framework_s_placeholders_are_read_alike(
    pattern: str, text: str, names: tuple[str, ...]
) -> None:
    assert (path_shape(pattern).text, path_shape(pattern).names) == (text, names)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/users/<int:id>", "users/17", True),
        ("/users/<int:id>", "users/me", False),
        ("/users/{id}", "users/me", True),
        ("/users/{id}", "users/me/x", False),
        ("/users/{id}", "users/", False),
        ("/files/{p:path}/raw", "files/a/b/raw", True),
        (r"^y/(?P<y>[0-9]{4})/$", "y/2026", True),
        (r"^y/(?P<y>[0-9]{4})/$", "y/x", False),
        ("/f/{name}.{ext}", "f/a.b.c", True),
        ("/f/{name}.{ext}", "f/abc", False),
    ],
)
def test_a_concrete_path_fits(pattern: str, path: str, *, fits: bool) -> None:
    assert path_shape(pattern).matches(path) is fits


@pytest.mark.parametrize(
    ("label", "method", "path"),
    [
        ("GET /x", "GET", "/x"),
        ("post  /x ", "POST", "/x"),
        ("/x", "", "/x"),
        ("GET https://h.example:80/x?y=1", "GET", "/x?y=1"),
        ("", "", ""),
        ("GET ", "", "GET"),
    ],
)
def test_a_label_is_a_method_and_a_path(label: str, method: str, path: str) -> None:
    assert split_endpoint(label) == (method, path)


def test_a_query_and_a_fragment_are_no_part_of_a_path() -> None:
    assert without_query("/a/b/?c=/d#e") == "a/b"


@given(st.text(alphabet="/<>{}():?P\\d+*[]^$abc1", max_size=60))
def test_any_pattern_is_read_and_matched_without_a_crash(pattern: str) -> None:
    shape = path_shape(pattern)
    assert not shape.text.startswith("/")
    shape.matches(pattern)


def test_a_pattern_that_would_explode_as_a_regular_expression_is_quick() -> None:
    shape = path_shape("/" + "{x:path}a" * 200)
    assert not shape.matches("a" * 1_500 + "b")


SEGMENTS = st.lists(st.text(alphabet="ab-", min_size=1, max_size=4), min_size=1, max_size=5)


@given(SEGMENTS, st.data())
def test_a_path_fits_the_pattern_that_it_was_made_of(
    segments: list[str], data: st.DataObject
) -> None:
    open_ones = data.draw(st.lists(st.booleans(), min_size=len(segments), max_size=len(segments)))
    pattern = "/".join(
        f"{{p{number}}}" if is_open else segment
        for number, (segment, is_open) in enumerate(zip(segments, open_ones, strict=True))
    )
    assert path_shape(f"/{pattern}").matches("/".join(segments))
    assert path_shape(f"/{pattern}").matches("/".join([*segments, "more"])) is False
