"""Reads the inputs of the Action, which are texts from a workflow file, into one closed union."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from bot.domain.action.sending import is_safe_address

PREFIX: Final = "IRONCLAW_INPUT_"
"""How the environment variables are called that `action.yml` hands the inputs over in."""
SERVER_TOKEN: Final = "IRONCLAW_TOKEN"  # noqa: S105 - where it is, and not what
"""The environment variable with a token of the server; it is no input, which would be shown."""
_MOST_PATTERNS: Final = 100
_MOST_CHARACTERS: Final = 10_000
_DAY: Final = 86_400


class Mode(StrEnum):
    """What the Action is asked to do."""

    GATE = "gate"
    SANDBOX = "sandbox"
    IMPROVE = "improve"
    REPORT = "report"
    WATCH = "watch"


class FailOn(StrEnum):
    """The verdicts that fail the step: `inconclusive` fails by a regression as well."""

    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"
    NEVER = "never"


class Preserve(StrEnum):
    """Whether a pull request promises to change no behaviour; `auto`: those from our branches."""

    AUTO = "auto"
    TRUE = "true"
    FALSE = "false"


DEFAULTS: Final[Mapping[str, str]] = {
    "mode": "gate",
    "files": "",
    "baseline": "",
    "format": "auto",
    "threshold": "10%",
    "fail-on": "regression",
    "base": "",
    "preserve": "auto",
    "python": "",
    "test-command": "",
    "paths": "",
    "rules": "",
    "max": "3",
    "dry-run": "false",
    "metric": "latency",
    "warm-up-seconds": "60",
    "pull-request": "",
    "comment": "false",
    "summary": "true",
    "annotations": "true",
    "timeout-seconds": "3000",
    "working-directory": ".",
    "server": "",
    "wheels": "",
    "github-token": "",
}
"""Every input with its default; `action.yml` has the same, and the job's token for the last."""


@dataclass(frozen=True, slots=True)
class Common:
    """What every mode has: where it shows its result and when it gives up."""

    fail_on: FailOn = FailOn.REGRESSION
    comment: bool = False
    summary: bool = True
    annotations: bool = True
    timeout_seconds: int = 3000
    folder: str = "."
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Gate:
    """Compare benchmark files with those of the baseline; patterns of paths, one format or any."""

    common: Common
    files: tuple[str, ...]
    baseline: tuple[str, ...]
    kind: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Verify the commit that is checked out beside `base`, empty for what the event says."""

    common: Common
    base: str
    preserve: Preserve
    python: str
    test_command: str


@dataclass(frozen=True, slots=True)
class Improve:
    """Find, verify and open pull requests."""

    common: Common
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    max_open: int
    dry_run: bool
    python: str
    test_command: str


@dataclass(frozen=True, slots=True)
class Report:
    """Read measurement files, keep what they say in the job, send them to `server` if any."""

    common: Common
    files: tuple[str, ...]
    kind: str
    server: str = ""
    server_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Watch:
    """Judge a deployment by what was measured before and after it; revert `pull_request` if bad."""

    common: Common
    baseline: str
    candidate: str
    metric: Literal["latency", "error_rate"]
    warm_up_seconds: int
    pull_request: int | None


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with the inputs, each with its name and what to do."""

    problems: tuple[str, ...]


Request = Gate | Sandbox | Improve | Report | Watch
_Number = tuple[str, int, int]


def variable(name: str) -> str:
    """The environment variable of an input."""
    return PREFIX + name.upper().replace("-", "_")


