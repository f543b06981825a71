"""Deliveries against the description of the webhooks."""

import pytest

from tests.contracts.validating import delivery_complaints
from tests.fakes.github import FakeGitHub

pytestmark = pytest.mark.contracts


def test_deliveries_are_as_described(toured: FakeGitHub) -> None:
    complaints = [text for one in toured.deliveries for text in delivery_complaints(one)]
    assert len(toured.deliveries) > 50
    assert complaints == []
