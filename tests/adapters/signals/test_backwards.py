"""Lines from the end of a file, compared with splitting the whole text."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.signals.backwards import BLOCK, LONGEST, ShrunkError, lines_backwards


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "log", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


def expected(data: bytes, start: int) -> list[bytes | None]:
    """The whole lines after `start`, the slow and obvious way."""
    whole = data[start:].split(b"\n")[:-1]
    kept = whole if start == 0 else whole[1:]
    return [line if len(line) <= LONGEST else None for line in reversed(kept)]


@given(
    lines=st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"")), max_size=20),
    torn=st.sampled_from([b"", b'{"at', b"x" * 40]),
    block=st.integers(1, 50),
    start=st.integers(0, 30),
)
def test_every_whole_line_in_reverse(
    lines: list[bytes], torn: bytes, block: int, start: int
) -> None:
    data = b"".join(line + b"\n" for line in lines) + torn
    start = min(start, len(data))
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        found = list(lines_backwards(file.fileno(), start, len(data), block))
    assert found == expected(data, start)


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1, 3 * BLOCK + 7])
@pytest.mark.parametrize("before", [b"", b"first\n"])
@pytest.mark.parametrize("behind", [b"", b"last\n", b"torn"])
def test_a_line_too_long_hides_no_other(
    file: int, length: int, before: bytes, behind: bytes
) -> None:
    data = before + b"x" * length + b"\n" + behind
    os.write(file, data)
    assert list(lines_backwards(file, 0, len(data))) == expected(data, 0)


def test_a_torn_line_longer_than_any_may_be(file: int) -> None:
    data = b"first\n" + b"x" * (2 * BLOCK)
    os.write(file, data)
    assert list(lines_backwards(file, 0, len(data))) == [b"first"]


def test_a_file_that_shrinks_meanwhile_is_said_to(file: int) -> None:
    os.write(file, b"a\n" * BLOCK)
    lines = lines_backwards(file, 0, 2 * BLOCK)
    assert next(lines) == b"a"
    os.truncate(file, 10)
    with pytest.raises(ShrunkError):
        list(lines)
