"""What is booked is never less than what it costs, and a cap is reached and never passed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model.spending import (
    Caps,
    MaySpend,
    OverCap,
    Price,
    Spent,
    Tokens,
    cost,
    may_spend,
    most_tokens,
    parse_price,
    price_of,
)

MONEY = st.integers(0, 10**7)
PRICES = st.builds(
    Price, st.decimals(0, 1000, places=6).map(float), st.decimals(0, 1000, places=6).map(float)
)
ROOM = Caps(10**9, 10**9, 10**9, 10**9)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.25/2", Price(0.25, 2)),
        (" 3 / 15 ", Price(3, 15)),
        ("0/0", Price(0, 0)),
        ("-1/2", None),
        ("1", None),
        ("1/2/3", None),
        ("nan/1", None),
        ("inf/1", None),
        ("1e9/1", None),
        ("1/", None),
        ("", None),
        ("1234567/1", None),
    ],
)
def test_a_price_is_two_plain_numbers(text: str, price: Price | None) -> None:
    assert parse_price(text) == price


def test_costs_are_rounded_up() -> None:
    assert cost(Tokens(1, 0), Price(0.25, 2)) == 1
    assert cost(Tokens(1_000_000, 1_000_000), Price(0.25, 2)) == 2_250_000
    assert cost(Tokens(0, 0), Price(3, 15)) == 0


@given(st.lists(st.text(max_size=50), max_size=5), st.integers(0, 9_000), PRICES, st.data())
def test_security_28_no_answer_costs_more_than_was_booked_for_it(
    texts: list[str], answer_tokens: int, price: Price, data: st.DataObject
) -> None:
    most = most_tokens(tuple(texts), answer_tokens)
    # A token is a byte at the least, and templates of chats put a few around each message.
    bytes_of = sum(len(text.encode()) for text in texts)
    sent = data.draw(st.integers(0, bytes_of + 8 * len(texts)))
    received = data.draw(st.integers(0, answer_tokens))
    assert cost(Tokens(sent, received), price) <= cost(most, price)


@given(MONEY, st.integers(0, 10**6), st.builds(Spent, MONEY, MONEY, MONEY, MONEY), st.data())
def test_security_28_it_is_spent_up_to_each_cap_and_not_beyond(
    amount: int, tokens: int, spent: Spent, data: st.DataObject
) -> None:
    caps = data.draw(st.builds(Caps, MONEY, MONEY, MONEY, MONEY, MONEY))
    totals = [
        (amount, caps.call),
        (spent.improvement + amount, caps.improvement),
        (spent.repository_today + amount, caps.repository_a_day),
        (spent.everything_today + amount, caps.everything_a_day),
        (spent.tokens_today + tokens, caps.tokens_a_day or 10**9),
    ]
    allowed = all(cap is not None and total <= cap for total, cap in totals)
    assert isinstance(may_spend(amount, tokens, spent, caps), MaySpend) is allowed


@pytest.mark.parametrize(
    ("spent", "cap"),
    [
        (Spent(improvement=91), "model.dollars_per_improvement"),
        (Spent(repository_today=141), "model.dollars_per_day"),
        (Spent(everything_today=171), "IRONCLAW_MODEL_DOLLARS_PER_DAY"),
        (Spent(tokens_today=91), "model.tokens_per_day"),
    ],
)
def test_security_28_exactly_one_more_than_a_cap_is_refused_by_its_name(
    spent: Spent, cap: str
) -> None:
    caps = Caps(40, 100, 150, 180, tokens_a_day=100)
    found = may_spend(10, 10, spent, caps)
    assert isinstance(found, OverCap)
    assert found.cap == cap
    less = Spent(*(max(0, n - 1) for n in (spent.improvement, spent.repository_today)))
    fits = Spent(
        less.improvement,
        less.repository_today,
        max(0, spent.everything_today - 1),
        max(0, spent.tokens_today - 1),
    )
    assert may_spend(10, 10, fits, caps) == MaySpend()


def test_a_cap_of_nothing_lets_only_what_is_free_be_asked() -> None:
    nothing = Caps(0, 0, 0, 0)
    assert may_spend(0, 10, Spent(), nothing) == MaySpend()
    assert isinstance(may_spend(1, 10, Spent(), nothing), OverCap)
    assert may_spend(10**6, 10, Spent(), ROOM) == MaySpend()


@pytest.mark.parametrize("text", ["", "free", "-1/1", "1"])
@pytest.mark.parametrize("strictly", [True, False])
def test_security_28_without_a_price_that_counts_nothing_is_asked(
    text: str, *, strictly: bool
) -> None:
    found = price_of("m", {}, {"m": text}, strictly=strictly)
    assert isinstance(found, OverCap)
    assert found.cap == "price"
    assert "IRONCLAW_MODELS" in found.why or "0.25/2" in found.why


def test_security_28_no_repository_says_what_its_operator_pays() -> None:
    assert isinstance(price_of("m", {}, {"m": "0/0"}, strictly=True), OverCap)
    assert price_of("m", {}, {"m": "0/0"}, strictly=False) == Price(0, 0)
    assert price_of("m", {"m": Price(1, 2)}, {"m": "0/0"}, strictly=False) == Price(1, 2)
