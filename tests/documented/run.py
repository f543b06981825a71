"""One page's blocks in their order: run where that is quick, held against the code otherwise."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from opentelemetry.sdk import environment_variables
from typer.testing import CliRunner

from bot.entrypoints.cli import app
from bot.settings import Settings
from tests.documented import documents, shell
from tests.documented.blocks import SHELL, Block
from tests.documented.program import parsed
from tests.entrypoints.web.test_metrics import PATIENCE
from tests.test_agreements import ROOT, TARGET, text

ONLY_READ = {
    "improve": "takes half a minute; the tutorial's is run for real",
    "demo": "takes minutes; `make soak` plays it",
    "setup": "needs GitHub; tests/entrypoints/setup runs it on a fake one",
    "serve": "goes on until it is stopped; tests/entrypoints/web runs it",
    "web": "goes on until it is stopped; tests/entrypoints/web runs it",
    "worker": "needs GitHub and goes on until it is stopped; tests/story runs it",
    "doctor": "asks machines elsewhere; tests/entrypoints/doctor runs it on fakes",
    "db backup": "writes into a system folder; tests/entrypoints/test_backup.py runs it",
    "suspects": "needs a history with these tags; tests/entrypoints/test_suspects.py runs it",
    "token revoke": "needs an id that was drawn; tests/entrypoints/test_token.py runs it",
}
"""Commands whose options and values the program reads, and no more."""
OTHERS = {
    "install": "puts a file in the place of another",
    "mkdir": "puts a file aside",
    "createuser": "changes a PostgreSQL server",
    "createdb": "changes a PostgreSQL server",
    "pg_dump": "needs PostgreSQL's own client programs",
    "pg_restore": "needs PostgreSQL's own client programs",
}
"""Programs of others that no test runs."""
_GOOD = {"compare": {0, 4, 5, 6}}
"""How a command may end that has answered, where 0 is not all."""
_ASKED = re.compile(r"\$\{(\w+):\?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_TOKEN = "new-token"


@dataclass(slots=True)
class Page:
    """What the blocks of one page share: the server, and what was printed last."""

    address: str
    names: dict[str, Any] = field(default_factory=dict)
    printed: dict[str, Any] | None = None

    def hold(self, block: Block) -> None:
        """Run the block, or hold it against what reads it; AssertionError if it is not right."""
        kinds: Mapping[str, Callable[[str], None]] = {
            SHELL: self._shell,
            "json": self._json,
            "yaml": documents.read_yaml,
            "python": self._python,
            "toml": self._toml,
        }
        assert block.kind in kinds, f"{block.place}: nobody knows the kind {block.kind!r}"
        try:
            kinds[block.kind](block.text)
        except Exception as error:
            raise AssertionError(f"{block.place}: {error}") from error

    def _shell(self, text: str) -> None:
        for line in shell.lines(text):
            assert line.sets.keys() <= _variables(), line
            if line.words:
                self._command(line)

    def _command(self, line: shell.Line) -> None:
        program, *words = line.words
        match Path(program).name:
            case "ironclaw":
                self._ironclaw(tuple(words), line.reads)
            case "make":
                assert set(words) <= set(TARGET.findall(text("Makefile"))), words
            case "curl":
                self._curl(words)
            case "docker":
                _docker(words)
            case "kubectl":
                _files(words)
            case "python":
                _python_program(words)
            case "echo":
                shell_sets = [word.partition("=")[0] for word in words]
                assert set(shell_sets) <= _variables(), words
            case name:
                assert name in OTHERS, f"nobody knows `{name}`"

    def _ironclaw(self, words: tuple[str, ...], reads: str) -> None:
        path = parsed(words)
        if " ".join(path) in ONLY_READ or path[0] in ONLY_READ:
            return
        given = Path(reads).read_text(encoding="utf-8") if reads else None
        done = CliRunner().invoke(app, list(words), input=given)
        assert done.exit_code in _GOOD.get(path[0], {0}), f"{words}: {done.output}{done.exception}"
        if "--json" in words and done.stdout.startswith("{"):
            self.printed = json.loads(done.stdout)

    def _curl(self, words: list[str]) -> None:
        headers, body, url = {}, b"", ""
        rest = iter(words)
        for word in rest:
            if word == "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = os.path.expandvars(value)
            elif word in {"-d", "--data-binary"}:
                body = _body(next(rest))
            else:
                assert word.startswith("https://"), word
                url = word
        parts = urlsplit(url)
        self._send(f"{parts.path}?{parts.query}", body, headers)

    def _json(self, text: str) -> None:
        document = json.loads(text)
        if {"requests", "samples"} & document.keys():
            headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/json"}
            self._send("/api/v1/learning/metrics", _now(text).encode(), headers)
        else:
            assert self.printed is not None, "no command before it has printed JSON"
            documents.same_keys(document, self.printed)

    def _send(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        with httpx.Client(base_url=self.address, trust_env=False, timeout=PATIENCE) as client:
            answer = client.post(path, content=body, headers=dict(headers))
        assert answer.is_success, f"{answer.status_code}: {answer.text}"

    def _python(self, text: str) -> None:
        if "opentelemetry" in text:
            _exporting(text, self.address)
        else:
            exec(compile(text, "block", "exec"), self.names)  # noqa: S102 - the pages are ours

    @staticmethod
    def _toml(text: str) -> None:
        tomllib.loads(text)


def _variables() -> set[str]:
    """Those that a page may name: settings, OpenTelemetry's, and what compose.yml asks for."""
    asked = _ASKED.findall(text("compose.yml"))
    ours = {name.upper() for name in Settings.model_fields}
    return {"PYTHONPATH", *asked} | ours | set(dir(environment_variables))


