"""The example payloads, which a later test sends to our own intake."""

import pytest

from tests.contracts import official

pytestmark = pytest.mark.contracts


def test_there_are_examples_of_every_event_that_the_app_listens_to() -> None:
    listed = official.examples()
    known = {name for name, _ in listed}
    assert len(listed) == 329
    assert {"pull_request", "check_run", "installation", "push", "deployment_status"} <= known
