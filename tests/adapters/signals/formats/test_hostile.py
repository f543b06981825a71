"""What no file may do: crash, take the memory or the time, or be taken for another."""

import gzip
import json
import pickle
import random
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.signals.formats import KINDS, Limits, Meter, Recognised, Refused, read
from bot.adapters.signals.formats.registry import ALL, IN_JSON
from tests.adapters.signals.formats import samples
from tests.adapters.signals.formats.answers import accepted, refused
from tests.adapters.signals.formats.samples import DOCUMENTS, TEXTS, as_bytes

SMALL = Limits(
    file_bytes=20_000,
    inflated_bytes=20_000,
    containers=500,
    values=2_000,
    depth=20,
    steps=20_000,
    series=50,
    functions=100,
)


def everything() -> list[tuple[str, bytes]]:
    found = [(kind, as_bytes(make())) for kind, make in DOCUMENTS.items()]
    found += [(kind, text.encode()) for kind, texts in TEXTS.items() for text in texts]
    return found


each_sample = pytest.mark.parametrize(
    ("kind", "data"),
    [pytest.param(*one, id=f"{one[0]}-{number}") for number, one in enumerate(everything())],
)


class TestRecognition:
    @each_sample
    def test_each_is_known_by_its_structure_alone(self, kind: str, data: bytes) -> None:
        for name in ("", "x.json", "profile.prof", "../../etc/passwd"):
            found = read(data, name)
            assert isinstance(found, Recognised)
            assert found.kind == kind

    @pytest.mark.parametrize("kind", DOCUMENTS)
    def test_no_other_format_takes_it(self, kind: str) -> None:
        document = json.loads(as_bytes(DOCUMENTS[kind]()))
        takers = [one.kind for one in IN_JSON if one.recognises(document) and not one.asked_for]
        assert takers == [kind]

    def test_every_kind_has_a_sample(self) -> None:
        asked = {one.kind for one in ALL if one.asked_for}
        assert {*DOCUMENTS, *TEXTS, "pstats", *asked} == set(KINDS)

    @each_sample
    def test_a_wrong_kind_is_refused(self, kind: str, data: bytes) -> None:
        other = "jmh" if kind != "jmh" else "asv"
        assert f"not of the kind {other}" in refused(data, other).why
        assert accepted(data, kind).kind == kind

    @pytest.mark.parametrize(
        "data", [b"{}", b"[]", b'{"a": 1}', b"[1]", b"a,b\n1,2\n", b"hello", b'"x"', b"\x00\x01"]
    )
    def test_others_are_refused(self, data: bytes) -> None:
        refused(data)

    @pytest.mark.parametrize("data", [b"", b" \n", gzip.compress(b"", mtime=0)])
    def test_an_empty_file_is_told(self, data: bytes) -> None:
        assert refused(data).why == "it is empty"

    @pytest.mark.parametrize(
        "document",
        [
            {"machine_info": {}, "benchmarks": [], "datetime": "x"},
            {"results": []},
            {"commit_hash": "x", "results": {}, "result_columns": []},
            {"context": {"num_cpus": 1}, "benchmarks": []},
            {"shared": {"frames": []}, "profiles": []},
            {"duration": 1, "sample_count": 0, "root_frame": None},
        ],
    )
    def test_no_data_is_never_a_reading(self, document: object) -> None:
        assert refused(document).why == "it holds no measurement"


