"""Opening, changing, reviewing and reverting pull requests."""

from typing import Any

from tests.fakes.github.acts import branches, events, issues
from tests.fakes.github.answers import HttpError, invalid
from tests.fakes.github.git.repository import Contents
from tests.fakes.github.hub import Hub
from tests.fakes.github.state import App, Issue, Person, Pull, Repository, Review


def create(
    hub: Hub,
    repo: Repository,
    who: Person,
    *,
    title: str,
    head: str,
    base: str,
    body: str | None = None,
    draft: bool = False,
    app: App | None = None,
) -> Issue:
    """Open a pull request, or refuse as GitHub does."""
    issues.check_text("PullRequest", body, title)
    head = head.removeprefix(f"{repo.owner.login}:").removeprefix("refs/heads/")
    if who is hub.actions.bot and not repo.actions_may_open:
        raise HttpError(403, "GitHub Actions is not permitted to create or approve pull requests.")
    head_sha, base_sha = _ends(repo, head, base)
    with hub.effect("pull request", repo, who, head=head, sha=head_sha) as detail:
        now = hub.now()
        pull = Pull(hub.next_id(), head, base, head_sha, base_sha, draft)
        made = Issue(hub.next_id(), issues.number(repo), title, body, who, now, now, app=app)
        made.pull = pull
        detail["number"] = made.number
        repo.issues[made.number] = made
        events.pull(hub, repo, made, "opened", who)
        hub.pull_opened(repo, made)
    return made


def create_from_fork(
    hub: Hub, repo: Repository, who: Person, branch: str, files: Contents, title: str
) -> Issue:
    """Somebody opens one from a branch of their own fork, of which nobody here has a branch."""
    base = repo.default_branch
    base_sha = repo.git.head(base)
    assert base_sha
    tree = repo.git.with_contents(repo.git.tree_of(base_sha), files)
    made = repo.git.write_commit(tree, (base_sha,), branches.signature(hub, who), title)
    now = hub.now()
    pull = Pull(hub.next_id(), branch, base, made.sha, base_sha, fork=who)
    issue = Issue(hub.next_id(), issues.number(repo), title, "", who, now, now, pull=pull)
    repo.git.refs.write(f"refs/pull/{issue.number}/head", made.sha)
    repo.issues[issue.number] = issue
    events.pull(hub, repo, issue, "opened", who)
    hub.pull_opened(repo, issue)
    return issue


def _ends(repo: Repository, head: str, base: str) -> tuple[str, str]:
    head_sha, base_sha = repo.git.head(head), repo.git.head(base)
    if head_sha is None:
        raise invalid("PullRequest", "head", code="invalid")
    if base_sha is None:
        raise invalid("PullRequest", "base", code="invalid")
    for other in repo.pulls():
        ends = other.pull and (other.pull.head_ref, other.pull.base_ref)
        if other.state == "open" and ends == (head, base):
            text = f"A pull request already exists for {repo.owner.login}:{head}."
            raise invalid("PullRequest", "head", text)
    if repo.git.contains(base_sha, head_sha):
        text = f"No commits between {base} and {head}"
        raise invalid("PullRequest", "head", text)
    return head_sha, base_sha


