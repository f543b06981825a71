"""Makes example payloads speak of a repository, an installation and a pull request that exist."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_SHAS = frozenset({"sha", "head_sha", "after", "before", "merge_commit_sha", "commit_oid"})
_BRANCHES = frozenset({"head_branch"})


@dataclass(frozen=True)
class Place:
    """What is there: names, ids, the number of a pull request of ours, its head and its branch."""

    installation: int
    repository: int
    full_name: str
    number: int
    head_sha: str
    branch: str


def moved(payload: Json, place: Place, comment: int | None = None) -> Json:
    """The payload as it would be in this place; a comment in it is that one.

    Every delivery to an App names its installation, the examples of other webhooks do not.
    """
    made = copy.deepcopy(payload)
    made["installation"] = {**(made.get("installation") or {}), "id": place.installation}
    for one in _objects(made):
        _move(one, place)
    for name in ("issue", "pull_request"):
        if isinstance(made.get(name), dict):
            made[name]["number"] = place.number
    if "number" in made:
        made["number"] = place.number
    if comment is not None and "comment" in made:
        made["comment"]["id"] = comment
    return made


def _move(one: Json, place: Place) -> None:
    if "full_name" in one and "id" in one:
        name = place.full_name.rpartition("/")[2]
        one.update(full_name=place.full_name, name=name, id=place.repository)
    for key in one.keys() & _SHAS:
        if isinstance(one[key], str):
            one[key] = place.head_sha
    for key in one.keys() & _BRANCHES:
        one[key] = place.branch
    if isinstance(one.get("head"), dict) and "ref" in one["head"]:
        one["head"]["ref"] = place.branch
    pulls = one.get("pull_requests")
    # Among permissions the same word has a text.
    for pull in pulls if isinstance(pulls, list) else ():
        pull["number"] = place.number


def _objects(part: Any) -> Iterator[Json]:
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
