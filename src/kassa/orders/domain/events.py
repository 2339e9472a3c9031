"""What is told of orders and tickets: past tense, with the whole order as it then was, but for codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kassa.core.database import Statements
from kassa.core.masking import mask_code
from kassa.core.outbox import DomainEvent, write_events
from kassa.orders.enums import TicketStatus
from kassa.orders.queries import order_documents

BECAME = {
    "ticket.issued": TicketStatus.VALID,
    "ticket.cancelled": TicketStatus.CANCELLED,
    "ticket.expired": TicketStatus.EXPIRED,
    "ticket.refunded": TicketStatus.REFUNDED,
}
"""What a ticket is after the event; one that was used at the door is not cancelled with the others."""


def mask_order(document: dict[str, Any]) -> dict[str, Any]:
    """Return an order's document without what lets anybody in: whoever may read events is not yet let in."""
    tickets = [{**ticket, "code": mask_code(ticket["code"])} for ticket in document["tickets"]]
    return {**document, "tickets": tickets}


def order_event(name: str, order_id: UUID, data: bytes) -> DomainEvent:
    """Return an event of an order; ``data`` is its masked document as JSON."""
    return DomainEvent(type=name, subject=f"orders/{order_id}", key=order_id, data=data)


def ticket_events(name: str, document: dict[str, Any]) -> list[DomainEvent]:
    """Return one event for each ticket of an order's masked document that it is true of."""
    key = UUID(document["id"])
    return [
        DomainEvent(
            type=name,
            subject=f"tickets/{ticket['id']}",
            key=key,
            data=orjson.dumps({"order": document["id"], "number": document["number"], "ticket": ticket}),
        )
        for ticket in document["tickets"]
        if ticket["status"] == BECAME[name]
    ]


def publish_orders(
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
