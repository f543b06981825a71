import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain import messages
from bot.domain.analysis import Analysis, Measurement, Phase
from bot.domain.benchmark import Faster, Speed, Unmeasured
from bot.domain.candidate import Evidence, ProofResult
from bot.domain.equivalence import Equivalent, Undecided
from bot.domain.improvement import Improvement, State
from bot.domain.outcomes import TestsVerdict, ToolVerdict, Verdict
from bot.domain.patch import Kept
from bot.domain.reporting import evidence_json
from tests.domain.samples import a_finding, a_rule, an_improvement

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = [
    "@octocat",
    "closes #1",
    "octo/sample#2",
    "fixes https://example.com/octo/sample/issues/3",
    "GH-4",
    "<!-- ironclaw:ffffffffffff -->",
    "<!--",
    "<script>alert(1)</script>",
    "<details>",
    "[click](https://example.com)",
    "![x](//example.com/x.png)",
    "`",
    "```",
    "````\n# out\n````",
    "`a` b `c",
    "a | b",
    "a \\| b",
    "\\`",
    "\\",
    "| --- | --- |",
    "line\nbreak\r\nand another",
    "# heading",
    "---",
    "- [ ] item",
    "> quote",
    "**bold** _it_ ~~gone~~",
    "&#64;octocat &lt;b&gt;",
    "a\u200bb\u202ec\u2066d\ufeffe\u00adf\u061cg\u2028h",
    "\x00\x07\x1b[31mred",
    "\ud800",
    "\U000e0041\U000e0042",
    "[skip ci]",
    "é漢字🎉",
    " ",
    "",
]
FOREIGN = st.lists(
    st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=[]), max_size=8), max_size=4
).map("".join)
REFERENCES = re.compile(r"@\w|#\w|://|\bGH-\d|\bwww\.", re.IGNORECASE)
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def tokens(text: str) -> list[Token]:
    """Every block and every inline piece, as a second reading of the specification sees them."""
    return [piece for block in MARKDOWN.parse(text) for piece in (block, *(block.children or ()))]


def of(text: str, *kinds: str) -> list[str]:
    return [token.content for token in tokens(text) if token.type in kinds]


def inert(text: str) -> None:
    """Nothing is linked, mentioned, closed or hidden outside code."""
    assert not {token.type for token in tokens(text)} & {"link_open", "image", "html_inline"}
    assert [said for said in of(text, "text") if REFERENCES.search(said)] == []
    assert INVISIBLE.search(text) is None


@given(FOREIGN)
def test_code_is_one_span_of_code(text: str) -> None:
    shown = messages.code(text)
    pieces = [token for token in tokens(f"a {shown} b") if token.type in ("text", "code_inline")]
    assert [piece.type for piece in pieces] == ["text", "code_inline", "text"]
    kept = messages.plain(text).replace("<!--", "<! --")
    assert pieces[1].content == (kept or "(empty)")
    assert INVISIBLE.search(shown) is None


@given(FOREIGN)
def test_a_fence_holds_whatever_is_in_it(text: str) -> None:
    shown = messages.fenced(text, "console")
    after = [token.type for token in MARKDOWN.parse(f"{shown}\n\nafter")]
    assert after == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(FOREIGN)
@example("a | b & `c|d` \\| `e")
def test_prose_says_what_it_was_given_and_means_nothing(text: str) -> None:
    shown = messages.prose(text)
    inert(f"So: {shown} end")
    blocks = {token.type for token in MARKDOWN.parse(f"So: {shown} end")}
    assert blocks == {"paragraph_open", "inline", "paragraph_close"}
    said = "".join(of(f"So: {shown} end", "text", "text_special", "code_inline"))

    def bare(words: str) -> str:
        return re.sub(r"[\s\u200b`]|(?<=<!) (?=--)", "", words)

    assert bare(said) == bare(f"So: {messages.plain(text)} end")


def test_inline_code_in_prose_stays_code() -> None:
    assert messages.prose("use `min(a, key=b)` here") == "use `min(a, key=b)` here"
    assert of(messages.prose("``a`b`` and `@x`"), "code_inline") == ["a`b", "@x"]


