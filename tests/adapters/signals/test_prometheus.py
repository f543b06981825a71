"""Requests out of what Prometheus has counted."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.database import make_engine
from bot.adapters.signals.prometheus import PrometheusRequests, Selection
from bot.bootstrap.hosted import metrics_source
from bot.domain.metrics import Request
from bot.domain.policy import MetricsPolicy
from bot.ports import HostError
from bot.settings import Settings
from tests.fakes.prometheus import FakePrometheus

SINCE = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(minutes=5)
SHOP = {"job": "shop"}
ROUTE = {"http_request_method": "GET", "http_route": "/a", "http_response_status_code": "200"}
SELECTION = Selection("http_server_request_duration_seconds", SHOP)


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    with FakePrometheus() as fake:
        yield fake


async def read(fake: FakePrometheus, selection: Selection = SELECTION) -> list[Request]:
    return list(await PrometheusRequests(fake.url, selection, token="t").requests(SINCE, UNTIL))


async def test_what_was_counted_comes_as_requests(prometheus: FakePrometheus) -> None:
    start = SINCE.timestamp()
    for number in range(200):
        prometheus.observe(start + 1 + number, 0.06, **SHOP, **ROUTE)
    failing = ROUTE | {"http_response_status_code": "503"}
    prometheus.observe(start + 100, 5.0, **SHOP, **failing)
    prometheus.observe(start + 100, 0.06, job="another", **ROUTE)
    prometheus.observe(start - 1, 0.06, **SHOP, **ROUTE)
    found = await read(prometheus)
    assert Counter((one.endpoint, one.failed) for one in found) == {
        ("GET /a", False): 200,
        ("GET /a", True): 1,
    }
    # The middle of the bucket from 50 to 100 ms; of the last one, its lower bound.
    assert {one.milliseconds for one in found} == {75.0, 2500.0}
    assert all(SINCE <= one.at < UNTIL for one in found)
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert sum(one.at < SINCE + timedelta(minutes=1) for one in found) == 60
    assert prometheus.authorization == ["Bearer t"]


async def test_security_38_labels_and_values_mean_nothing_but_themselves(
    prometheus: FakePrometheus,
) -> None:
    evil = 'a"} or vector(1) #\\\n'
    prometheus.observe(SINCE.timestamp() + 1, 0.06, job=evil, **ROUTE)
    assert len(await read(prometheus, Selection(SELECTION.histogram, {"job": evil}))) == 1


@pytest.mark.parametrize(
    "selection",
    [
        Selection("a b", SHOP),
        Selection("up) or (x", SHOP),
        Selection("", SHOP),
        Selection("a", {'job="x"} or y{z': "1"}),
    ],
    ids=str,
)
async def test_what_is_no_name_is_not_asked(
    prometheus: FakePrometheus, selection: Selection
) -> None:
    assert await read(prometheus, selection) == []
    assert prometheus.asked == []


async def test_security_38_no_redirect_is_followed(prometheus: FakePrometheus) -> None:
    with FakePrometheus() as elsewhere:
        prometheus.status, prometheus.headers = 307, {"Location": f"{elsewhere.url}/x"}
        assert await read(prometheus) == []
        assert elsewhere.asked == []


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_one_that_cannot_answer_now_is_asked_again_later(
    prometheus: FakePrometheus, status: int
) -> None:
    prometheus.status = status
    with pytest.raises(HostError, match=str(status)):
        await read(prometheus)


async def test_one_that_is_not_there_is_asked_again_later() -> None:
    with FakePrometheus() as gone:
        address = gone.url
    with pytest.raises(HostError, match="does not answer"):
        await PrometheusRequests(address, SELECTION).requests(SINCE, UNTIL)


def document(*values: object, le: object = "0.1") -> bytes:
    result = [{"metric": {"le": le}, "values": list(values)}]
    return json.dumps({"data": {"result": result}}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"data": {"result": 5}}',
        b'{"data": {"result": [{}]}}',
        document([1, "x"]),
        document([1]),
        document([1, "1"], le="many"),
        document([1, "NaN"], [2, "+Inf"], [3, "-5"]),
        document([1, "1"], le="NaN"),
        b"[" * 100_000,
        b"x" * (33 * 2**20),
    ],
    ids=range(13),
)
async def test_what_is_no_answer_is_no_data(prometheus: FakePrometheus, body: bytes) -> None:
    prometheus.body = body
    assert await read(prometheus) == []


async def test_a_refusal_is_no_data(prometheus: FakePrometheus) -> None:
    prometheus.status, prometheus.body = 422, b'{"status": "error", "error": "too many samples"}'
    assert await read(prometheus) == []


async def test_no_span_is_asked_for_that_has_no_step(prometheus: FakePrometheus) -> None:
    source = PrometheusRequests(prometheus.url, SELECTION)
    for until in (SINCE, SINCE + timedelta(seconds=59), SINCE + timedelta(days=30)):
        assert await source.requests(SINCE, until) == []
    assert prometheus.asked == []


async def test_of_very_many_all_minutes_lose_alike(prometheus: FakePrometheus) -> None:
    at = [SINCE.timestamp() + 60 * step for step in range(1, 6)]
    prometheus.body = document(*[[moment, "1000.4"] for moment in at])
    found = await PrometheusRequests(prometheus.url, SELECTION, most=500).requests(SINCE, UNTIL)
    each = Counter((one.at - SINCE) // timedelta(minutes=1) for one in found)
    assert len(found) in (499, 500)
    assert set(each.values()) <= {99, 100}


async def test_parts_of_requests_are_not_lost(prometheus: FakePrometheus) -> None:
    start = SINCE.timestamp()
    prometheus.body = document(*[[start + 60 * step, "0.3"] for step in range(1, 51)])
    assert len(await read(prometheus)) == 15


async def test_security_38_a_repository_says_neither_where_to_ask_nor_for_whom(
    prometheus: FakePrometheus, sqlite_url: str
) -> None:
    engine = make_engine(sqlite_url)
    for name in ("team/shop", "team/bank"):
        prometheus.observe(SINCE.timestamp() + 1, 0.06, job="x", repository=name, **ROUTE)
    told = MetricsPolicy(prometheus_labels={"job": "x", "repository": "team/bank"})
    # What the environment names is the operator's, and none of it the repository's.
    settings = Settings(
        prometheus_url=prometheus.url, prometheus_repository_label="repository", _env_file=None
    )
    source = metrics_source(settings, engine, "team/shop", told)
    assert len(await source.requests(SINCE, UNTIL)) == 1
    assert 'repository="team/shop"' in prometheus.asked[0]["query"]
    assert "team/bank" not in prometheus.asked[0]["query"]
    for elsewhere in (
        metrics_source(settings, engine, "team/shop", MetricsPolicy()),
        metrics_source(Settings(_env_file=None), engine, "team/shop", told),
    ):
        assert await elsewhere.requests(SINCE, UNTIL) == []
    assert len(prometheus.asked) == 1
    await engine.dispose()
