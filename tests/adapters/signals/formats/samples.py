"""One small file of each kind, written here as its tool writes it."""

import cProfile
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAN, INF = float("nan"), float("inf")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def pytest_benchmark() -> dict[str, Any]:
    stats: dict[str, Any] = {
        "min": 0.001,
        "max": 0.003,
        "mean": 0.002,
        "stddev": 0.001,
        "rounds": 3,
    }
    stats |= {"median": 0.002, "iterations": 1, "data": [0.001, 0.003, 0.002]}
    one = {"group": None, "name": "test_a[1]", "fullname": "t.py::test_a[1]", "param": "1"}
    return {
        "machine_info": {"node": "vm"},
        "commit_info": {"id": COMMIT, "dirty": True},
        "benchmarks": [one | {"extra_info": {"size": 10}, "stats": stats}],
        "datetime": "2026-11-26T00:33:30.5+00:00",
        "version": "5.3.1",
    }


def asv() -> dict[str, Any]:
    params = [["10", "100"], ["'a'", "'b'"]]
    return {
        "version": 2,
        "commit_hash": COMMIT,
        "env_name": "existing",
        "date": 1795653313000,
        "params": {},
        "result_columns": [
            *("result", "params", "version", "started_at", "duration", "stats_ci_99_a"),
            *("stats_ci_99_b", "stats_q_25", "stats_q_75", "stats_number", "stats_repeat"),
        ],
        "results": {
            "b.T.time_sum": [[1e-6, 2e-6, 3e-6, NAN], params, "v1", 1, 2.0, [-INF] * 3 + [None]],
            "b.T.mem_list": [[136, 137, 856, 857], params, "v1"],
            "b.track_x": [[5], [], "v1"],
            "b.time_bad": [None, [], "v1"],
        },
    }


def hyperfine() -> dict[str, Any]:
    one: dict[str, Any] = {
        "command": "sleep 1",
        "mean": 1.5,
        "stddev": None,
        "median": 1.5,
        "min": 1.0,
        "max": 2.0,
    }
    one |= {"user": 0.1, "system": 0.1, "times": [1.0, 2.0], "exit_codes": [0, 1]}
    return {"results": [one | {"memory_usage_byte": [1000, 3000]}]}


def k6_export() -> dict[str, Any]:
    trend = {"avg": 120.0, "min": 10.0, "med": 100.0, "max": 900.0, "p(90)": 300.0, "p(95)": 500.0}
    return {
        "metrics": {
            "http_req_duration": trend | {"thresholds": {"p(95)<400": True, "avg<200": False}},
            "http_req_failed": {"passes": 5, "fails": 95, "value": 0.05},
            "http_reqs": {"count": 100, "rate": 10.0},
            "data_sent": {"count": 5000, "rate": 500.0},
            "vus": {"value": 3, "min": 1, "max": 3},
        },
        "root_group": {
            "name": "",
            "checks": {"is 200": {"name": "is 200", "passes": 90, "fails": 10}},
            "groups": {"shop": {"name": "shop", "checks": {}, "groups": {}}},
        },
    }


def k6_summary() -> dict[str, Any]:
    trend = {"avg": 120.0, "med": 100.0, "p(95)": 500.0, "count": 100}
    passed = {"p(95)<400": {"ok": False}, "avg<200": {"ok": True}}
    inner = {"name": "shop", "groups": [], "checks": [{"name": "ok", "passes": 1, "fails": 1}]}
    return {
        "metrics": {
            "http_req_duration": {
                "type": "trend",
                "contains": "time",
                "values": trend,
                "thresholds": passed,
            },
            "http_req_failed": {
                "type": "rate",
                "contains": "default",
                "values": {"rate": 0.05, "passes": 5, "fails": 95},
            },
        },
        "root_group": {"name": "", "groups": [inner], "checks": []},
        "options": {},
        "state": {"testRunDurationMs": 1000},
    }


def k6_machine() -> dict[str, Any]:
    trend = {"name": "http_req_duration", "type": "trend", "contains": "time"}
    rate = {"name": "http_req_failed", "type": "rate", "contains": "default"}
    return {
        "version": "1.0.0",
        "config": {"duration": 10.5},
        "metadata": {"k6Version": "2.2.0"},
        "results": {
            "metrics": [
                trend | {"values": {"avg": 120.0, "p(95)": 500.0}},
                rate | {"values": {"matches": 5, "rate": 0.05, "total": 100}},
            ],
            "checks": {"metrics": [], "results": [{"name": "ok", "passes": 3, "fails": 1}]},
        },
    }


def jmh() -> list[dict[str, Any]]:
    primary = {"score": 2.0, "scoreError": "NaN", "scoreUnit": "ops/ms", "rawData": [[1.0], [3.0]]}
    one = {"jmhVersion": "1.37", "benchmark": "x.B.run", "mode": "thrpt", "params": {"n": "10"}}
    second = {"gc": {"score": 8.0, "scoreUnit": "B/op", "rawData": [[8.0, 8.0]]}}
    histogram = {"score": 2.0, "scoreUnit": "us/op", "rawDataHistogram": [[[[1.0, 3], [5.0, 1]]]]}
    sampled = {"benchmark": "x.B.wait", "mode": "sample", "primaryMetric": histogram}
    return [one | {"primaryMetric": primary, "secondaryMetrics": second}, sampled]


