"""What people read: written down, inside the host's limits, and harmless whatever is in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import messages
from bot.domain.analysis import Analysis, Measurement, Phase
from bot.domain.commands import USAGE
from bot.domain.dashboard import ticked
from bot.domain.improvement import Improvement, State
from bot.domain.policy import PolicyProblem
from bot.domain.pulls import RequiredCheck
from tests.domain import pages
from tests.domain.samples import a_finding, a_rule, an_improvement
from tests.domain.test_messages import FOREIGN, INVISIBLE, REFERENCES, tokens

BODY, CHECK_TEXT, CHECK_TITLE, TITLE = 65_536, 65_535, 60, 256


@pytest.mark.parametrize("name", pages.pages())
def test_a_page_reads_as_it_is_written_down(name: str) -> None:
    shown = (pages.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert pages.pages()[name].rstrip("\n") + "\n" == shown, "run python -m tests.domain.pages"


def test_no_page_is_written_down_that_is_no_more() -> None:
    assert {path.stem for path in pages.FOLDER.glob("*")} == set(pages.pages())


def foreign(text: str, state: State, merged: str = "") -> Improvement:
    """An improvement that says the same foreign text wherever somebody else may say something."""
    finding = a_finding(description=text, file=text, function=text, evidence=text, rule=text)
    evidence = {"tests": {"verdict": text}, "equivalence": {"why": text}, "isolation": text}
    known = an_improvement(state, finding=finding, reason=text, evidence=evidence, branch=text)
    return replace(known, pull_request=1, head_sha="a" * 40, merge_sha=merged)


def watched(text: str) -> Analysis:
    found = Measurement("p95_ms", text, 1, 2, 3, 4, bad=True, why=text)
    return Analysis(Phase.FAILED, text, (found,) * 3)


BODIES: dict[str, Callable[[str, State], str]] = {
    "pull request": lambda text, state: messages.pull_request_body(
        foreign(text, state), a_rule(why=text, risk=text, side_conditions=(text, text))
    ),
    "revert": lambda text, state: messages.revert_body(foreign(text, state)),
    "watch": lambda text, state: messages.watch_comment(foreign(text, state), watched(text)),
    "onboarding": lambda text, _: messages.onboarding_body([a_finding(rule=text)]),
    "checks": lambda text, _: messages.what_to_expect([RequiredCheck(text)], None),
    "offered": lambda text, _: messages.what_to_expect([], (PolicyProblem(1, text, text, text),)),
    "policy": lambda text, _: messages.policy_issue([PolicyProblem(1, text, text, text)]),
    "dashboard": lambda text, state: messages.dashboard_body([foreign(text, state)], text),
    "held": lambda text, state: messages.held_notice(foreign(text, state)),
    "held, merged": lambda text, state: messages.held_notice(foreign(text, state, "c" * 40)),
    "freed": lambda text, state: messages.freed_notice(foreign(text, state)),
    "status": lambda text, state: messages.status_reply(foreign(text, state)),
    "explain": lambda text, state: messages.explain_reply(foreign(text, state)),
    "refusal": lambda text, _: messages.refusal(text),
    "status line": lambda text, state: messages.status_line(foreign(text, state)).text,
}
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
UNITS = ["a", "é", FAMILY, "e\u0301", "`", "@a ", "|", "<", "&", "\n", "``` ", "_"]


@pytest.mark.parametrize("page", BODIES)
@settings(max_examples=60)
@given(text=FOREIGN, state=st.sampled_from(State))
def test_security_27_foreign_text_on_a_page_means_nothing(
    page: str, text: str, state: State
) -> None:
    body = BODIES[page](text, state)
    seen = tokens(body)
    outside = " ".join(t.content for t in seen if t.type == "text")
    assert set(REFERENCES.findall(outside)) <= {"#1"}
    assert not [t for t in seen if t.type in ("link_open", "image", "autolink")]
    hidden = [t.content for t in seen if t.type in ("html_block", "html_inline")]
    assert all(part.startswith(("<!-- ironclaw:", "<!-- ironclaw-do:")) for part in hidden)
    assert not INVISIBLE.search(body)
    assert ticked(body) == ()
    assert body.count("<!-- ironclaw:ffffffffffff") == 0


@pytest.mark.parametrize("page", BODIES)
@given(
    unit=st.sampled_from(
        ["a", "é", "👩‍👩‍👧‍👦", "e\u0301", "`", "@a ", "|", "<", "&", "\n", "``` ", "_"]
    ),
    count=st.sampled_from([1, 1_000, 70_000, 200_000]),
    state=st.sampled_from([State.OPEN, State.HELD]),
)
@settings(max_examples=25, deadline=None)
def test_security_27_a_page_keeps_inside_the_hosts_limits_and_closes_its_fences(
    page: str, unit: str, count: int, state: State
) -> None:
    body = BODIES[page](unit * count, state)
    assert 0 < len(body) <= (CHECK_TEXT if page == "status line" else BODY)
    if page == "pull request":
        assert body.endswith("<!-- ironclaw:abcdefabcdef -->\n")
    fences = [line for line in body.split("\n") if line.startswith("```")]
    assert len(fences) % 2 == 0


@given(
    text=FOREIGN | st.sampled_from(["é" * 900, "👩‍👩‍👧‍👦" * 90, "@a" * 300]),
    state=st.sampled_from(State),
)
def test_security_27_titles_keep_inside_their_limits(text: str, state: State) -> None:
    line = messages.status_line(foreign(text, state))
    assert 0 < len(line.title) <= CHECK_TITLE
    assert "\n" not in line.title
    held = messages.held_title(foreign(text, state, "c" * 40))
    assert 0 < len(held) <= TITLE
    assert not set(REFERENCES.findall(held))
    for fixed in (messages.DASHBOARD_TITLE, messages.ONBOARDING_TITLE, messages.POLICY_TITLE):
        assert 0 < len(fixed) <= TITLE


def test_what_there_is_no_room_for_is_said() -> None:
    many = [replace(foreign("x" * 2_000, state), id=f"{n}") for state in State for n in range(40)]
    body = messages.dashboard_body(many, "")
    assert len(body) <= BODY
    assert "and 25 more" in body
    problems = [PolicyProblem(n, "k" * 1_500, "p" * 1_500, "r") for n in range(50)]
    assert messages.policy_issue(problems).endswith("Here ends what there is room for.")


def test_the_documentation_lists_every_command_as_the_reply_does() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "steering.md"
    listed = [row for row in page.read_text().splitlines() if row.startswith("| `/ironclaw")]
    assert listed == [f"| `/ironclaw {word}` | {what} |" for word, what in USAGE.items()]
