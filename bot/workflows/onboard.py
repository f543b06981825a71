"""Asks a repository for leave by pull request, and does nothing before it has been given."""

from bot.domain import messages
from bot.domain.onboarding import (
    ONBOARDING_BRANCH,
    Active,
    Ask,
    MendPolicy,
    OnboardingDecision,
    Refused,
    WaitForAnswer,
    decide_onboarding,
)
from bot.domain.patch import FileChange, Patch
from bot.domain.policy import POLICY_PATH, Policy, PolicyProblem
from bot.domain.pulls import PullDraft, PullSnapshot
from bot.ports import Forum, Ports
from bot.workflows.scan import Scan

POLICY_ISSUE = "policy"
"""The key of the issue about a broken policy file."""
_EXPECT = "expect"


async def onboard(
    ports: Ports, policy: Policy | tuple[PolicyProblem, ...] | None
) -> OnboardingDecision:
    """Ask, wait, or say what is wrong; the caller works on the repository only if it is Active.

    `policy` is what stands in the policy file on the default branch, None if there is none.
    """
    asked = await _asked(ports)
    decision = decide_onboarding(policy, asked)
    if ports.stopped:
        return decision
    match decision:
        case Active():
            await _mended(ports.forum)
        case MendPolicy(problems):
            await _complain(ports.forum, problems)
        case Ask():
            await _ask(ports)
        case WaitForAnswer():
            await _say_what_to_expect(ports, asked)
        case Refused():
            pass
    return decision


async def _asked(ports: Ports) -> PullSnapshot | None:
    """The latest that was opened on the branch, for a person may have deleted a former one."""
    ours = await ports.host.pull_requests(ONBOARDING_BRANCH)
    return ours[-1] if ours else None


async def _ask(ports: Ports) -> None:
    repository = await ports.host.repository()
    findings = await Scan(ports).findings(await ports.host.tree(repository.head_sha))
    pull = await ports.host.open_pull_request(
        PullDraft(
            branch=ONBOARDING_BRANCH,
            base=repository.default_branch,
            base_sha=repository.head_sha,
            title=messages.ONBOARDING_TITLE,
            body=messages.onboarding_body(findings),
            commit_message=messages.ONBOARDING_COMMIT,
            patch=Patch((FileChange(POLICY_PATH, "", messages.POLICY_FILE),)),
        )
    )
    await _say_what_to_expect(ports, pull)


async def _say_what_to_expect(ports: Ports, pull: PullSnapshot | None) -> None:
    """Known only once there is a pull request: the host tells of a branch's rules through it.

    A person may have changed the file on the branch since: said again whenever it was pushed to.
    """
    if pull is not None:
        text = messages.what_to_expect(pull.required, await _offered(ports, pull))
        await ports.host.comment(pull.number, _EXPECT, text)


async def _offered(ports: Ports, pull: PullSnapshot) -> Policy | tuple[PolicyProblem, ...] | None:
    if not pull.foreign_commits:
        return ports.read_policy(messages.POLICY_FILE)
    text = (await ports.host.tree(pull.head_sha)).text(POLICY_PATH)
    return None if text is None else ports.read_policy(text)


async def _complain(forum: Forum | None, problems: tuple[PolicyProblem, ...]) -> None:
    if forum is not None:
        text = messages.policy_issue(problems)
        await forum.write_issue(POLICY_ISSUE, messages.POLICY_TITLE, text)


async def _mended(forum: Forum | None) -> None:
    issue = None if forum is None else await forum.issue(POLICY_ISSUE)
    if forum is not None and issue is not None and issue.is_open:
        text = messages.policy_mended()
        await forum.write_issue(POLICY_ISSUE, messages.POLICY_TITLE, text, is_open=False)