def google_benchmark() -> dict[str, Any]:
    run: dict[str, Any] = {
        "name": "x/8",
        "run_name": "x/8",
        "run_type": "iteration",
        "time_unit": "us",
    }
    run |= {"iterations": 5, "cpu_time": 1.0, "items_per_second": 100.0, "foo": 1.5}
    bad: dict[str, Any] = {
        "name": "bad",
        "run_name": "bad",
        "run_type": "iteration",
        "error_occurred": True,
    }
    mean: dict[str, Any] = {
        "name": "m_mean",
        "run_name": "m",
        "run_type": "aggregate",
        "aggregate_name": "mean",
    }
    spread = mean | {"name": "m_stddev", "aggregate_name": "stddev", "real_time": 1.0}
    return {
        "context": {"date": "2026-11-26T00:35:03+00:00", "num_cpus": 2, "json_schema_version": 1},
        "benchmarks": [
            run | {"real_time": 2.0},
            run | {"real_time": 4.0},
            bad | {"error_message": "no good", "real_time": 0.0, "time_unit": "ns"},
            mean | {"real_time": 7.0, "time_unit": "ms", "repetitions": 3},
            spread | {"time_unit": "ms"},
        ],
    }


def custom() -> list[dict[str, Any]]:
    return [
        {"name": "load", "unit": "ms", "value": 12.5, "range": "± 3%"},
        {"name": "score", "unit": "points", "value": "7"},
    ]


def speedscope() -> dict[str, Any]:
    frames = [{"name": name, "file": "a.py", "line": n} for n, name in enumerate("mfg", 1)]
    sampled: dict[str, Any] = {
        "type": "sampled",
        "name": "main",
        "unit": "milliseconds",
        "startValue": 0,
    }
    sampled |= {"endValue": 9, "samples": [[0, 1], [0, 1, 1], [0, 2]], "weights": [1, 2, 3]}
    events = [("O", 0, 0), ("O", 1, 1), ("O", 2, 1), ("C", 3, 1), ("C", 4, 1), ("C", 9, 0)]
    evented: dict[str, Any] = {
        "type": "evented",
        "name": "other",
        "unit": "milliseconds",
        "endValue": 9,
    }
    evented["events"] = [{"type": t, "at": at, "frame": frame} for t, at, frame in events]
    schema = "https://www.speedscope.app/file-format-schema.json"
    return {"$schema": schema, "shared": {"frames": frames}, "profiles": [sampled, evented]}


def pyinstrument() -> dict[str, Any]:
    def frame(name: str, time: float, *children: dict[str, Any]) -> dict[str, Any]:
        place = {"file_path": "a.py", "line_no": 3} if name != "[self]" else {"file_path": ""}
        return {"function": name, "time": time, "children": list(children)} | place

    tree = frame("main", 10.0, frame("f", 6.0, frame("f", 4.0), frame("[self]", 2.0)))
    about = {"start_time": 1795653213.9, "duration": 10.1, "sample_count": 10}
    return about | {"target_description": "Program: a.py", "cpu_time": 1.0, "root_frame": tree}


def memray() -> dict[str, Any]:
    places = [("f:C:\\a.py:3", 900), ("<stack trace unavailable>", 50)]
    return {
        "total_num_allocations": 12,
        "total_bytes_allocated": 1000,
        "top_allocations_by_size": [{"location": p, "size": size} for p, size in places],
        "top_allocations_by_count": [{"location": places[0][0], "count": 7}],
        "metadata": {"peak_memory": 800, "end_time": "2026-11-26 00:33:46.594000+00:00"},
    }


LOCUST_STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,100%\n"
    'GET,"/a, ""b""",10,5,20,25.0,5,100,300,2.5,1.25,20,90,100\n'
    "GET,/idle,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A\n"
    ",Aggregated,10,5,20,25.0,5,100,300,2.5,1.25,20,90,100\n"
)
LOCUST_HISTORY = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,100%,Total Request Count,"
    "Total Failure Count,Total Median Response Time,Total Average Response Time,"
    "Total Min Response Time,Total Max Response Time,Total Average Content Size\n"
    "1795653310,1,,Aggregated,1.0,0.0,N/A,N/A,1,0,5,6.0,5,9,300\n"
    "1795653311,1,,Aggregated,3.0,0.0,20,100,10,1,20,25.0,5,100,300\n"
)
LOCUST_FAILURES = (
    "Method,Name,Error,Occurrences,First Seen,Last Seen\nGET,/a,HTTPError(404),5,x,y\n"
)
LOCUST_EXCEPTIONS = "Count,Message,Traceback,Nodes\n"
FOLDED = "m (a.py:9);f (a.py:3);f (a.py:4) 3\nm (a.py:9);<genexpr> (b (c).py:1) 1\nm (a.py:8) 6\n"


def pstats(folder: Path) -> bytes:
    """By cProfile itself, of a recursion."""

    def fall(depth: int) -> int:
        return depth and fall(depth - 1)

    profiler = cProfile.Profile()
    profiler.runcall(fall, 5)
    profiler.dump_stats(folder / "profile.bin")
    return (folder / "profile.bin").read_bytes()


def as_bytes(document: object) -> bytes:
    return json.dumps(document).encode()


DOCUMENTS: dict[str, Callable[[], Any]] = {
    "pytest-benchmark": pytest_benchmark,
    "asv": asv,
    "hyperfine": hyperfine,
    "k6-export": k6_export,
    "k6-summary": k6_summary,
    "k6-machine": k6_machine,
    "jmh": jmh,
    "google-benchmark": google_benchmark,
    "custom": custom,
    "speedscope": speedscope,
    "pyinstrument": pyinstrument,
    "memray": memray,
}
TEXTS = {
    "locust": (LOCUST_STATS, LOCUST_HISTORY, LOCUST_FAILURES, LOCUST_EXCEPTIONS),
    "folded": (FOLDED,),
}
