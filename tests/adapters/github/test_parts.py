"""The parts that need no server: marks, limits, turns, kept answers, archives, proofs."""

import gzip
import io
import tarfile
import tracemalloc
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github.archive import ArchiveError, read_archive
from bot.adapters.github.cache import Cache, Key
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity, has_mark, mark, marked, unmarked
from bot.adapters.github.limits import Limits
from bot.adapters.github.pacing import Pacer
from bot.adapters.github.tokens import AppKey
from bot.adapters.github.wire import Answer
from bot.ports import HostBusyError, UserError
from tests.fakes.clock import START, FixedClock

PRIVATE_KEY = rsa.generate_private_key(65537, 2048)
PEM = PRIVATE_KEY.private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
).decode()
PUBLIC_PEM = (
    PRIVATE_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
)
US = Identity("ironclaw", 5, 9)


@given(st.text(), st.text())
def test_a_mark_is_one_hidden_line_that_names_its_key(key: str, text: str) -> None:
    written = marked("comment", key, text)
    assert has_mark("comment", key, written)
    assert not has_mark("issue", key, written)
    assert not has_mark("comment", f"{key}x", written)
    assert "--" not in mark("comment", key)[4:-3]
    assert unmarked(written) == text.replace("\r\n", "\n")


def test_security_23_a_mark_that_is_quoted_further_down_says_nothing() -> None:
    quoted = f"Look:\n{marked('comment', 'status', 'x')}"
    assert not has_mark("comment", "status", quoted)
    assert unmarked(quoted) == quoted
    assert has_mark("comment", "status", f"{mark('comment', 'status')}\r\nedited on the web")


def commit(author: int, committer: str, *, verified: bool = True) -> Fields:
    return Fields(
        {
            "author": {"id": author},
            "committer": {"id": 77, "login": committer},
            "commit": {"verification": {"verified": verified}, "author": {"name": US.login}},
        }
    )


def test_a_commit_is_ours_only_if_github_signed_it_for_us() -> None:
    assert US.committed(commit(US.user_id, "web-flow"))
    assert not US.committed(commit(US.user_id, "web-flow", verified=False))
    assert not US.committed(commit(6, "web-flow"))
    assert not US.committed(commit(US.user_id, "mallory"))
    assert not US.committed(Fields({"commit": {"author": {"name": US.login}}}))


RESET = START + timedelta(minutes=30)
EXHAUSTED = {
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": str(int(RESET.timestamp())),
}


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"retry-after": "17", **EXHAUSTED}, "", 17),
        (EXHAUSTED, "API rate limit exceeded", 30 * 60),
        ({}, "You have exceeded a secondary rate limit", 60),
        ({"retry-after": "soon"}, "secondary rate limit", 60),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, "rate limit", 60),
    ],
)
def test_stays_away_as_long_as_github_says(
    status: int, headers: dict[str, str], text: str, seconds: int, clock: FixedClock
) -> None:
    limits = Limits(clock)
    with pytest.raises(HostBusyError) as told:
        limits.note(1, "rest", Answer(status, headers, b'{"message": "%s"}' % text.encode()))
    assert told.value.until == START + timedelta(seconds=seconds)
    clock.advance(seconds=seconds - 1)
    with pytest.raises(HostBusyError) as again:
        limits.check(1, "rest")
    assert again.value.until == told.value.until
    limits.check(2, "rest")
    clock.advance(seconds=1)
    limits.check(1, "rest")


def test_what_is_left_is_said_of_where_least_is_left(clock: FixedClock) -> None:
    limits = Limits(clock)
    assert limits.share_left() is None
    reset = int((START + timedelta(minutes=5)).timestamp())

    def answer(remaining: str, limit: str) -> Answer:
        given = {"remaining": remaining, "limit": limit, "reset": str(reset)}
        return Answer(200, {f"x-ratelimit-{name}": value for name, value in given.items()})

    limits.note(1, "rest", answer("4000", "5000"))
    limits.note(2, "graphql", answer("500", "5000"))
    limits.note(3, "rest", answer("none", "0"))
    assert limits.share_left() == 0.1
    clock.advance(timedelta(minutes=5))
    assert limits.share_left() == 1


def test_stays_away_twice_as_long_each_time_without_a_reason(clock: FixedClock) -> None:
    limits = Limits(clock)
    refused = Answer(403, {}, b'{"message": "You have exceeded a secondary rate limit."}')
    waits = []
    for _ in range(9):
        with pytest.raises(HostBusyError) as told:
            limits.note(1, "rest", refused)
        waits.append((told.value.until - clock.now()).total_seconds())
        clock.set(told.value.until)
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    limits.note(1, "rest", Answer(200))
    with pytest.raises(HostBusyError) as told:
        limits.note(1, "rest", refused)
    assert told.value.until == clock.now() + timedelta(seconds=60)


def test_graphql_says_with_200_that_its_limit_is_used_up(clock: FixedClock) -> None:
    limits = Limits(clock)
    refused = Answer(200, EXHAUSTED, b'{"errors": [{"type": "RATE_LIMITED"}], "data": null}')
    with pytest.raises(HostBusyError) as told:
        limits.note(1, "graphql", refused)
    assert told.value.until == RESET
    with pytest.raises(HostBusyError):
        limits.check(1, "graphql")
    limits.check(1, "rest")


