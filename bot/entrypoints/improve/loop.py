"""The flow of `ironclaw improve`: find, verify one by one, open a branch for what holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.domain.equivalence import FunctionRef
from bot.domain.finding import Finding
from bot.domain.improvement import Improvement, State, branch_name
from bot.domain.outcomes import RunEnd, TestRun
from bot.domain.patch import Ranges, changed_ranges, is_path_allowed
from bot.domain.policy import ScanPolicy
from bot.domain.pulls import HostedRepository, PullState
from bot.domain.tree import Tree
from bot.learning.verification import Verification
from bot.ports import Ports, UserError
from bot.workflows.learn import remember
from bot.workflows.propose import open_pull_request, verify
from bot.workflows.scan import Scan

TRIES_PER_OPENING = 8
"""How many candidates are verified for each one that may be opened, before the run ends."""
_DECIDED = frozenset({State.MERGED, State.WATCHING, State.KEPT, State.REVERTING, State.REVERTED})
_RECORDED_FUNCTIONS = 200
_CLEARANCE = 3
"""Lines between two changes below which git sees a conflict."""


class Progress(Protocol):
    """What the user sees while it runs."""

    def step(self, text: str) -> None:
        """Something long begins."""
        ...

    def outcome(self, improvement: Improvement) -> None:
        """One candidate is decided."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for; `confirm` is asked once before the first branch is made.

    `taken` are branches that are never made again, whatever our records say.
    """

    max_open: int
    dry_run: bool
    confirm: Callable[[int], bool]
    taken: frozenset[str] = frozenset()


@dataclass
class Result:
    """What came out of one run."""

    repository: HostedRepository
    findings: list[Finding] = field(default_factory=list)
    improvements: list[Improvement] = field(default_factory=list)
    base_problem: str = ""
    base_tests: TestRun | None = None
    stopped_early: str = ""
    not_opened: list[Improvement] = field(default_factory=list)
    """What held and was to be opened, and could not be; each says why."""


async def improve(ports: Ports, options: Options, progress: Progress) -> Result:
    """Run the whole loop up to open branches on the repository's current commit."""
    repository = await ports.host.repository()
    result = Result(repository)
    progress.step(f"reading {repository.name} at {repository.head_sha[:12]}")
    tree = await ports.host.tree(repository.head_sha)
    scan = Scan(ports)
    result.findings = await scan.findings(tree)
    if not result.findings:
        result.stopped_early = _nowhere(tree, ports.policy.scan)
        return result
    progress.step(f"{len(result.findings)} findings; preparing the project's environment")
    async with Verification.of(ports, tree) as verification:
        progress.step(f"running the project's tests on the base ({ports.sandbox.isolation})")
        result.base_tests = await verification.base_tests()
        result.base_problem = _base_problem(result.base_tests)
        if not result.base_problem:
            run = _Run(ports, options, progress, scan, verification, result)
            await run.decide_all()
    return result


def _nowhere(tree: Tree, policy: ScanPolicy) -> str:
    """Why there was nothing to look at, empty if there was something."""
    if any(is_path_allowed(file.path, policy.paths, policy.deny) for file in tree):
        return ""
    wanted = f" matches {', '.join(policy.paths)}" if policy.paths else " may be changed"
    return f"no Python file{wanted}"


def _base_problem(run: TestRun) -> str:
    """Why nothing can be judged beside this base, empty if it can (no tests at all included)."""
    if run.end is not RunEnd.COMPLETED:
        return f"the tests do not complete on the base: {run.why}"
    if run.failed() and not run.passed():
        return f"none of the {len(run.failed())} tests passes on the base"
    return ""


