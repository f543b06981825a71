import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.comment_text import spoken_lines
from bot.domain.commands import Approve, Hold, NotUnderstood, parse_command

APPROVE = "/ironclaw approve abcdef1"


@pytest.mark.parametrize(
    "text",
    [
        APPROVE,
        f"  {APPROVE}  ",
        f"{APPROVE}\n\nThank you, that is *good*.",
        f"{APPROVE}\nlooks good",
        f"{APPROVE}  \nlooks good",
        f"\n\n{APPROVE}\n> quoted afterwards",
        f"{APPROVE}\r\n",
    ],
)
def test_a_command_at_the_start_is_heard(text: str) -> None:
    assert parse_command(spoken_lines(text)) == Approve("abcdef1")


@pytest.mark.parametrize(
    "text",
    [
        f"`{APPROVE}`",
        f"```\n{APPROVE}\n```",
        f"~~~\n{APPROVE}",
        f"    {APPROVE}",
        f"> {APPROVE}",
        f"> x\n{APPROVE}",
        f"<!-- {APPROVE} -->",
        f"<!--\n{APPROVE}\n-->",
        f"<div>{APPROVE}</div>",
        f"<b></b>{APPROVE}",
        f"[{APPROVE}](https://example.com)",
        f"![{APPROVE}](x.png)",
        f"- {APPROVE}",
        f"# {APPROVE}",
        f"{APPROVE}\n===",
        f"| {APPROVE} |\n|---|\n| x |",
        f"Please do not write {APPROVE}",
        f"hello\n{APPROVE}",
        f"hello\n\n{APPROVE}",
        f"***\n{APPROVE}",
        f"<!-- x -->\n\n{APPROVE}",
        f"**{APPROVE}**",
        f"@someone {APPROVE}",
        "/ironclawapprove abcdef1",
        "/Ironclaw approve abcdef1",
        "\u200b" + APPROVE,
        "\U000e0041" + APPROVE,
        "",
    ],
)
def test_what_is_code_quote_html_or_not_at_the_start_is_no_command(text: str) -> None:
    assert parse_command(spoken_lines(text)) is None


def test_a_command_with_code_in_its_line_is_not_half_obeyed() -> None:
    assert parse_command(spoken_lines("/ironclaw hold `not really`")) is None
    assert parse_command(spoken_lines("/ironclaw hold")) == Hold()
    assert isinstance(parse_command(spoken_lines("/ironclaw hold not")), NotUnderstood)


@given(st.text(alphabet="`>#-*[]()<!/ \n\tab~|\\", max_size=60))
def test_nothing_before_the_command_makes_it_one_unless_it_is_white(before: str) -> None:
    heard = parse_command(spoken_lines(before + APPROVE))
    if heard == Approve("abcdef1"):
        assert not before.strip() or before.endswith("\n") or before == "\\"


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    parse_command(spoken_lines(text))
