import math
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.analysis import Analysis, Measurement, Phase, assess, is_bad
from bot.domain.metrics import Request
from bot.domain.policy import OnInconclusive, WatchPolicy
from bot.domain.rollback import Extend, HoldForPerson, Keep, LookAgain, Revert, decide_after
from tests.domain.traffic import DEPLOYED, SAME, Change, Service, requests, watch

POLICY = WatchPolicy()
ENDPOINT = "GET /items"


def steady(
    count: int, milliseconds: float = 50.0, failed: float = 0.0, endpoint: str = ENDPOINT
) -> list[Request]:
    """Evenly spread requests, every so many of which fail."""
    return [
        Request(
            DEPLOYED + timedelta(seconds=number * 300 / count),
            endpoint,
            milliseconds * (1 + number % 7 / 100),
            int(number * failed) != int((number + 1) * failed),
        )
        for number in range(count)
    ]


def final(before: list[Request], after: list[Request], policy: WatchPolicy = POLICY) -> Analysis:
    return assess(before, after, policy, over=True, confirmed=True)


def test_nothing_worse_is_successful_only_when_the_time_is_up() -> None:
    same = steady(400)
    assert assess(same, same, POLICY, over=False).phase is Phase.RUNNING
    assert assess(same, same, POLICY, over=True).phase is Phase.SUCCESSFUL


@pytest.mark.parametrize(
    ("after", "metric"),
    [
        (steady(400, 100.0), "p50_ms"),
        (steady(400, failed=0.12), "error_rate"),
        (steady(400, failed=1.0), "error_rate"),
        (steady(360) + steady(40, 500.0), "p95_ms"),
    ],
    ids=["twice as slow", "12 % errors", "all fail", "a slow tail"],
)
def test_what_got_worse_is_failed_once_confirmed(after: list[Request], metric: str) -> None:
    before = steady(400)
    unconfirmed = assess(before, after, POLICY, over=True)
    assert unconfirmed.phase is Phase.RUNNING
    assert is_bad(unconfirmed)
    found = final(before, after)
    assert found.phase is Phase.FAILED
    assert metric in {one.metric for one in found.measurements if one.bad}
    assert ENDPOINT in found.why or "all endpoints" in found.why


def test_better_is_not_worse() -> None:
    assert final(steady(400, 100.0, 0.2), steady(400)).phase is Phase.SUCCESSFUL


@pytest.mark.parametrize("counts", [(0, 0), (99, 1000), (1000, 19), (1000, 0), (0, 1000)])
def test_too_little_data_is_inconclusive(counts: tuple[int, int]) -> None:
    before, after = steady(counts[0]), steady(counts[1], 5_000.0, 1.0)
    found = final(before, after)
    assert found.phase is Phase.INCONCLUSIVE
    assert found.measurements == ()
    assert f"{counts[1]} after" in found.why


@pytest.mark.parametrize("minimum", [-1, 0, 1])
def test_no_minimum_does_not_make_nothing_enough(minimum: int) -> None:
    policy = replace(POLICY, minimum_requests=minimum)
    assert final([], steady(10), policy).phase is Phase.INCONCLUSIVE
    assert final(steady(10), [], policy).phase is Phase.INCONCLUSIVE


@pytest.mark.parametrize("useless", [math.nan, math.inf, -math.inf, -1.0])
def test_a_time_that_is_none_is_no_request(useless: float) -> None:
    good, broken = steady(400), [replace(one, milliseconds=useless) for one in steady(400)]
    assert final(good, broken).phase is Phase.INCONCLUSIVE
    assert final(broken, good).phase is Phase.INCONCLUSIVE
    assert final(good + broken, good) == final(good, good)


def test_errors_alone_do_not_make_a_success_where_no_latency_can_be_compared() -> None:
    before = [replace(one, endpoint=f"/{number}") for number, one in enumerate(steady(200))]
    after = [replace(one, milliseconds=9_999.0) for one in before]
    found = final(before, after)
    assert found.phase is Phase.INCONCLUSIVE
    assert [one.metric for one in found.measurements] == ["error_rate"]


def test_a_rise_that_may_be_chance_asks_for_more_data_instead_of_passing() -> None:
    before, after = steady(300, failed=0.015), steady(150, failed=0.07)
    found = final(before, after, replace(POLICY, error_tolerance=0.0))
    assert found.phase is Phase.INCONCLUSIVE
    assert "more requests are needed" in found.why
    assert [one.doubtful for one in found.measurements if one.metric == "error_rate"] == [True] * 2


