"""The registry of events: complete, documented, and refusing what is not in it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import orjson
import pytest

import kassa
from kassa.core.clock import utc_now
from kassa.core.database import statements
from kassa.core.event_schemas import build_schema, list_personal_fields
from kassa.core.event_types import EVENT_TYPES, EventType, UnregisteredEventType, event_type, get_event_type
from kassa.core.ids import new_id
from kassa.core.models import OutboxEvent
from kassa.core.outbox import DomainEvent, build_event, write_events
from tests.support.event_validation import validate_data, validate_event
from tests.support.factories import make_organization
from tests.support.sale_world import World

CATALOGUE = Path(kassa.__file__).parents[2] / "docs" / "developers" / "events.md"
types = pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=EVENT_TYPES)


def documented() -> list[tuple[str, str, str]]:
    """Return what the table of the documentation says of each type: name, subject, right."""
    rows = [line.split("|") for line in CATALOGUE.read_text().splitlines() if line.startswith("| `")]
    return [(row[1].strip(" `"), row[3].strip(" `").partition("/")[0], row[4].strip(" `")) for row in rows]


def test_documentation_lists_exactly_the_registry() -> None:
    assert sorted(documented()) == sorted(
        (event.name, event.subject, event.permission.value) for event in EVENT_TYPES.values()
    )


@types
def test_types_are_frozen_classes_with_a_valid_schema(event: EventType) -> None:
    schema = build_schema(event.payload)

    assert is_dataclass(event.payload)
    assert event.payload.__doc__
    assert schema["required"] == [field.name for field in fields(event.payload)]
    assert jsonschema_rs.meta.is_valid(schema)
    assert event.key is None or event.key in schema["properties"]
    empty = object.__new__(event.payload)
    with pytest.raises(FrozenInstanceError):
        setattr(empty, schema["required"][0], "")


@types
def test_what_is_about_a_person_is_declared(event: EventType) -> None:
    personal = set(list_personal_fields(event.payload))
    paths = set(list_paths(build_schema(event.payload)))
    named = ("email", "first_name", "last_name", "phone", "answers", "notes", "shipping_address")

    assert personal <= paths
    assert {path for path in paths if path.rpartition(".")[2] in named} <= personal


def list_paths(schema: dict[str, Any], path: str = "") -> list[str]:
    found = [path] if path else []
    for part in schema.get("anyOf", ()):
        found += list_paths(part, path)
    if "items" in schema:
        found += list_paths(schema["items"], path)
    for name, part in schema.get("properties", {}).items():
        found += list_paths(part, f"{path}.{name}" if path else name)
    return found


@pytest.mark.django_db
def test_types_that_are_not_declared_are_not_written() -> None:
    organization, subject = make_organization(), new_id()
    event = DomainEvent("order.forgotten", f"things/{subject}", subject, b"{}")

    with pytest.raises(UnregisteredEventType):
        write_events(statements(), organization.id, [event], now=utc_now())

    assert not OutboxEvent.objects.of(organization.id).exists()


def test_data_that_is_not_declared_becomes_no_event() -> None:
    given: dict[str, Any] = {"event": {}, "changed": [], "previous": {}}
    make: Any = lambda **fields: build_event("event.changed", new_id(), key=new_id(), fields=fields)  # noqa: E731

    wrong: dict[str, Any]
    for wrong in ({**given, "more": 1}, {"event": {}}):
        with pytest.raises(TypeError):
            make(**wrong)
    with pytest.raises(UnregisteredEventType):
        build_event("event.forgotten", new_id(), key=new_id(), fields={})


def test_type_is_declared_once() -> None:
    declared = get_event_type("order.created")
    again = event_type(
        declared.name, permission=declared.permission, topic=declared.topic, subject=declared.subject
    )

    with pytest.raises(ValueError, match="twice"):
        again(type("OrderCreatedAgain", (), {}))


@pytest.mark.django_db
def test_events_of_the_tests_are_held_against_their_types() -> None:
    world = World()
    order = world.place()
    row = OutboxEvent.objects.of(world.organization.id).get(subject=f"orders/{order.id}")
    data = orjson.loads(row.envelope)["data"]
    validate_data(row.type, data)

    for wrong in (
        {**data, "status": "lost"},
        {**data, "total": 12},
        {**data, "created_at": "yesterday"},
        {**data, "secret": "s3cret"},
        {name: value for name, value in data.items() if name != "customer"},
    ):
        with pytest.raises(jsonschema_rs.ValidationError):
            DomainEvent(row.type, row.subject, order.id, orjson.dumps(wrong))
    for subject, key in ((f"tickets/{order.id}", order.id), (row.subject, UUID(int=1))):
        with pytest.raises(AssertionError):
            validate_event(DomainEvent(row.type, subject, key, orjson.dumps(data)))


@pytest.mark.django_db
def test_envelope_names_the_schema_of_its_data(settings: Any) -> None:
    settings.BASE_URL = "https://kassa.example"
    world = World()
    world.place()

    [row] = OutboxEvent.objects.of(world.organization.id)

    address = "https://kassa.example/schemas/events/order.created/1"
    assert orjson.loads(row.envelope)["dataschema"] == address
