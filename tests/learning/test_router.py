import random
from typing import Any

import pytest

from bot.domain.choosing import Exploit, Explore, NoModel
from bot.learning import ModelRouter, PreferenceTracker
from tests.workflows.world import World


async def taught(world: World) -> PreferenceTracker:
    tracker = PreferenceTracker(None, ports=world.ports)
    for number in range(12):
        for model, signal in (("good", "merged_unchanged"), ("bad", "closed")):
            await tracker.track_outcome(
                repository="team/shop",
                improvement_id=f"{model}-{number}",
                signal=signal,
                model=model,
                task="t",
            )
    return tracker


async def test_the_model_is_chosen_by_what_became_of_its_work() -> None:
    world = World()
    await taught(world)
    router = ModelRouter(
        None, ["bad", "good"], exploration_rate=0.1, ports=world.ports, chance=random.Random(1)
    )
    known: dict[str, Any] = {"task_type": "t", "repository": "team/shop"}
    picks = [await router.choose(**known, merges=False) for _ in range(200)]
    explored = [one for one in picks if isinstance(one, Explore)]
    assert len(explored) <= 30
    alone = [await router.choose(**known, merges=True) for _ in range(50)]
    assert {one.model for one in alone if isinstance(one, Exploit)} == {"good"}
    after = await router.choose(**known, merges=True, failed=["good"])
    assert isinstance(after, Exploit)
    assert after.model == "bad"
    assert isinstance(await router.choose(**known, failed=["good", "bad"]), NoModel)


async def test_an_empty_list_is_no_model_and_a_rate_is_a_share() -> None:
    world = World()
    found = await ModelRouter(None, [], ports=world.ports).choose(task_type="t")
    assert found == NoModel("no model is configured")
    with pytest.raises(ValueError, match="exploration_rate"):
        ModelRouter(None, [], exploration_rate=1.1, ports=world.ports)
