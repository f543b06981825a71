"""The files that were read, and the benchmark results and profiles in them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.adapters.database import memos
from bot.adapters.database.errors import ImpossibleRowError
from bot.adapters.database.models import BenchmarkRow, IngestedFileRow, ProfileRow, table_of
from bot.adapters.database.rows import check_finite, check_key
from bot.domain.code_attributes import Code
from bot.domain.ingested import IngestedFile
from bot.domain.measured import BenchmarkResult, Direction, Statistic
from bot.domain.profile import CodeSpot, CostUnit, FunctionCost, Profile

_FILES: Final = table_of(IngestedFileRow)
_RESULTS: Final = table_of(BenchmarkRow)
_PROFILES: Final = table_of(ProfileRow)
_RESULT_FIELDS: Final = tuple(BenchmarkResult.__dataclass_fields__)
_PROFILE_FIELDS: Final = ("name", "total", "lines_define", "commit", "at")
_AT_ONCE: Final = 500


class SqlMeasurements:
    """A part of the store, on the same session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ingest(self, file: IngestedFile) -> bool:
        """Keep a file's content; False, and nothing kept, if the repository has these bytes."""
        check_key("file", file.repository, file.digest)
        results = [result_row(file, result) for result in file.results]
        profiles = [profile_row(file, profile) for profile in file.profiles]
        kind = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        known = {column.name: getattr(file, column.name) for column in _FILES.columns}
        statement = kind.insert(_FILES).values(known).on_conflict_do_nothing()
        new = await self._session.execute(statement.returning(_FILES.c.digest))
        if new.first() is None:
            return False
        await self._insert_all(_RESULTS, results)
        await self._insert_all(_PROFILES, profiles)
        return True

    async def benchmarks(
        self, repository: str, name: str = "", limit: int = 1000
    ) -> Sequence[BenchmarkResult]:
        """The latest `limit` results of a repository, oldest first; no name means all."""
        latest = select(_RESULTS).where(_RESULTS.c.repository == repository)
        if name:
            latest = latest.where(_RESULTS.c.name == name)
        ordered = latest.order_by(_RESULTS.c.at.desc(), _RESULTS.c.id.desc())
        found = await self._session.execute(ordered.limit(max(0, limit)))
        return [result_of(dict(row)) for row in reversed(found.mappings().all())]

    async def profiles(self, repository: str, limit: int = 100) -> Sequence[Profile]:
        """The latest `limit` profiles of a repository, oldest first."""
        latest = select(_PROFILES).where(_PROFILES.c.repository == repository)
        ordered = latest.order_by(_PROFILES.c.at.desc(), _PROFILES.c.id.desc())
        found = await self._session.execute(ordered.limit(max(0, limit)))
        return [profile_of(dict(row)) for row in reversed(found.mappings().all())]

    async def keep_code(self, repository: str, code: Mapping[str, Code]) -> None:
        """Remember the code attributes that the spans of each endpoint carry."""
        await memos.keep_code(await self._session.connection(), repository, code, datetime.now(UTC))

    async def endpoint_code(self, repository: str) -> Mapping[str, Code]:
        """The same by endpoint."""
        return await memos.read_code(await self._session.connection(), repository)

    async def _insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(rows), _AT_ONCE):
            await self._session.execute(insert(table), rows[start : start + _AT_ONCE])


def result_row(file: IngestedFile, result: BenchmarkResult) -> dict[str, Any]:
    """Every column of `benchmark_result` but its number."""
    check_key("benchmark", file.repository, result.name)
    check_finite({"value": result.value or 0.0, "stddev": result.stddev or 0.0})
    row = {name: getattr(result, name) for name in _RESULT_FIELDS}
    return row | {
        "repository": file.repository,
        "digest": file.digest,
        "direction": result.direction.value,
        "statistic": result.statistic.value,
        "values": list(result.values),
        "at": result.at or file.received_at,
    }


def result_of(row: Mapping[str, Any]) -> BenchmarkResult:
    """The result; ImpossibleRowError if the row says what cannot be."""
    plain = {name: row[name] for name in _RESULT_FIELDS}
    try:
        plain["direction"] = Direction(row["direction"])
        plain["statistic"] = Statistic(row["statistic"])
        return BenchmarkResult(**plain | {"values": tuple(map(float, row["values"]))})
    except (ValueError, TypeError) as error:
        raise ImpossibleRowError("benchmark_result", row["id"], str(error)) from None


def profile_row(file: IngestedFile, profile: Profile) -> dict[str, Any]:
    """Every column of `profile` but its number."""
    check_finite({"total": profile.total})
    functions = [
        [cost.spot.file, cost.spot.line, cost.spot.name, cost.own, cost.total, cost.calls]
        for cost in profile.functions
    ]
    return {name: getattr(profile, name) for name in _PROFILE_FIELDS} | {
        "repository": file.repository,
        "digest": file.digest,
        "unit": profile.unit.value,
        "at": profile.at or file.received_at,
        "functions": functions,
    }


def profile_of(row: Mapping[str, Any]) -> Profile:
    """The profile; ImpossibleRowError if the row says what cannot be."""
    plain = {name: row[name] for name in _PROFILE_FIELDS}
    try:
        functions = tuple(_cost(*one) for one in row["functions"])
        return Profile(unit=CostUnit(row["unit"]), functions=functions, **plain)
    except (ValueError, TypeError) as error:
        raise ImpossibleRowError("profile", row["id"], str(error)) from None


def _cost(
    file: str, line: int, name: str, own: float, total: float, calls: int | None
) -> FunctionCost:
    return FunctionCost(CodeSpot(file, line, name), float(own), float(total), calls)
