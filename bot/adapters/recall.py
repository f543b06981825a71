"""The port Memory: past outcomes in an index of SQLite's FTS5, made anew from the records.

Nothing of it is stored: the records alone say what happened, on either database. FTS5 comes with
Python and needs no model and no further package, as `bm25s` and `rank-bm25` (numpy) would.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from bot.domain.improvement import Improvement
from bot.domain.recall import ENDED, Outcome, Query, Recalled, outcome_of, ranked, shapes, words
from bot.ports import StoreFactory

_MOST = 500
_TERMS = 600
WEIGHTS = (1.0, 2.0)
"""Of words and of shapes: names are changed oftener than what code does."""


class FtsMemory:
    """Recalls by BM25 (Robertson et al. 1994) as FTS5 computes it."""

    def __init__(self, stores: StoreFactory) -> None:
        self._stores = stores

    async def recall(self, query: Query, k: int = 5) -> Sequence[Recalled]:
        """The outcomes of this repository that are most like the query, the best first."""
        async with self._stores() as store:
            known = await store.improvements(query.repository, ENDED)
        # The same repository only, also where it is not named.
        theirs = [one for one in known if one.repository == query.repository]
        return await asyncio.to_thread(_recall, query, theirs[-_MOST:], k)


def _recall(query: Query, known: Sequence[Improvement], k: int) -> Sequence[Recalled]:
    outcomes = [found for one in known if (found := outcome_of(one)) is not None]
    documents = [(_about(one), one.before) for one in outcomes]
    places = rank(documents, (query.words, query.code), k)
    return ranked(query, [outcomes[place] for place in places])


def rank(
    documents: Sequence[tuple[str, str]],
    asked: tuple[str, str],
    k: int,
    weights: tuple[float, float] = WEIGHTS,
) -> list[int]:
    """The places of the `k` documents most like what is asked, each given as words and code."""
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("CREATE VIRTUAL TABLE document USING fts5(words, shapes, content='')")
        rows = (
            (place, " ".join(words(f"{text} {code}")), " ".join(shapes(code)))
            for place, (text, code) in enumerate(documents, 1)
        )
        index.executemany("INSERT INTO document(rowid, words, shapes) VALUES (?, ?, ?)", rows)
        text, code = asked
        terms = dict.fromkeys([*sorted(shapes(code))[:_TERMS], *words(f"{text} {code}")[:_TERMS]])
        if not terms:
            return []
        # Every term is letters and digits, so that none can be a command of the query language.
        query = " OR ".join(f'"{term}"' for term in terms)
        found = index.execute(
            "SELECT rowid FROM document WHERE document MATCH ? ORDER BY bm25(document, ?, ?), rowid"
            " LIMIT ?",
            (query, *weights, max(0, k)),
        )
        return [int(row[0]) - 1 for row in found]


def _about(one: Outcome) -> str:
    finding = one.finding
    return f"{finding.rule} {finding.file} {finding.function} {finding.description}"