def evidence(text: str) -> dict[str, Any]:
    speed = Speed(1.5, 1.2, 1.9)
    return evidence_json(
        Evidence(
            limits=Kept(),
            tests=TestsVerdict(Verdict.PASSED, 3, 0, (), (text,), 1.0, text),
            tools={"ruff": ToolVerdict(Verdict.INCONCLUSIVE, (text,), text)},
            equivalence=Undecided(0, text),
            benchmark=Unmeasured(text),
            inputs=text,
            at_scale=Faster(speed),
            scale=16,
            proof=ProofResult(True, ((1_000, Faster(speed)),)),
            isolation=text,
        )
    )


def foreign_everywhere(text: str) -> tuple[str, Improvement]:
    finding = a_finding(
        file=f"app/{text}.py", function=text, description=text, evidence=text, rule=text
    )
    improvement = an_improvement(
        State.PROPOSED, finding=finding, reason=text, branch=text, evidence=evidence(text)
    )
    info = a_rule(id=text, title=text, why=text, risk=text, side_conditions=(text, text))
    return messages.pull_request_body(improvement, info), improvement


@given(FOREIGN)
@settings(max_examples=40)
def test_a_body_keeps_its_form_whatever_is_in_it(text: str) -> None:
    body, improvement = foreign_everywhere(text)
    assert len(body) < 65_536
    inert(body)
    assert of(body, "html_block") == [f"<!-- ironclaw:{improvement.id} -->\n"]
    assert re.findall(r"<!-- ironclaw:(\w+) -->", body) == [improvement.id]
    headings = [
        following.content
        for token, following in zip(tokens(body), tokens(body)[1:], strict=False)
        if token.type == "heading_open"
    ]
    assert headings == ["Evidence", "Check it yourself", "Risk", "How to steer"]
    kinds = [token.type for token in tokens(body)]
    assert kinds.count("fence") == kinds.count("table_open") == 1
    assert kinds.count("td_open") == 3 * (kinds.count("tr_open") - 1)


@pytest.mark.parametrize("text", ["x" * 100_000, "`" * 70_000, "@a" * 50_000, "```\n" * 20_000])
def test_a_long_body_is_cut_between_its_parts(text: str) -> None:
    body, improvement = foreign_everywhere(text)
    inert(body)
    assert len(body) < 65_536
    assert body.endswith(f"\n<!-- ironclaw:{improvement.id} -->\n")
    assert of(body, "html_block") == [f"<!-- ironclaw:{improvement.id} -->\n"]


def test_more_conditions_than_there_is_room_for_are_left_out() -> None:
    info = a_rule(side_conditions=("x" * 1_900,) * 35)
    body = messages.pull_request_body(an_improvement(), info)
    assert len(body) < 65_536
    assert "Here ends what there is room for." in body
    assert body.endswith(" -->\n")


def test_a_body_says_what_a_reviewer_asks() -> None:
    improvement = an_improvement(
        State.PROPOSED,
        branch="ironclaw/sorted-for-min/0123456789ab",
        reason="1.50x on recorded calls",
        confidence=0.87,
        evidence={
            **evidence(""),
            "equivalence": {"verdict": "equivalent", "inputs": 12, "why": ""},
        },
    )
    body = messages.pull_request_body(improvement, a_rule())
    for said in (
        "**Claim.** `min()` looks at each element once.",
        "Found in `Reports.build` at `app/views.py:10`",
        "(confidence 0.87 that it ends merged and kept)",
        "| equivalence | equivalent | 12 inputs answered alike |",
        "| benchmark, inputs 16 times longer | faster | 1.50x (99 % interval 1.20 to 1.90) |",
        "| the rule's own proof, n = 1,000 | faster |",
        "git diff bbbbbbbbbbbb ironclaw/sorted-for-min/0123456789ab\n",
        "- the list is not used again",
        "`sorted-for-min`",
    ):
        assert said in body


def test_a_body_without_evidence_says_that_nothing_ran() -> None:
    body = messages.pull_request_body(an_improvement(), a_rule())
    assert "| tests | not run | 0 passed, 0 failed, 0 newly failed |" in body
    assert "**Why here.**" not in body
    assert "passed |" not in body.replace("0 newly failed |", "")


