"""Reads a comment as it is now and, if its author may command, does what it says; once."""

from bot.domain import jobs, messages
from bot.domain.commands import (
    USAGE,
    NotForUs,
    Obey,
    Refuse,
    Resume,
    decide_command,
    parse_command,
)
from bot.domain.events import LearningEvent, about_comment, about_repository
from bot.domain.improvement import Improvement, State, branch_name
from bot.domain.limits import RESUMED
from bot.domain.talk import Comment, Reaction
from bot.ports import Forum, Ports
from bot.workflows.dashboard import DASHBOARD
from bot.workflows.learn import remember
from bot.workflows.steer import Done, carry_out
from bot.workflows.tell import tell

OBEYED, REFUSED = "comment_obeyed", "comment_refused"


async def obey(ports: Ports, job: jobs.Obey) -> tuple[jobs.Job, ...]:
    """Obey one comment, and name what is to be looked at next.

    What was done is stored together with its answer before anything is answered: a repeated job
    only answers again, which changes nothing.
    """
    forum = ports.forum
    if forum is None or ports.stopped:
        return ()
    comment = await forum.read_comment(job.number, job.comment)
    if comment is None or comment.ours or comment.author_is_bot:
        return ()
    if parse_command(ports.spoken(comment.text)) is None:
        return ()
    repository = (await ports.host.repository()).name
    improvement = await _improvement(ports, repository, job.number)
    answer = await _answer_before(ports, repository, comment)
    if answer is None:
        await forum.react(comment.id, Reaction.SEEN)
        answer = await _act(ports, forum, repository, comment, improvement)
    await _say(ports, forum, comment, answer)
    return (jobs.Advance(improvement.id),) if improvement is not None else ()


async def _act(
    ports: Ports,
    forum: Forum,
    repository: str,
    comment: Comment,
    improvement: Improvement | None,
) -> LearningEvent:
    """Decide, act, and store what was done; gives the event that holds the answer."""
    shown = await ports.host.pull_request(comment.number) if improvement else None
    board = None if improvement else await forum.issue(DASHBOARD)
    decision = decide_command(
        comment,
        ports.spoken(comment.text),
        await forum.permission(comment.author),
        improvement,
        shown.head_sha if shown else "",
        is_dashboard=board is not None and board.number == comment.number,
    )
    match decision:
        case Obey(command, person) if improvement is not None:
            done = await carry_out(ports, improvement, command, person)
            return await _store(ports, repository, comment, done, improvement)
        case Obey(Resume(), person):
            resumed = _event(ports, RESUMED, about_repository(repository), "", f"by {person}")
            return await _keep(ports, repository, comment, OBEYED, "", also=(resumed,))
        case Obey():
            return await _keep(ports, repository, comment, OBEYED, messages.help_reply(USAGE))
        case Refuse(why, say):
            answer = messages.refusal(say) if say else ""
            return await _keep(ports, repository, comment, REFUSED, answer, why)
        case NotForUs(why):
            return await _keep(ports, repository, comment, REFUSED, "", why)


async def _store(
    ports: Ports, repository: str, comment: Comment, done: Done, before: Improvement
) -> LearningEvent:
    await tell(ports, before, done.after)
    kind = REFUSED if done.refused else OBEYED
    event = _event(ports, kind, about_comment(repository, comment.id), done.say)
    await remember(ports, before, done.after, (*done.events, event), done.feedback)
    return event


async def _keep(
    ports: Ports,
    repository: str,
    comment: Comment,
    kind: str,
    say: str,
    why: str = "",
    *,
    also: tuple[LearningEvent, ...] = (),
) -> LearningEvent:
    event = _event(ports, kind, about_comment(repository, comment.id), say, why)
    async with ports.stores() as store:
        for each in (*also, event):
            await store.record(each)
        await store.commit()
    return event


async def _say(ports: Ports, forum: Forum, comment: Comment, answer: LearningEvent) -> None:
    """A sign always, a word only when asked or when something is wrong."""
    refused = answer.event_type == REFUSED
    await forum.react(comment.id, Reaction.REFUSED if refused else Reaction.DONE)
    text = str(answer.after_state.get("say", ""))
    if text:
        await ports.host.comment(comment.number, f"reply-{comment.id}", text)


async def _improvement(ports: Ports, repository: str, number: int) -> Improvement | None:
    """The one that the pull request belongs to, also if its opening is not stored yet."""
    async with ports.stores() as store:
        found = await store.touching(repository, pulls=[number])
        proposed = await store.improvements(repository, frozenset({State.PROPOSED}))
    if found or not proposed:
        return found[0] if found else None
    pull = await ports.host.pull_request(number)
    named = [one for one in proposed if pull and branch_name(one.finding) == pull.branch]
    return named[0] if named else None


async def _answer_before(ports: Ports, repository: str, comment: Comment) -> LearningEvent | None:
    async with ports.stores() as store:
        events = await store.events(about_comment(repository, comment.id))
    return events[-1] if events else None


def _event(ports: Ports, kind: str, subject: str, say: str, why: str = "") -> LearningEvent:
    return LearningEvent(kind, subject, ports.clock.now(), after_state={"say": say}, reason=why)
