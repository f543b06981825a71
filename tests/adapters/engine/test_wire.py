"""Jobs as JSON: what goes in comes out, and what another version wrote is refused."""

import json
from typing import get_args

import pytest

from bot.adapters.engine.wire import UnknownJobError, digest, from_wire, to_wire
from bot.domain.jobs import Advance, CarryOut, Job, LookAtInstallation, LookAtRepository, Obey

JOBS: list[Job] = [
    Advance("a1"),
    LookAtRepository("team/shop"),
    LookAtInstallation(7),
    Obey("team/shop", 3, 9),
    CarryOut("a1", "f00d"),
]


def test_every_kind_of_job_is_tried_here() -> None:
    assert {type(job) for job in JOBS} == set(get_args(Job))


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_job_comes_back_from_json_as_it_was(job: Job) -> None:
    assert from_wire(json.loads(json.dumps(to_wire(job)))) == job


def test_equal_jobs_and_no_others_have_one_digest() -> None:
    others = [*JOBS, Advance("a2"), Obey("team/shop", 3, 10)]
    assert len({digest(job) for job in others}) == len(others)
    assert digest(Advance("a1")) == digest(Advance("a1"))


@pytest.mark.parametrize(
    "given", [{}, {"kind": "dance"}, {"kind": "advance"}, {"kind": "advance", "id": 1}]
)
def test_what_is_no_job_of_this_version_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(UnknownJobError):
        from_wire(given)