class TestPacking:
    @each_sample
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "gzip", "crlf"])
    def test_it_reads_the_same(self, kind: str, data: bytes, encoding: str) -> None:
        if encoding == "gzip":
            packed = gzip.compress(data[:50]) + gzip.compress(data[50:]) + bytes(512)
        elif encoding == "crlf":
            packed = data.replace(b"\n", b"\r\n")
        else:
            packed = data.decode().encode(encoding)
        assert accepted(packed) == accepted(data)
        assert accepted(data).kind == kind

    def test_a_bomb_is_refused_at_its_limit(self) -> None:
        bomb = gzip.compress(bytes(66 * 1024 * 1024), 1)
        assert len(bomb) < 400_000
        assert "unpacks to more than 67,108,864 bytes" in refused(bomb).why

    def test_packed_twice_is_refused(self) -> None:
        assert "twice" in refused(gzip.compress(gzip.compress(b"{}"))).why

    @pytest.mark.parametrize("cut", [5, 15, -9, -4])
    def test_cut_gzip_is_refused(self, cut: int) -> None:
        assert "gzip" in refused(gzip.compress(as_bytes(samples.jmh()))[:cut]).why

    def test_damaged_gzip_is_refused(self) -> None:
        data = bytearray(gzip.compress(as_bytes(samples.jmh())))
        data[20] ^= 0xFF
        assert "gzip" in refused(bytes(data)).why

    def test_an_archive_is_never_unpacked(self) -> None:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("../../evil.json", as_bytes(samples.jmh()))
        assert "zip" in refused(packed.getvalue()).why

    def test_a_pickle_is_never_loaded(self) -> None:
        assert "pickle" in refused(pickle.dumps({"a": print})).why


class TestJson:
    def test_a_key_twice_is_refused(self) -> None:
        text = b'{"results": [{"command": "a", "mean": 1, "mean": 2}]}'
        assert "'mean' occurs twice" in refused(text).why

    @pytest.mark.parametrize(("kind", "make"), DOCUMENTS.items())
    def test_cut_anywhere_it_is_refused(self, kind: str, make: Any) -> None:
        data = as_bytes(make())
        for end in range(1, len(data), 7):
            assert not refused(data[:end]).kind, kind

    def test_cut_is_said(self) -> None:
        assert "ends in the middle" in refused(as_bytes(samples.jmh())[:-20]).why
        assert "ends in the middle" in refused(as_bytes(samples.jmh())[:25]).why

    @pytest.mark.parametrize("sign", [b"[", b'{"a":'])
    @pytest.mark.parametrize("depth", [450, 100_000])
    def test_depth_is_limited(self, sign: bytes, depth: int) -> None:
        closing = b"]" if sign == b"[" else b"}"
        assert "nested too deeply" in refused(sign * depth + b"1" + closing * depth).why

    def test_a_number_of_thousands_of_digits_is_refused(self) -> None:
        assert "digits" in refused(b'{"results": [' + b"1" * 10_000 + b"]}").why

    def test_objects_and_values_are_counted_before_they_are_made(self) -> None:
        assert "objects and lists" in refused(b"[" + b"{}," * 1_000_001 + b"{}]").why
        assert "values" in refused(b"[" + b"0," * 4_000_001 + b"0]").why


class TestCounts:
    def test_series_are_limited(self) -> None:
        many = [{"name": f"n{number}", "unit": "s", "value": 1} for number in range(51)]
        found = read(as_bytes(many), meter=Meter(SMALL))
        assert isinstance(found, Refused)
        assert "more than 50 series" in found.why

    def test_functions_are_limited(self) -> None:
        lines = "".join(f"f{number} (a.py:1) 1\n" for number in range(101))
        found = read(lines.encode(), meter=Meter(SMALL))
        assert isinstance(found, Refused)
        assert "more than 100 functions" in found.why

    def test_what_cost_least_is_left_out_and_told(self) -> None:
        lines = "".join(f"f{number} (a.py:1) {number + 1}\n" for number in range(2_010))
        found = accepted(lines.encode())
        (profile,) = found.profiles
        assert len(profile.functions) == 2_000
        assert profile.total == sum(range(1, 2_011))
        assert min(cost.own for cost in profile.functions) == 11
        assert found.notes == ("10 functions that cost least are left out",)

    def test_values_are_thinned_and_their_count_is_kept(self) -> None:
        document = samples.pytest_benchmark()
        document["benchmarks"][0]["stats"] |= {"data": [0.5] * 5_000, "rounds": 5_000}
        (result,) = accepted(document).results
        assert (len(result.values), result.count) == (1_000, 5_000)

    def test_combinations_of_asv_are_limited_by_the_results(self) -> None:
        document = samples.asv()
        document["results"] = {"b.time_x": [None, [["1"] * 100] * 40]}
        refused(document)

    def test_a_histogram_of_jmh_cannot_blow_up(self) -> None:
        document = samples.jmh()[1:]
        document[0]["primaryMetric"]["rawDataHistogram"] = [[[[1.0, 10**12]] * 1000]]
        (result,) = accepted(document).results
        assert (result.count, len(result.values)) == (10**15, 1_000)

    def test_time_is_limited(self) -> None:
        moments = iter([0.0, 1.0, 100.0, 200.0])
        meter = Meter(clock=lambda: next(moments))
        found = read((samples.FOLDED * 2_000).encode(), meter=meter)
        assert isinstance(found, Refused)
        assert "longer than 60 s" in found.why

    def test_repeated_names_are_put_together_and_told(self) -> None:
        document = samples.google_benchmark()
        document["benchmarks"] += document["benchmarks"][:2]
        one = samples.pytest_benchmark()
        one["benchmarks"] *= 2
        found = accepted(one)
        assert (len(found.results), found.results[0].count) == (1, 6)
        assert "name of another" in found.notes[0]
        assert accepted(document).results[0].count == 4


