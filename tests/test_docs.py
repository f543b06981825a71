"""The pages: ordered by their kind, and every block of code in them runs or is what it says."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.rules import Rules
from tests.adapters.rules.test_rules import outcome
from tests.documented.blocks import SHELL, Block, blocks, spans
from tests.documented.program import UndocumentedError, named, parsed
from tests.documented.project import fill, make_project
from tests.documented.run import ONLY_READ, OTHERS, Page, script
from tests.documented.shell import lines
from tests.entrypoints.web.test_metrics import kept, serving
from tests.entrypoints.web.test_otlp import windows
from tests.test_agreements import ROOT, files, names, text

KINDS = {
    "tutorial": "Tutorial",
    "how-to": "How-to",
    "reference": "Reference",
    "explanation": "Explanation",
    "decisions": "Explanation",
}
PAGES = names(files("docs/*/**/*.md"))
TUTORIAL = "docs/tutorial/first-improvement.md"
RULE = "docs/how-to/rule.md"
TELEMETRY = "docs/how-to/opentelemetry.md"
SHOWN = names(files("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md"))
BLOCKS = {page: blocks(page, text(page)) for page in SHOWN}

NOT_RUN = {
    ("README.md", "performance data, feedback -> bottleneck -> finding -> candidate patch"): (
        "a picture"
    ),
    ("README.md", "stateDiagram-v2"): "a picture; tests/domain/test_improvement.py reads it",
    (
        "docs/decisions/001-layers-and-composition.md",
        "entrypoints > bootstrap > settings > adapters > workflows > learning > ports > domain",
    ): "a picture",
    (
        "docs/how-to/operating.md",
        "delivery 72d3162e (check_suite) leads to improvement/5f0c2a91b7de",
    ): ("lines of a log"),
    (TUTORIAL, "50 s   proposed  5.71x on recorded calls"): "what the demo printed",
    (TUTORIAL, "112 s   watching  deployed as c8fd51dbf665"): "what the demo printed",
}
"""Blocks that nobody can run, by their page and first line, each with its reason."""


def run_of(page: str) -> list[Block]:
    return [one for one in BLOCKS[page] if (page, one.first) not in NOT_RUN]


# It takes longest, so it comes first.
def test_the_tutorial_goes_as_it_says(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    shutil.copytree(ROOT / "examples", checkout / "examples")
    for block in run_of(TUTORIAL):
        for line in lines(block.text):
            if line.words[0] == "ironclaw":
                named(line.words[1:])
    activate = checkout / ".venv/bin/activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f"VIRTUAL_ENV={sys.prefix}\nPATH={sys.prefix}/bin:$PATH\n")
    person = {
        f"GIT_{role}_{what}": "a@b"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    none_of_ours = {k: v for k, v in os.environ.items() if not k.startswith(("IRONCLAW", "GIT_"))}
    done = subprocess.run(
        ["bash", "-c", script(run_of(TUTORIAL))],
        cwd=checkout,
        env=none_of_ours
        | person
        | {
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "PYTHONPATH": str(ROOT),
            "GIT_CONFIG_GLOBAL": os.devnull,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "branch ironclaw/seen-as-list/ca8ecc2ad9cf" in done.stdout
    assert "improvement open (was" in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_at_its_head_which_kind_it_is(page: str) -> None:
    title, empty, kind, *_ = text(page).splitlines()
    assert title.startswith("# ")
    assert (empty, kind) == ("", f"*{KINDS[page.split('/')[1]]}.* [All pages](../index.md)")


def test_the_index_leads_to_every_page_and_the_readme_to_it() -> None:
    index = text("docs/index.md")
    assert set(re.findall(r"\]\(([\w/-]+\.md)\)", index)) == {
        page.removeprefix("docs/") for page in PAGES
    }
    assert "](docs/index.md)" in text("README.md")


def test_nothing_lies_beside_the_folders_but_the_index_and_the_schema() -> None:
    beside = {path.name for path in (ROOT / "docs").iterdir() if path.is_file()}
    assert beside == {"index.md", "ironclaw.schema.json"}


@pytest.mark.parametrize("page", SHOWN)
def test_links_lead_to_headings_that_there_are(page: str) -> None:
    folder = (ROOT / page).parent
    for path, anchor in re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", text(page)):
        target = folder / path if path else ROOT / page
        assert anchor in anchors(target.read_text(encoding="utf-8")), f"{path}#{anchor}"


def anchors(page: str) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


# What is made from the code

MADE: dict[str, str] = runpy.run_path(str(ROOT / "scripts/make_docs.py"))["pages"]()


@pytest.mark.parametrize("page", MADE)
def test_what_is_made_from_the_code_is_what_the_code_says(page: str) -> None:
    assert text(page) == MADE[page], "run `make docs`"


# The blocks


@pytest.fixture
def place(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Page, str]]:
    """A project, its records, and a server on them; the page's commands begin there."""
    project, home = tmp_path / "project", tmp_path / "home"
    make_project(project, home)
    fill(sqlite_url)
    monkeypatch.chdir(project)
    told = {"DATABASE_URL": sqlite_url, "HOME": str(home), "COLUMNS": "200"}
    tokens = {"IRONCLAW_INTAKE_TOKEN": "new-token", "IRONCLAW_TOKEN": "new-token"}
    told |= {"IRONCLAW_DATA_DIR": str(tmp_path / "data"), **tokens}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with serving(sqlite_url) as address:
        yield Page(address), sqlite_url


