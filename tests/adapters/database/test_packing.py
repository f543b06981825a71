"""Bodies come back as they were, whether an earlier version stored them or this one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.database.packing import pack, unpack

MAGIC = b"\x04\x22\x4d\x18"
BODIES = st.one_of(
    st.binary(max_size=2_000),
    st.binary(max_size=200).map(lambda tail: MAGIC + tail),
    st.builds(lambda part, times: part * times, st.binary(min_size=1), st.integers(1, 500)),
)


@given(BODIES)
def test_every_body_comes_back(body: bytes) -> None:
    assert unpack(pack(body)) == body


@given(BODIES.filter(lambda body: not body.startswith(MAGIC)))
def test_what_is_stored_as_it_came_is_read_as_it_is(body: bytes) -> None:
    assert unpack(body) == body


def test_what_repeats_itself_is_stored_small() -> None:
    assert len(pack(b'{"login": "octocat"}' * 500)) < 1_000


def test_a_damaged_body_is_an_error() -> None:
    with pytest.raises(ValueError, match="damaged"):
        unpack(pack(b"x" * 1_000)[:-5])