def update(hub: Hub, repo: Repository, issue: Issue, who: Person, values: dict[str, Any]) -> None:
    """The API's PATCH: title, body, state and base."""
    pull = issue.pull
    assert pull
    issues.update(
        hub,
        repo,
        issue,
        who,
        {name: values[name] for name in ("title", "body", "state") if name in values},
    )
    if values.get("base") and values["base"] != pull.base_ref:
        base_sha = repo.git.head(values["base"])
        if base_sha is None:
            raise invalid("PullRequest", "base", code="invalid")
        changes = {"base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}}
        pull.base_ref, pull.base_sha = values["base"], base_sha
        events.pull(hub, repo, issue, "edited", who, changes=changes)


def set_draft(hub: Hub, repo: Repository, issue: Issue, who: Person, *, draft: bool) -> None:
    pull = issue.pull
    assert pull
    if pull.draft != draft:
        with hub.effect("draft", repo, who, number=issue.number, draft=draft):
            pull.draft, issue.updated_at = draft, hub.now()
            action = "converted_to_draft" if draft else "ready_for_review"
            events.pull(hub, repo, issue, action, who)
            hub.settle(repo)


def review(
    hub: Hub, repo: Repository, issue: Issue, who: Person, state: str, body: str = ""
) -> Review:
    """A person's review of the head as it is now."""
    pull = issue.pull
    assert pull
    if state in {"APPROVED", "CHANGES_REQUESTED"} and who is issue.author:
        word = "approve" if state == "APPROVED" else "request changes on"
        raise HttpError(422, f"Unprocessable Entity: Can not {word} your own pull request")
    with hub.effect("review", repo, who, number=issue.number, state=state):
        made = Review(hub.next_id(), who, state, body, pull.head_sha, hub.now())
        pull.reviews.append(made)
        issue.updated_at = hub.now()
        events.review(hub, repo, issue, made, "submitted")
        hub.settle(repo)
    return made


def update_branch(hub: Hub, repo: Repository, issue: Issue, who: Person, sha: str = "") -> None:
    """Merge the base into the head."""
    pull = issue.pull
    assert pull
    if sha and sha != pull.head_sha:
        raise HttpError(422, "expected head sha didn't match current head ref.")
    base = repo.git.head(pull.base_ref)
    if base is None or repo.git.contains(pull.head_sha, base):
        raise HttpError(422, "There are no new commits on the base branch.")
    tree = repo.git.merged_tree(pull.head_sha, base)
    if tree is None:
        raise HttpError(422, "merge conflict between base and head")
    text = f"Merge branch '{pull.base_ref}' into {pull.head_ref}\n"
    author = branches.signature(hub, who)
    parents = (pull.head_sha, base)
    made = repo.git.write_commit(tree, parents, author, text, branches.githubs(hub))
    with hub.effect("update branch", repo, who, number=issue.number, sha=made.sha):
        branches.move(hub, repo, pull.head_ref, pull.head_sha, made.sha, who)


def revert(
    hub: Hub,
    repo: Repository,
    issue: Issue,
    who: Person,
    *,
    title: str = "",
    body: str | None = None,
    draft: bool = False,
    app: App | None = None,
) -> Issue:
    """Open a pull request that undoes the merge of this one."""
    pull = issue.pull
    assert pull
    if pull.merged_at is None or pull.merge_sha is None:
        raise HttpError(422, "Pull request is not merged")
    base = repo.git.head(pull.base_ref)
    branch = f"revert-{issue.number}-{pull.head_ref}"
    if base is None or repo.git.head(branch):
        raise HttpError(422, f"The branch {branch} is already there")
    tree = _reverted_tree(repo, pull, base)
    if tree is None or tree == repo.git.tree_of(base):
        raise HttpError(422, "This pull request could not be reverted automatically")
    title = title or f'Revert "{issue.title}"'
    with hub.effect("revert branch", repo, who, number=issue.number, branch=branch):
        author = branches.signature(hub, who)
        text = f"{title}\n\nThis reverts commit {pull.merge_sha}.\n"
        made = repo.git.write_commit(tree, (base,), author, text, branches.githubs(hub))
        branches.move(hub, repo, branch, None, made.sha, who)
    body = body if body is not None else f"Reverts {repo.full_name}#{issue.number}"
    return create(
        hub,
        repo,
        who,
        title=title,
        head=branch,
        base=pull.base_ref,
        body=body,
        draft=draft,
        app=app,
    )


def _reverted_tree(repo: Repository, pull: Pull, base: str) -> str | None:
    """The base without what the merge brought, None when later changes are in the way."""
    merge = repo.git.commit(pull.merge_sha or "")
    assert merge
    before = merge.parents[0]
    if pull.method == "rebase":
        count = len(repo.git.between(pull.base_sha, pull.head_sha))
        for _ in range(count - 1):
            commit = repo.git.commit(before)
            assert commit
            before = commit.parents[0]
    return repo.git.merged_tree(base, before, merge.sha)
