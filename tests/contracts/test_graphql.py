"""Documents, and the fake's part of the schema, against the official schema."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from tests.contracts import official
from tests.fakes.github import FakeGitHub
from tests.fakes.github.graph.schema import SCHEMA

pytestmark = pytest.mark.contracts

# The fake knows one kind of git object behind a reference.
SIMPLER = {"Ref.target"}


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return build_schema(official.graphql(), assume_valid=True)


def test_documents_are_valid(toured: FakeGitHub, schema: GraphQLSchema) -> None:
    sent = [record.json["query"] for record in toured.requests if record.operations]
    right = [text for text in sent if not validate(SCHEMA, parse(text))]
    complaints = [error.message for text in right for error in validate(schema, parse(text))]
    assert len(right) > 15
    assert complaints == []


def test_the_fakes_schema_is_a_part_of_the_official_one(schema: GraphQLSchema) -> None:
    ours = [one for name, one in SCHEMA.type_map.items() if not name.startswith("__")]
    assert [text for one in ours for text in differences(one, schema)] == []


def differences(ours: GraphQLNamedType, schema: GraphQLSchema) -> Iterator[str]:
    """Where a type says something else than GitHub's."""
    theirs = schema.type_map.get(ours.name)
    if type(theirs) is not type(ours):
        yield f"{ours.name} is another kind of thing"
    elif isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        yield from (f"{ours.name}.{name}" for name in ours.values if name not in theirs.values)
    elif isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        fields, known = ours.fields, theirs.fields
        for name, one in fields.items():
            if name not in known or str(one.type) != str(known[name].type):
                yield f"{ours.name}.{name}: {one.type}"
    elif isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
        yield from different_fields(ours, theirs)


def different_fields(
    ours: GraphQLObjectType | GraphQLInterfaceType,
    theirs: GraphQLObjectType | GraphQLInterfaceType,
) -> Iterator[str]:
    for name, one in ours.fields.items():
        at, known = f"{ours.name}.{name}", theirs.fields.get(name)
        if at in SIMPLER:
            continue
        if known is None or str(one.type) != str(known.type):
            yield f"{at}: {one.type}"
        else:
            for key, argument in one.args.items():
                other = known.args.get(key)
                if other is None or str(other.type) != str(argument.type):
                    yield f"{at}({key}: {argument.type})"
