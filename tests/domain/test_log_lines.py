"""What the log says of what went on: one line each, whatever a repository is called or says."""

from hypothesis import given

from bot.domain import messages
from bot.domain.deliveries import Delivery
from bot.domain.improvement import State
from bot.domain.jobs import Advance, Job, LookAtRepository
from tests.domain.samples import NOW, an_improvement
from tests.domain.test_messages import FOREIGN, INVISIBLE


def test_a_move_says_what_came_from_where_to_where_and_why() -> None:
    found = an_improvement(State.MERGED, pull_request=7, reason="its checks passed")
    assert messages.move_line("open", found) == (
        "octo/sample abcdefabcdef (sorted-for-min) open -> merged, pull request #7: "
        "its checks passed"
    )


def test_a_revert_has_its_own_number() -> None:
    found = an_improvement(State.REVERTING, pull_request=7, revert_pull_request=9, reason="slow")
    assert "reverting -> reverting, pull request #7, revert #9: slow" in (
        messages.move_line("reverting", found)
    )


def test_a_delivery_names_each_key_once() -> None:
    delivery = Delivery("d-1", "push", b"{}", NOW)
    jobs: list[Job] = [LookAtRepository("octo/sample"), Advance("i1"), Advance("i1")]
    assert messages.routed_line(delivery, jobs) == (
        "delivery d-1 (push) leads to repository/octo/sample, improvement/i1"
    )


def test_security_11_a_secret_is_hidden_also_where_the_line_is_cut() -> None:
    for length in range(400, 500):
        reason = "x" * length + " ghs_" + "c4n4ry" * 9
        assert "c4n" not in messages.move_line("", an_improvement(reason=reason))


@given(FOREIGN)
def test_what_others_wrote_stays_within_one_line(text: str) -> None:
    delivery = Delivery(text, text, b"", NOW)
    for line in (
        messages.move_line("", an_improvement(repository=text, reason=text * 100)),
        messages.routed_line(delivery, [LookAtRepository(text)] * 100),
    ):
        assert INVISIBLE.search(line) is None
        assert len(line.splitlines()) == 1
        assert len(line) <= 500