class TestNames:
    def test_secrets_and_signs_that_steer_a_terminal_are_taken_out(self) -> None:
        document = samples.hyperfine()
        token = "ghp_" + "a1B2" * 9
        document["results"][0][
            "command"
        ] = f"curl -H 'Authorization: Bearer {token}' \x1b[31m\0\u202e"
        name, *_ = (result.name for result in accepted(document).results)
        assert token not in repr(accepted(document))
        assert name.isprintable()

    def test_a_long_name_is_cut(self) -> None:
        document = samples.hyperfine()
        document["results"][0]["command"] = "x" * 100_000
        assert all(len(result.name) <= 300 for result in accepted(document).results)


leaves: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [10**400, "NaN", "1e999", "", "ns", "thrpt", "[self]", "O", "\ud800", "a:b:3"]
    )
    | st.text(max_size=5)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*path, key))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return value


class TestFuzz:
    @given(st.sampled_from(sorted(DOCUMENTS)), st.data())
    def test_a_document_with_anything_anywhere(self, kind: str, data: st.DataObject) -> None:
        document = DOCUMENTS[kind]()
        for _ in range(data.draw(st.integers(1, 3))):
            path = data.draw(st.sampled_from(places(document)))
            document = put(document, path, data.draw(anything))
        check(json.dumps(document).encode(errors="surrogatepass"))

    @given(st.sampled_from(everything()), st.data())
    def test_bytes_changed_anywhere(self, sample: tuple[str, bytes], data: st.DataObject) -> None:
        changed = bytearray(sample[1])
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(changed) - 1))
            changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        check(bytes(changed))

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        check(data)
        check(gzip.compress(data))

    @given(st.lists(st.sampled_from([*b"{()0rNTFigflzZuaA\xfb\xa9\x00\x01\x05\xff"]), max_size=60))
    def test_anything_that_looks_marshalled(self, data: list[int]) -> None:
        check(b"{)" + bytes(data))

    def test_a_profile_with_bytes_changed(self, tmp_path: Path) -> None:
        whole, chance = samples.pstats(tmp_path), random.Random(7)
        for _ in range(2_000):
            changed = bytearray(whole)
            for _ in range(chance.randint(1, 4)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            check(bytes(changed))


def check(data: bytes) -> None:
    """It is read or refused, and what is read can be kept and shown."""
    found = read(data, "name", meter=Meter(SMALL))
    if isinstance(found, Recognised):
        for result in found.results:
            assert result.name.isprintable()
            assert (result.value is None) == bool(result.missing)
            json.dumps([result.value, result.stddev, result.values, result.extra], allow_nan=False)
        for profile in found.profiles:
            costs = [(cost.own, cost.total) for cost in profile.functions]
            json.dumps([profile.total, costs], allow_nan=False)
            assert all(0 <= own <= total for own, total in costs)
        assert found.results or found.profiles or found.notes
    else:
        assert found.why
        assert found.remedy