@dataclass
class _Run:
    ports: Ports
    options: Options
    progress: Progress
    scan: Scan
    verification: Verification
    result: Result
    opened: dict[str, list[Ranges]] = field(default_factory=dict)
    ready: list[Improvement] = field(default_factory=list)

    async def decide_all(self) -> None:
        """Verify candidates in order until enough are open or too many have been tried."""
        ordered = await self._in_order()
        findings = [one for one in ordered if branch_name(one) not in self.options.taken]
        tries = TRIES_PER_OPENING * self.options.max_open
        for number, finding in enumerate(findings):
            if len(self.ready) >= self.options.max_open:
                self.result.stopped_early = f"{self.options.max_open} are enough (`--max`)"
                break
            if number >= tries:
                self.result.stopped_early = f"{tries} candidates were tried (8 for each `--max`)"
                break
            self.progress.step(
                f"verifying {number + 1} of {len(findings)}: "
                f"{finding.rule} at {finding.file}:{finding.line}"
            )
            await self._decide(finding)
        await self._open_all()

    async def _in_order(self) -> list[Finding]:
        """Findings whose functions the tests call come first: only there can a gain be shown."""
        functions = _functions(self.result.findings)
        if not functions:
            return self.result.findings
        self.progress.step(f"recording calls of {len(functions)} functions while the tests run")
        recording = await self.verification.record(functions)
        called = {ref for ref, calls in recording.by_function if calls}
        return sorted(
            self.result.findings,
            key=lambda finding: FunctionRef(finding.file, finding.function) not in called,
        )

    async def _decide(self, finding: Finding) -> None:
        improvement = await self._found(finding)
        if improvement is None:
            return
        if improvement.state is State.FOUND:
            improvement = await self._verify(improvement)
        if improvement.state in (State.PROPOSED, State.OPEN):
            self._claim(improvement)
            self.ready.append(improvement)
        else:
            self.result.improvements.append(improvement)
        self.progress.outcome(improvement)

    async def _found(self, finding: Finding) -> Improvement | None:
        """What there is to decide on, or None where it is decided for good.

        An open one whose branch is as we left it stays open; everything else starts again.
        """
        fresh = await self.scan.found(finding)
        if fresh is None:
            return None
        async with self.ports.stores() as store:
            known = await store.improvement(fresh.id)
        if known is not None and known.state in _DECIDED:
            return None
        if known is not None and known.state is State.OPEN:
            pull = await self.ports.host.pull_request(known.pull_request or 0)
            if pull is not None and pull.state is PullState.OPEN:
                return known
            why = "its branch is gone" if pull is None else f"its pull request is {pull.state}"
            known = known.move(State.ABANDONED, why, fresh.created_at)
        again = fresh if known is None else _start_again(known, fresh)
        await remember(self.ports, None, again)
        return again

    async def _verify(self, found: Improvement) -> Improvement:
        other = self._neighbour(found)
        if other:
            after = found.move(State.HELD, other, self.ports.clock.now())
        else:
            after = await verify(self.ports, found, self.verification)
            other = self._neighbour(after) if after.state is State.PROPOSED else ""
            if other:
                after = after.move(State.HELD, other, self.ports.clock.now())
        await remember(self.ports, found, after)
        return after

    def _claim(self, improvement: Improvement) -> None:
        for change in improvement.patch.changes if improvement.patch else ():
            self.opened.setdefault(change.path, []).append(changed_ranges(change)[0])

    def _neighbour(self, improvement: Improvement) -> str:
        for change in improvement.patch.changes if improvement.patch else ():
            mine = changed_ranges(change)[0]
            for ranges in self.opened.get(change.path, ()):
                if _touch(mine, ranges):
                    return "another improvement of this run changes the same lines; merge it first"
        return ""

    async def _open_all(self) -> None:
        fresh = [one for one in self.ready if one.state is State.PROPOSED]
        why = ""
        if self.options.dry_run:
            why = "dry run: it would be opened"
        elif fresh and not self.options.confirm(len(fresh)):
            why = "you chose not to open it"
        for improvement in self.ready:
            after = improvement
            if improvement.state is State.PROPOSED:
                after = await self._open(improvement, why)
                if after.state is not State.OPEN and not why:
                    self.result.not_opened.append(after)
                await remember(self.ports, improvement, after)
            self.result.improvements.append(after)

    async def _open(self, improvement: Improvement, why_not: str) -> Improvement:
        if why_not:
            reason = f"{why_not} ({improvement.reason})"
            return improvement.move(State.HELD, reason, self.ports.clock.now())
        try:
            opened = await open_pull_request(self.ports, improvement)
        except UserError as error:
            reason = f"its branch cannot be made: {error}. {error.remedy}"
            return improvement.move(State.HELD, reason, self.ports.clock.now())
        # Nothing drives a local branch any further: a person reviews it.
        return replace(opened, look_again_at=None)


def _start_again(known: Improvement, fresh: Improvement) -> Improvement:
    """The known improvement back at found, with what was found now."""
    if known.state is State.PROPOSED:
        known = known.move(State.HELD, "a former run ended before it was opened", fresh.created_at)
    if known.state is State.FOUND:
        known = known.move(State.HELD, "a former run ended while verifying", fresh.created_at)
    return known.move(
        State.FOUND,
        "found again",
        fresh.created_at,
        finding=fresh.finding,
        base_sha=fresh.base_sha,
        engine=fresh.engine,
        patch=fresh.patch,
        confidence=fresh.confidence,
        evidence={},
        branch="",
        head_sha="",
        pull_request=None,
    )


def _functions(findings: Sequence[Finding]) -> list[FunctionRef]:
    named = (
        FunctionRef(finding.file, finding.function)
        for finding in findings
        if finding.function != "<module>"
    )
    return list(dict.fromkeys(named))[:_RECORDED_FUNCTIONS]


def _touch(first: Ranges, second: Ranges) -> bool:
    return any(a <= d + _CLEARANCE and c <= b + _CLEARANCE for a, b in first for c, d in second)
