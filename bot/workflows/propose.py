"""Verifies a found improvement, and opens its pull request."""

from dataclasses import replace

from bot.domain import messages
from bot.domain.candidate import Hold, Propose, Reject
from bot.domain.confidence import case_of
from bot.domain.improvement import Improvement, State, branch_name
from bot.domain.limits import NotNow, may_open
from bot.domain.model.finding import MODEL_INFO
from bot.domain.pulls import PullDraft
from bot.domain.redaction import redact, redacted
from bot.domain.reporting import evidence_json
from bot.domain.rules import Proof, RuleInfo
from bot.learning.sandbox import trial_of
from bot.learning.searching import RULES, Searched, plan_of, search, wants_model
from bot.learning.verification import Verification
from bot.ports import Ports, UserError
from bot.workflows.history import history_of
from bot.workflows.learn import belief

_FOREIGN = Proof(setup="pass", before="pass", after="pass", sizes=(), covers=False)


async def verify(
    ports: Ports, improvement: Improvement, verification: Verification | None = None
) -> Improvement:
    """FOUND -> proposed, rejected or held, by what the sandbox shows."""
    if improvement.patch is None and not wants_model(ports):
        why = "nothing was generated for it"
        return improvement.move(State.REJECTED, why, ports.clock.now())
    if verification is None:
        tree = await ports.host.tree(improvement.base_sha)
        async with Verification.of(ports, tree) as fresh:
            return await verify(ports, improvement, fresh)
    rule = None if improvement.patch is None else trial_of(improvement, ports)
    searched = await search(ports, improvement, verification, rule)
    chosen, now = searched.chosen, ports.clock.now()
    asked = {"model": searched.as_json(plan_of(ports))} if wants_model(ports) else {}
    if chosen is None:
        why = redact(_last_why(searched))
        return improvement.move(_without_any(searched), why, now, evidence=asked)
    tried = searched.tried[chosen.number]
    # Arguments of a counterexample, or a test's name, may hold what nobody should read.
    told = redacted(evidence_json(tried.evidence)) | asked
    case = case_of(replace(improvement, engine=chosen.engine), told)
    learned = await belief(ports)
    seen = {
        "evidence": told,
        "confidence": learned.confidence(case),
        "engine": chosen.engine,
        "patch": tried.patch,
    }
    why = redact(tried.judgement.why)
    match tried.judgement:
        case Propose():
            return improvement.move(State.PROPOSED, why, now, look_again_at=now, **seen)
        case Reject():
            return improvement.move(State.REJECTED, why, now, **seen)
        case Hold():
            return improvement.move(State.HELD, why, now, **seen)


def _last_why(searched: Searched) -> str:
    """Why there is nothing: what became of the last answer, or why none was asked for."""
    if not searched.attempts:
        return searched.stopped
    return f"no answer could be run; the last: {searched.attempts[-1].why}"


def _without_any(searched: Searched) -> State:
    """Where no model was heard a person may mend why; what they all said is refused for good."""
    return State.REJECTED if searched.attempts else State.HELD


async def open_pull_request(ports: Ports, improvement: Improvement) -> Improvement:
    """PROPOSED -> open: one branch, one commit, one pull request, as far as limits allow."""
    now = ports.clock.now()
    if improvement.patch is None:
        return improvement.move(State.REJECTED, "nothing was generated for it", now)
    policy = ports.policy
    history = await history_of(ports, improvement.repository)
    allowed = may_open(improvement, history, policy.limits, policy.scan.max_open)
    if isinstance(allowed, NotNow):
        return improvement.stay(allowed.why, now, look_again_at=allowed.until)
    try:
        pull = await ports.host.open_pull_request(await _draft(ports, improvement))
    except UserError as error:
        why = f"its branch cannot be made: {error}. {error.remedy}"
        return improvement.move(State.HELD, why, ports.clock.now())
    return improvement.move(
        State.OPEN,
        improvement.reason,
        now,
        branch=branch_name(improvement.finding),
        head_sha=pull.head_sha,
        pull_request=pull.number,
        look_again_at=now,
    )


async def _draft(ports: Ports, improvement: Improvement) -> PullDraft:
    assert improvement.patch is not None  # noqa: S101 - the caller knows
    info = info_of(ports, improvement)
    repository = await ports.host.repository()
    branch = branch_name(improvement.finding)
    return PullDraft(
        branch=branch,
        base=repository.default_branch,
        base_sha=improvement.base_sha,
        title=messages.title(improvement.finding, info),
        body=messages.pull_request_body(replace(improvement, branch=branch), info),
        commit_message=messages.commit_message(improvement.finding, info, improvement.reason),
        patch=improvement.patch,
        replaces=improvement.head_sha if improvement.pull_request is not None else "",
    )


def info_of(ports: Ports, improvement: Improvement) -> RuleInfo:
    """The rule's statement about itself, or the finding's own words where no rule made it."""
    finding = improvement.finding
    if improvement.engine != RULES:
        return MODEL_INFO
    for info in ports.rules.infos():
        if info.id == finding.rule:
            return info
    return RuleInfo(
        id=finding.rule,
        title=finding.description,
        severity=finding.severity,
        why=finding.description,
        side_conditions=("none are stated by its author",),
        risk="It was not made by a rule, so only the evidence above speaks for it.",
        proof=_FOREIGN,
    )
