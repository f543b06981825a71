"""GraphQL errors, which GitHub gives a type beside the message."""

from typing import Any

from graphql import GraphQLError

from tests.fakes.github.answers import HttpError


class TypedError(GraphQLError):
    """An error with GitHub's type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def not_found(what: str) -> TypedError:
    return TypedError("NOT_FOUND", f"Could not resolve to {what}.")


def from_http(error: HttpError) -> TypedError:
    """What REST would refuse, in GraphQL's words."""
    kinds = {403: "FORBIDDEN", 404: "NOT_FOUND"}
    text = error.message
    if error.errors:
        text = str(error.errors[0].get("message") or error.errors[0])
    return TypedError(kinds.get(error.status, "UNPROCESSABLE"), text)


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error as it stands in the answer."""
    cause = error.original_error or error
    made: dict[str, Any] = dict(error.formatted)
    if isinstance(cause, TypedError):
        made = {"type": cause.kind, **made}
    return made
