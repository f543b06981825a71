"""Whatever goes wrong around it, every story ends well or with a person who knows."""

import gc
import os
import shutil
from pathlib import Path
from random import Random

import pytest

from bot.domain.improvement import Improvement, State
from bot.domain.messages.text import prose
from tests.fakes.github.effects import Effect, Stage
from tests.story.chaos import Chaos, live_through
from tests.story.killing import Boundary
from tests.story.town import IMPROVEMENT, ONBOARDING, REPO, REVERT, Town, town

# A process that dies closes nothing; the connections that it leaves are found later.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
SEEDS = int(os.environ.get("CHAOS_SEEDS", "1000"))
FIRST = int(os.environ.get("CHAOS_FIRST", "0"))
PARTS = 20
NOTICE = "A person must look."
STAGES: tuple[Stage, ...] = ("before", "after")
ENDED = frozenset({State.KEPT, State.REJECTED, State.ABANDONED, State.REVERTED, State.HELD})


def unchecked_merges(place: Town) -> list[str]:
    """What is merged by us while its checks have not passed; filled as it happens."""
    found: list[str] = []

    def look(stage: Stage, effect: Effect) -> None:
        if stage == "before" and effect.kind == "merge" and effect.by == place.fake.bot:
            pull = place.fake.pull(REPO, effect.detail["number"]).pull
            assert pull
            # The queue merges a commit of its own, which has checks of its own.
            sha = pull.queue_entry.sha if pull.queue_entry else pull.head_sha
            said = place.production.reported(sha)
            if said[-1:] != ["success"]:
                found.append(f"#{effect.detail['number']} was merged while CI said {said}")

    place.fake.effects.watch(look)
    return found


async def wrongs(place: Town, unchecked: list[str]) -> list[str]:
    """Everything that may never be so at the end."""
    found = list(unchecked)
    for prefix, most in ((ONBOARDING, 1), (IMPROVEMENT, 1), (REVERT, 1)):
        numbers = [one.number for one in place.pulls(prefix)]
        if len(numbers) > most:
            found.append(f"more than {most} of {prefix}: {numbers}")
    found += [f"parked: {job} {error!r}" for job, error in place.queue.parked]
    found += [f"it still waits: {one}" for one in (*place.queue.waiting, *place.unrouted)]
    improvements = await place.improvements()
    if len(improvements) != 1:
        found.append(f"there are {len(improvements)} improvements")
    for one in improvements:
        found += stuck(place, one)
    return found


def stuck(place: Town, one: Improvement) -> list[str]:
    """What is wrong with how one improvement ended."""
    found = []
    where = f"{one.state}: {one.reason} (look again at {one.look_again_at})"
    if one.state not in ENDED or not one.reason or one.look_again_at is not None:
        found.append(f"it has no end: {where}")
    if one.state is State.HELD and not told(place, one):
        found.append(f"nobody was told: {where}")
    production = place.production
    is_bad = production.slower > 1 and production.is_improved(place.clock.now())
    if is_bad and one.state is not State.HELD:
        found.append(f"production is bad: {where}")
    return found


def told(place: Town, one: Improvement) -> bool:
    """Whether a person can read why it is held, or holds it."""
    if one.reason.endswith("holds it"):
        return True
    issues = place.fake.repository(REPO).issues
    texts = [issue.body or "" for issue in issues.values() if issue.state == "open"]
    texts += [c.body for issue in issues.values() for c in issue.comments]
    # As people are shown it: a number of an issue, say, is no link there.
    why = prose(one.reason)[:40]
    return any(NOTICE in text and why in text for text in texts)


async def live(seed: int, folder: Path, template: Path) -> list[str]:
    """One story; what was wrong with it."""
    folder.mkdir()
    url = f"sqlite:///{shutil.copy(template, folder / 'ironclaw.db')}"
    chaos: Chaos | None = None
    order = Random(seed)
    kill = Boundary(order.randrange(1, 300), order.choice(STAGES))
    async with town(folder, url, kill=kill, order=order, patience=2) as place:
        unchecked = unchecked_merges(place)
        try:
            chaos = await live_through(place, seed)
            found = await wrongs(place, unchecked)
        except Exception as error:  # noqa: BLE001 - told with its seed
            found = [f"{type(error).__name__}: {error}"]
        acts = chaos.done if chaos else []
    shutil.rmtree(folder)
    gc.collect()
    return [f"seed {seed}: {one} {acts}" for one in found]


@pytest.mark.parametrize("seed", range(2))
async def test_a_wild_story_ends_well_or_with_a_person_who_knows(
    seed: int, tmp_path: Path, sqlite_template: Path
) -> None:
    assert not await live(seed, tmp_path / "story", sqlite_template)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
async def test_a_thousand_wild_stories_end_well_or_with_a_person_who_knows(
    part: int, tmp_path: Path, sqlite_template: Path
) -> None:
    wrong: list[str] = []
    for seed in range(FIRST, FIRST + SEEDS)[part::PARTS]:
        wrong += await live(seed, tmp_path / str(seed), sqlite_template)
    assert not wrong, "\n".join(wrong)
