"""Questions about ancestry."""

from collections.abc import Callable, Iterable

Parents = Callable[[str], tuple[str, ...]]


def ancestors(parents: Parents, starts: Iterable[str]) -> set[str]:
    """These commits and everything they come from."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        sha = waiting.pop()
        if sha not in found:
            found.add(sha)
            waiting.extend(parents(sha))
    return found


def between(parents: Parents, old: str, new: str) -> list[str]:
    """Commits of `new` that `old` has not, parents before their children."""
    known = ancestors(parents, [old])
    ordered: list[str] = []
    seen = set(known)
    stack = [(new, False)]
    while stack:
        sha, done = stack.pop()
        if done:
            ordered.append(sha)
        elif sha not in seen:
            seen.add(sha)
            stack.append((sha, True))
            stack.extend((parent, False) for parent in parents(sha))
    return ordered


def merge_base(parents: Parents, one: str, other: str) -> str | None:
    """The nearest commit that both come from."""
    known = ancestors(parents, [one])
    shared = ancestors(parents, [other]) & known
    for sha in shared:
        rest = shared - ancestors(parents, [sha])
        if not rest:
            return sha
    # Criss-cross: any that no other shared commit contains is as good as the next.
    for sha in sorted(shared):
        if not any(sha in ancestors(parents, [other]) for other in shared - {sha}):
            return sha
    return None
