"""Our one check run on a commit: in one sentence what the pull request waits for."""

from bot.adapters.github.client import Access, expect
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity
from bot.adapters.github.settling import settle
from bot.adapters.github.tokens import Task
from bot.domain.talk import Standing, StatusLine

_NAME = "Ironclaw"
_MAX_TITLE, _MAX_TEXT = 60, 65_535
_STATES = {
    Standing.WAITING: {"status": "in_progress"},
    Standing.DONE: {"status": "completed", "conclusion": "success"},
    Standing.NEEDS_PERSON: {"status": "completed", "conclusion": "action_required"},
}


async def show_standing(
    access: Access, identity: Identity, sha: str, key: str, line: StatusLine
) -> None:
    """Make our check run of that key say this; there is one for each commit and key."""
    state = _STATES[line.standing]
    output = {"title": line.title[:_MAX_TITLE], "summary": line.text[:_MAX_TEXT]}

    async def look() -> bool | None:
        run = await _find(access, identity, sha, key)
        if run is None:
            new = {"name": _NAME, "head_sha": sha, "external_id": key, **state, "output": output}
            expect(await access.send("POST", "check-runs", new, task=Task.REPORT), 201)
        elif not _says(run, state, output):
            path, body = f"check-runs/{run.number('id')}", {**state, "output": output}
            expect(await access.send("PATCH", path, body, task=Task.REPORT), 200)
        return True

    await settle(look)


async def _find(access: Access, identity: Identity, sha: str, key: str) -> Fields | None:
    """By our own app: a run of that name may be another's."""
    async for run in access.pages(
        f"commits/{sha}/check-runs",
        "check_runs",
        check_name=_NAME,
        app_id=identity.app_id,
        filter="all",
    ):
        if run.number("app", "id") == identity.app_id and run.text("external_id") == key:
            return run
    return None


def _says(run: Fields, state: dict[str, str], output: dict[str, str]) -> bool:
    same_state = all(run.text(name) == value for name, value in state.items())
    return same_state and all(run.text("output", name) == text for name, text in output.items())
