"""The inputs of the Action, whatever a workflow hands over."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action import inputs
from bot.domain.action.event import read_event
from bot.domain.action.outcome import Annotation, Level
from bot.domain.action.text import command

KINDS = ("hyperfine",)


def read(**given: str) -> inputs.Request | inputs.Problems:
    named = {name.replace("_", "-"): value for name, value in given.items()}
    return inputs.read_inputs({inputs.variable(n): v for n, v in named.items()}, KINDS)


@given(st.dictionaries(st.sampled_from(sorted(inputs.DEFAULTS)), st.text(max_size=60)))
def test_whatever_is_given_is_a_request_or_names_what_is_wrong(given_: dict[str, str]) -> None:
    environment = {inputs.variable(name): value for name, value in given_.items()}
    found = inputs.read_inputs(environment, KINDS)
    if isinstance(found, inputs.Problems):
        assert found.problems
        assert all(one.startswith("input ") for one in found.problems)


def test_the_token_is_in_no_text_of_the_request() -> None:
    found = read(files="a", baseline="b", github_token="ghs_secret")
    assert isinstance(found, inputs.Gate)
    assert found.common.token == "ghs_secret"
    assert "ghs_secret" not in repr(found)


def test_a_share_is_written_either_way() -> None:
    for text in ("10%", "0.1", "10 %"):
        found = read(files="a", baseline="b", threshold=text)
        assert isinstance(found, inputs.Gate)
        assert found.threshold == 0.1


def test_a_base_cannot_be_an_option_of_git() -> None:
    for text in ("--upload-pack=x", "-x", "a b", "main\n--x"):
        assert isinstance(read(mode="sandbox", base=text), inputs.Problems), text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["pull_request", "head", "base", "repo", "id", "number", "sha", "before"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_event_breaks_anything_and_an_unknown_head_is_foreign(payload: object) -> None:
    event = read_event({}, payload)
    if isinstance(payload, dict) and isinstance(payload.get("pull_request"), dict):
        head = payload["pull_request"].get("head")
        if not isinstance(head, dict):
            assert event.is_fork


@given(st.text(), st.text(), st.text(max_size=50))
def test_an_annotation_is_one_line_and_one_command(title: str, text: str, file: str) -> None:
    line = command(Annotation(Level.ERROR, title, text, file, 3))
    assert len(line.splitlines()) == 1
    assert line.startswith("::error ")
    places = line.removeprefix("::error ").split("::")[0]
    assert places.count(",") == (2 if file else 0)