def test_an_exhausted_limit_is_known_before_the_next_request(clock: FixedClock) -> None:
    limits = Limits(clock)
    limits.note(1, "rest", Answer(200, EXHAUSTED))
    with pytest.raises(HostBusyError):
        limits.check(1, "rest")
    limits.check(1, "graphql")


def test_a_missing_permission_is_no_limit(clock: FixedClock) -> None:
    refused = Answer(403, {"x-ratelimit-remaining": "9"}, b'{"message": "Resource not accessible"}')
    limits = Limits(clock)
    limits.note(1, "rest", refused)
    limits.check(1, "rest")


async def test_changes_of_one_installation_have_a_pause_in_between() -> None:
    slept: list[float] = []
    now = 100.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    pacer = Pacer(1, sleep, lambda: now)
    for installation in (1, 2, 1):
        async with pacer.turn(installation):
            now += 0.25
    # The third begins when the second has taken a quarter of its pause.
    assert slept == [0.75]


KEY = Key(1, "octo/sample", "/repos/octo/sample?")


def test_keeps_an_answer_for_the_same_question_of_the_same_installation_only() -> None:
    cache = Cache()
    answer = Answer(200, {"etag": '"x"'}, b"{}")
    cache.keep(KEY, answer)
    assert cache.get(KEY) == answer
    for other in (KEY._replace(installation=2), KEY._replace(repository="b/c")):
        assert cache.get(other) is None
    cache.keep(KEY, Answer(404, {"etag": '"x"'}))
    assert cache.get(KEY) is None


def test_forgets_the_answer_that_was_not_used_for_longest() -> None:
    cache = Cache(limit=250_000)
    keys = [KEY._replace(question=text) for text in "abc"]
    for key in keys[:2]:
        cache.keep(key, Answer(200, {"etag": "x"}, b"0" * 100_000))
    assert cache.get(keys[0])
    cache.keep(keys[2], Answer(200, {"etag": "x"}, b"0" * 100_000))
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
    cache.keep(KEY, Answer(200, {"etag": "x"}, b"0" * 250_001))
    assert cache.get(KEY) is None


def test_short_answers_take_no_more_room_than_the_cache_may() -> None:
    limit = 2_000_000
    tracemalloc.start()
    try:
        cache = Cache(limit)
        for number in range(2_000):
            headers = {f"x-header-{each}-{number}": f"{each}-{number}" * 3 for each in range(20)}
            key = KEY._replace(question=f"/repos/team/shop/pulls/{number}")
            cache.keep(key, Answer(200, {"etag": "x", **headers}, b"[]"))
        assert tracemalloc.get_traced_memory()[0] < limit * 1.2
        assert cache.get(key) is not None
    finally:
        tracemalloc.stop()


def an_archive(*members: tuple[str, bytes], links: dict[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, data in members:
            info = tarfile.TarInfo(f"octo-sample-abc/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(f"octo-sample-abc/{name}")
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return made.getvalue()


def test_reads_files_and_links_from_an_archive() -> None:
    made = an_archive(("a.py", b"x"), ("b/c.py", b"\0\xff"), links={"link": "../../etc/passwd"})
    assert dict(read_archive(made, 100_000)) == {
        "a.py": b"x",
        "b/c.py": b"\0\xff",
        "link": b"../../etc/passwd",
    }


@pytest.mark.parametrize("cut", [0, 1, 50, -20])
def test_an_archive_that_is_cut_off_is_an_error(cut: int) -> None:
    made = an_archive(("a.py", bytes(range(256)) * 100))
    with pytest.raises(ArchiveError):
        list(read_archive(made[:cut], 1_000_000))


def test_an_archive_unpacks_to_no_more_than_is_allowed() -> None:
    bomb = an_archive(("a.py", b"0" * 5_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(ArchiveError):
        list(read_archive(bomb, 1_000_000))
    with pytest.raises(ArchiveError):
        list(read_archive(gzip.compress(b"0" * 5_000_000), 1_000_000))


@pytest.mark.parametrize("skew", [-120, 0, 120])
def test_a_proof_holds_with_a_clock_that_is_two_minutes_off(skew: int) -> None:
    now = datetime.now(UTC)
    proof = AppKey("Iv1.x", PEM).proof(now + timedelta(seconds=skew))
    claims = jwt.decode(proof, PRIVATE_KEY.public_key(), algorithms=["RS256"])
    assert claims["iss"] == "Iv1.x"
    assert claims["iat"] < now.timestamp() < claims["exp"] <= now.timestamp() + 600


@pytest.mark.parametrize("text", ["", "no key", PEM[:200], PEM.replace("M", "N"), PUBLIC_PEM])
def test_a_broken_key_is_named_and_not_shown(text: str) -> None:
    key = AppKey("Iv1.x", text)
    with pytest.raises(UserError) as told:
        key.check()
    assert "private key" in str(told.value)
    assert "GITHUB_PRIVATE_KEY_FILE" in told.value.remedy
    assert "PRIVATE KEY--" not in str(told.value) + repr(key)
    assert told.value.__suppress_context__


def test_an_answer_shows_no_secret() -> None:
    token = "ghs_" + "aB3" * 12
    answer = Answer(403, {"x": token}, f'{{"message": "bad {token}"}}'.encode())
    assert token not in answer.message + repr(answer)
