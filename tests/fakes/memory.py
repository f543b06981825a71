"""The port Memory as plainly as it can be said: most words and shapes in common first."""

from collections.abc import Sequence

from bot.domain.recall import ENDED, Outcome, Query, Recalled, outcome_of, ranked, shapes, words
from bot.ports import StoreFactory


class FakeMemory:
    """Looks at every outcome of the repository."""

    def __init__(self, stores: StoreFactory) -> None:
        self._stores = stores

    async def recall(self, query: Query, k: int = 5) -> Sequence[Recalled]:
        async with self._stores() as store:
            known = await store.improvements(query.repository, ENDED)
        found = [
            one
            for improvement in known
            if improvement.repository == query.repository
            and (one := outcome_of(improvement)) is not None
        ]
        asked = _terms(query.words, query.code)
        common = {one.id: len(asked & _terms(_about(one), one.before)) for one in found}
        best = sorted(found, key=lambda one: -common[one.id])
        return ranked(query, [one for one in best if common[one.id]][: max(0, k)])


def _terms(text: str, code: str) -> frozenset[str]:
    return frozenset(words(f"{text} {code}")) | shapes(code)


def _about(one: Outcome) -> str:
    finding = one.finding
    return f"{finding.rule} {finding.file} {finding.function} {finding.description}"
