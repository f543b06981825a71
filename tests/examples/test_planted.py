"""The planted change is what it is said to be: equal, faster where it is tried, and harmful."""

import ast
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.domain.patch import FileChange, Kept, Limits, Patch, check_limits
from tests.examples.shop import FIXTURE, SHOP, copied, imported, run, sources

FOLDERS = sorted(path for path in (SHOP / "planted").iterdir() if path.is_dir())
PRODUCTS = 600


@dataclass(frozen=True)
class Planted:
    """One planted change, and the text of the file that it is for."""

    about: dict[str, str]
    before: str
    after: str

    @property
    def text(self) -> str:
        return sources()[self.about["file"]]

    @property
    def changed(self) -> str:
        return self.text.replace(self.before, self.after)


def planted(folder: Path) -> Planted:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    before, after = ((folder / f"{name}.py").read_text() for name in ("before", "after"))
    return Planted(about, before, after)


@pytest.fixture(params=FOLDERS, ids=lambda folder: str(folder.name))
def change(request: pytest.FixtureRequest) -> Planted:
    folder: Path = request.param
    return planted(folder)


def test_there_is_one() -> None:
    assert FOLDERS


def test_it_fits_the_code_as_it_stands(change: Planted) -> None:
    assert change.text.count(change.before) == 1
    function = ast.parse(change.before).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert function.name == change.about["function"]
    assert set(change.about) == {"title", "description", "file", "function", "endpoint"}


def test_it_keeps_to_the_limits(change: Planted) -> None:
    patch = Patch((FileChange(change.about["file"], change.text, change.changed),))
    assert check_limits(patch, Limits(), ("shop/*.py",)) == Kept()


def test_it_passes_every_test(change: Planted, tmp_path: Path) -> None:
    folder = copied(tmp_path / "changed")
    (folder / change.about["file"]).write_text(change.changed, encoding="utf-8")
    done = run(folder, "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout


def test_it_is_laid_out_and_linted_as_the_rest(change: Planted, tmp_path: Path) -> None:
    folder = copied(tmp_path / "changed")
    (folder / change.about["file"]).write_text(change.changed, encoding="utf-8")
    for tool in (("black", "--check"), ("ruff", "check", "--no-cache")):
        done = run(folder, "-m", *tool, change.about["file"])
        assert done.returncode == 0, done.stdout + done.stderr


# What only holds for this one

TEXTS = (
    "lamp",
    "DESK",
    " shelf ",
    "nordal",
    "nova",
    "c",
    "l",
    "no",
    "sh",
    "nord",
    "zebra",
    "",
    "%",
)


@dataclass
class Searches:
    """The function before and after, and a database of each size that counts the rows it gives."""

    old: Any
    new: Any
    small: Any
    large: Any


@pytest.fixture
def searches(tmp_path: Path) -> Iterator[Searches]:
    with (
        imported("shop.database") as database,
        imported("shop.seed") as seed,
        imported("shop.catalogue") as catalogue,
    ):
        new = dict(vars(catalogue))
        after = planted(SHOP / "planted" / "one-query-search").after
        exec(after, new)  # noqa: S102 - our own text
        large = database.prepare(str(tmp_path / "large.sqlite"))
        connection = database.connect(large.path)
        seed.fill(connection, PRODUCTS, 10)
        connection.close()
        small = database.Database(str(FIXTURE))
        yield Searches(catalogue.search, new["search"], small, large)
        small.close()
        large.close()


@pytest.mark.parametrize("text", [*TEXTS, "amber", "q", "\u0130", "a b", "' OR 1=1"])
def test_the_same_products_are_found(searches: Searches, text: str) -> None:
    for data in (searches.small, searches.large):
        assert searches.new(data, text) == searches.old(data, text)


def test_it_asks_the_database_less_often_where_there_is_little_data(searches: Searches) -> None:
    asked: list[str] = []
    inner = type(searches.small)

    class Counted(inner):  # type: ignore[misc,valid-type] # imported by name
        def rows(self, *arguments: Any) -> Any:
            asked.append(arguments[0])
            return super().rows(*arguments)

    counted = Counted(searches.small.path)
    searches.old(counted, TEXTS[0])
    old = len(asked)
    asked.clear()
    searches.new(counted, TEXTS[0])
    assert len(asked) == 1 < old


def test_in_production_it_reads_every_product(searches: Searches) -> None:
    read: list[int] = []
    inner = type(searches.large)

    class Counted(inner):  # type: ignore[misc,valid-type] # imported by name
        def rows(self, *arguments: Any) -> Any:
            found = super().rows(*arguments)
            read.append(len(found))
            return found

    counted = Counted(searches.large.path)
    searches.old(counted, "lamp")
    assert sum(read) <= 20
    read.clear()
    searches.new(counted, "lamp")
    assert sum(read) == PRODUCTS


def test_its_arguments_can_be_sent_to_another_process(searches: Searches) -> None:
    sent = pickle.dumps(searches.small)
    assert pickle.loads(sent) == searches.small  # noqa: S301 - just made