def read_inputs(environment: Mapping[str, str], kinds: tuple[str, ...]) -> Request | Problems:
    """What is wanted, or all that is wrong with it; `kinds` are the formats that can be read."""
    reader = _Reader(environment)
    found = reader.request(kinds)
    return Problems(tuple(reader.problems)) if reader.problems or found is None else found


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def request(self, kinds: tuple[str, ...]) -> Request | None:
        mode = self._word("mode", tuple(Mode))
        common = Common(
            FailOn(self._word("fail-on", tuple(FailOn))),
            comment=self._flag("comment"),
            summary=self._flag("summary"),
            annotations=self._flag("annotations"),
            timeout_seconds=self._number(("timeout-seconds", 1, _DAY)),
            folder=self._line("working-directory"),
            token=self._text("github-token"),
        )
        match Mode(mode):
            case Mode.GATE:
                files, baseline = self._patterns("files"), self._patterns("baseline")
                return Gate(common, files, baseline, self._kind(kinds), self._share("threshold"))
            case Mode.SANDBOX:
                preserve = Preserve(self._word("preserve", tuple(Preserve)))
                return Sandbox(common, self._commit("base"), preserve, *self._project())
            case Mode.IMPROVE:
                return self._improve(common)
            case Mode.REPORT:
                return self._report(common, kinds)
            case Mode.WATCH:
                return self._watch(common)

    def _report(self, common: Common, kinds: tuple[str, ...]) -> Report:
        files, kind = self._patterns("files"), self._kind(kinds)
        # The server knows itself by its address without a slash at the end.
        server = self._line("server").rstrip("/")
        if server and not is_safe_address(server):
            problem = f"{server[:100]!r} is no address of a server"
            self._wrong("server", problem, "give one such as https://ironclaw.example.com")
        token = self._environment.get(SERVER_TOKEN, "").strip()
        if not (token.isascii() and (token.isprintable() or not token)) or " " in token:
            self.problems.append(f"{SERVER_TOKEN}: it is no token; give one as it was made")
        return Report(common, files, kind, server, token)

    def _improve(self, common: Common) -> Improve:
        rules = tuple(name for line in self._lines("rules") for name in re.split(r"[,\s]+", line))
        return Improve(
            common,
            self._lines("paths"),
            tuple(filter(None, rules)),
            self._number(("max", 1, 100)),
            self._flag("dry-run"),
            *self._project(),
        )

    def _watch(self, common: Common) -> Watch:
        found = [self._lines(name) for name in ("baseline", "files")]
        for name, lines in zip(("baseline", "files"), found, strict=True):
            if len(lines) != 1:
                self._wrong(name, "mode watch needs exactly one CSV file", "name one")
        metric = self._word("metric", ("latency", "error_rate"))
        number = self._line("pull-request").removeprefix("#")
        if number and not re.fullmatch(r"[1-9][0-9]{0,9}", number):
            self._wrong("pull-request", f"{number!r} is no number", "give one such as 12, or none")
            number = ""
        return Watch(
            common,
            "".join(found[0][:1]),
            "".join(found[1][:1]),
            "error_rate" if metric == "error_rate" else "latency",
            self._number(("warm-up-seconds", 0, _DAY)),
            int(number) if number else None,
        )

    def _project(self) -> tuple[str, str]:
        return self._line("python"), self._line("test-command")

    def _wrong(self, name: str, problem: str, remedy: str) -> None:
        self.problems.append(f"input {name}: {problem}; {remedy}")

    def _text(self, name: str) -> str:
        """What is given, the default where nothing is: an empty expression comes out as nothing."""
        given = self._environment.get(variable(name), "").strip()
        if len(given) > _MOST_CHARACTERS or "\0" in given:
            self._wrong(name, "it is far too long", f"keep to {_MOST_CHARACTERS:,} characters")
            return DEFAULTS[name]
        return given or DEFAULTS[name]

    def _line(self, name: str) -> str:
        text = self._text(name)
        if len(text.splitlines()) > 1:
            self._wrong(name, "it has several lines", "give one")
            return DEFAULTS[name]
        return text

    def _lines(self, name: str) -> tuple[str, ...]:
        lines = tuple(filter(None, map(str.strip, self._text(name).splitlines())))
        if len(lines) > _MOST_PATTERNS:
            self._wrong(name, f"{len(lines)} lines", f"give {_MOST_PATTERNS} at most")
        return lines[:_MOST_PATTERNS]

    def _patterns(self, name: str) -> tuple[str, ...]:
        found = self._lines(name)
        if not found:
            self._wrong(name, "no file is named", "name one a line; `*` and `**` stand for any")
        return found

    def _word(self, name: str, words: tuple[str, ...]) -> str:
        given = self._line(name).lower()
        if given in words:
            return given
        self._wrong(name, f"{given[:40]!r} is none of {', '.join(words)}", "choose one of them")
        return DEFAULTS[name]

    def _kind(self, kinds: tuple[str, ...]) -> str:
        word = self._word("format", ("auto", *kinds))
        return "" if word == "auto" else word

    def _flag(self, name: str) -> bool:
        return self._word(name, ("true", "false")) == "true"

    def _number(self, wanted: _Number) -> int:
        name, least, most = wanted
        given = self._line(name)
        if re.fullmatch(r"[0-9]{1,9}", given) and least <= int(given) <= most:
            return int(given)
        self._wrong(name, f"{given[:40]!r} is no whole number", f"give {least} to {most}")
        return int(DEFAULTS[name])

    def _share(self, name: str) -> float:
        given = self._line(name)
        found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)\s*(%?)", given)
        share = float(found[1]) / (100 if found[2] else 1) if found else 0.0
        if not 0.001 <= share <= 10:
            self._wrong(name, f"{given[:40]!r} is no share", "give one such as 10% or 0.1")
            return 0.1
        return share

    def _commit(self, name: str) -> str:
        """A commit or a branch; nothing that git could take for an option or a range."""
        given = self._line(name)
        if given and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,250}", given):
            self._wrong(name, f"{given[:40]!r} names no commit", "give a SHA or a branch")
            return ""
        return "" if ".." in given else given
