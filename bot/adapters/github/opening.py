"""Opens a pull request: a branch, one commit, the pull request, its labels, each step once."""

from dataclasses import dataclass

from bot.adapters.github.client import Access, expect
from bot.adapters.github.committing import (
    Change,
    commit_on,
    make_branch,
    read_commit,
    read_tip,
)
from bot.adapters.github.fields import Fields
from bot.adapters.github.reading import PullReader
from bot.adapters.github.settling import settle
from bot.adapters.github.tokens import Task
from bot.domain.pulls import PullDraft, PullSnapshot, PullState
from bot.ports import HostError, UserError

_OTHER_BRANCH = "rename or delete that branch"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to open: a change on a commit of the base branch, and the words for it."""

    branch: str
    base: str
    base_sha: str
    title: str
    body: str
    change: Change
    labels: tuple[str, ...] = ()


def plan_of(draft: PullDraft) -> Plan:
    """The plan that a draft comes to."""
    files = {change.path: change.after.encode("utf-8") for change in draft.patch.changes}
    return Plan(
        branch=draft.branch,
        base=draft.base,
        base_sha=draft.base_sha,
        title=draft.title,
        body=draft.body,
        change=Change(files, draft.commit_message),
        labels=draft.labels,
    )


async def open_pull(pulls: PullReader, plan: Plan) -> PullSnapshot:
    """Open it, or find the one that is there; what a former attempt left half done is finished.

    UserError where the branch holds anything else: it is never overwritten.
    """

    async def look() -> PullSnapshot | None:
        pull = await pulls.on_branch(plan.branch)
        if pull is None:
            await _go_on(pulls, plan)
            return None
        return await _opened(pulls, plan, pull)

    return await settle(look)


async def _opened(pulls: PullReader, plan: Plan, pull: Fields) -> PullSnapshot | None:
    number = pull.number("number") or 0
    await _check_content(pulls, plan, number)
    present = {label.text("name") for label in pull.each("labels")}
    missing = [label for label in plan.labels if label not in present]
    if missing and pull.text("state") == PullState.OPEN:
        answer = await pulls.access.send(
            "POST", f"issues/{number}/labels", {"labels": missing}, task=Task.TALK
        )
        expect(answer, 200)
    snapshot = await pulls.snapshot(number)
    if snapshot is None:
        raise HostError(f"#{number} has vanished; look again later")
    return snapshot


async def _check_content(pulls: PullReader, plan: Plan, number: int) -> None:
    commits = await pulls.commits(number)
    first = commits[0].sha("sha") if commits else ""
    if not first or not plan.change.is_made_by(await read_commit(pulls.access, first)):
        raise UserError(f"#{number} holds another change on {plan.branch}", _OTHER_BRANCH)


async def _go_on(pulls: PullReader, plan: Plan) -> None:
    """Do the one next thing towards an open pull request."""
    access = pulls.access
    tip = await read_tip(access, plan.branch)
    if not tip:
        await make_branch(access, plan.branch, plan.base_sha)
    elif tip == plan.base_sha:
        await commit_on(access, plan.branch, tip, plan.change)
    elif await _is_half_done(pulls, plan, tip):
        await _make_pull(access, plan)
    else:
        raise UserError(f"the branch {plan.branch} is somebody else's", _OTHER_BRANCH)


async def _is_half_done(pulls: PullReader, plan: Plan, tip: str) -> bool:
    """Whether the branch is what we would have made, made by us."""
    commit = await read_commit(pulls.access, tip)
    return pulls.identity.committed(commit) and plan.change.is_made_by(commit)


async def _make_pull(access: Access, plan: Plan) -> None:
    answer = await access.send(
        "POST",
        "pulls",
        {"title": plan.title, "body": plan.body, "head": plan.branch, "base": plan.base},
    )
    if answer.status == 422 and "already exists" in answer.message.lower():
        return
    if answer.status in (404, 422):
        raise UserError(f"GitHub opens no pull request: {answer.message}", "see its rules")
    expect(answer, 201)
