"""Profile files: own and total cost of each function, and a recursion counted once."""

import marshal
import pstats
from pathlib import Path
from typing import Any

import pytest

from bot.domain.profile import CodeSpot, CostUnit
from tests.adapters.signals.formats import samples
from tests.adapters.signals.formats.answers import accepted, costs, only_profile, refused


def test_speedscope_adds_up_its_profiles_and_counts_recursion_once() -> None:
    profile = only_profile(accepted(samples.speedscope()))
    found = costs(profile)
    assert profile.unit is CostUnit.SECONDS
    assert (found["m"].own, found["m"].total) == pytest.approx((0.006, 0.015))
    assert (found["f"].own, found["f"].total) == pytest.approx((0.006, 0.006))
    assert (found["g"].own, found["g"].total) == pytest.approx((0.003, 0.003))
    assert profile.total == pytest.approx(0.015)


def test_speedscope_of_py_spy_joins_the_lines_of_one_function() -> None:
    document = samples.speedscope() | {"exporter": "py-spy@0.4.3"}
    document["shared"]["frames"][2] = {"name": "f", "file": "a.py", "line": 7}
    profile = only_profile(accepted(document))
    assert {cost.spot for cost in profile.functions} == {
        CodeSpot("a.py", 1, "m"),
        CodeSpot("a.py", 2, "f"),
    }


def test_speedscope_of_pyinstrument_gives_self_to_what_it_stands_in() -> None:
    document = samples.speedscope()
    document["shared"]["frames"][1]["name"] = "[self]"
    del document["profiles"][0]
    assert costs(only_profile(accepted(document)))["m"].own == pytest.approx(0.009)


def broken(change: Any) -> dict[str, Any]:
    document = samples.speedscope()
    change(document["profiles"])
    return document


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda p: p[0]["samples"].append([3]), "samples and 3 weights"),
        (lambda p: p[0]["samples"].__setitem__(0, [3]), "not among its 3"),
        (lambda p: p[0]["samples"].__setitem__(0, [-1]), "a frame that is not among"),
        (lambda p: p[0]["samples"].__setitem__(0, [True]), "refers to a frame"),
        (lambda p: p[0]["samples"].__setitem__(0, 7), "no list"),
        (lambda p: p[0]["weights"].__setitem__(0, -1), "no positive number"),
        (lambda p: p[0].update(unit="parsecs"), "parsecs"),
        (lambda p: p[0].update(unit=[]), "no unit"),
        (lambda p: p[0].update(type="x"), "neither kind"),
        (lambda p: p[1]["events"].pop(2), "not the open one"),
        (lambda p: p[1]["events"][3].update(at=0), "order of their time"),
    ],
)
def test_speedscope_that_disagrees_with_itself(change: Any, why: str) -> None:
    assert why in refused(broken(change)).why


def test_pyinstrument() -> None:
    profile = only_profile(accepted(samples.pyinstrument()))
    found = costs(profile)
    assert found.keys() == {"main", "f"}
    assert (found["main"].own, found["main"].total) == (4.0, 10.0)
    assert (found["f"].own, found["f"].total) == (6.0, 6.0)
    assert profile.at is not None


def test_memray() -> None:
    read = accepted(samples.memray())
    profile = only_profile(read)
    place, unknown = profile.functions
    assert (profile.unit, profile.total) == (CostUnit.BYTES, 1000)
    assert (place.spot, place.own, place.calls) == (CodeSpot("C:\\a.py", 3, "f"), 900, 7)
    assert unknown.spot == CodeSpot("", 0, "<stack trace unavailable>")
    assert [(r.name, r.value) for r in read.results] == [
        ("peak memory", 800),
        ("allocated memory", 1000),
        ("allocations", 12),
    ]


def test_memrays_own_recording_is_told() -> None:
    assert "memray stats --json" in refused(b"\x04\x22\x4d\x18" + bytes(20)).remedy


def test_folded_stacks() -> None:
    profile = only_profile(accepted(samples.FOLDED.encode()))
    found = costs(profile)
    assert profile.unit is CostUnit.SAMPLES
    assert (found["m"].own, found["m"].total) == (6, 10)
    assert (found["f"].own, found["f"].total) == (3, 3)
    assert found["f"].spot == CodeSpot("a.py", 3, "f")
    assert found["<genexpr>"].spot == CodeSpot("b (c).py", 1, "<genexpr>")


@pytest.mark.parametrize("text", ["hello 3", "hello", "a;b", "a;b c", "f (a.py:3) -1"])
def test_text_that_is_no_stack(text: str) -> None:
    assert "no known format" in refused(text.encode()).why


def test_folded_stacks_that_are_cut() -> None:
    lines = samples.FOLDED * 20 + "m (a.py:9);f (a."
    assert "line 61" in refused(lines.encode()).why


def test_pstats_says_what_the_standard_library_says(tmp_path: Path) -> None:
    profile = only_profile(accepted(samples.pstats(tmp_path)))
    known = pstats.Stats(str(tmp_path / "profile.bin")).stats  # type: ignore[attr-defined]
    assert len(known) == len(profile.functions) > 1
    for cost in profile.functions:
        place = "~" if not cost.spot.file else cost.spot.file
        _, calls, own, total, _ = known[place, cost.spot.line, cost.spot.name]
        assert (cost.calls, cost.own) == (calls, own)
        assert cost.total == max(own, total)
    assert costs(profile)["fall"].calls == 6


@pytest.mark.parametrize("version", range(5))
def test_pstats_of_every_version_of_marshal(version: int) -> None:
    table = {("é.py", 1, "f"): (1, 2**40, 0.5, 1.5, {("b.py", 2, "g"): (1, 1, 0.5, 1.5)})}
    profile = only_profile(accepted(marshal.dumps(table, version)))
    (cost,) = profile.functions
    assert (cost.spot, cost.own, cost.total, cost.calls) == (
        CodeSpot("é.py", 1, "f"),
        0.5,
        1.5,
        2**40,
    )


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({("a.py", 1, "f"): (1, 1, float("nan"), 1.0, {})}, "a function of it has no times"),
        ({("a.py", 1, "f"): (1, 1, 1.0, {})}, "no times and calls"),
        ({("a.py", 1): (1, 1, 1.0, 1.0, {})}, "no file, line and name"),
        ({("a.py", 1, "f"): compile("1", "x", "eval")}, "no type of a profile"),
        ({("a.py", 1, "f"): b"bytes"}, "no type of a profile"),
        ({("a.py", 1, "f"): 2**400}, "no counter"),
        ({("a.py", 1, "f" * 70_000): 1}, "name of 70,000 bytes"),
        ({}, "no measurement"),
    ],
)
def test_marshalled_things_that_are_no_profile(value: Any, why: str) -> None:
    assert why in refused(marshal.dumps(value)).why


@pytest.mark.parametrize(
    "data",
    [
        b"{(\xff\xff\xff\x7f",
        b"{(\xff\xff\xff\xff",
        b"{)\x01" * 50,
        b"{)\x00",
        b"{)\x000",
        b"\xfb)\x01r\x00\x00\x00\x00N0",
        b"{)\x01r\x09\x00\x00\x00N0",
        b"{)\x01{0N0",
        b"{)\x00N0trailing",
        b"{)\x01f\x03x.yN0",
        b"{)\x01u\x02\x00\x00\x00\xff\xffN0",
    ],
)
def test_crafted_marshal_is_refused(data: bytes) -> None:
    refused(data)


def test_a_profile_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = samples.pstats(tmp_path)
    for end in range(1, len(data)):
        refused(data[:end])
