"""What stands in the query of an address is known to the operation, or refused by name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.shop import NOBODYS
from tests.contract.bodies import BODIES, as_json
from tests.contract.document import body_schema, described, fields, resolved
from tests.contract.operations import OPERATIONS, PREFIX, Operation
from tests.contract.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys_stay_known")]

DESCRIPTIONS = {f"{method} {path.removeprefix(PREFIX)}": one for method, path, one in described()}
UNKNOWN = "surprise"


def valid_body(operation: Operation, world: World) -> Any:
    """Return a body of the right shape. None: the operation takes none, or a file."""
    if str(operation) in BODIES:
        return as_json(BODIES[str(operation)](world))
    schema = body_schema(DESCRIPTIONS[str(operation)])
    if schema is None:
        return None
    return next(field["examples"][0] for place, field in fields(schema) if not place and "examples" in field)


def declared(operation: Operation) -> list[str]:
    parameters = DESCRIPTIONS[str(operation)]["parameters"]
    return sorted(one["name"] for one in parameters if one["in"] == "query")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_unknown_parameter_is_refused_by_name(operation: Operation, world: World) -> None:
    url = f"{operation.url({**world.ids})}?{UNKNOWN}=1"

    answer = world.api.call(operation.method, url, valid_body(operation, world))

    assert answer.status_code == 422, answer.content
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == [UNKNOWN]
    assert problem["known"] == declared(operation)
    if operation.method == "GET":
        assert world.api.call("HEAD", url).status_code == 422


SINGLE = [
    pytest.param(operation, parameter, id=f"{operation} {parameter['name']}")
    for operation in OPERATIONS
    for parameter in DESCRIPTIONS[str(operation)]["parameters"]
    if parameter["in"] == "query" and resolved(parameter["schema"]).get("type") != "array"
]
"""Every query parameter that takes one value."""


@pytest.mark.parametrize(("operation", "parameter"), SINGLE)
def test_parameter_with_one_value_is_sent_once(
    operation: Operation, parameter: dict[str, Any], world: World
) -> None:
    name = parameter["name"]
    pair = urlencode({name: valid_value(parameter["schema"])})
    url = operation.url({**world.ids})

    twice = world.api.call(operation.method, f"{url}?{pair}&{pair}")

    assert twice.status_code == 422, twice.content
    assert [error["field"] for error in twice.json()["errors"]] == [name]


def valid_value(schema: dict[str, Any]) -> str:
    """Return a value that a parameter takes."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return valid_value(next(one for one in schema["anyOf"] if one != {"type": "null"}))
    if "enum" in schema:
        return str(schema["enum"][0])
    formats = {"uuid": str(NOBODYS), "date-time": "2027-01-01T00:00:00Z", "date": "2027-01-01"}
    kinds = {"integer": "1", "boolean": "true"}
    return formats.get(schema.get("format", "")) or kinds.get(schema["type"], "aa")


def test_known_parameters_are_taken(world: World) -> None:
    answer = world.api.get(f"{PREFIX}/events?limit=1&q=tempest&status=draft")
    assert answer.status_code == 200, answer.content


def test_key_goes_with_one_query(world: World) -> None:
    url = f"{PREFIX}/tax-rules"
    rule = {"name": "VAT", "rate": "7"}
    first = world.api.call("POST", url, rule, HTTP_IDEMPOTENCY_KEY="rule-7")
    again = world.api.call("POST", f"{url}?{UNKNOWN}=1", rule, HTTP_IDEMPOTENCY_KEY="rule-7")
    assert (first.status_code, again.status_code) == (201, 422)
