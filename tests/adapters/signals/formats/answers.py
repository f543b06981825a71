"""Short ways to what was read."""

from bot.adapters.signals.formats import Recognised, Refused, read
from bot.domain.measured import BenchmarkResult
from bot.domain.profile import FunctionCost, Profile
from tests.adapters.signals.formats.samples import as_bytes


def accepted(data: object, kind: str = "") -> Recognised:
    found = read(data if isinstance(data, bytes) else as_bytes(data), "file", kind=kind)
    assert isinstance(found, Recognised), found
    return found


def refused(data: object, kind: str = "") -> Refused:
    found = read(data if isinstance(data, bytes) else as_bytes(data), "file", kind=kind)
    assert isinstance(found, Refused), found
    assert found.why
    assert found.remedy
    return found


def by_name(found: Recognised) -> dict[str, BenchmarkResult]:
    names = [result.name for result in found.results]
    assert len(names) == len(set(names))
    return {result.name: result for result in found.results}


def only_profile(found: Recognised) -> Profile:
    (profile,) = found.profiles
    return profile


def costs(profile: Profile) -> dict[str, FunctionCost]:
    return {cost.spot.name: cost for cost in profile.functions}
