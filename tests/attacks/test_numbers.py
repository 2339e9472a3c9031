"""``true`` is no number, in no field of any payload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from kassa.api.schemas import Input
from kassa.urls import urlpatterns
from tests.support.api_client import make_api_client
from tests.support.factories import make_event, make_organization, make_ticket_type, places

assert urlpatterns  # with them every payload is there
NUMBERS = {"integer", "number"}


class Lax(BaseModel):
    """The control: what pydantic takes by itself."""

    quantity: int = 1


def payloads(base: type[BaseModel] = Input) -> Iterator[type[BaseModel]]:
    for payload in base.__subclasses__():
        yield payload
        yield from payloads(payload)


def wrong_values(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield what a field would be where it is told to hold a number and holds a boolean."""
    choices = schema.get("anyOf", ())
    if schema.get("type") in NUMBERS:
        yield True
    if not any(inner.get("type") == "boolean" for inner in choices):  # such as an answer to a question
        for inner in choices:
            yield from wrong_values(inner)
    if "items" in schema:
        yield from ([value] for value in wrong_values(schema["items"]))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from ({"any": value} for value in wrong_values(schema["additionalProperties"]))


FIELDS = [
    (payload, name, value)
    for payload in payloads()
    for name, schema in payload.model_json_schema().get("properties", {}).items()
    for value in wrong_values(schema)
]


def test_there_are_such_fields() -> None:
    assert len({(payload, name) for payload, name, _ in FIELDS}) > 50
    assert Lax.model_validate({"quantity": True}).quantity == 1


@pytest.mark.parametrize(
    ("payload", "name", "value"), FIELDS, ids=[f"{payload.__name__}.{name}" for payload, name, _ in FIELDS]
)
def test_no_number_is_a_boolean(payload: type[BaseModel], name: str, value: Any) -> None:
    for wrong in (value, _negated(value)):
        with pytest.raises(ValidationError) as refused:
            payload.model_validate({name: wrong})

        assert name in {str(error["loc"][0]) for error in refused.value.errors() if error["loc"]}


def _negated(value: Any) -> Any:
    if isinstance(value, list):
        return [_negated(value[0])]
    return {"any": _negated(value["any"])} if isinstance(value, dict) else not value


@pytest.mark.django_db
def test_an_order_of_true_places_is_refused() -> None:
    organization = make_organization()
    item = make_ticket_type(make_event(organization))
    body = {
        "lines": [{"ticket_type": str(item.id), "quantity": True}],
        "customer": {"email": "a@example.com"},
    }

    answer = make_api_client(organization).post("/api/v1/orders", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lines.0.quantity")
    assert places(item.quota_id) == (0, 0)
