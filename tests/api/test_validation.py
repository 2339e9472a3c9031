"""Each kind of error that pydantic knows has a sentence of ours, and none of its own is ever answered."""

from __future__ import annotations

import re
from typing import Any, get_args
from urllib.parse import urlencode

import pytest
from pydantic_core import PydanticKnownError, core_schema

from kassa.api.validation import GENERAL, SENTENCES, format_errors, format_place, format_sentence
from tests.contract.conftest import keys_stay_known, world  # noqa: F401  # fixtures
from tests.contract.document import body_schema, described, resolved
from tests.contract.operations import OPERATIONS, PREFIX, Operation
from tests.contract.world import World

KINDS = get_args(core_schema.ErrorType)
CONTEXT: dict[str, Any] = {
    **dict.fromkeys(("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "actual_length"), 2),
    **dict.fromkeys(("max_digits", "decimal_places", "whole_digits", "tz_expected", "tz_actual"), 2),
    **dict.fromkeys(("pattern", "expected", "error", "expected_tags", "tag", "discriminator", "class"), "a"),
    **dict.fromkeys(("class_name", "method_name", "attribute", "expected_schemes", "encoding"), "a"),
    **dict.fromkeys(("encoding_error", "mapping_type", "field_type"), "a"),
    "expected_version": 7,
}


def theirs(kind: Any) -> str:
    return PydanticKnownError(kind, CONTEXT).message()


RAW = re.compile(
    "|".join(
        [
            *{re.escape(" ".join(theirs(kind).split()[:3])) for kind in KINDS},
            "Input ", "String ", "Value error", "Assertion failed", "Extra inputs", "Field required",
            "List should", "URL ", "UUID ", "Decimal input", "Invalid ", "Unable to",
        ]
    )
)  # fmt: skip
"""How texts of pydantic begin."""


def test_each_kind_has_a_sentence() -> None:
    assert sorted(set(KINDS) - SENTENCES.keys()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_sentence_is_ours_and_plain(kind: str) -> None:
    sentence = format_sentence(kind, CONTEXT)

    assert sentence != theirs(kind)
    assert not RAW.match(sentence)
    assert sentence[0].isupper()
    assert sentence.endswith((".", "a"))  # a pattern stands at the end of its sentence
    assert "\n" not in sentence


def test_unknown_kind_has_a_general_sentence() -> None:
    assert format_sentence("no_such_kind", {}) == GENERAL


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (("body", "payload", "lines", 0, "quantity"), "lines.0.quantity"),
        (("body", "payload"), ""),
        (("body", "payload", "body"), "body"),
        (("query", "filters", "status", 1), "status"),
        (("query", "limit"), "limit"),
        (("path", "order_id"), "order_id"),
        (("body", "payload", "fields", "date", "str"), "fields.date"),
        (("query", "date"), "date"),
        (("body", "payload", "answers", "function-after[check(), dict[str,str]]"), "answers"),
    ],
)
def test_field_is_named_as_clients_know_it(place: tuple[Any, ...], field: str) -> None:
    assert format_place(place) == field


def test_value_of_several_types_is_told_once() -> None:
    kinds = ("string_type", "int_type", "bool_type", "int_type")
    errors = [{"type": kind, "loc": ("body", "payload", "size", kind[:3])} for kind in kinds]
    errors = [{**one, "loc": ("body", "payload", "size", "str")} for one in errors]
    [told] = format_errors(errors)
    assert told == {
        "field": "size",
        "message": "Send a text. Or: Send a whole number. Or: Send true or false.",
    }


VALUES: list[Any] = [
    None, [], {}, "", "x", "\u0000", "a" * 100_000, True, -1, 1.5, 10**30, "1e400", [None], [{}], {"a": [1]},
    "0001-01-01T00:00:00Z", "2027-06-12",
]  # fmt: skip
DESCRIPTIONS = {f"{method} {path.removeprefix(PREFIX)}": one for method, path, one in described()}


def names_of(schema: dict[str, Any]) -> list[str]:
    schema = resolved(schema)
    for one in schema.get("anyOf", ()):
        schema = resolved(one) if "properties" in resolved(one) else schema
    return list(schema.get("properties", ()))


def assert_own_words(answer: Any) -> int:
    """Check the words of a refusal; return how many fields it names."""
    if answer.status_code != 422:
        return 0
    problem = answer.json()
    for error in problem.get("errors", ()):
        assert not RAW.match(error["message"]), error
        assert error["message"][0].isupper() or not error["message"][0].isalpha(), error
        assert "payload" not in error["field"]
        assert "filters" not in error["field"]
        assert "[" not in error["field"]
    assert not RAW.match(problem["detail"]), problem
    return len(problem.get("errors", ()))


@pytest.mark.django_db
@pytest.mark.usefixtures("keys_stay_known")
@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if body_schema(DESCRIPTIONS[str(one)])], ids=str
)
def test_bodies_that_do_not_fit_are_told_in_our_words(operation: Operation, world: World) -> None:  # noqa: F811
    schema = body_schema(DESCRIPTIONS[str(operation)])
    assert schema is not None
    url, told = operation.url({**world.ids}), 0
    for value in (*VALUES, dict.fromkeys(names_of(schema))):
        for body in (value, dict.fromkeys([*names_of(schema), "surprise"], value)):
            told += assert_own_words(world.api.call(operation.method, url, body))
    assert told


@pytest.mark.django_db
@pytest.mark.usefixtures("keys_stay_known")
@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.method == "GET"], ids=str)
def test_queries_that_do_not_fit_are_told_in_our_words(operation: Operation, world: World) -> None:  # noqa: F811
    parameters = [one for one in DESCRIPTIONS[str(operation)]["parameters"] if one["in"] == "query"]
    for value in ("", "x", "-1", "1e9", "\u0000", "a" * 5_000, "2027-13-01T00:00:00Z"):
        for one in parameters:
            query = urlencode({one["name"]: value})
            assert_own_words(world.api.get(f"{operation.url({**world.ids})}?{query}"))
