"""Where a chunked body ends is found in whatever pieces it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entrypoints.web.chunks import MOST_CHUNKS, Chunks, TooMany, Unclear

MOST = 1_000


def written(chunks: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in [*chunks, b""])


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.data())
def test_the_end_is_found_when_it_is_there_and_not_before(
    chunks: list[bytes], data: st.DataObject
) -> None:
    head, body, after = b"HEAD", written(chunks), data.draw(st.binary(max_size=9))
    whole = head + body + after
    looked = Chunks(len(head), MOST)
    cuts = sorted(data.draw(st.lists(st.integers(len(head), len(whole)), max_size=9)))
    for cut in [*cuts, len(whole)]:
        end = len(head) + len(body)
        assert looked.end(whole[:cut]) == (end if cut >= end else None)


@pytest.mark.parametrize(
    "body",
    [
        b"x\r\n",
        b"-1\r\n",
        b"5;name=value\r\nabcde\r\n",
        b"5\nabcde\n",
        b"2\r\nabcd",
        b"0\r\nTrailer: x\r\n\r\n",
        b"ffffffff\r\n",
        b"000000000001\r\n",
        b"3e9\r\n",
    ],
)
def test_anything_else_is_unclear(body: bytes) -> None:
    with pytest.raises(Unclear):
        Chunks(0, MOST).end(body)


def test_a_chunk_counts_once_however_often_it_is_looked_at() -> None:
    whole = b"5\r\nabcde\r\n0\r\n\r\n"
    looked = Chunks(0, MOST)
    for _ in range(MOST_CHUNKS + 1):
        assert looked.end(whole[:6]) is None
    assert looked.end(whole) == len(whole)


def test_there_are_only_so_many() -> None:
    body = written([b"x"] * (MOST_CHUNKS + 1))
    with pytest.raises(TooMany):
        Chunks(0, len(body)).end(body)
    body = written([b"x"] * MOST_CHUNKS)
    assert Chunks(0, len(body)).end(body) == len(body)
