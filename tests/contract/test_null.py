"""A field of a PATCH that is ``null`` is cleared, or refused by name: none is passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.document import body_schema, described, resolved
from tests.contract.operations import OPERATIONS, PREFIX, Operation
from tests.contract.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys_stay_known")]

DESCRIPTIONS = {f"{method} {path.removeprefix(PREFIX)}": one for method, path, one in described()}
NESTED = {("PATCH /organization", "settings")}
"""Objects within a body that are changed field by field, as the body is."""
SHOWN_IN: dict[str, tuple[str, ...]] = {
    "PATCH /tickets/{ticket_id}": ("attendee",),
}
"""Where an answer shows what a body names, if not under the same name."""
EMPTY: tuple[Any, ...] = (None, "", [], {})


def properties(operation: Operation) -> dict[str, dict[str, Any]]:
    schema = body_schema(DESCRIPTIONS[str(operation)])
    assert schema is not None
    return properties_of(schema)


def properties_of(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields of an object, whether or not it may be null itself."""
    schema = resolved(schema)
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        schema = resolved(one) if "properties" in resolved(one) else schema
    found: dict[str, dict[str, Any]] = schema["properties"]
    return found


FIELDS = [
    pytest.param(operation, place, id=f"{operation} {'.'.join(place)}")
    for operation in OPERATIONS
    if operation.method == "PATCH"
    for name, schema in properties(operation).items()
    for place in (
        [(name,), *((name, inner) for inner in properties_of(schema))]
        if (str(operation), name) in NESTED
        else [(name,)]
    )
]


def body_of(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    for name in reversed(place):
        value = {name: value}
    return dict(value)


def shown(document: Any, operation: Operation, place: tuple[str, ...]) -> Any:
    for step in (*SHOWN_IN.get(str(operation), ()), *place):
        document = document[step]
    return document


def allows_null(operation: Operation, place: tuple[str, ...]) -> bool:
    schema = body_schema(DESCRIPTIONS[str(operation)]) or {}
    for name in place:
        schema = properties_of(schema)[name]
    return {"type": "null"} in resolved(schema).get("anyOf", ())


@pytest.mark.parametrize(("operation", "place"), FIELDS)
def test_null_clears_or_is_refused(operation: Operation, place: tuple[str, ...], world: World) -> None:
    url = operation.url({**world.ids})

    answer = world.api.patch(url, body_of(place, None))

    document = answer.json()
    if answer.status_code == 200:
        assert allows_null(operation, place)
        assert shown(document, operation, place) in EMPTY
    elif answer.status_code == 422:
        assert any(".".join(place) in error["field"] for error in document["errors"]), document
        assert not allows_null(operation, place) or (str(operation), *place) in STATE_DECIDES
    else:
        assert document["code"] == "still_in_use", "other objects of this kind can be cleared"
        assert allows_null(operation, place)


STATE_DECIDES = {("PATCH /events/{event_id}", "starts_at")}
"""Fields that some objects may have empty and this one may not: only a course may have no date yet."""
