"""Benchmark and load test files: each value, its unit, its direction, and what is missing."""

from datetime import UTC, datetime

import pytest

from bot.domain.measured import Direction, Statistic
from tests.adapters.signals.formats import samples
from tests.adapters.signals.formats.answers import accepted, by_name, refused
from tests.adapters.signals.formats.samples import COMMIT


def test_pytest_benchmark() -> None:
    (result,) = accepted(samples.pytest_benchmark()).results
    assert (result.name, result.unit, result.direction) == ("t.py::test_a[1]", "s", "lower")
    assert (result.value, result.stddev, result.count) == (0.002, 0.001, 3)
    assert result.values == (0.001, 0.003, 0.002)
    assert result.commit == COMMIT
    assert result.at == datetime(2026, 11, 26, 0, 33, 30, 500_000, UTC)
    assert result.extra["extra_info.size"] == 10
    assert result.extra["dirty"] is True


def test_pytest_benchmark_saved_without_data() -> None:
    document = samples.pytest_benchmark()
    del document["benchmarks"][0]["stats"]["data"]
    (result,) = accepted(document).results
    assert (result.value, result.stddev, result.count, result.values) == (0.002, 0.001, 3, ())


def test_asv_gives_each_combination_its_value_in_order() -> None:
    found = by_name(accepted(samples.asv()))
    assert found["b.T.time_sum(10, 'b')"].value == 2e-6
    assert found["b.T.time_sum(100, 'a')"].value == 3e-6
    assert found["b.T.mem_list(100, 'b')"].value == 857
    assert found["b.T.mem_list(100, 'b')"].unit == "bytes"
    assert found["b.T.time_sum(10, 'a')"].statistic is Statistic.MEDIAN
    assert found["b.T.time_sum(10, 'a')"].commit == COMMIT


def test_asv_tells_failed_from_skipped() -> None:
    found = by_name(accepted(samples.asv()))
    assert found["b.T.time_sum(100, 'b')"].missing == "it was skipped"
    assert found["b.time_bad"].missing == "the benchmark failed"


def test_asv_does_not_guess_the_unit_of_what_it_tracks() -> None:
    found = accepted(samples.asv())
    assert by_name(found)["b.track_x"].unit == ""
    assert "units are not in this file" in found.notes[0]


def test_asv_that_disagrees_with_itself() -> None:
    document = samples.asv()
    document["results"]["b.T.time_sum"][0].pop()
    assert "3 results for 4 combinations" in refused(document).why


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1, "arch": "x", "cpu": "y", "machine": "z", "os": "o", "ram": "1"},
        {"b.f": dict.fromkeys(("code", "param_names", "params", "type", "unit"), ""), "version": 2},
    ],
)
def test_other_files_of_asv_are_told(document: object) -> None:
    assert "results/<machine>/" in refused(document).remedy


def test_hyperfine() -> None:
    read = accepted(samples.hyperfine())
    found = by_name(read)
    assert (found["sleep 1"].value, found["sleep 1"].count) == (1.5, 2)
    assert found["sleep 1"].stddev == pytest.approx(0.7071, rel=1e-3)
    assert found["sleep 1: memory"].value == 2000
    assert found["sleep 1: memory"].unit == "bytes"
    assert read.notes == ("sleep 1: 1 of 2 runs ended with an error",)


def test_hyperfine_tells_commands_of_one_name_apart() -> None:
    one = samples.hyperfine()["results"][0]
    twice = {"results": [one | {"parameters": {"n": n}} for n in "12"]}
    assert {"sleep 1 [n=1]", "sleep 1 [n=2]"} <= by_name(accepted(twice)).keys()


def test_k6_export_inverts_its_thresholds_and_scales_its_times() -> None:
    read = accepted(samples.k6_export())
    found = by_name(read)
    duration = found["http_req_duration"]
    assert duration.value == pytest.approx(0.12)
    assert duration.unit == "s"
    assert duration.extra["p(95)"] == 0.5
    assert duration.extra["passed_thresholds"] == {"p(95)<400": False, "avg<200": True}
    assert read.notes == ("http_req_duration: the threshold p(95)<400 was crossed",)
    assert (found["http_req_failed"].value, found["http_req_failed"].direction) == (0.05, "lower")
    assert found["http_req_failed"].count == 100
    assert (found["http_reqs: rate"].value, found["http_reqs: rate"].direction) == (10, "higher")
    assert found["data_sent: rate"].unit == "bytes/s"
    assert found["check: is 200"].value == 0.9
    assert found["vus"].direction is Direction.NEITHER


def test_k6_summary_reads_ok_and_the_count_of_a_trend() -> None:
    read = accepted(samples.k6_summary())
    found = by_name(read)
    assert found["http_req_duration"].count == 100
    assert "count" not in found["http_req_duration"].extra
    assert read.notes == ("http_req_duration: the threshold p(95)<400 was crossed",)
    assert found["check: shop: ok"].value == 0.5


