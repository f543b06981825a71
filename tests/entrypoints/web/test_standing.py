"""What a running service tells Prometheus, and that alerts and dashboard ask for nothing else."""

import json
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.adapters.database.engine import make_engine
from bot.adapters.database.ledger import SqlLedger
from bot.adapters.engine.presence import Presence
from bot.domain.backlog import Backlog, Waiting
from bot.domain.model.spending import Booking, Caps, Purpose
from bot.entrypoints.web.standing import ServiceStanding, StandingCollector
from bot.ports import UserError
from tests.adapters.engine.inside import ask, deliver
from tests.entrypoints.web.conftest import Web
from tests.entrypoints.web.serving import PATIENCE

ROOT = Path(__file__).parents[3]
NAME = re.compile(r"\b(?:ironclaw_\w+|up)\b")
STATE = re.compile(r'(ironclaw_\w+)\{state=~?"([^"]+)"\}')
RUNBOOK = "https://github.com/OWNER/ironclaw/blob/main/docs/how-to/operating.md#"
Samples = dict[str, list[tuple[dict[str, str], float]]]


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((ROOT / "deploy/prometheus-alerts.yml").read_text("utf-8"))
    found = [rule for group in document["groups"] for rule in group["rules"]]
    assert len(found) == 11
    return found


def panels() -> list[dict[str, Any]]:
    board = json.loads((ROOT / "deploy/grafana/ironclaw.json").read_text("utf-8"))
    found: list[dict[str, Any]] = board["panels"]
    assert len(found) == 12
    return found


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rule in rules())]


def scraped(web: Web) -> Samples:
    address = f"http://127.0.0.1:{web.server.port}/metrics"
    answer = httpx.get(address, trust_env=False, timeout=PATIENCE)
    assert answer.status_code == 200
    found: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def value(found: Samples, name: str, **labels: str) -> float:
    (one,) = [value for given, value in found[name] if given == labels]
    return one


def until(web: Web, name: str, wanted: float, **labels: str) -> Samples:
    """Scrape until a process that answers has looked anew: it keeps for a moment what it read."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = scraped(web)
        if name in found and value(found, name, **labels) == wanted:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.fixture
async def service(web: Web) -> Web:
    """A service with something in each of its numbers."""
    for table in ("delivery", "memo", "model_call"):
        ask(web.url, f"DELETE FROM {table}")
    deliver(web.url, ("d-1", "push", b"x"), ("d-2", "push", b"x"))
    ask(web.url, "UPDATE delivery SET state = 'parked' WHERE id = 'd-2'")
    engine = make_engine(web.url)
    await Presence(engine, "a", lambda: 0.5).sign()
    await Presence(engine, "b", lambda: 0.25).sign()
    booking = Booking("c-1", Purpose("octo/shop", "i-1"), "small", 2_500_000, 10)
    await SqlLedger(engine).reserve(booking, Caps(10**7, 10**7, 10**7))
    await engine.dispose()
    return web


def test_it_tells_what_waits_who_works_and_what_was_spent(service: Web) -> None:
    found = until(service, "ironclaw_workers", 2)
    assert value(found, "ironclaw_deliveries", state="received") == 1
    assert value(found, "ironclaw_deliveries", state="parked") == 1
    assert 0 < value(found, "ironclaw_delivery_oldest_seconds", state="received") < 600
    assert value(found, "ironclaw_jobs", state="waiting") == 0
    assert value(found, "ironclaw_github_rate_limit_left_ratio") == 0.25
    assert value(found, "ironclaw_model_dollars_today") == 2.5
    assert value(found, "ironclaw_model_dollars_cap") == 10
    assert value(found, "ironclaw_database_up") == 1
    began = value(found, "ironclaw_worker_last_start_timestamp_seconds")
    assert 0 <= datetime.now(UTC).timestamp() - began < 600


def test_every_number_that_is_asked_for_is_told(service: Web) -> None:
    found = until(service, "ironclaw_workers", 2)
    for _ in range(30):
        # A process that has answered nothing yet has no number of its own requests.
        found |= scraped(service)
    asked = expressions()
    names = {name for text in asked for name in NAME.findall(text)} - {"up"}
    assert len(names) > 12
    assert names - found.keys() == set()
    wanted = [
        (name, state)
        for text in asked
        for name, states in STATE.findall(text)
        for state in states.split("|")
    ]
    assert len(wanted) > 4
    for name, state in wanted:
        assert state in {labels["state"] for labels, _ in found[name]}, name


def test_each_alert_says_what_it_is_and_leads_to_what_to_do() -> None:
    page = (ROOT / "docs/how-to/operating.md").read_text("utf-8")
    titles = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        said = rule["annotations"]
        assert said.keys() == {"summary", "description", "runbook_url"}
        assert all(said.values())
        assert said["runbook_url"].startswith(RUNBOOK)
        assert said["runbook_url"].removeprefix(RUNBOOK) in anchors, rule["alert"]
    own = re.findall(r"\]\(#([a-z-]+)\)", page)
    elsewhere = "".join(
        (ROOT / name).read_text("utf-8") for name in ("README.md", "bot/domain/checkup.py")
    )
    assert {*own, *re.findall(r"operating\.md#([a-z-]+)", elsewhere)} <= anchors


def test_prometheus_is_given_the_rules() -> None:
    given = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text("utf-8"))
    (place,) = given["rule_files"]
    compose = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))
    mounts = compose["services"]["prometheus"]["volumes"]
    assert f"./deploy/prometheus-alerts.yml:{place}:ro" in mounts
    jobs = {one["job_name"] for one in given["scrape_configs"]}
    for name in re.findall(r'job="(\w+)"', " ".join(expressions())):
        assert name in jobs


def test_prometheus_takes_the_rules_where_it_is_installed() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    command = [promtool, "check", "rules", str(ROOT / "deploy/prometheus-alerts.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Intake:
    kept, not_kept = 7, 3


def collected(collector: StandingCollector) -> dict[str, float]:
    samples = (sample for family in collector.collect() for sample in family.samples)
    return {"/".join((one.name, *one.labels.values())): one.value for one in samples}


def test_a_database_that_cannot_be_read_is_told_and_nothing_is_made_up() -> None:
    def read() -> ServiceStanding:
        raise UserError("the database cannot be reached")

    assert collected(StandingCollector(read, Intake())) == {
        "ironclaw_deliveries_kept_total": 7,
        "ironclaw_deliveries_not_kept_total": 3,
        "ironclaw_database_up": 0,
    }


def test_the_database_is_asked_once_however_many_ask() -> None:
    asked = []

    def read() -> ServiceStanding:
        asked.append(1)
        now = datetime.now(UTC)
        waits = Waiting(2, now - timedelta(seconds=9))
        return ServiceStanding(Backlog(jobs={"waiting": waits}), now, 0, 0)

    collector = StandingCollector(read, Intake())
    assert collector.describe() == []
    found = [collected(collector) for _ in range(3)]
    assert len(asked) == 1
    assert found[0]["ironclaw_job_oldest_seconds/waiting"] == 9
    assert found[0]["ironclaw_workers"] == 0
    assert found[0]["ironclaw_github_rate_limit_left_ratio"] == 1
