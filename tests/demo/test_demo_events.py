"""What the demo has told in events: all of it declared, and nothing of it lets its reader in."""

from __future__ import annotations

from typing import Any

import orjson

from kassa.core.event_types import get_event_type
from kassa.core.models import OutboxEvent
from kassa.orders.models import Ticket
from tests.support.event_secrets import find_secrets
from tests.support.event_validation import validate_data


def test_events_of_the_demo_are_what_their_types_declare(demo: dict[str, Any]) -> None:
    rows = OutboxEvent.unscoped.values_list("type", "envelope")
    assert len(rows) > 100

    for name, envelope in rows:
        told = orjson.loads(envelope)
        validate_data(name, told["data"])
        assert told["dataschema"] == get_event_type(name).schema_address


def test_events_of_the_demo_have_no_whole_code_or_link(demo: dict[str, Any]) -> None:
    assert find_secrets() == []

    event, ticket = OutboxEvent.unscoped.earliest("position"), Ticket.unscoped.first()
    assert ticket is not None
    event.envelope = event.envelope.replace(event.subject, ticket.code)
    event.save()
    assert find_secrets() == [ticket.code]  # the control
