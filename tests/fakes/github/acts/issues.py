"""Issues, comments, labels and reactions."""

from typing import Any

from tests.fakes.github.acts import events, merging
from tests.fakes.github.answers import invalid
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import issues as shapes
from tests.fakes.github.state import App, Comment, Issue, Label, Person, Reaction, Repository

BODY_LIMIT = 65_536
TITLE_LIMIT = 256


def check_text(resource: str, body: str | None, title: str = "") -> None:
    """Refuse texts that are over GitHub's limits."""
    if body is not None and len(body) > BODY_LIMIT:
        raise invalid(resource, "body", f"body is too long (maximum is {BODY_LIMIT} characters)")
    if len(title) > TITLE_LIMIT:
        raise invalid(resource, "title", f"title is too long (maximum is {TITLE_LIMIT} characters)")


def number(repo: Repository) -> int:
    """The next number of an issue or pull request."""
    return max(repo.issues, default=0) + 1


def create(
    hub: Hub,
    repo: Repository,
    who: Person,
    title: str,
    body: str | None = None,
    labels: list[str] | None = None,
    app: App | None = None,
) -> Issue:
    check_text("Issue", body, title)
    if not title:
        raise invalid("Issue", "title", code="missing_field")
    with hub.effect("issue", repo, who, title=title) as detail:
        now = hub.now()
        made = Issue(hub.next_id(), number(repo), title, body, who, now, now, app=app)
        detail["number"] = made.number
        repo.issues[made.number] = made
        made.labels = [ensure_label(hub, repo, name).name for name in labels or []]
        events.issue(hub, repo, made, "opened", who)
    return made


def update(hub: Hub, repo: Repository, issue: Issue, who: Person, values: dict[str, Any]) -> None:
    """Change title, body, state or labels, as the API's PATCH does."""
    check_text("Issue", values.get("body"), values.get("title") or "")
    with hub.effect("issue update", repo, who, number=issue.number, fields=sorted(values)):
        changes: dict[str, Any] = {}
        for name in ("title", "body"):
            if name in values and values[name] != getattr(issue, name):
                changes[name] = {"from": getattr(issue, name) or ""}
                setattr(issue, name, values[name])
        if changes:
            issue.editor, issue.edited_at, issue.updated_at = who, hub.now(), hub.now()
            events.issue(hub, repo, issue, "edited", who, changes=changes)
        if "labels" in values:
            names = [item if isinstance(item, str) else item["name"] for item in values["labels"]]
            _replace_labels(hub, repo, issue, who, names)
        _set_state(hub, repo, issue, who, values)


def _set_state(
    hub: Hub, repo: Repository, issue: Issue, who: Person, values: dict[str, Any]
) -> None:
    wanted = values.get("state") or issue.state
    if wanted not in {"open", "closed"}:
        raise invalid("Issue", "state", "state is not included in the list")
    if wanted == issue.state:
        return
    if wanted == "closed":
        issue.state_reason = None if issue.pull else values.get("state_reason") or "completed"
        merging.close(hub, repo, issue, who)
        return
    pull = issue.pull
    if pull and (pull.merged_at or not repo.git.head(pull.head_ref)):
        raise invalid("PullRequest", "state", "state cannot be changed. It cannot be reopened.")
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.state_reason = None if pull else "reopened"
    if pull:
        pull.head_sha = repo.git.head(pull.head_ref) or pull.head_sha
    issue.updated_at = hub.now()
    events.issue(hub, repo, issue, "reopened", who)


def comment(
    hub: Hub, repo: Repository, issue: Issue, who: Person, body: str, app: App | None = None
) -> Comment:
    check_text("IssueComment", body)
    if not body.strip():
        raise invalid("IssueComment", "body", "Body can't be blank", "missing_field")
    with hub.effect("comment", repo, who, number=issue.number) as detail:
        now = hub.now()
        made = Comment(hub.next_id(), issue.number, body, who, now, now, app)
        detail["id"] = made.id
        issue.comments.append(made)
        issue.updated_at = now
        events.comment(hub, repo, issue, made, "created", who)
    return made


def edit_comment(
    hub: Hub, repo: Repository, issue: Issue, one: Comment, who: Person, body: str
) -> None:
    check_text("IssueComment", body)
    with hub.effect("comment update", repo, who, number=issue.number, id=one.id):
        old, one.body, one.updated_at = one.body, body, hub.now()
        one.editor, one.edited_at = who, hub.now()
        changes = {"body": {"from": old}}
        events.comment(hub, repo, issue, one, "edited", who, changes=changes)


def delete_comment(hub: Hub, repo: Repository, issue: Issue, one: Comment, who: Person) -> None:
    with hub.effect("comment deletion", repo, who, number=issue.number, id=one.id):
        issue.comments.remove(one)
        events.comment(hub, repo, issue, one, "deleted", who)


def react(
    hub: Hub, repo: Repository, target: Issue | Comment, who: Person, content: str
) -> tuple[Reaction, bool]:
    """Somebody's reaction, and whether it is new: nobody gives the same one twice."""
    if content not in shapes.REACTIONS:
        raise invalid("Reaction", "content", "content is not included in the list")
    for one in target.reactions:
        if one.by is who and one.content == content:
            return one, False
    with hub.effect("reaction", repo, who, on=target.id, content=content):
        made = Reaction(hub.next_id(), content, who, hub.now())
        target.reactions.append(made)
    return made, True


def ensure_label(
    hub: Hub, repo: Repository, name: str, color: str = "ededed", description: str | None = None
) -> Label:
    """The label of a name, made when it is not there."""
    if name.lower() not in repo.labels:
        made = Label(hub.next_id(), name, color, description)
        repo.labels[name.lower()] = made
    return repo.labels[name.lower()]


def add_labels(hub: Hub, repo: Repository, issue: Issue, who: Person, names: list[str]) -> None:
    with hub.effect("labels", repo, who, number=issue.number, add=list(names)):
        for name in names:
            label = ensure_label(hub, repo, name)
            if label.name not in issue.labels:
                issue.labels.append(label.name)
                shown = shapes.label(hub.web, repo, label)
                events.issue(hub, repo, issue, "labeled", who, label=shown)
        issue.updated_at = hub.now()


def remove_label(hub: Hub, repo: Repository, issue: Issue, who: Person, name: str) -> None:
    with hub.effect("labels", repo, who, number=issue.number, remove=[name]):
        label = repo.labels[name.lower()]
        issue.labels.remove(label.name)
        issue.updated_at = hub.now()
        shown = shapes.label(hub.web, repo, label)
        events.issue(hub, repo, issue, "unlabeled", who, label=shown)


def _replace_labels(
    hub: Hub, repo: Repository, issue: Issue, who: Person, names: list[str]
) -> None:
    wanted = {name.lower() for name in names}
    for name in [name for name in issue.labels if name.lower() not in wanted]:
        remove_label(hub, repo, issue, who, name)
    add_labels(hub, repo, issue, who, names)
