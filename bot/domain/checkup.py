"""What the readings of a check-up mean: fine, a warning or an error, and what to do about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.backlog import Backlog, Waiting, WorkerSign


class Standing(StrEnum):
    """NOT_CHECKED says nothing either way, and is never taken for OK."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check saw, and what to do about it where something is to be done."""

    name: str
    standing: Standing
    seen: str
    remedy: str = ""


OLDEST_PYTHON: Final = (3, 11)
LATE: Final = timedelta(minutes=1)
"""A delivery is routed within a second where a worker lives."""
STUCK: Final = timedelta(minutes=10)
JOB_LATE: Final = timedelta(minutes=15)
"""One job may run a project's tests several times, and those behind it wait for it."""
JOB_STUCK: Final = timedelta(hours=1)
RUNS_LONG: Final = timedelta(hours=3)
SHORT_SECRET: Final = 16
_CLOCK_OFF: Final = 5.0
_CLOCK_WRONG: Final = 45.0
"""Seconds; GitHub takes a proof of identity that is a minute old, and none from the future."""
_LITTLE_ROOM, _NO_ROOM = 2 * 1024**3, 200 * 1024**2
_OTHERS: Final = 0o077
_MEGABYTE: Final = 1024**2


def ok(name: str, seen: str) -> Checked:
    """Nothing is to be done."""
    return Checked(name, Standing.OK, seen)


def warning(name: str, seen: str, remedy: str) -> Checked:
    """It works, and somebody should look at it."""
    return Checked(name, Standing.WARNING, seen, remedy)


def error(name: str, seen: str, remedy: str) -> Checked:
    """It does not work, or will not."""
    return Checked(name, Standing.ERROR, seen, remedy)


def not_checked(name: str, why: str, remedy: str = "") -> Checked:
    """Nobody has looked, and why."""
    return Checked(name, Standing.NOT_CHECKED, why, remedy)


def exit_code(found: Collection[Checked]) -> int:
    """1 if anything is an error, else 0: a warning hinders nothing."""
    return int(any(one.standing is Standing.ERROR for one in found))


def worst(found: Collection[Checked]) -> Standing:
    """The gravest of all; NOT_CHECKED if nothing was looked at."""
    for grave in (Standing.ERROR, Standing.WARNING, Standing.OK):
        if any(one.standing is grave for one in found):
            return grave
    return Standing.NOT_CHECKED


def python(version: tuple[int, int, int], system: str) -> Checked:
    """The interpreter that runs this."""
    seen = f"Python {'.'.join(map(str, version))} on {system}"
    if version[:2] < OLDEST_PYTHON:
        return error("python", seen, "Install Python 3.11 or newer, and Ironclaw in it.")
    return ok("python", seen)


def settings(given: Collection[str], count: int, strange: Collection[str]) -> Checked:
    """Which settings are set, by name alone; `strange` are names that no setting has."""
    names = ", ".join(sorted(given)) or "none"
    seen = f"all {count} are valid; set are {names}"
    if strange:
        remedy = "Nobody reads them: see docs/reference/settings.md for how they are spelt."
        return warning("settings", f"{', '.join(sorted(strange))} set no setting; {seen}", remedy)
    return ok("settings", seen)


def secret_file(name: str, path: str, mode: int) -> Checked:
    """A file that holds what only its owner may read; `mode` are its permission bits."""
    seen = f"{path} has mode {mode & 0o777:04o}"
    if mode & _OTHERS:
        return warning(name, f"{seen}: others may read it", f"Run `chmod 600 {path}`.")
    return ok(name, seen)


def webhook_secret(lengths: Sequence[int]) -> Checked:
    """The secrets that deliveries are signed with, by their lengths."""
    name, make = "webhook secret", "`openssl rand -hex 32` makes one."
    if not lengths:
        remedy = f"Set the same secret here and in the App's settings: {make}"
        return error(name, "GITHUB_WEBHOOK_SECRET is not set", remedy)
    if min(lengths) < SHORT_SECRET:
        seen = f"the shortest has {min(lengths)} characters, which can be guessed"
        return warning(name, seen, f"Take a longer one: {make}")
    if len(lengths) > 1:
        remedy = "Take the older ones out once GitHub signs with the first."
        return warning(name, f"{len(lengths)} are taken at once", remedy)
    return ok(name, "one is set")


def intake_token(lengths: Sequence[int]) -> Checked:
    """The tokens of the settings that services report with, by their lengths; none is fine."""
    name = "intake token"
    if lengths and min(lengths) < SHORT_SECRET:
        seen = f"the shortest has {min(lengths)} characters, which can be guessed"
        return warning(name, seen, "Take a longer one, or `ironclaw token create`.")
    return ok(name, f"{len(lengths)} in the settings" if lengths else "none in the settings")


def free_space(name: str, path: str, free: int) -> Checked:
    """Bytes that are free where something is kept."""
    seen = f"{free // _MEGABYTE:,} MB are free at {path}"
    remedy = "Free some space, or move it to a larger disk."
    if free < _NO_ROOM:
        return error(name, seen, remedy)
    return warning(name, seen, remedy) if free < _LITTLE_ROOM else ok(name, seen)