@pytest.mark.parametrize("page", [page for page in SHOWN if run_of(page) and page != TUTORIAL])
def test_every_block_of_a_page_is_right(page: str, place: tuple[Page, str]) -> None:
    held, url = place
    for block in run_of(page):
        held.hold(block)
    if page == TELEMETRY:
        (span,) = kept(url)
        assert (span.endpoint, span.commit) == ("GET /products/{id}", "1a2b3c4")
        assert [one.endpoint for one in windows(url) if one.unit == "ms"]
    if page == RULE:
        the_rule_does_what_the_page_says(held.names)


def the_rule_does_what_the_page_says(page: dict[str, Any]) -> None:
    rules = Rules(page["RULES"])
    for case in page["FIRES"]:
        (found,) = rules.scan("m.py", case.source)
        assert case.contains in found.after
        assert found.finding.rule in {info.id for info in rules.infos()}
        for arguments in case.calls:
            assert outcome(found.after, arguments) == outcome(case.source, arguments)
    for texts in page["STAYS"].values():
        assert len(texts) >= 2
        assert [rules.scan("m.py", source) for source in texts.values()] == [[], []]
    # Once the product has such a rule, the page needs another one to show.
    for case in page["FIRES"]:
        assert Rules().scan("m.py", case.source) == []


@pytest.mark.parametrize("page", SHOWN)
def test_every_command_within_a_sentence_has_the_options_that_it_names(page: str) -> None:
    for span in spans(text(page)):
        if span.startswith("ironclaw "):
            for line in lines(span.replace("\n", " ")):
                named(line.words[1:])


def test_each_exception_is_still_there_and_has_its_reason() -> None:
    there = {(page, one.first) for page, found in BLOCKS.items() for one in found}
    assert NOT_RUN.keys() <= there
    reasons = [*NOT_RUN.values(), *ONLY_READ.values(), *OTHERS.values()]
    assert all(reasons)
    tests = [path for why in reasons for path in re.findall(r"tests/[\w/.]+", why)]
    assert [path for path in tests if not (ROOT / path).exists()] == []
    assert sum(map(len, BLOCKS.values())) > 60
    assert {one.kind for found in BLOCKS.values() for one in found} >= {SHELL, "python", "json"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("improve . --dry-rum", "has no option --dry-rum"),
        ("policy chekc x.yml", "there is no command `policy chekc`"),
        ("improve . --engine bth", "bth"),
        ("token create --repositry team/shop", "has no option --repositry"),
    ],
)
def test_what_is_misspelt_is_seen(line: str, why: str) -> None:
    with pytest.raises(UndocumentedError, match=why):
        parsed(tuple(line.split()))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (SHELL, "make tset\n"),
        (SHELL, "ironclaw detect latency.csv --knd change\n"),
        (SHELL, "DATABASE_ULR=sqlite:///x ironclaw db upgrade\n"),
        (SHELL, "unknown-program --option\n"),
        (SHELL, "python benchmarks/detection.py --dta DIR\n"),
        (SHELL, "docker compose up --scale wroker=4\n"),
        (SHELL, "curl https://x.example/api/v1/learning/metrics -d '{}'\n"),
        ("json", '{"repository": "team/shop", "samples": [{}]}'),
        ("json", "{'a': 1}"),
        ("yaml", "watch:\n  duration: 3\n"),
        ("yaml", "- uses: OWNER/ironclaw@X\n  with: { mod: gate }\n"),
        ("yaml", "steps:\n  - run: |\n      if true; then\n"),
        ("python", "import bot.nothing\n"),
        ("toml", "a = \n"),
        ("ruby", "puts 1\n"),
    ],
)
def test_a_block_that_is_wrong_is_seen(kind: str, wrong: str, place: tuple[Page, str]) -> None:
    with pytest.raises(AssertionError):
        place[0].hold(Block("page.md", 1, kind, wrong))
