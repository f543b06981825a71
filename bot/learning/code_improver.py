"""Finds what could be better in the code, and generates the improvement."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.finding import Finding, Severity
from bot.domain.hotspots import Hot, Key
from bot.domain.improvement import Improvement, State, improvement_id
from bot.domain.model.finding import MODEL_RULE, model_findings
from bot.domain.patch import FileChange, Patch, is_illustration, is_path_allowed
from bot.domain.policy import Engine, ScanPolicy
from bot.domain.rules import Opportunity
from bot.domain.tree import Tree
from bot.learning.hotspots import hot_functions, read_measured
from bot.learning.performance_analyzer import PerformanceAnalyzer
from bot.learning.searching import engine_of, wants_model
from bot.learning.wiring import ports_for
from bot.ports import ModelAccess, Ports, StaleError

_MAX_FILE_BYTES = 1_000_000
_ORDER = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One generated improvement; `confidence` is 0 to 1, before anything is verified.

    `patch` is None where a model is to write it: it is asked beside the sandbox, which says what
    its answers are worth.
    """

    finding: Finding
    patch: Patch | None
    engine: str
    confidence: float


class CodeImprover:
    """Looks for improvements where the rules see them, and where a model may, hot places first.

    `ai_router` is a `ModelAccess` to use in the place of the ports' own.
    """

    def __init__(
        self,
        db_session: Any,
        ai_router: Any = None,
        perf_analyzer: PerformanceAnalyzer | None = None,
        *,
        ports: Ports | None = None,
    ) -> None:
        self._ports = ports_for(db_session, ports)
        if isinstance(ai_router, ModelAccess):
            self._ports = replace(self._ports, model=ai_router)
        self._analyzer = perf_analyzer
        self._opportunities: dict[str, Opportunity] = {}

    async def analyze_codebase(self, tree: Tree | None = None) -> list[Finding]:
        """Every finding in the default branch's head (or in `tree`), the most urgent first."""
        if tree is None:
            tree = await self._ports.host.tree((await self._ports.host.repository()).head_sha)
        # Reading a large repository takes seconds, and others wait for the loop meanwhile.
        engine = engine_of(self._ports)
        found = await asyncio.to_thread(self._scan, tree) if engine is not Engine.MODEL else []
        measured = await read_measured(self._ports, self._analyzer)
        hot = await hot_functions(self._ports, tree, measured)
        marked = [_mark(opportunity, hot) for opportunity in found]
        self._opportunities = {seen.finding.id: seen for seen in marked}
        ranked = sorted(marked, key=lambda seen: _rank(seen.finding, hot))
        findings = [seen.finding for seen in ranked]
        return findings + await asyncio.to_thread(self._for_models, tree, hot, findings)

    async def generate_improvement(self, issue: Finding) -> Proposal | None:
        """The improvement for a finding of the last analysis, or None if there is none."""
        if issue.rule == MODEL_RULE and wants_model(self._ports):
            return Proposal(issue, None, "model", 0.5)
        seen = self._opportunities.get(issue.id)
        if seen is None or seen.before == seen.after:
            return None
        patch = Patch((FileChange(seen.finding.file, seen.before, seen.after),))
        return Proposal(seen.finding, patch, "rules", 0.5)

    async def save_improvement(self, proposal: Proposal) -> str:
        """Keep a proposal as found, and return its id; one that is known stays as it is."""
        found = await self.found(proposal)
        async with self._ports.stores() as store:
            if await store.improvement(found.id) is None:
                # Another look, begun by a worker that is gone, may have kept it meanwhile.
                with contextlib.suppress(StaleError):
                    await store.save(found)
                    await store.commit()
        return found.id

    async def found(self, proposal: Proposal) -> Improvement:
        """A proposal as an improvement in its first state, due at once and not stored yet."""
        repository = await self._ports.host.repository()
        now = self._ports.clock.now()
        return Improvement(
            id=improvement_id(repository.name, proposal.finding),
            repository=repository.name,
            finding=proposal.finding,
            state=State.FOUND,
            reason="found",
            base_sha=repository.head_sha,
            created_at=now,
            updated_at=now,
            engine=proposal.engine,
            patch=proposal.patch,
            confidence=proposal.confidence,
            look_again_at=now,
        )

    def _scan(self, tree: Tree) -> list[Opportunity]:
        policy, found = self._ports.policy.scan, []
        for path, source in self._sources(tree):
            found += self._scan_file(path, source, policy)
        return found

    def _sources(self, tree: Tree) -> Iterator[tuple[str, str]]:
        """The files that may be changed, by path."""
        policy = self._ports.policy.scan
        for file in sorted(tree, key=lambda file: file.path):
            if len(file.data) > _MAX_FILE_BYTES or not is_path_allowed(
                file.path, policy.paths, policy.deny
            ):
                continue
            source = tree.text(file.path)
            if source and (policy.paths or not is_illustration(file.path)):
                yield file.path, source

    def _for_models(
        self, tree: Tree, hot: Mapping[Key, Hot], known: Sequence[Finding]
    ) -> list[Finding]:
        policy = self._ports.policy.scan
        switched_off = MODEL_RULE in policy.disabled_rules or (
            policy.rules and MODEL_RULE not in policy.rules
        )
        if switched_off or not wants_model(self._ports):
            return []
        taken = {(finding.file, finding.function) for finding in known}
        return model_findings(dict(self._sources(tree)), hot, taken)

    def _scan_file(self, path: str, source: str, policy: ScanPolicy) -> list[Opportunity]:
        seen = self._ports.rules.scan(
            path, source, only=frozenset(policy.rules), formatting=self._ports.formatting
        )
        return [one for one in seen if one.finding.rule not in policy.disabled_rules]


def _mark(seen: Opportunity, hot: Mapping[Key, Hot]) -> Opportunity:
    place = hot.get((seen.finding.file, seen.finding.function))
    if place is None:
        return seen
    why = "; ".join(place.evidence)
    return replace(seen, finding=replace(seen.finding, evidence=f"{why}."))


def _rank(finding: Finding, hot: Mapping[Key, Hot]) -> tuple[float, int, str, int]:
    place = hot.get((finding.file, finding.function))
    heat = 0.0 if place is None else place.weight
    return -heat, _ORDER[finding.severity], finding.file, finding.line
