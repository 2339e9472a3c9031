"""What is told of orders and tickets: past tense, with the whole order as it then was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from kassa.core.outbox import DomainEvent
from kassa.orders.enums import TicketStatus

BECAME = {
    "ticket.issued": TicketStatus.VALID,
    "ticket.cancelled": TicketStatus.CANCELLED,
    "ticket.expired": TicketStatus.EXPIRED,
    "ticket.refunded": TicketStatus.REFUNDED,
}
"""What a ticket is after the event; one that was used at the door is not cancelled with the others."""


def order_event(name: str, order_id: UUID, data: bytes) -> DomainEvent:
    """Return an event of an order; ``data`` is its document as JSON."""
    return DomainEvent(type=name, subject=f"orders/{order_id}", key=order_id, data=data)


def ticket_events(name: str, document: dict[str, Any]) -> list[DomainEvent]:
    """Return one event for each ticket of an order's document that it is true of."""
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
