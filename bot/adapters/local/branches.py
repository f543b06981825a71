"""Chooses the branch that improvements go into."""

from collections.abc import Iterator, Mapping

from bot.adapters.local.workshop import Ref, Workshop
from bot.domain.pulls import HostedRepository
from bot.ports import UserError

HEADS = "refs/heads/"
_ORIGIN = "refs/remotes/origin/"
DETACHED = "HEAD"


def default_branch(workshop: Workshop, wanted: str = "") -> HostedRepository:
    """The branch that was asked for, or the one that this repository treats as its main one."""
    refs = workshop.refs()
    head, commit = workshop.head()
    if wanted and HEADS + wanted not in refs:
        raise UserError(f"there is no branch {wanted!r}", "see `git branch --list`")
    for name in (wanted,) if wanted else _candidates(workshop, refs, head):
        if HEADS + name in refs:
            sha = refs[HEADS + name].sha
            return HostedRepository(workshop.user.name, name, sha, _notes(workshop))
    if not commit:
        raise UserError("the repository has no commit yet", "commit your files with `git commit`")
    notes = {**_notes(workshop), "detached": "no branch is there to merge into"}
    return HostedRepository(workshop.user.name, DETACHED, commit, notes)


def _candidates(workshop: Workshop, refs: Mapping[str, Ref], head: str) -> Iterator[str]:
    current = head.removeprefix(HEADS)
    if workshop.user.bare:
        yield current
    origin = refs.get(f"{_ORIGIN}HEAD")
    if origin is not None:
        yield origin.target.removeprefix(_ORIGIN)
    yield from ("main", "master", current)


def _notes(workshop: Workshop) -> dict[str, str]:
    return {"path": str(workshop.user.common_dir)}
