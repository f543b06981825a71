"""What the Action writes keeps inside GitHub's limits and says what it left out."""

import re
from dataclasses import replace

from bot.domain.action import text
from bot.domain.action.gate import Judged, Kind
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict

OUTCOME = Outcome("gate", Verdict.FAIL, "1 worse")


def judged(number: int) -> Judged:
    name = f"bench {number} " + "é" * 300
    return Judged(name, "s", Kind.REGRESSION, "", 0.1, 0.2, 2.0, 1.9, 2.1)


def test_a_table_of_thousands_is_cut_and_says_so() -> None:
    parts = text.gate_sections([judged(number) for number in range(5_000)], 0.1)
    assert parts[0].count("\n") == text.MOST_ROWS + 1
    assert parts[1] == "4,800 more stand in the report file."


def test_a_summary_fits_and_says_where_the_rest_is() -> None:
    sections = tuple("é" * 100_000 for _ in range(9))
    written = text.summary(replace(OUTCOME, sections=sections))
    assert len(written.encode()) < 2**20
    assert written.count("é") == 400_000
    assert "the report file has all of it" in written
    assert "the report file" not in text.summary(replace(OUTCOME, sections=sections[:4]))


def test_a_comment_fits_and_keeps_its_link() -> None:
    sections = tuple("x" * 30_000 for _ in range(5))
    written = text.comment(replace(OUTCOME, sections=sections), ["n"], "https://github.example/r")
    assert len(written) <= 65_536
    assert "1 worse" in written
    assert "[The run](https://github.example/r)" in written


def test_ten_annotations_of_a_level_are_shown_and_the_rest_is_counted() -> None:
    some = [Annotation(Level.ERROR, f"t{number}", "x") for number in range(25)]
    lines = text.commands([*some, Annotation(Level.NOTICE, "n", "y")])
    assert len(lines) == 11
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert lines[9].endswith("::16 more stand in the summary and the report file")
    assert len(text.commands(some[:10])) == 10


def test_an_annotation_is_one_line_whatever_stands_in_it() -> None:
    nasty = "a%0A\r\n::error::b,c:d" * 300
    line = text.command(Annotation(Level.WARNING, nasty, nasty, "a,b:c.py", 3))
    assert "\n" not in line
    assert "\r" not in line
    found = re.fullmatch(r"::warning file=a%2Cb%3Ac\.py,line=3,title=([^,:]*)::(.*)", line)
    assert found
    assert "%0A" not in found[2].replace("%250A", "")
    assert len(line) < 4_000