def test_the_command_to_check_it_is_one_command_whatever_the_branch() -> None:
    body = messages.pull_request_body(an_improvement(branch="a; rm -rf ~"), a_rule())
    assert "git diff bbbbbbbbbbbb 'a; rm -rf ~'\n" in body


@given(FOREIGN, FOREIGN)
def test_a_title_is_one_short_line_that_refers_to_nobody(text: str, place: str) -> None:
    found = messages.title(a_finding(function=place), a_rule(title=text))
    assert len(found) <= 120
    assert found.splitlines() == [found]
    assert REFERENCES.search(found) is None
    assert INVISIBLE.search(found) is None


def test_a_title_names_the_function_or_the_file() -> None:
    assert messages.title(a_finding(), a_rule()) == "Use min() instead of sorting in Reports.build"
    outside = a_finding(function="<module>")
    assert messages.title(outside, a_rule()).endswith(" in app/views.py")
    assert messages.title(a_finding(function="f" * 200), a_rule()).endswith("f…")


@given(FOREIGN)
@example("[skip ci]")
@example("***NO_CI***")
@example("x\n\nSigned-off-by: somebody")
def test_a_commit_message_steers_nothing(text: str) -> None:
    found = messages.commit_message(a_finding(function=text), a_rule(why=text, id=text), text)
    lines = found.split("\n")
    assert REFERENCES.search(found) is None
    assert re.search(r"\[\s*(skip|ci|no|actions)|\*\*\*no_ci", found, re.IGNORECASE) is None
    assert INVISIBLE.search(found) is None
    assert [line.partition(":")[0] for line in lines[-3:]] == ["Rule", "Finding", ""]
    assert len(lines) == 8


def analysis(endpoint: str, *, measured: bool = True) -> Analysis:
    worse = Measurement("error_rate", endpoint, 0.01, 0.125, 300, 200, bad=True, why=endpoint)
    slow = Measurement("p50_ms", endpoint, 10.0, 20.25, 300, 200, bad=False)
    return Analysis(Phase.FAILED, endpoint, (worse, slow) if measured else ())


@given(FOREIGN, st.booleans())
def test_endpoints_are_foreign_too(endpoint: str, measured: bool) -> None:
    seen = analysis(endpoint, measured=measured)
    improvement = an_improvement(State.REVERTING, reason=endpoint, pull_request=7)
    for text in (messages.watch_table(seen), messages.watch_comment(improvement, seen)):
        inert(text)
        kinds = [token.type for token in tokens(text)]
        assert kinds.count("td_open") == (12 if measured else 0)
    body = messages.revert_body(improvement)
    assert body.startswith("This takes back #7: ")
    inert(body.removeprefix("This takes back #7"))


def test_a_table_shows_rates_and_times() -> None:
    table = messages.watch_table(analysis("GET /a|b"))
    assert "| error_rate | `GET /a\\|b` | 1.0% | 12.5% | 300 / 200 | yes |" in table
    assert "| p50_ms | `GET /a\\|b` | 10.0 | 20.2 | 300 / 200 | no |" in table
    # GitHub takes two backslashes for one, and the pipe after them for the end of the cell.
    assert "| `a\\|b` |" in messages.watch_table(analysis("a\\|b"))
    assert "| `a\\|b` |" in messages.watch_table(analysis("a\\\\|b"))
    nothing = messages.watch_table(analysis("too few requests", measured=False))
    assert nothing == "Nothing could be measured: too few requests."


def test_equivalence_in_words() -> None:
    seen = evidence_json(
        Evidence(
            Kept(),
            TestsVerdict(Verdict.PASSED, 1, 0, (), (), 1.0, "fine"),
            {},
            Equivalent(3),
            Unmeasured("not tried"),
        )
    )
    body = messages.pull_request_body(an_improvement(evidence=seen), a_rule())
    assert "| equivalence | equivalent | 3 inputs answered alike |" in body
    assert "inputs 1 times longer" not in body
