"""Looks for improvements and keeps what is new as found."""

from bot.domain.finding import Finding
from bot.domain.improvement import Improvement, improvement_id
from bot.domain.limits import cooling
from bot.domain.recall import Query, function_code, not_again
from bot.domain.tree import Tree
from bot.learning.code_improver import CodeImprover
from bot.ports import Ports

_RECALLED = 10
"""How many outcomes are looked at for the same code."""


class Scan:
    """One look at the code, with what was measured beside it where there is any."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._improver = CodeImprover(None, ports=ports)
        self._tree = Tree("", {})

    async def findings(self, tree: Tree) -> list[Finding]:
        """Every finding, the most urgent first."""
        self._tree = tree
        return await self._improver.analyze_codebase(tree)

    async def keep(self, finding: Finding) -> str | None:
        """Keep a finding as an improvement, and return its id; None if nothing can be done.

        Nothing is done where something was closed or taken back not long ago.
        """
        if await self._cooling(finding):
            return None
        proposal = await self._improver.generate_improvement(finding)
        if proposal is None or await self._refused(finding):
            return None
        return await self._improver.save_improvement(proposal)

    async def found(self, finding: Finding) -> Improvement | None:
        """The finding as a fresh improvement that is not stored; None if nothing can be done."""
        proposal = await self._improver.generate_improvement(finding)
        return None if proposal is None else await self._improver.found(proposal)

    async def _refused(self, finding: Finding) -> str:
        """Why it is not tried again where code is like this: it was refused there not long ago."""
        if self._ports.memory is None:
            return ""
        code = function_code(self._tree.text(finding.file) or "", finding.function)
        name = (await self._ports.host.repository()).name
        query = Query(name, code, f"{finding.rule} {finding.function} {finding.description}")
        itself = improvement_id(name, finding)
        found = await self._ports.memory.recall(query, _RECALLED)
        # What it became itself is its own record's to say.
        recalled = [one for one in found if one.outcome.id != itself]
        return not_again(finding.rule, recalled, self._ports.policy.limits, self._ports.clock.now())

    async def _cooling(self, finding: Finding) -> bool:
        name = (await self._ports.host.repository()).name
        async with self._ports.stores() as store:
            known = await store.improvements(name)
        now, policy = self._ports.clock.now(), self._ports.policy.limits
        same = improvement_id(name, finding)
        return bool(cooling(finding, known, policy, now, besides=same))
