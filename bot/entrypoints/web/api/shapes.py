"""What comes and goes as JSON: the shapes that requests are held against and answers follow."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.adapters.database.rows import improvement_row
from bot.domain.asked import Asked, Progress, Wish
from bot.domain.events import FeedbackType
from bot.domain.improvement import Improvement, State

REPOSITORY: Final = r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$"
_LONG: Final = 200
Name = Annotated[str, Field(min_length=1, max_length=_LONG, pattern=r"^[ -~]+$")]
Repository = Annotated[str, Field(pattern=REPOSITORY, max_length=201, examples=["team/shop"])]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Feedback(_Asked):
    """One rating of one answer."""

    user_id: Name
    message_id: Name
    feedback_type: FeedbackType
    model_used: Name
    task_type: Name
    response_length: Annotated[int | None, Field(ge=0, le=10_000_000)] = None
    repository: Annotated[
        Repository | None, Field(description="Whose user it is; needed with a token for some.")
    ] = None


class Accepted(BaseModel):
    """It is kept."""

    status: str = "kept"


class Reason(_Asked):
    """Why it is asked for, in a sentence that people read later."""

    reason: Annotated[str, Field(max_length=_LONG, pattern=r"^[ -~]*$")] = ""


class WhoseUser(_Asked):
    """A user, and the repository whose user it is."""

    user_id: Name
    repository: Repository | None = None


class Preferences(BaseModel):
    """What a user prefers: a model by task, the length of answers, and what comes next."""

    user_id: str
    settings: dict[str, Any]
    next_activity: dict[str, Any] | None


class Page(_Asked):
    """Which part of a list."""

    repository: Repository | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[
        str | None, Field(max_length=_LONG, description="`next` of the page before.")
    ] = None


class ImprovementPage(Page):
    """Which part of the improvements."""

    state: State | None = None


class Summary(BaseModel):
    """An improvement without its code."""

    id: str
    repository: str
    state: str
    reason: str
    improvement_type: str
    file_path: str
    line: int
    function: str
    severity: str
    issue_description: str
    confidence: float
    test_status: str
    applied: bool
    rolled_back: bool
    branch_name: str
    commit_hash: str
    pull_request: int | None
    merge_sha: str
    created_at: datetime
    updated_at: datetime


class Improved(Summary):
    """A whole improvement."""

    original_code: str | None
    improved_code: str | None
    diff: str | None
    finding_evidence: str
    evidence: dict[str, Any]
    engine: str


class Deployed(Summary):
    """An improvement that was deployed."""

    deployed_at: datetime
    recovered: bool | None
    revert_pull_request: int | None
    revert_sha: str
    revert_deployed_at: datetime | None


class Summaries(BaseModel):
    """A page of improvements, and the cursor of the next."""

    items: list[Summary]
    next: str | None


class Deployments(BaseModel):
    """A page of deployments, and the cursor of the next."""

    items: list[Deployed]
    next: str | None


class Job(BaseModel):
    """What was asked for, and where it stands."""

    id: str
    repository: str
    improvement: str
    wish: Wish
    state: Progress
    result: dict[str, Any]
    why: str
    reason: str
    created_at: datetime
    updated_at: datetime


class ProblemDocument(BaseModel):
    """Why a request is not served (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def summary_of(one: Improvement) -> Summary:
    """It without its code."""
    return Summary(**_known(Summary, one))


def improved_of(one: Improvement) -> Improved:
    """All of it."""
    return Improved(**_known(Improved, one))


def deployed_of(one: Improvement) -> Deployed:
    """What of it a history of deployments tells."""
    return Deployed(**_known(Deployed, one))


def job_of(asked: Asked) -> Job:
    """As it is shown to whoever may read its repository."""
    return Job(**{name: getattr(asked, name) for name in Job.model_fields})


def _known(shape: type[BaseModel], one: Improvement) -> dict[str, Any]:
    row = improvement_row(one)
    return {name: row[name] for name in shape.model_fields}
