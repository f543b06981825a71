"""What GitHub knows of a commit's checks, and which of them it asks for before a merge."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.adapters.github.client import Access, expect, segment
from bot.adapters.github.fields import Fields
from bot.domain.pulls import Check, Conclusion, RequiredCheck

_MAX_SUMMARY = 500
_METHODS = ("merge", "squash", "rebase")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a branch asks for before something is merged into it."""

    required: tuple[RequiredCheck, ...] = ()
    approvals: int = 0
    has_queue: bool = False
    methods: tuple[str, ...] = _METHODS


async def read_checks(access: Access, sha: str) -> tuple[Check, ...]:
    """Check runs and commit statuses of exactly this commit, the latest of each."""
    runs = [
        _run(one, sha)
        async for one in access.pages(f"commits/{sha}/check-runs", "check_runs", filter="latest")
    ]
    statuses: dict[str, Check] = {}
    async for one in access.pages(f"commits/{sha}/statuses"):
        # The newest comes first.
        statuses.setdefault(one.text("context"), _status(one, sha))
    return (*runs, *statuses.values())


async def read_rules(access: Access, branch: str) -> Rules:
    """The rulesets and the protection of a branch together."""
    found = [one async for one in access.pages(f"rules/branches/{segment(branch)}")]
    protection = expect(await access.get(f"branches/{segment(branch)}"), 200, 404)
    required = dict.fromkeys((*_by_rules(found), *_by_protection(protection)))
    reviews = [one.at("parameters") for one in found if one.text("type") == "pull_request"]
    counts = (one.number("required_approving_review_count") or 0 for one in reviews)
    kinds = {one.text("type") for one in found}
    return Rules(
        required=tuple(required),
        approvals=max(counts, default=0),
        has_queue="merge_queue" in kinds,
        methods=_allowed(reviews, is_linear="required_linear_history" in kinds),
    )


def _allowed(reviews: list[Fields], *, is_linear: bool) -> tuple[str, ...]:
    methods = [one for one in _METHODS if not (is_linear and one == "merge")]
    for review in reviews:
        named = [one.text() for one in review.each("allowed_merge_methods")]
        methods = [one for one in methods if one in named or not named]
    return tuple(methods)


def _by_rules(rules: list[Fields]) -> Iterator[RequiredCheck]:
    for rule in rules:
        for one in rule.each("parameters", "required_status_checks"):
            yield RequiredCheck(one.text("context"), one.number("integration_id"))


def _by_protection(branch: Fields) -> Iterator[RequiredCheck]:
    protection = branch.at("protection", "required_status_checks")
    if branch.at("protection", "enabled").value is False:
        return
    checks = list(protection.each("checks"))
    # A number below zero stands for any app, and so reads as none.
    yield from (RequiredCheck(one.text("context"), one.number("app_id")) for one in checks)
    named = {one.text("context") for one in checks}
    contexts = (one.text() for one in protection.each("contexts"))
    yield from (RequiredCheck(name) for name in contexts if name not in named)


def _run(run: Fields, sha: str) -> Check:
    is_over = run.text("status") == "completed"
    return Check(
        name=run.text("name"),
        sha=run.sha("head_sha") or sha,
        conclusion=_conclusion(run.text("conclusion")) if is_over else Conclusion.PENDING,
        source=run.text("app", "slug"),
        summary=(run.text("output", "title") or run.text("output", "summary"))[:_MAX_SUMMARY],
        app_id=run.number("app", "id"),
    )


def _status(status: Fields, sha: str) -> Check:
    return Check(
        name=status.text("context"),
        sha=sha,
        conclusion=_conclusion(status.text("state")),
        summary=status.text("description")[:_MAX_SUMMARY],
    )


def _conclusion(text: str) -> Conclusion:
    return Conclusion(text) if text in set(Conclusion) else Conclusion.UNKNOWN
