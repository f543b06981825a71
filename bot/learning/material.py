"""Gathers what a model is shown of one function: code around it, profiles, and how others ended."""

import asyncio
from collections.abc import Iterator, Sequence

from bot.domain.improvement import Improvement
from bot.domain.model.prompt import Material
from bot.domain.model.surroundings import surroundings
from bot.domain.model.target import Target, find_target
from bot.domain.profile import CostOrder, Profile, merged, ranked
from bot.domain.recall import Query, Recalled
from bot.learning.verification import Verification
from bot.ports import Ports

_PROFILES = 5
_PROFILED = 8


async def gather(
    ports: Ports, improvement: Improvement, verification: Verification
) -> Material | str:
    """Everything, or why the function cannot be asked about."""
    finding = improvement.finding
    sources, graph = await asyncio.to_thread(verification.sources)
    source = sources.get(finding.file)
    if source is None:
        return "its file is no text"
    target = find_target(finding.file, finding.function, source)
    if isinstance(target, str):
        return target
    async with ports.stores() as store:
        profiles = await store.profiles(improvement.repository, _PROFILES)
    return Material(
        target=target,
        around=await asyncio.to_thread(surroundings, target, sources, graph),
        reason=" ".join(filter(None, (finding.description, finding.evidence))),
        profile=tuple(_profile_lines(target, profiles)),
        outcomes=await _recalled(ports, improvement, target),
    )


async def _recalled(ports: Ports, improvement: Improvement, target: Target) -> tuple[Recalled, ...]:
    if ports.memory is None:
        return ()
    finding = improvement.finding
    words = f"{finding.function} {finding.description}"
    found = await ports.memory.recall(Query(improvement.repository, target.text, words))
    return tuple(one for one in found if one.outcome.id != improvement.id)


def _profile_lines(target: Target, profiles: Sequence[Profile]) -> Iterator[str]:
    """Where the time of programs that ran this file went."""
    for profile in merged(profiles):
        if not any(target.file.endswith(one.spot.file) for one in profile.functions):
            continue
        for one in ranked(profile, CostOrder.OWN, _PROFILED):
            share = f"{profile.share(one.own):.0%} of the {profile.unit}"
            yield f"{one.spot.file}:{one.spot.line} {one.spot.name}: {share} its own"
