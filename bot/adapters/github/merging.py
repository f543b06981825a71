"""Merges exactly the commit that was asked for, by itself, by the queue or by auto-merge."""

from dataclasses import dataclass

from bot.adapters.github.checking import Rules, read_rules
from bot.adapters.github.client import Queried, expect
from bot.adapters.github.fields import Fields
from bot.adapters.github.reading import PullReader
from bot.adapters.github.settling import settle
from bot.adapters.github.wire import Answer
from bot.domain.pulls import Merged, NotMerged, Queued

_ENQUEUE = """
mutation($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { mergeQueueEntry { position } }
}
"""
_AUTO_MERGE = """
mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}
"""
_DEQUEUE = """
mutation($input: DequeuePullRequestInput!) {
  dequeuePullRequest(input: $input) { clientMutationId }
}
"""
_NO_AUTO_MERGE = """
mutation($input: DisablePullRequestAutoMergeInput!) {
  disablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""
_IN_QUEUE = Queued("it is in the merge queue")
_BY_ITSELF = Queued("GitHub merges it when everything that the branch asks for is there")
_PASSING = (
    "head branch was modified",
    "base branch was modified",
    "expected head",
    "head sha",
    "is expected",
    "is pending",
    "in progress",
)
"""What may be another when one looks again: a branch has moved, or a check has not ended."""

_DIRECTLY = ("clean status", "unstable status")
"""What auto-merge says where it has nothing to wait for: then merging works at once."""

Result = Merged | Queued | NotMerged


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One pull request that may be merged, and how its branch and repository want that."""

    pull: Fields
    sha: str
    rules: Rules
    method: str
    has_auto_merge: bool

    @property
    def number(self) -> int:
        return self.pull.number("number") or 0


async def merge(pulls: PullReader, number: int, sha: str) -> Result:
    """Merge `sha`; merged already is Merged, and what GitHub will do by itself is Queued."""

    async def look() -> Result | None:
        found = await _standing(pulls, number, sha)
        return await _try(pulls, found) if isinstance(found, _Attempt) else found

    return await settle(look)


async def stop_merging(pulls: PullReader, number: int) -> None:
    """Take it out of the queue, and let GitHub merge nothing by itself; UncertainError in doubt."""
    pull = await pulls.raw(number)
    if pull is None or pull.text("state") != "open":
        return
    if pull.at("auto_merge"):
        await pulls.access.mutate(_NO_AUTO_MERGE, {"pullRequestId": pull.text("node_id")})
    rules = await read_rules(pulls.access, pull.text("base", "ref"))
    if rules.has_queue and await pulls.is_in_queue(number):
        await pulls.access.mutate(_DEQUEUE, {"id": pull.text("node_id")})


async def _standing(pulls: PullReader, number: int, sha: str) -> Result | _Attempt:
    pull = await pulls.raw(number)
    if pull is None:
        return NotMerged(f"there is no pull request #{number} of ours")
    if pull.flag("merged"):
        merge_sha = pull.sha("merge_commit_sha")
        return Merged(merge_sha) if merge_sha else NotMerged("GitHub names no merge yet", True)
    if pull.text("state") != "open":
        return NotMerged("it was closed without merging")
    head = pull.sha("head", "sha")
    if head != sha:
        return NotMerged(f"its head is {head[:12]}, not {sha[:12]}; check the new head first", True)
    if pull.at("auto_merge"):
        return _BY_ITSELF
    return await _prepared(pulls, pull, sha)


async def _prepared(pulls: PullReader, pull: Fields, sha: str) -> Queued | NotMerged | _Attempt:
    rules = await read_rules(pulls.access, pull.text("base", "ref"))
    if rules.has_queue and await pulls.is_in_queue(pull.number("number") or 0):
        return _IN_QUEUE
    repository = expect(await pulls.access.get(""), 200)
    method = next((one for one in rules.methods if _allows(repository, one)), "")
    if not method:
        return NotMerged(
            "the repository and the rules of the branch allow no merge method in common"
        )
    has_auto_merge = repository.flag("allow_auto_merge")
    return _Attempt(pull, sha, rules, method, has_auto_merge)


def _allows(repository: Fields, method: str) -> bool:
    """Whether the repository allows a way to merge; where it does not say, GitHub will."""
    key = {"merge": "allow_merge_commit"}.get(method, f"allow_{method}_merge")
    return repository.maybe(key) is not False


async def _try(pulls: PullReader, attempt: _Attempt) -> Result | None:
    if attempt.rules.has_queue:
        return await _enqueue(pulls, attempt)
    answer = await _merge_now(pulls, attempt)
    is_conflict = attempt.pull.maybe("mergeable") is False
    if answer.status == 405 and attempt.has_auto_merge and not is_conflict:
        return await _merge_later(pulls, attempt, answer)
    return _result(attempt, answer)


async def _merge_later(pulls: PullReader, attempt: _Attempt, refused: Answer) -> Result | None:
    """Let GitHub merge it when what is missing is there; each way is tried once."""
    enabled = await pulls.access.mutate(
        _AUTO_MERGE,
        {
            "pullRequestId": attempt.pull.text("node_id"),
            "mergeMethod": attempt.method.upper(),
            "expectedHeadOid": attempt.sha,
        },
    )
    if not enabled.errors:
        return _BY_ITSELF
    if any(word in enabled.complaint.lower() for word in _DIRECTLY):
        return _result(attempt, await _merge_now(pulls, attempt))
    # Why it cannot be merged says more to a person than why auto-merge is not for it.
    return _result(attempt, refused)


async def _enqueue(pulls: PullReader, attempt: _Attempt) -> Result:
    entered = await pulls.access.mutate(
        _ENQUEUE,
        {"pullRequestId": attempt.pull.text("node_id"), "expectedHeadOid": attempt.sha},
    )
    return _IN_QUEUE if _is_entered(entered) else _not_entered(entered)


def _is_entered(entered: Queried) -> bool:
    return not entered.errors or "already" in entered.complaint.lower()


def _not_entered(entered: Queried) -> NotMerged:
    why = f"the merge queue does not take it: {entered.complaint}"
    return NotMerged(why, passing=_is_passing(entered.complaint))


async def _merge_now(pulls: PullReader, attempt: _Attempt) -> Answer:
    return await pulls.access.send(
        "PUT",
        f"pulls/{attempt.number}/merge",
        {"sha": attempt.sha, "merge_method": attempt.method},
    )


def _result(attempt: _Attempt, answer: Answer) -> Result | None:
    if answer.status == 200:
        # None where it does not say as which commit: looking again tells.
        merge_sha = answer.json.sha("sha")
        return Merged(merge_sha) if merge_sha else None
    if answer.status in (405, 409, 422, 404):
        is_unknown = attempt.pull.maybe("mergeable") is None
        is_passing = answer.status == 409 or is_unknown or _is_passing(answer.message)
        return NotMerged(f"GitHub does not merge it: {answer.message}", passing=is_passing)
    expect(answer, 200)
    return None


def _is_passing(message: str) -> bool:
    return any(word in message.lower() for word in _PASSING)
