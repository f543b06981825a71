"""`ironclaw improve` with a language model on a socket, as a person runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.projects import git, shop
from tests.fakes.model import Asked, FakeModel, document

KEY = "sk-canary-0123456789abcdef"
CANARY = "canary-of-the-environment-4711"
OURS = "sk-repository-0123456789abcdef"
CALLER = f"""from shop.names import distinct


def known() -> list[str]:
    return distinct([{OURS!r}])
"""
GOOD = '''def distinct(rows: list[str]) -> list[str]:
    """The distinct names in order."""
    names = dict.fromkeys([row.strip().lower() for row in rows])
    return [name.title() for name in names]
'''
WRONG = GOOD.replace(".strip()", "")


def run(
    project: Path, data: Path, *arguments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.entrypoints.cli", "improve", ".", *arguments]
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI")}
    surroundings |= {"IRONCLAW_DATA_DIR": str(data), "COLUMNS": "200", "CANARY": CANARY} | more
    return subprocess.run(
        command,
        cwd=project,
        env=surroundings,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_without_a_key_it_says_what_to_set(tmp_path: Path) -> None:
    done = run(shop(tmp_path / "project"), tmp_path / "data", "--engine", "model")
    assert done.returncode == 1
    assert "there is no key" in done.stderr
    assert "OPENAI_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.soak
def test_security_24_28_a_model_is_told_what_was_measured_paid_and_shown_no_secret(
    tmp_path: Path,
) -> None:
    project, data = shop(tmp_path / "project"), tmp_path / "data"
    (project / "shop/known.py").write_text(CALLER)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "a caller with a key")

    def answer(asked: Asked) -> str:
        return document(GOOD if "counterexample" in asked.last else WRONG)

    with FakeModel(answer) as fake:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url}
        settings["IRONCLAW_MODELS"] = "tiny=0.25/2"
        arguments = ("--json", "--python", sys.executable, "--engine", "model")
        done = run(project, data, *arguments, **settings)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    (one,) = found["improvements"]
    assert one["state"] == "open", one["reason"]
    assert one["engine"] == "model:tiny"
    assert one["branch"].startswith("ironclaw/model-rewrite/")
    standings = [tried["standing"] for tried in one["model"]["attempts"]]
    assert standings[0] == "different"
    assert "holds" in standings
    assert found["model"]["calls"] == len(fake.asked)
    assert found["model"]["dollars"] > 0
    # What the model was told, and everything that is left, holds no secret; a caller did.
    left = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    told = json.dumps([asked.request for asked in fake.asked])
    shown = git(project, "log", "-p", f"main..{one['branch']}") + done.stdout + done.stderr + told
    assert "[hidden]" in told
    for secret in (KEY, CANARY, OURS):
        assert secret not in shown
        assert not [1 for content in left if secret.encode() in content]


@pytest.mark.soak
def test_security_28_a_model_without_a_price_is_not_asked(tmp_path: Path) -> None:
    with FakeModel(lambda _: document(GOOD)) as fake:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url, "IRONCLAW_MODELS": "tiny"}
        arguments = ("--json", "--python", sys.executable, "--engine", "model")
        done = run(shop(tmp_path / "project"), tmp_path / "data", *arguments, **settings)
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["improvements"]
    assert one["state"] == "held"
    assert "has no price" in one["reason"]
    assert fake.asked == []
