"""Runs the steps of one job and of composite actions, as the runner of GitHub Actions does."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.runner.actions import Action, BrokenWorkflowError, FailedActionError, Use, found_in
from tests.fakes.runner.expressions import evaluate, interpolate, truth
from tests.fakes.runner.log import Log
from tests.fakes.runner.planning import Planned, planned

_SHELLS = {
    # What the runner starts where a step names its shell, and where it does not.
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    "sh": ["sh", "-e"],
    "": ["bash", "-e"],
}
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
_SECONDS = 600


@dataclass
class StepResult:
    """How a step ended: `conclusion` is what `continue-on-error` makes of the outcome."""

    outcome: str
    conclusion: str
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "conclusion": self.conclusion,
            "outputs": self.outputs,
        }


@dataclass
class Done:
    """How the job ended, and what it left behind."""

    log: Log
    conclusion: str = "success"
    steps: dict[str, StepResult] = field(default_factory=dict)
    summary: str = ""
    results: dict[str, str] = field(default_factory=dict)
    """The outputs of the job itself."""

    def outputs(self, id: str) -> dict[str, str]:
        return self.steps[id].outputs


@dataclass
class _Scope:
    """What steps of one level see: those of the job, or of one action."""

    contexts: dict[str, Any]
    environment: dict[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    is_action: bool = False
    failed: bool = False
    steps: dict[str, StepResult] = field(default_factory=dict)


@dataclass
class Runner:
    """One machine: its folders, what `actions` it has by name, and the event that it runs for.

    `actions` is asked in its order; a name may hold `*`. An action is a folder, something of ours
    to call, or None: that does nothing, as those do here that only set a machine up.
    """

    root: Path
    workspace: Path
    github: Mapping[str, Any]
    actions: Mapping[str, Action] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    path: str = field(default_factory=lambda: os.environ.get("PATH", ""))
    identity: tuple[str, str] | None = None
    """Where a job with `id-token: write` asks who it is, and with which token."""

    def __post_init__(self) -> None:
        self._count = 0
        self._paths: list[str] = []
        self._asking: dict[str, str] = {}
        for name in ("temp", "tools", "home", "files"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        event = self.root / "files" / "event.json"
        event.write_text(json.dumps(self.github.get("event") or {}), encoding="utf-8")
        self.github = {"event_path": str(event), **self.github}

    def run(self, workflow: str) -> Done:
        """Run the one job of a workflow file."""
        document = yaml.safe_load(workflow)
        (job,) = planned(document)
        return self.run_job(document, job, {})

    def run_job(
        self, document: Mapping[str, Any], job: Planned, needs: Mapping[str, Mapping[str, Any]]
    ) -> Done:
        """Run one job of a workflow, after those that it needs; not if its condition says so."""
        done = Done(Log())
        for secret in (*self.secrets.values(), str(self.github.get("token", ""))):
            done.log.mask(secret)
        self._asking = self._identity(document, job)
        done.log.mask(self._asking.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""))
        contexts: dict[str, Any] = {
            "github": {**self.github, "job": job.key},
            "secrets": dict(self.secrets),
            "needs": needs,
            "matrix": job.matrix,
            "runner": self._machine(),
        }
        scope = _Scope(contexts, {}, job.defaults)
        # Before its steps, a job succeeds if all that it needs did.
        scope.failed = any(one["result"] != "success" for one in needs.values())
        if not self._wanted(job.condition, self._contexts(scope)):
            done.conclusion = "skipped"
            return done
        scope.failed = False
        for level in (document, job.given):
            for name, value in (level.get("env") or {}).items():
                scope.environment[name] = interpolate(str(value), self._contexts(scope))
        self._steps(job.given["steps"], scope, done)
        done.steps = scope.steps
        done.conclusion = "failure" if scope.failed else "success"
        for name, value in (job.given.get("outputs") or {}).items():
            done.results[name] = interpolate(str(value), self._contexts(scope))
        return done

    def _identity(self, document: Mapping[str, Any], job: Planned) -> dict[str, str]:
        """What every step of a job is told that may ask GitHub for a token of its own."""
        given = job.given.get("permissions", document.get("permissions")) or {}
        may = given == "write-all" or (isinstance(given, dict) and given.get("id-token") == "write")
        if self.identity is None or not may:
            return {}
        url, token = self.identity
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token}

    def _machine(self) -> dict[str, str]:
        return {
            "os": "Linux",
            "arch": "X64",
            "name": "fake",
            "temp": str(self.root / "temp"),
            "tool_cache": str(self.root / "tools"),
        }

    def _steps(self, steps: Sequence[Mapping[str, Any]], scope: _Scope, done: Done) -> None:
        for number, step in enumerate(steps):
            result = self._step(step, scope, done)
            scope.steps[str(step.get("id") or f"__{number}")] = result
            scope.failed = scope.failed or result.conclusion == "failure"

    def _step(self, step: Mapping[str, Any], scope: _Scope, done: Done) -> StepResult:
        contexts = self._contexts(scope)
        if not self._wanted(str(step.get("if", "success()")), contexts):
            return StepResult("skipped", "skipped")
        environment = {
            **scope.environment,
            **{
                name: interpolate(str(value), contexts)
                for name, value in (step.get("env") or {}).items()
            },
        }
        contexts = {**contexts, "env": environment}
        if "uses" in step:
            good, outputs = self._action(step, contexts, environment, done)
        else:
            good, outputs = self._script(step, contexts, environment, scope, done)
        may_fail = interpolate(str(step.get("continue-on-error", "false")), contexts)
        outcome = "success" if good else "failure"
        conclusion = "success" if may_fail.lower() == "true" else outcome
        return StepResult(outcome, conclusion, outputs)

    def _contexts(self, scope: _Scope) -> dict[str, Any]:
        steps = {id: one.context for id, one in scope.steps.items()}
        return {
            **scope.contexts,
            "env": scope.environment,
            "steps": steps,
            "always": lambda: True,
            "success": lambda: not scope.failed,
            "failure": lambda: scope.failed,
            "cancelled": lambda: False,
        }

    def _wanted(self, condition: str, contexts: Mapping[str, Any]) -> bool:
        text = condition.strip().removeprefix("${{").removesuffix("}}")
        status = ("always(", "failure(", "success(", "cancelled(")
        if not any(word in text.replace(" ", "") for word in status):
            text = f"success() && ({text})"
        return truth(evaluate(text, contexts))

    def _action(
        self,
        step: Mapping[str, Any],
        contexts: Mapping[str, Any],
        environment: dict[str, str],
        done: Done,
    ) -> tuple[bool, dict[str, str]]:
        known = found_in(self.actions, str(step["uses"]), self.workspace)
        given = {
            key: interpolate(_plain(value), contexts)
            for key, value in (step.get("with") or {}).items()
        }
        if known is None:
            return True, {}
        if not isinstance(known, Path):
            return self._called(Use(given, self.workspace, contexts["github"]), known, done)
        folder = known
        action = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
        unknown = given.keys() - (action.get("inputs") or {}).keys()
        for one in sorted(unknown):
            done.log.take(f"::warning::Unexpected input(s) '{one}'")
        github = {**contexts["github"], "action_path": str(folder)}
        defaults = {
            key: interpolate(str(one.get("default", "")), {"github": github})
            for key, one in (action.get("inputs") or {}).items()
        }
        # An action sees neither the secrets nor the steps of its caller.
        inside = {"github": github, "runner": contexts["runner"], "inputs": {**defaults, **given}}
        scope = _Scope(inside, dict(environment), is_action=True)
        self._steps(action["runs"]["steps"], scope, done)
        seen = self._contexts(scope)
        outputs = {
            key: interpolate(str(one["value"]), seen)
            for key, one in (action.get("outputs") or {}).items()
        }
        return not scope.failed, outputs

    def _called(
        self, use: Use, action: Callable[[Use], Mapping[str, str]], done: Done
    ) -> tuple[bool, dict[str, str]]:
        """An action of ours."""
        try:
            return True, dict(action(use))
        except FailedActionError as error:
            done.log.take(f"::error::{error}")
            return False, {}

    def _script(
        self,
        step: Mapping[str, Any],
        contexts: Mapping[str, Any],
        environment: Mapping[str, str],
        scope: _Scope,
        done: Done,
    ) -> tuple[bool, dict[str, str]]:
        self._count += 1
        shell = str(step.get("shell") or scope.defaults.get("shell", ""))
        if scope.is_action and not shell:
            raise BrokenWorkflowError("a composite action's step needs its shell")
        files = {name: self.root / "files" / f"{name}_{self._count}" for name in _FILES}
        for file in files.values():
            file.touch()
        script = self.root / "temp" / f"step{self._count}.sh"
        script.write_text(interpolate(str(step["run"]), contexts), encoding="utf-8")
        where = step.get("working-directory") or scope.defaults.get("working-directory") or "."
        folder = self.workspace / interpolate(str(where), contexts)
        surroundings = {
            **self._surroundings(contexts["github"]),
            **environment,
            **{name: str(file) for name, file in files.items()},
        }
        code = self._execute([*_SHELLS[shell], str(script)], folder, surroundings, done.log)
        scope.environment.update(_pairs(files["GITHUB_ENV"]))
        added = files["GITHUB_PATH"].read_text(encoding="utf-8").split("\n")
        self._paths = [one for one in reversed(added) if one] + self._paths
        done.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        return code == 0, _pairs(files["GITHUB_OUTPUT"])

    def _surroundings(self, github: Mapping[str, Any]) -> dict[str, str]:
        plain = {
            f"GITHUB_{name.upper()}": str(value)
            for name, value in github.items()
            if name not in ("token", "event")
        }
        return {
            "PATH": os.pathsep.join([*self._paths, self.path]),
            "HOME": str(self.root / "home"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            **self._asking,
            **{f"RUNNER_{name.upper()}": value for name, value in self._machine().items()},
            **plain,
        }

    def _execute(
        self, command: list[str], folder: Path, environment: Mapping[str, str], log: Log
    ) -> int | None:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with process:
            try:
                out, _ = process.communicate(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                out = b"The step has timed out."
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        for line in out.decode("utf-8", "replace").splitlines():
            log.take(line)
        # What a step has stopped and not started again does not outlast it.
        log.stopped_by = ""
        return process.returncode


def _plain(value: Any) -> str:
    """A value of YAML as the runner takes it, which knows texts alone."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _pairs(file: Path) -> dict[str, str]:
    """`name=value` and `name<<END` of an environment file."""
    found: dict[str, str] = {}
    lines = iter(file.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, sign, rest = line.partition("<<")
        if sign and "=" not in name:
            value = []
            for inner in lines:
                if inner == rest:
                    break
                value.append(inner)
            else:
                raise BrokenWorkflowError(f"the delimiter {rest!r} of {name} is missing")
            found[name] = "\n".join(value)
        elif line:
            name, sign, value_text = line.partition("=")
            if not sign:
                raise BrokenWorkflowError(f"{line!r} is neither name=value nor name<<END")
            found[name] = value_text
    return found
