"""What may be registered as a trusted document, and what the release ships."""

import pytest
from graphql import GraphQLSchema

from schema.limits import MOST_SOURCE
from schema.root import full_schema, graph
from schema.trusted import SHIPPED, UntrustworthyError, check_trustworthy

GOOD = (
    "query Mine($n: String!, $m: String!) { person(idNumber: $n, name: $m) { permit { active } } }"
)


@pytest.fixture(scope="module")
def full() -> GraphQLSchema:
    return graph(full_schema())


def test_a_good_document_tells_its_operations(full: GraphQLSchema) -> None:
    assert check_trustworthy(GOOD, full) == ["Mine"]
    assert check_trustworthy("{ __typename }", full) == [None]


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_release_ships_can_be_trusted(full: GraphQLSchema, name: str) -> None:
    assert check_trustworthy(SHIPPED[name], full)
    assert name.rpartition(".")[2].startswith("v")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("query {", "no GraphQL document (line 1"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{ a: viewer { __typename }" * 30 + "}" * 30, "no GraphQL document|Cannot query"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(60)) + " }", "over a limit:"),
        ("#" * (MOST_SOURCE + 1), "characters: split it"),
        ('{ person(idNumber: "152201199003079969", name: "x") { __typename } }', "six digits"),
        ('{ person(idNumber: "x", name: """152201""") { __typename } }', "six digits"),
    ],
)
def test_what_can_not_be_trusted_is_told_without_its_literals(
    full: GraphQLSchema, text: str, said: str
) -> None:
    with pytest.raises(UntrustworthyError) as refused:
        check_trustworthy(text, full)
    assert any(part in str(refused.value) for part in said.split("|"))
    assert "15220" not in str(refused.value)