def revision(present: str | None, ours: str, known: Collection[str]) -> Checked:
    """The migrations that the database has seen, against those of this program."""
    name = "database version"
    seen = f"the database is at {present or 'nothing'}, the program at {ours}"
    if present == ours:
        return ok(name, seen)
    if present is None or present in known:
        return error(name, seen, "Run `ironclaw db upgrade`, or start the service: it does so.")
    remedy = "Install the newer version of Ironclaw that made it, or restore a backup."
    return error(name, f"{seen}, which does not know it", remedy)


def clock(name: str, whose: str, seconds: float) -> Checked:
    """How far another clock is ahead of ours, or behind where negative."""
    seen = f"{whose} clock differs by {abs(seconds):.1f} s"
    remedy = "Let both machines follow NTP; `timedatectl` says whether this one does."
    if abs(seconds) > _CLOCK_WRONG:
        return error(name, seen, remedy)
    return warning(name, seen, remedy) if abs(seconds) > _CLOCK_OFF else ok(name, seen)


def workers(
    backlog: Backlog, now: datetime, held: Mapping[str, bool], version: str
) -> list[Checked]:
    """Who works, since when; `held` says of some whether their lease is seen to be held."""
    alive = [one for one in backlog.alive(now) if held.get(one.executor, True)]
    gone = [one for one in backlog.workers if one not in alive]
    found = [_worker(one, version) for one in alive]
    if alive:
        return found
    start = "Start `ironclaw serve` or `ironclaw worker`; its log says why it ended."
    if gone:
        last = max(gone, key=lambda one: one.at)
        seen = f"none works; {_who(last)} was heard of last at {_moment(last.at)}"
        return [error("worker", seen, start)]
    if backlog.received.count or backlog.job("waiting").count or backlog.job("running").count:
        return [error("worker", "none works, and there is something to do", start)]
    return [warning("worker", "none works", "Start `ironclaw serve` or `ironclaw worker`.")]


def _worker(sign: WorkerSign, version: str) -> Checked:
    seen = f"{_who(sign)} works since {_moment(sign.began)}"
    if sign.version != version:
        remedy = "Restart it, so that all run one version."
        return warning("worker", f"{seen}, with version {sign.version} of Ironclaw", remedy)
    return ok("worker", seen)


def _who(sign: WorkerSign) -> str:
    return f"{sign.executor[:12]} (process {sign.pid} on {sign.host})"


def deliveries(backlog: Backlog, now: datetime) -> list[Checked]:
    """Those that wait for a worker, and those that wait for a person."""
    name, waits = "deliveries", backlog.received
    seen = f"{waits.count} wait{_since(waits)}"
    late = timedelta(seconds=waits.seconds(now))
    remedy = "See that a worker lives and what its log says: it routes them within a second."
    if late > STUCK:
        found = error(name, seen, remedy)
    else:
        found = warning(name, seen, remedy) if late > LATE else ok(name, seen)
    if not backlog.parked.count:
        return [found]
    parked = f"{backlog.parked.count} are parked{_since(backlog.parked)}"
    look = "`ironclaw deliveries list --state parked` says why; `deliveries retry ID` takes one up."
    return [found, warning(name, parked, look)]


def jobs(backlog: Backlog, now: datetime) -> list[Checked]:
    """Those that wait, that run, and that have failed as often as they may."""
    name = "jobs"
    waits, runs, parked = (backlog.job(one) for one in ("waiting", "running", "parked"))
    seen = f"{waits.count} wait{_since(waits)}, {runs.count} run{_since(runs)}, "
    seen += f"{backlog.job('later').count} are tried again later"
    remedy = "Run more workers on PostgreSQL, or look in the log for what holds them up."
    late = timedelta(seconds=waits.seconds(now))
    if late > JOB_STUCK:
        found = error(name, seen, remedy)
    elif late > JOB_LATE or timedelta(seconds=runs.seconds(now)) > RUNS_LONG:
        found = warning(name, seen, remedy)
    else:
        found = ok(name, seen)
    if not parked.count:
        return [found]
    lie = f"{parked.count} have failed as often as they may{_since(parked)}"
    look = "The log names each error after `parked:`; see docs/how-to/operating.md#jobs-fail."
    return [found, warning(name, lie, look)]


def models(wanted: Collection[str], listed: Collection[str] | None) -> Checked:
    """The models that are set, against those that the server lists; None where it lists none."""
    names = ", ".join(sorted(wanted))
    if listed is None:
        remedy = "Nothing, if it is a server without a list; else check OPENAI_BASE_URL."
        return warning("model", f"the server answers and lists no models; set are {names}", remedy)
    missing = sorted(set(wanted) - set(listed))
    if missing:
        remedy = "Correct IRONCLAW_MODELS, or let this key use them."
        return warning("model", f"the server does not list {', '.join(missing)}", remedy)
    return ok("model", f"the server answers and has {names}")


def readiness(address: str, status: int, parts: Mapping[str, str]) -> Checked:
    """What `/readyz` answered."""
    name = "web service"
    said = ", ".join(f"{part}: {state}" for part, state in sorted(parts.items()))
    seen = f"{address} answers {status}" + (f" ({said})" if said else "")
    if status == 200 and parts:
        return ok(name, seen)
    if status == 503 and parts:
        return error(name, seen, "Its log says what is wrong; the other lines here may, too.")
    remedy = "See that the address, and the proxy before it, lead to `ironclaw serve` or `web`."
    return error(name, seen, remedy)


def _since(waiting: Waiting) -> str:
    return f" (the oldest since {_moment(waiting.oldest)})" if waiting.oldest else ""


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
