from datetime import timedelta

import pytest

from bot.domain.deployments import (
    Deployed,
    DeploymentFailed,
    DeploymentState,
    NeverDeployed,
    NotYet,
    Seen,
    TakenOut,
    decide_deployed,
    since,
)
from bot.domain.pulls import Deployment
from tests.domain.samples import NOW, later


def seen(*words: str) -> list[Seen]:
    """`+` holds it, `-` does not, `!` failed."""
    return [
        Seen(
            Deployment(str(n), f"{n}" * 40, later(n * 60), "!" not in word, "full" * ("!" in word)),
            "+" in word,
        )
        for n, word in enumerate(words)
    ]


def decide(*words: str, waited: float = 0) -> DeploymentState:
    return decide_deployed(seen(*words), NOW - timedelta(seconds=waited), NOW, 3600)


@pytest.mark.parametrize("words", [(), ("-",), ("-", "-!"), ("-!",)])
def test_what_nobody_has_deployed_is_waited_for_until_the_deadline(words: tuple[str, ...]) -> None:
    assert isinstance(decide(*words, waited=3600), NotYet)
    assert isinstance(decide(*words, waited=3601), NeverDeployed)


@pytest.mark.parametrize(
    ("words", "id"),
    [
        (("-", "+"), "1"),
        (("+",), "0"),
        (("-", "+", "+"), "1"),
        (("+", "-", "+"), "2"),
        (("+!", "+"), "1"),
        (("+", "+!"), "0"),
        (("+", "-!"), "0"),
    ],
)
def test_it_is_deployed_since_the_first_that_holds_it_in_one_run(
    words: tuple[str, ...], id: str
) -> None:
    found = decide(*words, waited=9999)
    assert isinstance(found, Deployed)
    assert found.deployment.id == id


def test_a_failed_deployment_says_why() -> None:
    found = decide("-", "+!", waited=9999)
    assert isinstance(found, DeploymentFailed)
    assert found.why == "the deployment failed: full"
    assert isinstance(decide("+!", "-"), DeploymentFailed)


@pytest.mark.parametrize("words", [("+", "-"), ("-", "+", "-", "-!"), ("+", "-", "+!")])
def test_what_somebody_rolled_back_is_taken_out(words: tuple[str, ...]) -> None:
    found = decide(*words)
    assert isinstance(found, TakenOut)
    assert "does not hold it" in found.why


def test_what_came_after_a_watched_deployment() -> None:
    assert since(seen("-", "+"), later(60)).superseded is None
    found = since(seen("+", "+!", "+", "-", "+"), later(0))
    assert found.superseded is not None
    assert found.taken_out is not None
    assert (found.superseded.id, found.taken_out.id) == ("2", "3")
