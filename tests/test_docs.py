"""The pages: ordered by their kind, and every block of code in them runs or is what it says."""

import re
import runpy

import pytest

from tests.test_agreements import ROOT, files, names, text

KINDS = {
    "tutorial": "Tutorial",
    "how-to": "How-to",
    "reference": "Reference",
    "explanation": "Explanation",
    "decisions": "Explanation",
}
PAGES = names(files("docs/*/**/*.md"))


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


MADE: dict[str, str] = runpy.run_path(str(ROOT / "scripts/make_docs.py"))["pages"]()


@pytest.mark.parametrize("page", MADE)
def test_what_is_made_from_the_code_is_what_the_code_says(page: str) -> None:
    assert text(page) == MADE[page], "run `make docs`"
