"""The served description is valid, complete, and says the same as the code."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from kassa.api.field_descriptions import FIELDS, PARAMETERS
from kassa.api.problem_list import every_problem
from kassa.core.errors import KassaError
from tests.contract.document import body_schema, described, document, fields, resolved
from tests.contract.operations import OPEN, OPERATIONS, PREFIX

PROBLEM = "application/problem+json"
ALWAYS = {"401", "403", "422", "503"}
"""What every operation may answer with."""

ANYWHERE: dict[str, str] = {
    "error": "the base of all problems, never answered with itself",
    "unauthenticated": "the base of key_missing and key_invalid",
    "forbidden": "the base of permission_missing and its kind",
    "conflict": "the base of all conflicts",
    "refused": "the base of all refusals of an order",
    "server_fault": "a mistake of ours: it may come from any address and none is meant to",
    "method_not_allowed": "an address with a method that it does not have is no operation",
    "bad_request": "not HTTP as Kassa understands it, seen before any address is looked at",
    "already_seated": "every event is given its seats when it is made, so far",
    "body_too_large": "any body may be too long, and few people's are",
    "body_too_slow": "any body may come too slowly, whatever the address",
    "upgrade_under_way": "all addresses answer so while the tables are changed",
    "waiting_room": "the shop's pages send buyers to wait; programs with a key are not held up",
    "pass_in_use": "the same",
    "address_unproven": "the same: whoever has a key acts for the organisation",
    "return_refused": "the pages of buyers, who give back less than staff do",
    "return_terms_changed": "the same: programs are not asked whether they agree",
    "clerk_token_refused": "the page at which people who are signed in at Clerk sign in, no part of the API",
    "clerk_address_unproven": "the same",
    "account_suspended": "the same",
    "clerk_away": "the same",
    "orders_under_way": "the page on which people have erased what is known of them",
    "only_owner": "the same",
    "invitation_for_another": "the page on which invitations are accepted",
    "webhook_refused": "the addresses of webhooks are for providers, and stand in no description",
    "demo_payment_over": "the demonstration bank's own page says so",
    "demo_dispute_over": "the demonstration bank's own page says so",
    "demo_nothing_to_dispute": "the demonstration bank's own page says so",
}
"""Codes that no operation lists, each with its reason."""

DESCRIBED = [pytest.param(path, one, id=f"{method} {path}") for method, path, one in described()]
CLOSED = [one for one in DESCRIBED if str(one.id).replace(PREFIX, "") not in OPEN]
"""Those that ask for a key."""
FILES = {f"{PREFIX}/uploads", f"{PREFIX}/pictures"}
"""What takes a file as a form; all else takes JSON."""
WITH_BODY = [
    pytest.param(one, id=f"{method} {path}")
    for method, path, one in described()
    if "requestBody" in one and path not in FILES
]


def codes_of(operation: dict[str, Any]) -> dict[str, str]:
    """Return the codes of the problems that an operation lists, with their statuses."""
    return {
        code: status
        for status, response in operation["responses"].items()
        for code in response.get("content", {}).get(PROBLEM, {}).get("examples", {})
    }


def schema_with_components(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that can be used on its own."""
    return {**schema, "components": document()["components"]}


def test_document_is_valid_openapi() -> None:
    assert document()["openapi"].startswith("3.1.")
    problems = [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document())]
    assert problems == []


def test_each_schema_is_valid() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def test_each_reference_leads_somewhere() -> None:
    names = set(re.findall(r"#/components/schemas/([\w.\-]+)", str(document())))
    assert names <= document()["components"]["schemas"].keys()


def test_each_operation_is_described_once() -> None:
    served = sorted(f"{method} {path}" for method, path, _ in described())
    assert served == sorted(f"{one.method} {PREFIX}{one.path}" for one in OPERATIONS)
    ids = Counter(one["operationId"] for _, _, one in described())
    assert [name for name, count in ids.items() if count > 1] == []


