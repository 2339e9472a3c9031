"""Telling what became of tickets, in the transaction that made it so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.database import statements
from kassa.core.outbox import build_event, write_events
from kassa.orders.models import Order, Ticket
from kassa.tickets.domain.ticket_document import masked_ticket, transfer_document
from kassa.tickets.models import Transfer


def publish_tickets(
    organization_id: UUID,
    told: Mapping[UUID, str],
    *,
    transfers: Iterable[Transfer] = (),
    now: datetime,
    **more: Any,
) -> None:
    """Write one event for each ticket: ``told`` names it by the ticket's id.

    No event has a whole code or a link in it: whoever may read events is not yet let in.
    """
    tickets = list(Ticket.objects.of(organization_id).filter(id__in=list(told)).order_by("id"))
    orders = Order.objects.of(organization_id).filter(id__in={ticket.order_id for ticket in tickets})
    known = {order.id: order for order in orders.only("id", "number", "currency")}
    offers = {transfer.ticket_id: transfer_document(transfer, now=now) for transfer in transfers}
    events = []
    for ticket in tickets:
        order = known[ticket.order_id]
        fields: dict[str, Any] = {
            "order": str(order.id),
            "number": order.number,
            "event": str(ticket.event_id),
            "ticket": masked_ticket(ticket, order.currency),
            **({"transfer": offers[ticket.id]} if ticket.id in offers else {}),
            **more,
        }
        events.append(build_event(told[ticket.id], ticket.id, key=order.id, fields=fields))
    write_events(statements(), organization_id, events, now=now)
