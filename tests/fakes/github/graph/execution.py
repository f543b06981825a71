"""From a GraphQL document to its answer, which has status 200 whatever it says."""

from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)

from tests.fakes.github.answers import Answer, HttpError
from tests.fakes.github.graph import views
from tests.fakes.github.graph.errors import TypedError, not_found, shown
from tests.fakes.github.graph.mutations import MUTATIONS, resolver
from tests.fakes.github.graph.nodes import find_node
from tests.fakes.github.graph.schema import SCHEMA
from tests.fakes.github.hub import Hub
from tests.fakes.github.limits import GRAPHQL
from tests.fakes.github.routing import Request
from tests.fakes.github.shapes.basic import when
from tests.fakes.github.state import Comment, Issue, Repository


def answer(hub: Hub, request: Request) -> Answer:
    """Execute what was sent."""
    if request.actor.person is None:
        raise HttpError(401, "This endpoint requires you to be authenticated.")
    if _exhausted(hub, request):
        who = request.actor.installation
        text = f"API rate limit exceeded for installation ID {who.id if who else 0}."
        return Answer(200, {"errors": [{"type": "RATE_LIMITED", "message": text}]})
    with hub.calling():
        result = _execute(hub, request)
    body: dict[str, Any] = {}
    if result.data is not None or not result.errors:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [shown(error) for error in result.errors]
    return Answer(200, body)


def _exhausted(hub: Hub, request: Request) -> bool:
    one = request.actor.installation
    if one is None:
        return False
    bucket = hub.limits.bucket(f"installation {one.id}", GRAPHQL, hub.now())
    return bucket.used > bucket.limit


def _execute(hub: Hub, request: Request) -> ExecutionResult:
    try:
        document = parse(str(request.json.get("query") or ""))
    except GraphQLError as error:
        return ExecutionResult(None, [error])
    if errors := validate(SCHEMA, document):
        return ExecutionResult(None, errors)
    return execute_sync(
        SCHEMA,
        document,
        root_value={**_queries(hub, request), **_mutations(hub, request)},
        variable_values=request.json.get("variables") or {},
        operation_name=request.json.get("operationName"),
    )


def fields(text: str) -> tuple[str, ...]:
    """The root fields of a document, by which faults know it."""
    try:
        document = parse(text)
    except GraphQLError:
        return ()
    return tuple(
        selection.name.value
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        for selection in one.selection_set.selections
        if hasattr(selection, "name")
    )


def _mutations(hub: Hub, request: Request) -> dict[str, Any]:
    return {name: resolver(hub, request, one) for name, one in MUTATIONS.items()}


def _queries(hub: Hub, request: Request) -> dict[str, Any]:
    viewer = request.actor.by

    def repository(_info: object, owner: str, name: str, **_: Any) -> views.View:
        found = hub.find(f"{owner}/{name}")
        installation = request.actor.installation
        if found is None or (installation and found.id not in installation.repositories):
            raise not_found(f"a Repository with the name '{owner}/{name}'")
        return views.repository(hub, found, viewer)

    def node(_info: object, id: str) -> views.View:
        found = find_node(hub, request, id)
        if found is None:
            raise not_found(f"a node with the global id of '{id}'")
        return _view(hub, request, *found)

    def rate_limit(_info: object, **_: Any) -> views.View:
        one = request.actor.installation
        who = f"installation {one.id}" if one else "others"
        bucket = hub.limits.bucket(who, GRAPHQL, hub.now())
        return {
            "cost": 1,
            "limit": bucket.limit,
            "remaining": bucket.remaining,
            "used": bucket.used,
            "resetAt": when(bucket.reset),
        }

    return {
        "repository": repository,
        "node": node,
        "nodes": lambda info, ids: [node(info, id) for id in ids],
        "rateLimit": rate_limit,
        "viewer": views.actor(viewer),
    }


def _view(
    hub: Hub, request: Request, repo: Repository, thing: Repository | Issue | Comment | str
) -> views.View:
    viewer = request.actor.by
    if isinstance(thing, Repository):
        return views.repository(hub, thing, viewer)
    if isinstance(thing, Issue):
        show = views.pull if thing.pull else views.issue
        return show(hub, repo, thing, viewer)
    if isinstance(thing, Comment):
        return views.comment(hub, repo, repo.issues[thing.number], thing, viewer)
    found = views.ref(hub, repo, thing)
    if found is None:
        raise TypedError("NOT_FOUND", "The branch is gone.")
    return found
