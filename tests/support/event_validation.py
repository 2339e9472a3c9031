"""Every event that the tests write is held against what its type declares."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

import jsonschema_rs
import orjson

from kassa.core.event_schemas import build_schema
from kassa.core.event_types import get_event_type
from kassa.core.outbox import DomainEvent

NOT_OF_KASSA = "things/"
"""Subjects of events that a test makes up to look at how they are read."""


@cache
def _validator(name: str) -> Any:
    schema = build_schema(get_event_type(name).payload, closed=True)
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def validate_data(name: str, data: dict[str, Any]) -> None:
    """Hold the data of an event against its type; nothing may be missing, and nothing be there besides."""
    _validator(name).validate(data)


def validate_event(event: DomainEvent) -> None:
    """Hold an event against its type: its data, its subject and the key that it stays in order by."""
    if event.subject.startswith(NOT_OF_KASSA):
        return
    declared, data = get_event_type(event.type), orjson.loads(event.data)
    validate_data(event.type, data)
    collection, subject_id = event.subject.split("/")
    assert collection == declared.subject, event
    assert event.key == UUID((declared.key and data[declared.key]) or subject_id), event


def checked(make: Callable[..., None]) -> Callable[..., None]:
    """Return the constructor of events, followed by a look at what it made."""

    def make_checked(event: DomainEvent, *args: Any, **fields: Any) -> None:
        make(event, *args, **fields)
        validate_event(event)

    return make_checked
