"""`ironclaw routes`, in this process."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.entrypoints.cli import app
from bot.entrypoints.routes import python_files

run = CliRunner()
SOURCE = """
from flask import Blueprint, Flask
api = Blueprint("api", __name__, url_prefix="/api")
@api.get("/[red]/<int:id>")
def one(id): ...
app = Flask(__name__)
app.register_blueprint(api)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "service").mkdir()
    (tmp_path / "service/app.py").write_text(SOURCE)
    return tmp_path


def test_the_table_is_printed_as_text_and_as_json(folder: Path) -> None:
    text = run.invoke(app, ["routes", str(folder)]).stdout
    assert "GET /api/[red]/<int:id>  one (service/app.py:5)" in text
    document = json.loads(run.invoke(app, ["routes", str(folder), "--json"]).stdout)
    assert document["gaps"] == []
    assert [route["pattern"] for route in document["routes"]] == ["/api/[red]/<int:id>"]


def test_an_endpoint_is_answered_with_what_says_so(folder: Path) -> None:
    asked = ["routes", str(folder), "--endpoint", "GET /api/[red]/17"]
    assert "one (service/app.py:5)  90%" in run.invoke(app, asked).stdout
    (handler,) = json.loads(run.invoke(app, [*asked, "--json"]).stdout)["handlers"]
    assert handler["place"] == {"file": "service/app.py", "function": "one", "line": 5}
    unknown = run.invoke(app, ["routes", str(folder), "--endpoint", "/none"])
    assert (unknown.exit_code, unknown.stdout) == (0, "no route that was read answers /none\n")


def test_links_hidden_folders_and_what_is_no_text_are_passed_over(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "link.py").symlink_to("/etc/passwd")
    (folder / "dangling.py").symlink_to("nowhere")
    (folder / "bytes.py").write_bytes(b"\xff\xfe")
    (folder / "folder.py").mkdir()
    for name in (".venv", "node_modules", "site-packages"):
        (folder / name).mkdir()
        (folder / name / "x.py").write_text(SOURCE)
    assert list(python_files(folder)) == ["service/app.py"]