def test_k6_machine() -> None:
    read = accepted(samples.k6_machine())
    found = by_name(read)
    assert found["http_req_duration"].value == pytest.approx(0.12)
    assert (found["http_req_failed"].value, found["http_req_failed"].count) == (0.05, 100)
    assert found["check: ok"].value == 0.75
    assert read.notes == ()


def test_k6_trend_without_samples_is_missing() -> None:
    document = samples.k6_summary()
    document["metrics"]["http_req_duration"]["values"] = {"avg": 0, "count": 0}
    assert by_name(accepted(document))["http_req_duration"].missing == "it has no samples"


def test_k6_stream_is_told() -> None:
    lines = b'{"type":"Metric","data":{}}\n{"type":"Point","data":{}}\n'
    assert "--summary-export" in refused(lines).remedy


def test_locust_statistics() -> None:
    found = by_name(accepted(samples.LOCUST_STATS.encode()))
    one = found['GET /a, "b"']
    assert (one.value, one.count, one.unit) == (0.025, 10, "s")
    assert one.extra["p95"] == pytest.approx(0.09)
    assert found['GET /a, "b": failures'].value == 0.5
    assert found['GET /a, "b": requests/s'].direction is Direction.HIGHER
    assert found["GET /idle"].missing == "there was no request"
    assert found["Aggregated"].value == 0.025


def test_locust_history_holds_the_whole_run_and_every_rate() -> None:
    found = by_name(accepted(samples.LOCUST_HISTORY.encode()))
    assert (found["Aggregated"].value, found["Aggregated"].count) == (0.025, 10)
    assert found["Aggregated: requests/s"].values == (1.0, 3.0)
    assert found["Aggregated"].at == datetime.fromtimestamp(1795653311, UTC)


def test_locust_failures_and_no_exceptions() -> None:
    (failure,) = accepted(samples.LOCUST_FAILURES.encode()).results
    assert (failure.name, failure.value) == ("GET /a: HTTPError(404)", 5)
    nothing = accepted(samples.LOCUST_EXCEPTIONS.encode())
    assert (nothing.results, nothing.notes) == ((), ("no exception was raised",))


def test_locust_rows_that_are_cut_are_left_out_and_told() -> None:
    found = accepted(samples.LOCUST_STATS.encode()[:-30])
    assert "Aggregated" not in by_name(found)
    assert found.notes[0].startswith("1 rows do not have 14 cells")


def test_jmh() -> None:
    found = by_name(accepted(samples.jmh()))
    rate = found["x.B.run [n=10] (thrpt)"]
    assert (rate.value, rate.unit, rate.direction) == (2000, "1/s", "higher")
    assert (rate.values, rate.count) == ((1000, 3000), 2)
    assert "score_error" not in rate.extra
    assert found["x.B.run [n=10] (thrpt): gc"].unit == "bytes"
    waiting = found["x.B.wait (sample)"]
    assert (waiting.count, waiting.direction) == (4, "lower")
    assert waiting.values == pytest.approx((1e-6, 1e-6, 1e-6, 5e-6))


@pytest.mark.parametrize("score", ["NaN", "Infinity", "-Infinity"])
def test_jmh_scores_that_are_no_numbers_are_missing(score: str) -> None:
    document = samples.jmh()[:1]
    document[0]["primaryMetric"]["score"] = score
    assert accepted(document).results[0].value is None


def test_google_benchmark() -> None:
    found = by_name(accepted(samples.google_benchmark()))
    assert found["x/8"].values == pytest.approx((2e-6, 4e-6))
    assert found["x/8"].value == pytest.approx(3e-6)
    assert found["x/8"].unit == "s"
    assert found["x/8"].extra == pytest.approx({"foo": 1.5, "cpu_time": 1e-6})
    assert found["x/8: items_per_second"].direction is Direction.HIGHER
    assert found["bad"].missing == "it failed: no good"
    assert (found["m"].value, found["m"].stddev, found["m"].count) == (0.007, 0.001, 3)


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_what_is_no_measurement_is_missing_with_its_reason(token: str) -> None:
    text = '{"results": [{"command": "a", "mean": ' + token + ', "exit_codes": []}]}'
    (result,) = accepted(text.encode()).results
    assert result.value is None
    assert result.missing


@pytest.mark.parametrize(
    ("kind", "directions"),
    [
        ("", ["lower", "neither"]),
        ("custom-smaller", ["lower", "lower"]),
        ("custom-bigger", ["higher", "higher"]),
    ],
)
def test_custom_takes_its_direction_from_the_kind(kind: str, directions: list[str]) -> None:
    read = accepted(samples.custom(), kind)
    assert [result.direction for result in read.results] == directions
    assert [(result.value, result.unit) for result in read.results] == [
        (0.0125, "s"),
        (7, "points"),
    ]
    assert bool(read.notes) is (kind == "")