@pytest.mark.parametrize(("path", "operation"), CLOSED)
def test_operation_is_described(path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"].strip()
    assert operation["tags"]
    schemes = document()["components"]["securitySchemes"]
    assert [list(one) for one in operation["security"]] == [list(schemes)]
    assert any(status.startswith("2") for status in operation["responses"])
    wanted = ALWAYS | ({"404"} if "{" in path else set())
    assert wanted <= operation["responses"].keys()


@pytest.mark.parametrize(("path", "operation"), DESCRIBED)
def test_answers_are_described(path: str, operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        assert response["description"].strip()
        content = response.get("content", {})
        if status in {"204", "304"}:
            assert content == {}
        elif status.startswith("2") and content and "application/json" not in content:
            assert all(kind["schema"] == {"type": "string", "format": "binary"} for kind in content.values())
        elif status.startswith("2"):
            assert list(content) == ["application/json"]
            assert resolved(content["application/json"]["schema"])
        else:
            assert list(content) == [PROBLEM]
            assert content[PROBLEM]["schema"] == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize(("path", "operation"), DESCRIBED)
def test_parameters_are_those_of_the_path(path: str, operation: dict[str, Any]) -> None:
    named = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
    assert named == re.findall(r"{(\w+)}", path)
    names = [(one["in"], one["name"].lower()) for one in operation["parameters"]]
    assert len(names) == len(set(names))
    for parameter in operation["parameters"]:
        assert jsonschema_rs.meta.is_valid(parameter["schema"])


@pytest.mark.parametrize("operation", WITH_BODY)
def test_body_has_examples_that_are_valid(operation: dict[str, Any]) -> None:
    content = operation["requestBody"]["content"]
    assert list(content) == ["application/json"]
    schema = body_schema(operation)
    assert schema is not None
    examples = next(field["examples"] for place, field in fields(schema) if not place and "examples" in field)
    assert examples
    validator = jsonschema_rs.validator_for(schema_with_components(schema), validate_formats=True)
    for example in examples:
        assert [str(error) for error in validator.iter_errors(example)] == []


@pytest.mark.parametrize("operation", WITH_BODY)
def test_examples_of_fields_are_valid(operation: dict[str, Any]) -> None:
    schema = body_schema(operation)
    assert schema is not None
    for place, field in fields(schema):
        given = [*field.get("examples", []), *([field["example"]] if "example" in field else [])]
        if given:
            validator = jsonschema_rs.validator_for(schema_with_components(field), validate_formats=True)
            assert [value for value in given if not validator.is_valid(value)] == [], place


def test_examples_of_problems_are_problems() -> None:
    schema = schema_with_components({"$ref": "#/components/schemas/Problem"})
    validator = jsonschema_rs.validator_for(schema)
    known = {str(problem["code"]): problem for problem in every_problem()}
    for _, _, operation in described():
        for status, response in operation["responses"].items():
            for code, example in response.get("content", {}).get(PROBLEM, {}).get("examples", {}).items():
                problem = example["value"]
                assert validator.is_valid(problem)
                assert (problem["code"], str(problem["status"])) == (code, status)
                assert problem["status"] == known[code]["status"]


def all_errors(error: type[KassaError] = KassaError) -> set[type[KassaError]]:
    """Return every class of error that the code base defines."""
    return {error}.union(*(all_errors(one) for one in error.__subclasses__()))


def own_code(error: type[KassaError]) -> bool:
    return "code" in vars(error) and error.__module__.startswith("kassa.")


def test_each_code_is_listed_by_an_operation() -> None:
    defined = {error.code for error in all_errors() if own_code(error)}
    listed = {code for _, _, operation in described() for code in codes_of(operation)}
    assert listed <= defined
    assert sorted(defined - listed) == sorted(ANYWHERE)


def test_a_code_has_one_status_and_one_meaning() -> None:
    statuses: dict[str, set[tuple[int, str]]] = {}
    for error in all_errors():
        if own_code(error):
            statuses.setdefault(error.code, set()).add((error.status, error.title))
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}
    for error in all_errors():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
        assert error.status in list(HTTPStatus)


def test_each_code_is_on_the_page_of_problems() -> None:
    page = Client().get("/api/v1/problems")
    assert page.status_code == 200
    text = page.content.decode()
    codes = {error.code for error in all_errors() if own_code(error)} - {"error"}
    assert [code for code in codes if f'id="{code}"' not in text] == []
    for _, _, operation in described():
        for response in operation["responses"].values():
            for example in response.get("content", {}).get(PROBLEM, {}).get("examples", {}).values():
                address, _, fragment = example["value"]["type"].partition("#")
                assert address == "/api/v1/problems"
                assert fragment in codes


@pytest.mark.parametrize(("path", "operation"), CLOSED)
def test_headers_of_problems_are_described(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    assert list(responses["401"]["headers"]) == ["WWW-Authenticate"]
    assert list(responses["503"]["headers"]) == ["Retry-After"]


MAKES_SECRETS = {
    "/api/v1/api-keys",
    "/api/v1/checkin-devices",
    "/api/v1/checkin-devices/enrol",
    "/api/v1/checkin-devices/{device_id}/enrolment",
}
"""Their answers have a secret that is kept nowhere, so they cannot be given twice."""


def test_whatever_makes_something_can_be_repeated() -> None:
    makes = {path for method, path, one in described() if method == "POST" and "201" in one["responses"]}
    takes_key = {
        path
        for method, path, one in described()
        if any(parameter["name"] == "Idempotency-Key" for parameter in one["parameters"])
        and any(code.endswith("key_reused") for code in codes_of(one))
    }
    assert makes - takes_key == MAKES_SECRETS


def test_servers_tags_and_keys_are_declared() -> None:
    told = document()
    assert [server["url"] for server in told["servers"]] == [settings.BASE_URL]
    declared = [tag["name"] for tag in told["tags"] if tag["description"]]
    used = {tag for _, _, operation in described() for tag in operation["tags"]}
    assert (sorted(declared), len(set(declared))) == (sorted(used), len(declared))
    schemes = told["components"]["securitySchemes"].values()
    assert [scheme["description"].partition(",")[0] for scheme in schemes] == [
        "An API key of the organisation"
    ]


def test_everything_is_described() -> None:
    missing = [
        f"{name}.{field}"
        for name, schema in document()["components"]["schemas"].items()
        for field, inner in schema.get("properties", {}).items()
        if not inner.get("description")
    ]
    for method, path, operation in described():
        missing += [] if operation.get("description") else [f"{method} {path}"]
        nameless = [one["name"] for one in operation["parameters"] if not one.get("description")]
        missing += [f"{method} {path} {name}" for name in nameless]
    assert missing == []


def test_no_description_is_left_over() -> None:
    schemas = document()["components"]["schemas"]
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    fields |= {f"{name}.{field}" for name, one in schemas.items() for field in one.get("properties", {})}
    parameters = {one["name"] for _, _, operation in described() for one in operation["parameters"]}
    assert sorted(FIELDS.keys() - fields - parameters) == []
    assert sorted(PARAMETERS.keys() - parameters) == []
