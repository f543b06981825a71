"""Sketches as bytes."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.database.sketches import dump, load
from bot.domain.sketch import Sketch, sketch_of

BUCKETS = st.dictionaries(st.integers(-(2**31), 2**31 - 1), st.integers(1, 2**64 - 1), max_size=50)


@given(st.builds(Sketch, BUCKETS, BUCKETS, st.integers(0, 2**64 - 1)))
def test_any_comes_back_as_it_was(sketch: Sketch) -> None:
    assert load(dump(sketch)) == sketch


@given(st.binary(max_size=100))
def test_other_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        assert load(data).count >= 0


@pytest.mark.parametrize("cut", [1, 5, -1])
def test_a_part_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="no sketch"):
        load(dump(sketch_of([1.0, 2.0, 300.0]))[:cut])


def test_a_window_of_latencies_takes_less_than_a_kilobyte() -> None:
    chance = random.Random(1)
    values = [chance.lognormvariate(3, 0.6) for _ in range(20_000)]
    assert len(dump(sketch_of(values))) < 1024
