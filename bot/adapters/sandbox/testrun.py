"""How a project's tests are started, and what their report says."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.adapters.sandbox.jail.job import Finished
from bot.domain.outcomes import RunEnd, TestOutcome, TestRun
from bot.ports import UserError

_REASONS = {
    2: "pytest was interrupted",
    3: "pytest had an internal error",
    4: "pytest was used wrongly",
}
_NO_TESTS = 5
# Whether they are installed or not.
_WRITTEN_ORDER = ("-p no:randomly", "-p no:random_order")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_ENDS = {"timed-out": RunEnd.TIMED_OUT, "killed": RunEnd.KILLED, "failed": RunEnd.NOT_AVAILABLE}
_OUTPUT = 20_000


def command(test_command: str, python: str) -> list[str]:
    """The user's command, never through a shell, or pytest."""
    try:
        return shlex.split(test_command) or [python, "-m", "pytest"]
    except ValueError as error:
        problem = f"the test command {test_command!r} cannot be read: {error}"
        raise UserError(problem, "Mend its quotes.") from None


def pytest_options(plugins: Sequence[str]) -> str:
    """What every pytest below is told, also one that a Makefile starts: nothing any could refuse.

    The cache may stay: each run has a fresh copy of the tree, and without the plugin a project's
    own cache options are errors.
    """
    options = [f"-p {plugin}" for plugin in plugins]
    return " ".join([*options, *_WRITTEN_ORDER, "--continue-on-collection-errors"])


def read_report(lines: str, finished: Finished, root: str, test_command: str = "") -> TestRun:
    """What a run amounts to; `lines` is pytest's report.

    The report comes from the process of the tests, so it must agree with how that process ended.
    A command that runs no pytest is one test of its own name.
    """
    entries = list(_entries(lines))
    seen = {node(key, root): value for key, value in _outcomes(entries).items()}
    end, why = _ending(entries, finished, seen, root)
    if end is RunEnd.COMPLETED and not why:
        why = _agreement(entries, finished.code, seen, exact=not test_command)
        end = RunEnd.CRASHED if why else end
    if finished.end == "exited" and test_command and not entries:
        end, why = RunEnd.COMPLETED, ""
        seen = {test_command: TestOutcome.FAILED if finished.code else TestOutcome.PASSED}
    output = finished.output[-_OUTPUT:]
    return TestRun(end, seen, finished.seconds, finished.code, why, output)


def node(nodeid: str, root: str) -> str:
    """A node id without what differs from run to run."""
    return _ADDRESS.sub("0x", nodeid.replace(root, "<root>"))


def _entries(lines: str) -> Iterator[Mapping[str, Any]]:
    for line in lines.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("kind"), str):
            yield entry


def _outcomes(entries: Sequence[Mapping[str, Any]]) -> dict[str, TestOutcome]:
    seen: dict[str, TestOutcome] = {}
    finished: set[str] = set()
    for entry in entries:
        if entry["kind"] == "collect":
            seen[str(entry.get("id"))] = TestOutcome.FAILED
            finished.add(str(entry.get("id")))
        elif entry["kind"] == "test":
            test, outcome = str(entry.get("id")), str(entry.get("outcome"))
            if outcome in list(TestOutcome):
                seen[test] = _worse(seen.get(test), TestOutcome(outcome))
            if entry.get("when") == "teardown":
                finished.add(test)
    # A test that never came to its end did not pass.
    return {
        test: TestOutcome.FAILED if test not in finished else outcome
        for test, outcome in seen.items()
    }


def _worse(known: TestOutcome | None, new: TestOutcome) -> TestOutcome:
    if TestOutcome.FAILED in (known, new):
        return TestOutcome.FAILED
    return TestOutcome.SKIPPED if TestOutcome.SKIPPED in (known, new) else TestOutcome.PASSED


def _ending(
    entries: Sequence[Mapping[str, Any]],
    finished: Finished,
    seen: Mapping[str, TestOutcome],
    root: str,
) -> tuple[RunEnd, str]:
    if finished.end != "exited":
        return _ENDS[finished.end], finished.why
    if not any(entry["kind"] == "end" for entry in entries):
        return RunEnd.CRASHED, f"the tests ended early with exit code {finished.code}"
    for entry in entries:
        if entry["kind"] == "foreign" and entry.get("modules"):
            name, file = entry["modules"][0]
            place = str(file).replace(root, "<root>")
            return RunEnd.CRASHED, f"{name} was imported from {place}, not from the sandbox's copy"
    return RunEnd.COMPLETED, "" if seen else "no tests were found"


def _agreement(
    entries: Sequence[Mapping[str, Any]],
    code: int | None,
    seen: Mapping[str, TestOutcome],
    *,
    exact: bool,
) -> str:
    """Where the report and the exit code contradict each other; `make` has codes of its own."""
    said = [int(entry.get("code", -1)) for entry in entries if entry["kind"] == "end"]
    for each in said:
        if each in _REASONS:
            return f"{_REASONS[each]} (exit code {each})"
    if exact and said != [code]:
        return f"pytest said {said} but exited with {code}"
    if code == 0 and TestOutcome.FAILED in seen.values():
        return "a test failed, and yet the exit code is 0"
    if code not in (0, _NO_TESTS) and TestOutcome.FAILED not in seen.values():
        return f"no test failed, and yet the exit code is {code}"
    wanted = sum(int(entry.get("count", 0)) for entry in entries if entry["kind"] == "collected")
    if wanted > len(seen):
        return f"only {len(seen)} of {wanted} collected tests were reported"
    return ""
