"""Two installations with the same names and numbers in them know nothing of each other."""

from datetime import timedelta
from pathlib import Path

from bot.domain.improvement import State
from tests.fakes.github.state import Repository
from tests.story.production import Production
from tests.story.town import ONBOARDING, POLICY, REPO, Town, town
from tests.workflows.world import FILE, SLOW

RIVAL = "rival/shop"
SECRETS = {REPO: "of-the-team", RIVAL: "of-the-rival"}


def code(repo: str) -> str:
    return f'{SLOW}\n\nSECRET = "{SECRETS[repo]}"\n'


def agree_in_rival(place: Town) -> bool:
    record = place.fake.repository(RIVAL)
    asked = [one for one in record.pulls() if one.state == "open" and one.pull]
    asked = [one for one in asked if one.pull and one.pull.head_ref == ONBOARDING]
    for one in asked:
        place.fake.push(RIVAL, ONBOARDING, {".github/ironclaw.yml": POLICY})
        place.fake.merge_as_person(RIVAL, one.number)
    return bool(asked)


async def live_beside(place: Town) -> None:
    """Both have the same story at the same time."""
    rival = Production(place.fake, RIVAL)
    place.production.slower = 1.0
    place.fake.push(REPO, "main", {FILE: code(REPO)})
    place.fake.create_repository(RIVAL, {FILE: code(RIVAL)})
    place.outside += [place.agree, lambda: agree_in_rival(place), rival.check, rival.deploy]

    async def over() -> bool:
        states = [one.state for one in await place.improvements()]
        return states == [State.KEPT, State.KEPT]

    await place.run(over, at_most=timedelta(hours=3))
    await place.run_for(timedelta(minutes=10))


def everything_in(record: Repository) -> str:
    """All that can be read in a repository."""
    parts = [f"{one.title} {one.body} {one.labels}" for one in record.issues.values()]
    parts += [c.body for one in record.issues.values() for c in one.comments]
    parts += [str(run.output) for run in record.runs.values()]
    parts += record.git.branches()
    for sha in record.git.branches().values():
        parts += [commit.message for commit in record.git.log(sha)]
        files = record.git.files(sha).values()
        parts += [record.git.objects.read(entry.sha)[1].decode() for entry in files]
    return "\n".join(parts)


async def test_security_12_nothing_of_one_installation_reaches_another(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        await live_beside(place)
        for repo, other in ((REPO, RIVAL), (RIVAL, REPO)):
            record = place.fake.repository(repo)
            shown = everything_in(record)
            assert SECRETS[repo] in shown
            assert SECRETS[other] not in shown
            assert other.partition("/")[0] not in shown
            installation = place.fake.installation(repo).id
            asked = [one for one in place.fake.requests if one.installation == installation]
            named = [one.path for one in asked if one.path.startswith("/repos/")]
            assert named
            assert all(path.startswith(f"/repos/{repo}") for path in named)
            assert not any(SECRETS[other].encode() in one.answer for one in asked)
            assert not any(SECRETS[other].encode() in one.body for one in asked)
        mine, theirs = await place.improvements()
        assert mine.id != theirs.id
        assert mine.pull_request == theirs.pull_request
        async with place.stores() as store:
            found = [
                {one.repository for one in await store.touching(repo, pulls=[number])}
                for repo in (REPO, RIVAL)
                for number in range(1, 6)
            ]
        assert {REPO} in found
        assert all(names <= {(REPO, RIVAL)[n // 5]} for n, names in enumerate(found))
