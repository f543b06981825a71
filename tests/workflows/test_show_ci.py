"""What CI kept of the head stands on the pull request, once, and decides nothing."""

from dataclasses import dataclass, field

from bot.domain.action.ci_report import CiReport, CiSays, UnreadableReport
from bot.domain.action.outcome import Verdict
from bot.domain.improvement import State
from bot.domain.pulls import Conclusion
from bot.ports import HostError
from tests.workflows.world import CHECK, World

FAILED = CiReport(Verdict.FAIL, "tests: one newly fails", 3, ("tests/test_a.py::test_b",), ())


@dataclass
class Kept:
    """The reports that CI has kept, by commit."""

    says: dict[str, CiSays] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    breaks: bool = False

    async def sandbox_report(self, sha: str) -> CiSays | None:
        self.asked.append(sha)
        if self.breaks:
            raise HostError("no answer")
        return self.says.get(sha)


async def waiting(ci: Kept) -> World:
    """A world whose pull request waits for its check."""
    world = World(ci_reports=ci)
    world.host.check_results[CHECK] = Conclusion.PENDING
    await world.run_to(State.OPEN)
    await world.step()
    return world


def comments(world: World) -> list[str]:
    number = world.now().pull_request
    assert number is not None
    return list(world.host.pulls[number].comments.values())


async def test_it_is_shown_once_as_soon_as_it_is_there_and_the_checks_decide() -> None:
    ci = Kept()
    world = await waiting(ci)
    assert comments(world) == []
    ci.says[world.now().head_sha] = FAILED
    await world.step()
    (text,) = comments(world)
    assert "tests: one newly fails" in text
    count = len(ci.asked)
    await world.step()
    assert len(ci.asked) == count
    # It says what it likes: the required check has passed.
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    await world.run_to(State.MERGED)


async def test_one_that_cannot_be_read_is_said_to_be_there() -> None:
    ci = Kept()
    world = await waiting(ci)
    ci.says[world.now().head_sha] = UnreadableReport("it is no JSON")
    await world.step()
    (text,) = comments(world)
    assert "it is no JSON" in text


async def test_a_host_that_does_not_give_it_holds_nothing_up() -> None:
    ci = Kept(breaks=True)
    world = await waiting(ci)
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    await world.run_to(State.MERGED)
    assert ci.asked
