"""Whether a pull request can be merged, and what stands in its way."""

from tests.fakes.github.state import CheckRun, Issue, Pull, Repository, Rules

PASSED = {"success", "neutral", "skipped"}


def _key(repo: Repository, pull: Pull) -> tuple[str, str]:
    return pull.head_sha, repo.git.head(pull.base_ref) or ""


def known(repo: Repository, pull: Pull) -> bool | None:
    """What GitHub has found out about merging head and base as they are now."""
    return pull.known.get(_key(repo, pull))


def look(repo: Repository, issue: Issue, lazy_reads: int) -> bool | None:
    """The same, and the first `lazy_reads` looks at it are answered before it is found out."""
    pull = issue.pull
    assert pull
    if issue.state != "open":
        return None
    key = _key(repo, pull)
    pull.asked[key] = pull.asked.get(key, 0) + 1
    if pull.asked[key] > lazy_reads:
        compute(repo, pull)
    return pull.known.get(key)


def compute(repo: Repository, pull: Pull) -> bool:
    """Find it out now."""
    key = _key(repo, pull)
    if key not in pull.known:
        head, base = key
        pull.known[key] = bool(base) and repo.git.merged_tree(base, head) is not None
    return pull.known[key]


def state(repo: Repository, issue: Issue) -> str:
    """The REST API's `mergeable_state`."""
    pull = issue.pull
    assert pull
    can = known(repo, pull)
    if issue.state != "open" or can is None:
        return "unknown"
    if not can:
        return "dirty"
    if pull.draft:
        return "draft"
    if obstacles(repo, issue):
        return "blocked"
    if behind(repo, pull):
        return "behind"
    return "clean" if everything_passed(repo, pull.head_sha) else "unstable"


def behind(repo: Repository, pull: Pull) -> bool:
    """Whether the branch must be up to date, and is not."""
    base = repo.git.head(pull.base_ref)
    strict = rules(repo, pull.base_ref).strict
    return strict and base is not None and not repo.git.contains(pull.head_sha, base)


def rules(repo: Repository, branch: str) -> Rules:
    return repo.rules.get(branch, Rules())


def obstacles(repo: Repository, issue: Issue, sha: str = "") -> list[str]:
    """What the branch's rules still ask for, in GitHub's words."""
    pull = issue.pull
    assert pull
    asked = rules(repo, pull.base_ref)
    found = []
    for name, app_id in asked.checks:
        result = required_result(repo, sha or pull.head_sha, name, app_id)
        if result is None:
            found.append(f'Required status check "{name}" is expected.')
        elif result not in PASSED:
            found.append(f'Required status check "{name}" is {_word(result)}.')
    if asked.approvals:
        if "CHANGES_REQUESTED" in latest_reviews(pull).values():
            found.append("Changes have been requested.")
        elif approvals(pull) < asked.approvals:
            count = asked.approvals
            noun = "review is" if count == 1 else "reviews are"
            found.append(f"At least {count} approving {noun} required by reviewers.")
    return found


def _word(result: str) -> str:
    return {"pending": "pending", "failure": "failing"}.get(result, result)


def latest_reviews(pull: Pull) -> dict[str, str]:
    """Each person's last review that says yes or no."""
    return {
        review.author.login: review.state for review in pull.reviews if review.state != "COMMENTED"
    }


def approvals(pull: Pull) -> int:
    return sum(state == "APPROVED" for state in latest_reviews(pull).values())


def required_result(repo: Repository, sha: str, name: str, app_id: int | None) -> str | None:
    """How a required check ended on a commit; None when it was not reported at all."""
    found = [
        run
        for run in latest_runs(repo, sha)
        if run.name == name and app_id in {None, run.suite.app.id}
    ]
    if found:
        return found[-1].conclusion or "pending"
    states = [
        one.state
        for one in repo.statuses
        if one.sha == sha and one.context == name and app_id is None
    ]
    return states[-1] if states else None


def latest_runs(repo: Repository, sha: str) -> list[CheckRun]:
    """The last run of each name and app on a commit, oldest first."""
    found = {(run.name, run.suite.app.id): run for run in repo.runs.values() if run.sha == sha}
    return sorted(found.values(), key=lambda run: run.id)


def everything_passed(repo: Repository, sha: str) -> bool:
    """Whether every check and status of a commit has passed, required or not."""
    runs = all((run.conclusion or "pending") in PASSED for run in latest_runs(repo, sha))
    states = {one.context: one.state for one in repo.statuses if one.sha == sha}
    return runs and all(state == "success" for state in states.values())
