"""Signatures and the translation of deliveries, on bytes alone."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github.webhooks import Malformed, translate, verify
from bot.domain.host_events import HostEvent, Topic

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
VECTOR = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
SHA, OTHER_SHA = "a1" * 20, "b2" * 20


def sent(name: str, **payload: Any) -> HostEvent:
    event = translate(name, json.dumps(payload).encode())
    assert isinstance(event, HostEvent)
    return event


def test_the_official_vector_verifies() -> None:
    assert verify(BODY, VECTOR, [SECRET])


def test_either_secret_verifies_during_a_rotation() -> None:
    assert verify(BODY, VECTOR, ["new", SECRET])
    assert verify(BODY, VECTOR, [SECRET, "new"])
    assert not verify(BODY, VECTOR, ["new", "newer"])


@pytest.mark.parametrize("bit", range(8 * len(BODY)))
def test_one_flipped_bit_of_the_body_is_refused(bit: int) -> None:
    body = bytearray(BODY)
    body[bit // 8] ^= 1 << bit % 8
    assert not verify(bytes(body), VECTOR, [SECRET])


@pytest.mark.parametrize("place", range(len("sha256="), len(VECTOR)))
def test_one_other_digit_of_the_signature_is_refused(place: int) -> None:
    digit = "0" if VECTOR[place] != "0" else "1"
    assert not verify(BODY, VECTOR[:place] + digit + VECTOR[place + 1 :], [SECRET])


@pytest.mark.parametrize("place", range(len(SECRET)))
def test_one_flipped_bit_of_the_key_is_refused(place: int) -> None:
    flipped = chr(ord(SECRET[place]) ^ 1)
    assert not verify(BODY, VECTOR, [SECRET[:place] + flipped + SECRET[place + 1 :]])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        VECTOR.removeprefix("sha256="),
        VECTOR.replace("sha256", "sha1"),
        VECTOR.replace("sha256", "SHA256"),
        f"sha1={hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()}",
        VECTOR.replace("7571", "757\N{ARABIC-INDIC DIGIT ONE}"),
        "sha256=" + VECTOR.removeprefix("sha256=").upper(),
        f"{VECTOR}\n",
        f" {VECTOR}",
        f"{VECTOR}00",
        VECTOR[:-1],
        "sha256=\udcff" + VECTOR[8:],
    ],
)
def test_a_header_of_another_form_is_refused(header: str | None) -> None:
    assert not verify(BODY, header, [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_nothing_verifies_without_a_secret(secrets: list[str]) -> None:
    unkeyed = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not verify(BODY, unkeyed, secrets)


def test_every_event_says_where_and_who() -> None:
    event = sent(
        "issues",
        action="edited",
        installation={"id": 7},
        repository={"id": 9, "full_name": "octo/sample"},
        sender={"login": "ironclaw[bot]", "type": "Bot"},
        issue={"number": 3},
    )
    assert event == HostEvent(
        Topic.ISSUE,
        action="edited",
        installation=7,
        repository="octo/sample",
        repository_id=9,
        pulls=(3,),
        sender="ironclaw[bot]",
        sender_is_bot=True,
    )


PULL = {"number": 5, "head": {"sha": SHA, "ref": "ironclaw/x"}, "merge_commit_sha": OTHER_SHA}
QUEUE_REF = f"refs/heads/gh-readonly-queue/main/pr-5-{SHA}"


@pytest.mark.parametrize(
    ("name", "payload", "expected"),
    [
        (
            "pull_request",
            {"action": "closed", "number": 5, "pull_request": PULL},
            HostEvent(
                Topic.PULL_REQUEST, "closed", None, "", None, (5,), (SHA, OTHER_SHA), "ironclaw/x"
            ),
        ),
        (
            "pull_request_review",
            {"action": "submitted", "pull_request": PULL},
            HostEvent(
                Topic.REVIEW, "submitted", None, "", None, (5,), (SHA, OTHER_SHA), "ironclaw/x"
            ),
        ),
        (
            "issue_comment",
            {"action": "created", "issue": {"number": 5}, "comment": {"id": 77}},
            HostEvent(Topic.COMMENT, "created", pulls=(5,), comment=77),
        ),
        (
            "check_suite",
            {
                "action": "completed",
                "check_suite": {
                    "head_sha": SHA,
                    "head_branch": "b",
                    "pull_requests": [{"number": 5}],
                },
            },
            HostEvent(Topic.CHECK, "completed", pulls=(5,), commits=(SHA,), branch="b"),
        ),
        (
            "check_run",
            {
                "action": "completed",
                "check_run": {
                    "head_sha": SHA,
                    "check_suite": {"head_branch": None},
                    "pull_requests": [],
                },
            },
            HostEvent(Topic.CHECK, "completed", commits=(SHA,)),
        ),
        (
            "workflow_run",
            {"action": "completed", "workflow_run": {"head_sha": SHA, "head_branch": "b"}},
            HostEvent(Topic.CHECK, "completed", commits=(SHA,), branch="b"),
        ),
        (
            "status",
            {"sha": SHA, "state": "success", "branches": [{"name": "b"}, {"name": "c"}]},
            HostEvent(Topic.CHECK, commits=(SHA,), branch="b"),
        ),
        (
            "deployment",
            {"action": "created", "deployment": {"sha": SHA, "ref": "main"}},
            HostEvent(Topic.DEPLOYMENT, "created", commits=(SHA,), branch="main"),
        ),
        (
            "deployment_status",
            {
                "action": "created",
                "deployment_status": {"state": "success"},
                "deployment": {"sha": SHA, "ref": "main"},
            },
            HostEvent(Topic.DEPLOYMENT, "success", commits=(SHA,), branch="main"),
        ),
        (
            "push",
            {"ref": "refs/heads/feature/x", "after": SHA},
            HostEvent(Topic.PUSH, commits=(SHA,), branch="feature/x"),
        ),
        ("push", {"ref": "refs/tags/v1", "after": "0" * 40}, HostEvent(Topic.PUSH)),
        (
            "merge_group",
            {
                "action": "checks_requested",
                "merge_group": {
                    "head_sha": OTHER_SHA,
                    "head_ref": QUEUE_REF,
                    "base_ref": "refs/heads/main",
                },
            },
            HostEvent(
                Topic.MERGE_QUEUE,
                "checks_requested",
                pulls=(5,),
                commits=(OTHER_SHA,),
                branch="main",
            ),
        ),
        (
            "installation",
            {
                "action": "created",
                "installation": {"id": 7},
                "repositories": [
                    {"full_name": "octo/a"},
                    {"full_name": None},
                    {"full_name": "octo/b"},
                ],
            },
            HostEvent(Topic.INSTALLATION, "created", 7, repositories=("octo/a", "octo/b")),
        ),
        (
            "installation_repositories",
            {
                "action": "added",
                "installation": {"id": 7},
                "repositories_added": [{"full_name": "octo/a"}],
                "repositories_removed": [{"full_name": "octo/b"}],
            },
            HostEvent(Topic.INSTALLATION, "added", 7, repositories=("octo/a", "octo/b")),
        ),
        (
            "repository",
            {"action": "renamed", "repository": {"id": 9, "full_name": "octo/new"}},
            HostEvent(Topic.REPOSITORY, "renamed", None, "octo/new", 9),
        ),
        ("ping", {"zen": "Half measures are as bad as nothing at all."}, HostEvent(Topic.OTHER)),
        ("never_heard_of", {"action": "🦀"}, HostEvent(Topic.OTHER, "🦀")),
        ("", {}, HostEvent(Topic.OTHER)),
    ],
)
def test_says_where_to_look(name: str, payload: dict[str, Any], expected: HostEvent) -> None:
    assert sent(name, **payload) == expected
    assert sent(name, **payload, added_later={"deep": [1, {"x": None}]}) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"12",
        b"\xff\xfe{}",
        b'{"action": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"action": "x"}'.encode("utf-16"),
        b'{"number": ' + b"9" * 5000 + b"}",
        b'{"x": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        b'{"x":' * 1000 + b"1" + b"}" * 1000,
        b"[" * 1_000_000,
        b'{"x": "' + b"[" * 200 + b'", "y": ' + b"[" * 101 + b"]" * 101 + b"}",
    ],
)
def test_what_is_no_readable_object_is_malformed(body: bytes) -> None:
    for name in ("pull_request", "never_heard_of"):
        assert isinstance(translate(name, body), Malformed)


def test_brackets_in_texts_are_no_depth() -> None:
    assert sent("issues", issue={"number": 3, "body": '\\"[[[{{{' * 500}).pulls == (3,)


@pytest.mark.parametrize("number", [-1, 2**63, 10**400, 1.5, True, "5", None, [5], {"id": 5}])
def test_a_number_that_names_nothing_is_left_out(number: object) -> None:
    event = sent("pull_request", number=number, installation={"id": number})
    assert (event.pulls, event.installation) == ((), None)


@pytest.mark.parametrize("text", ["\ud800", "a\0b", 5, None, ["x"]])
def test_a_text_that_no_database_can_hold_is_left_out(text: object) -> None:
    event = sent("issues", action=text, repository={"full_name": text}, sender=text)
    assert (event.action, event.repository, event.sender) == ("", "", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "installation",
    "installation_repositories",
    "repository",
    "pull_request",
    "pull_request_review",
    "issue_comment",
    "issues",
    "check_suite",
    "check_run",
    "workflow_run",
    "status",
    "deployment",
    "deployment_status",
    "push",
    "merge_group",
    "ping",
]
KEYS = [
    "action",
    "number",
    "installation",
    "repository",
    "sender",
    "pull_request",
    "issue",
    "comment",
    "check_suite",
    "check_run",
    "workflow_run",
    "sha",
    "branches",
    "deployment",
    "deployment_status",
    "ref",
    "after",
    "merge_group",
    "repositories",
    "repositories_added",
    "repositories_removed",
]
INNER = (
    "id",
    "number",
    "head",
    "head_sha",
    "sha",
    "ref",
    "login",
    "full_name",
    "pull_requests",
    "state",
)
VALUES = JSON | st.dictionaries(st.sampled_from(INNER), JSON) | st.lists(JSON)


@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_no_payload_raises(name: str, payload: dict[str, Any]) -> None:
    assert isinstance(translate(name, json.dumps(payload).encode()), HostEvent)


@given(st.sampled_from(NAMES), st.binary())
def test_no_bytes_raise(name: str, body: bytes) -> None:
    assert isinstance(translate(name, body), HostEvent | Malformed)