def test_one_burst_is_no_proof_but_the_same_errors_all_over_the_watch_are() -> None:
    before = steady(600, failed=0.01)
    after = steady(300)
    burst = [replace(one, failed=100 <= number < 138) for number, one in enumerate(after)]
    spread = [replace(one, failed=number % 8 == 0) for number, one in enumerate(after)]
    assert sum(one.failed for one in burst) == sum(one.failed for one in spread) == 38
    assert final(before, burst).phase is not Phase.FAILED
    assert final(before, spread).phase is Phase.FAILED


def test_it_takes_fewer_requests_to_call_it_bad_than_to_call_it_good() -> None:
    before, few = steady(400), steady(30)
    assert final(before, few).phase is Phase.INCONCLUSIVE
    assert final(before, [replace(one, failed=True) for one in few]).phase is Phase.FAILED


def test_what_could_not_be_measured_is_counted_apart_and_no_success() -> None:
    good = steady(400)
    broken = [replace(one, milliseconds=math.nan) for one in good]
    assert final(good, good + broken[:9]).unmeasured == 9
    assert final(good, good + broken[:9]).phase is Phase.SUCCESSFUL
    found = final(good, good + broken + broken)
    assert found.phase is Phase.INCONCLUSIVE
    assert found.why == "800 requests could not be measured, only 400 could"


def test_the_baseline_is_the_version_before_alone() -> None:
    def of(commit: str, side: list[Request]) -> list[Request]:
        return [replace(one, commit=commit) for one in side]

    older, old = of("older", steady(400, 200.0)), of("old", steady(400, 50.0))
    rolling, new = of("new", steady(20, 100.0)), of("new", steady(400, 100.0))
    found = final([*older, *old, *rolling], new)
    assert found.phase is Phase.FAILED
    assert {one.baseline_count for one in found.measurements} == {400}
    unknown = final([*of("", older), *of("", old)], of("", new))
    assert {one.baseline_count for one in unknown.measurements} == {800}


