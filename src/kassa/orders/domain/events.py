"""What is told of orders and tickets: past tense, with the whole order as it then was, but for codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from kassa.core.masking import mask_code
from kassa.core.outbox import DomainEvent
from kassa.orders.enums import TicketStatus

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
