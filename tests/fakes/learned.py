"""The sums of what was learned, in memory; a part of the fake store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.adapters.database.rows import check_key
from bot.domain import preferences
from bot.domain.activity import Activity
from bot.domain.preferences import EVERYBODY, Learner, Liking


@dataclass
class Sums:
    """What is committed, or seen by one unit of work."""

    learners: dict[str, Learner] = field(default_factory=dict)
    models: dict[tuple[str, str, str], preferences.Sums] = field(default_factory=dict)
    activity: dict[tuple[str, str, int, str], int] = field(default_factory=dict)
    likings: dict[tuple[str, str, str], tuple[float, int]] = field(default_factory=dict)
    counted: set[tuple[str, str]] = field(default_factory=set)

    def copy(self) -> "Sums":
        return Sums(
            dict(self.learners),
            dict(self.models),
            dict(self.activity),
            dict(self.likings),
            set(self.counted),
        )

    def forget(self, owner: str) -> None:
        self.learners.pop(owner, None)
        self.models = {key: one for key, one in self.models.items() if key[0] != owner}
        self.activity = {key: one for key, one in self.activity.items() if key[0] != owner}
        self.likings = {key: one for key, one in self.likings.items() if key[0] != owner}
        self.counted = {key for key in self.counted if key[0] != owner}


class FakeLearned:
    """The port Learned. Where a database lets a second worker wait, there is one worker here."""

    def _learned(self) -> Sums:
        raise NotImplementedError

    def _change(self, change: Callable[[Sums], None]) -> None:
        raise NotImplementedError

    async def hold_learner(self, owner: str, alias: str) -> Learner:
        check_key("user", owner)
        fresh = Learner(owner, alias)
        self._change(lambda sums: sums.learners.update({owner: sums.learners.get(owner, fresh)}))
        return self._learned().learners[owner]

    async def learner(self, owner: str) -> Learner | None:
        return self._learned().learners.get(owner)

    async def save_learner(self, learner: Learner) -> None:
        def save(sums: Sums) -> None:
            known = sums.learners.get(learner.owner)
            if known is not None:
                sums.learners[learner.owner] = replace(learner, alias=known.alias)

        self._change(save)

    async def count_once(self, owner: str, key: str) -> bool:
        check_key("counted thing", owner, key)
        new = (owner, key) not in self._learned().counted
        self._change(lambda sums: sums.counted.add((owner, key)))
        return new

    async def sums(self, owner: str, task_type: str = "") -> Sequence[tuple[str, preferences.Sums]]:
        return [
            (task, one)
            for (whose, task, _), one in sorted(self._learned().models.items())
            if whose == owner and task_type in ("", task)
        ]

    async def put_sums(
        self, owner: str, task_type: str, sums: preferences.Sums, at: datetime
    ) -> None:
        check_key("preference", owner, task_type, sums.model)
        self._change(lambda all_: all_.models.update({(owner, task_type, sums.model): sums}))

    async def add_to_all(self, task_type: str, sums: preferences.Sums, at: datetime) -> None:
        check_key("preference", task_type, sums.model)
        key = (EVERYBODY, task_type, sums.model)

        def add(all_: Sums) -> None:
            old = all_.models.get(key, preferences.Sums(sums.model))
            good, bad = old.good + sums.good, old.bad + sums.bad
            all_.models[key] = replace(old, good=good, bad=bad, count=old.count + sums.count)

        self._change(add)

    async def activity(self, owner: str) -> Sequence[Activity]:
        return [
            Activity(task, weekday, part, count)
            for (whose, task, weekday, part), count in sorted(self._learned().activity.items())
            if whose == owner
        ]

    async def add_activity(self, owner: str, seen: Activity) -> None:
        check_key("activity", owner, seen.task_type)
        key = (owner, seen.task_type, seen.weekday, seen.part)

        def add(sums: Sums) -> None:
            sums.activity[key] = sums.activity.get(key, 0) + seen.count

        self._change(add)

    async def likings(self, owner: str) -> Sequence[Liking]:
        return [
            Liking(name, value, *sums)
            for (whose, name, value), sums in sorted(self._learned().likings.items())
            if whose == owner
        ]

    async def add_liking(self, owner: str, liking: Liking) -> None:
        check_key("setting", owner, liking.name, liking.value)
        key = (owner, liking.name, liking.value)

        def add(sums: Sums) -> None:
            total, count = sums.likings.get(key, (0.0, 0))
            sums.likings[key] = (total + liking.total, count + liking.count)

        self._change(add)