REQUEST = st.builds(
    Request,
    st.integers(0, 600).map(lambda second: DEPLOYED + timedelta(seconds=second)),
    st.sampled_from(["/a", "/b", ""]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
)


@given(
    st.lists(REQUEST, max_size=60),
    st.lists(REQUEST, max_size=60),
    st.integers(0, 60),
    st.booleans(),
    st.booleans(),
)
def test_an_assessment_is_total_and_never_hasty(
    before: list[Request], after: list[Request], minimum: int, over: bool, confirmed: bool
) -> None:
    policy = WatchPolicy(minimum_requests=minimum)
    found = assess(before, after, policy, over=over, confirmed=confirmed)
    usable = [
        sum(math.isfinite(one.milliseconds) and one.milliseconds >= 0 for one in side)
        for side in (before, after)
    ]
    assert (found.phase is Phase.FAILED) == (confirmed and is_bad(found))
    if usable[0] < max(1, minimum) or usable[1] < 20:
        assert found.phase is (Phase.INCONCLUSIVE if over else Phase.RUNNING)
    if found.phase is Phase.SUCCESSFUL:
        assert over
        assert {"p50_ms", "error_rate"} <= {one.metric for one in found.measurements}
        assert not any(one.bad or one.doubtful for one in found.measurements)
    assert found.why


@given(st.floats(1e-3, 1e3), st.integers(0, 2**32))
def test_the_unit_of_time_does_not_matter(factor: float, seed: int) -> None:
    draw = random.Random(seed)
    service = Service(60.0, endpoints=(("/", 1.0, 64.0),))
    before = requests(service, SAME, draw, (-300, 0))
    after = requests(service, Change(slower=draw.choice([1, 1.3, 2])), draw, (0, 200))

    def scaled(side: list[Request]) -> list[Request]:
        return [replace(one, milliseconds=one.milliseconds * factor) for one in side]

    plain, other = final(before, after), final(scaled(before), scaled(after))
    assert plain.phase is other.phase
    assert [one.bad for one in plain.measurements] == [one.bad for one in other.measurements]


# Simulated watches: twenty looks each, errors and slow moments in clusters


def phases(service: Service, change: Change, seeds: range) -> Counter[Phase]:
    return Counter(watch(service, change, seed)[0] for seed in seeds)


@pytest.mark.parametrize(
    ("service", "watches"),
    [
        (Service(10), 16),
        (Service(30), 10),
        (Service(30, errors=0.12), 10),
        (Service(100), 5),
        (Service(100, errors=0.08), 5),
        (Service(300), 2),
    ],
    ids=str,
)
def test_a_harmless_deployment_is_not_called_failed(service: Service, watches: int) -> None:
    assert phases(service, SAME, range(watches))[Phase.FAILED] == 0


@pytest.mark.parametrize("per_minute", [30, 100, 300])
def test_twice_as_slow_is_found(per_minute: int) -> None:
    found = phases(Service(per_minute), Change(slower=2), range(300 // per_minute + 2))
    assert set(found) == {Phase.FAILED}


@pytest.mark.parametrize("per_minute", [100, 300])
def test_ten_percent_more_errors_are_found(per_minute: int) -> None:
    watches = 600 // per_minute + 3
    found = phases(Service(per_minute), Change(errors=0.1), range(watches))
    assert found[Phase.FAILED] >= 0.9 * watches


def test_with_too_little_traffic_nothing_is_called_good_or_bad() -> None:
    assert set(phases(Service(3), Change(slower=2), range(10))) == {Phase.INCONCLUSIVE}


def test_half_of_all_requests_failing_is_found_long_before_the_time_is_up() -> None:
    looks = [watch(Service(300), Change(errors=0.5), seed) for seed in range(5)]
    assert {phase for phase, _ in looks} == {Phase.FAILED}
    assert max(look for _, look in looks) <= 6


@pytest.mark.soak
@pytest.mark.parametrize("per_minute", [10, 30, 100, 300])
@pytest.mark.parametrize("errors", [0.01, 0.08, 0.12])
def test_harmless_deployments_fail_less_than_once_in_a_hundred(
    per_minute: int, errors: float
) -> None:
    watches = 60_000 // max(per_minute, 60)
    found = phases(Service(per_minute, errors=errors), SAME, range(1_000, 1_000 + watches))
    assert found[Phase.FAILED] < 0.01 * watches


# What follows


def analysis(phase: Phase) -> Analysis:
    return Analysis(phase, "why", (Measurement("p50_ms", "/", 1.0, 2.0, 100, 100, bad=False),))


@pytest.mark.parametrize(
    ("phase", "changes", "extended", "decision"),
    [
        (Phase.RUNNING, {}, False, LookAgain("why")),
        (Phase.RUNNING, {}, True, LookAgain("why")),
        (Phase.SUCCESSFUL, {}, False, Keep("why")),
        (Phase.SUCCESSFUL, {}, True, Keep("why")),
        (Phase.FAILED, {}, False, Revert("why")),
        (Phase.FAILED, {}, True, Revert("why")),
        (
            Phase.FAILED,
            {"automatic_rollback": False},
            False,
            HoldForPerson("why; `watch.automatic_rollback` is off"),
        ),
        (Phase.INCONCLUSIVE, {}, False, Extend("why")),
        (Phase.INCONCLUSIVE, {"on_inconclusive": OnInconclusive.KEEP}, False, Extend("why")),
        (Phase.INCONCLUSIVE, {}, True, HoldForPerson("inconclusive: why")),
        (
            Phase.INCONCLUSIVE,
            {"on_inconclusive": OnInconclusive.KEEP},
            True,
            Keep("inconclusive, kept by policy: why"),
        ),
        (
            Phase.INCONCLUSIVE,
            {"on_inconclusive": OnInconclusive.REVERT},
            True,
            Revert("inconclusive, reverted by policy: why"),
        ),
    ],
)
def test_what_one_look_leads_to(
    phase: Phase, changes: dict[str, object], extended: bool, decision: object
) -> None:
    policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    assert decide_after(analysis(phase), policy, extended=extended) == decision


@given(st.sampled_from(Phase), st.booleans(), st.sampled_from(OnInconclusive), st.booleans())
def test_only_a_failed_look_or_a_policy_takes_back(
    phase: Phase, automatic: bool, then: OnInconclusive, extended: bool
) -> None:
    policy = WatchPolicy(automatic_rollback=automatic, on_inconclusive=then)
    decision = decide_after(analysis(phase), policy, extended=extended)
    if isinstance(decision, Revert):
        assert (phase, automatic) == (Phase.FAILED, True) or (
            (phase, then, extended) == (Phase.INCONCLUSIVE, OnInconclusive.REVERT, True)
        )
    if isinstance(decision, Keep):
        assert phase is Phase.SUCCESSFUL or then is OnInconclusive.KEEP
