"""The `ai_router`: chooses the model for a task, and says why."""

import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.domain.choosing import Candidate, Choice, Rules, choose, untried
from bot.learning.preference_tracker import PreferenceTracker
from bot.learning.wiring import ports_for
from bot.ports import Ports


class ModelRouter:
    """Chooses among `models` by what a repository's, or a user's, outcomes say of them.

    `costs` are dollars for one task by model, 0 where none is given. `exploration_rate` bounds how
    often another than the best is tried; nothing is tried out on what may merge by itself.
    """

    def __init__(
        self,
        db_session: Any,
        models: Sequence[str],
        *,
        exploration_rate: float = 0.1,
        costs: Mapping[str, float] | None = None,
        ports: Ports | None = None,
        chance: random.Random | None = None,
    ) -> None:
        if not 0 <= exploration_rate <= 1:
            message = f"exploration_rate is {exploration_rate}; it must be from 0 to 1"
            raise ValueError(message)
        self._ports = ports_for(db_session, ports)
        self._tracker = PreferenceTracker(db_session, ports=self._ports)
        self._models = tuple(dict.fromkeys(models))
        self._rate = exploration_rate
        self._costs = dict(costs or {})
        self._chance = chance or random.SystemRandom()

    async def choose(
        self,
        *,
        task_type: str,
        repository: str = "",
        user_id: str = "",
        merges: bool | None = None,
        budget: float | None = None,
        failed: Collection[str] = (),
    ) -> Choice:
        """The model to ask now, those to ask if it fails, and why.

        `merges` is whether the result may be merged without a person, by default what the
        operator allows; `budget` the dollars left; `failed` those that did not answer.
        """
        if repository:
            known = await self._tracker.get_repository_preferences(
                repository=repository, task_type=task_type
            )
        else:
            known = await self._tracker.get_model_preferences(user_id=user_id, task_type=task_type)
        rules = Rules(
            rate=self._rate,
            merges=self._ports.operator.merges if merges is None else merges,
            budget=budget,
            failed=failed,
        )
        candidates = [
            Candidate(
                one,
                self._costs.get(one.model, 0.0),
                self._chance.betavariate(one.alpha, one.beta),
            )
            for one in untried(self._models, known)
        ]
        return choose(candidates, rules, self._chance.random())
