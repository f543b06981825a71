"""Requests and answers against the description of the REST API."""

import pytest

from tests.contracts.validating import rest_complaints
from tests.fakes.github import FakeGitHub
from tests.fakes.github.routing import ROUTES

pytestmark = pytest.mark.contracts

# Where archives and artifacts lie is GitHub's own business, and how people sign in is no part of
# the REST API.
UNDESCRIBED = ("/_codeload", "/_storage", "/login/oauth")


def test_the_tour_has_been_at_every_route(toured: FakeGitHub) -> None:
    visited = {(record.method, record.template) for record in toured.requests}
    assert {(route.method, route.template) for route in ROUTES} - visited == set()


def test_requests_and_answers_are_as_described(toured: FakeGitHub) -> None:
    records = [
        record
        for record in toured.requests
        if record.template and not record.template.startswith(UNDESCRIBED)
    ]
    complaints = [text for record in records for text in rest_complaints(record)]
    assert len(records) > 100
    assert complaints == []
