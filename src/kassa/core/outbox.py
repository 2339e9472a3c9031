"""What happened, told in the transaction that made it happen, in the CloudEvents JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from kassa.core.clock import format_moment
from kassa.core.database import Statements, plain_array, text_array
from kassa.core.event_types import get_event_type
from kassa.core.ids import new_id
from kassa.core.masking import mask_links

INSERT_EVENTS = """
INSERT INTO core_outboxevent (id, organization_id, type, subject, key, envelope, created_at)
SELECT e.id, %s, e.type, e.subject, e.key, e.envelope, %s
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[]) AS e(id, type, subject, key, envelope)
"""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """One fact in the past tense, such as ``order.confirmed``, with its data as JSON."""

    type: str
    subject: str
    key: UUID
    """The id of the order for everything about an order, else that of the subject."""
    data: bytes


def build_event(name: str, subject_id: UUID, *, key: UUID, fields: Mapping[str, Any]) -> DomainEvent:
    """Return an event with the data that its type declares.

    Raises:
        TypeError: a declared field is missing, or there is one that is not declared.
        UnregisteredEventType: no package declares the type.
    """
    event = get_event_type(name)
    data = orjson.dumps(event.payload(**fields))
    return DomainEvent(name, f"{event.subject}/{subject_id}", key, data)


def event_source(organization_id: UUID) -> str:
    """Return the CloudEvents ``source`` of an organisation's events: the same nowhere else in the world."""
    return f"{settings.EVENT_SOURCE}/organizations/{organization_id}"


def add_sequence(envelope: str, position: int) -> str:
    """Return an envelope as it is sent: with its ``sequence``, the position as 20 digits.

    It is no part of what is stored, because the database gives out the position.
    """
    return f'{envelope[:-1]},"sequence":"{position:020}"}}'


def write_events(
    database: Statements, organization_id: UUID, events: Sequence[DomainEvent], *, now: datetime
) -> None:
    """Write events to the outbox, in their order, within the caller's transaction.

    Secret links are hidden wherever they stand, such as in the address that a buyer comes back to.

    Raises:
        UnregisteredEventType: no package declares the type of one of them.
    """
    if not events:
        return
    time = format_moment(now)
    source = event_source(organization_id)
    ids = [new_id() for _ in events]
    envelopes = [
        orjson.dumps(
            {
                "specversion": "1.0",
                "id": str(event_id),
                "source": source,
                "type": event.type,
                "subject": event.subject,
                "time": time,
                "datacontenttype": "application/json",
                "dataschema": get_event_type(event.type).schema_address,
                "partitionkey": str(event.key),
                "data": orjson.Fragment(event.data),
            }
        ).decode()
        for event_id, event in zip(ids, events, strict=True)
    ]
    database.queue(
        INSERT_EVENTS,
        (
            organization_id,
            now,
            plain_array(ids),
            plain_array([event.type for event in events]),
            plain_array([event.subject for event in events]),
            plain_array([event.key for event in events]),
            text_array([mask_links(envelope, organization_id) for envelope in envelopes]),
        ),
    )