def _docker(words: list[str]) -> None:
    services = yaml.safe_load(text("compose.yml"))["services"]
    if words[0] == "compose":
        scaled = [word.partition("=")[0] for word in words if "=" in word]
        assert set(scaled) <= services.keys(), words
        return
    assert words[0] == "run", words
    ours = words[words.index("ironclaw") + 1 :]
    parsed(tuple("." if word.startswith("/") else word for word in ours))


def _files(words: list[str]) -> None:
    for word, value in pairwise(words):
        if word == "-f":
            assert (ROOT / value).is_file(), value


def _python_program(words: list[str]) -> None:
    if words[:2] == ["-m", "tests.fakes.github"]:
        words = ["tests/fakes/github/__main__.py", *words[2:]]
    elif words[0] == "-m":
        assert words[1] == "pytest", words
        assert all((ROOT / word).exists() for word in words[2:] if not word.startswith("-")), words
        return
    source = text(words[0])
    assert all(f'"{word}"' in source for word in words if word.startswith("--")), words


def _body(given: str) -> bytes:
    if given.startswith("@"):
        return Path(given[1:]).read_bytes()
    return _now(given).encode()


def _now(text: str) -> str:
    """A page's moments are long ago, and what is reported is of the last seven days."""
    return _MOMENT.sub(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), text)


def _exporting(code: str, address: str) -> None:
    """In a process of its own, in the environment that the same page tells its readers to set."""
    page = text("docs/how-to/opentelemetry.md")
    told = dict(re.findall(r"^    (OTEL_\w+)=(.+)$", page, re.MULTILINE))
    told["OTEL_EXPORTER_OTLP_ENDPOINT"] = address
    told["OTEL_EXPORTER_OTLP_HEADERS"] = told["OTEL_EXPORTER_OTLP_HEADERS"].replace("TOKEN", _TOKEN)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | told | {"NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def script(shown: list[Block]) -> str:
    """The shell blocks of a page one after the other, without what `make` does."""
    kept = [
        line for block in shown for line in block.text.splitlines() if not line.startswith("make ")
    ]
    return "\n".join(["set -eu", *kept])
