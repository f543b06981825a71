"""`ironclaw compare`: its verdicts, its document and its exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.entrypoints.cli import app
from bot.entrypoints.compare.layout import lay_out

run = CliRunner()
OLD = """\
def f(xs):
    out = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out
"""
WRONG = "def f(xs):\n    return list(dict.fromkeys(xs))\n"
RIGHT = """\
def f(xs):
    out = []
    for x in xs:
        if x in out:
            continue
        out.append(x)
    return out
"""
HACK = "_SEEN = {}\n\n\ndef f(xs):\n    return _SEEN.setdefault(repr(xs), list(xs))\n"


@pytest.fixture(autouse=True)
def _quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))


def compare(folder: Path, old: str, new: str, *options: str) -> tuple[int, Any]:
    (folder / "old.py").write_text(old)
    (folder / "new.py").write_text(new)
    files = [str(folder / "old.py"), str(folder / "new.py")]
    found = run.invoke(app, ["compare", *files, "--function", "f", "--json", *options])
    return found.exit_code, json.loads(found.stdout) if found.stdout.startswith("{") else found


def test_what_differs_ends_with_4_and_shows_an_input(tmp_path: Path) -> None:
    code, found = compare(tmp_path, OLD, WRONG)
    assert code == 4
    assert found["schema"] == 1
    assert found["equivalence"]["verdict"] == "different"
    assert "call: f(" in found["equivalence"]["counterexample"]
    assert found["gate"] == {"verdict": "pass", "rules": [], "reason": ""}
    assert found["benchmark"]["verdict"] == "inconclusive"


@pytest.mark.soak
def test_what_answers_alike_ends_with_0_and_is_timed(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_shop.py").write_text(
        "from shop.lists import f\n\n\ndef test_f():\n    assert f([1, 1, 2] * 30) == [1, 2]\n"
    )
    code, found = compare(tmp_path, OLD, RIGHT, "--tests", str(tests))
    assert code == 0, found
    assert found["equivalence"]["verdict"] == "equivalent"
    assert found["equivalence"]["inputs"] > 100
    assert found["benchmark"]["verdict"] in ("same", "slower", "inconclusive")
    assert found["benchmark"]["low"] <= found["benchmark"]["speedup"] <= found["benchmark"]["high"]


def test_what_is_refused_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hack = f"{HACK}\n\nopen({str(mark)!r}, 'w').close()\n"
    code, found = compare(tmp_path, OLD, hack)
    assert code == 6
    assert {"caches-across-calls", "work-at-import", "reaches-outside"} <= set(
        found["gate"]["rules"]
    )
    assert found["equivalence"]["verdict"] == "inconclusive"
    assert not mark.exists()


def test_what_cannot_be_called_is_inconclusive(tmp_path: Path) -> None:
    strange = "import no_such_thing\n\n\ndef f(x):\n    return x\n"
    code, found = compare(tmp_path, strange, strange.replace("return x", "return x  # fast"))
    assert code == 5
    assert "no_such_thing" in found["equivalence"]["reason"]


@pytest.mark.parametrize(
    ("old", "why"),
    [("def g(x):\n    return x\n", "has no function f"), ("def f(:\n", "is no Python")],
)
def test_wrong_usage_ends_with_2(tmp_path: Path, old: str, why: str) -> None:
    code, found = compare(tmp_path, old, RIGHT)
    assert code == 2
    assert why in " ".join(found.output.split())


def test_a_person_reads_three_lines(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text(HACK)
    found = run.invoke(
        app, ["compare", str(tmp_path / "old.py"), str(tmp_path / "new.py"), "--function", "f"]
    )
    assert found.exit_code == 6
    assert "gate: refused (caches-across-calls" in found.stdout
    assert "equivalence: inconclusive" in found.stdout


class TestLayout:
    def lay(self, folder: Path, tests: dict[str, str], source: str = OLD) -> Any:
        for name, text in tests.items():
            (folder / "t").mkdir(exist_ok=True)
            (folder / "t" / name).write_text(text)
        (folder / "old.py").write_text(source)
        (folder / "new.py").write_text(source)
        return lay_out(folder / "old.py", folder / "new.py", "f", folder / "t" if tests else None)

    @pytest.mark.parametrize(
        ("line", "path"),
        [
            ("from target import f", "target.py"),
            ("from shop.lists import other, f", "shop/lists.py"),
            ("from shop import old", "shop/old.py"),
            ("import old", "old.py"),
            ("import pytest\nimport thing", "thing.py"),
            ("from os import path", "old.py"),
        ],
    )
    def test_the_module_is_where_the_tests_look_for_it(
        self, tmp_path: Path, line: str, path: str
    ) -> None:
        found = self.lay(tmp_path, {"test_f.py": f"{line}\n"})
        assert found.function.file == path
        assert found.change.before == OLD

    def test_without_tests_it_has_its_own_name(self, tmp_path: Path) -> None:
        found = self.lay(tmp_path, {})
        assert (found.function.file, found.has_tests) == ("old.py", False)

    def test_what_it_imports_of_its_folder_comes_along(self, tmp_path: Path) -> None:
        (tmp_path / "beside.py").write_text("import further\n")
        (tmp_path / "further.py").write_text("x = 1\n")
        (tmp_path / "other.py").write_text("x = 1\n")
        found = self.lay(tmp_path, {}, f"import beside\n\n\n{OLD}")
        assert set(found.before.files) == {"old.py", "beside.py", "further.py"}
