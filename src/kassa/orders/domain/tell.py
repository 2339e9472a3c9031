"""Telling what became of orders, in the transaction that made it so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kassa.core.database import Statements
from kassa.core.outbox import DomainEvent, write_events
from kassa.orders.domain.events import mask_order, order_event, ticket_events
from kassa.orders.queries import order_documents


def tell_orders(
    database: Statements,
    organization_id: UUID,
    order_ids: Sequence[UUID],
    *,
    order_event_name: str | None,
    ticket_event_name: str | None = None,
    now: datetime,
) -> dict[UUID, dict[str, Any]]:
    """Write an event for each order, and one for each of its tickets; return the orders' documents."""
    documents = order_documents(organization_id, order_ids, now=now)
    events: list[DomainEvent] = []
    for order_id in order_ids:
        document = mask_order(documents[order_id])
        if order_event_name is not None:
            events.append(order_event(order_event_name, order_id, orjson.dumps(document)))
        if ticket_event_name is not None:
            events.extend(ticket_events(ticket_event_name, document))
    write_events(database, organization_id, events, now=now)
    return documents
