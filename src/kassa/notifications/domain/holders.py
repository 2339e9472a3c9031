"""Whose ticket is whose: nobody is shown what has gone on to another person."""

from __future__ import annotations

from collections.abc import Sequence

from kassa.core.email_addresses import email_key
from kassa.notifications.domain.facts import Facts
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message
from kassa.orders.enums import ADMITTING_TICKETS
from kassa.orders.models import Ticket

WITH_TICKETS = frozenset(
    {MessageKind.ORDER_CONFIRMED, MessageKind.TICKET_TRANSFERRED, MessageKind.TICKET_REISSUED}
)
"""The messages that tickets are attached to."""


def tickets_of_reader(message: Message, facts: Facts) -> list[Ticket]:
    """Return the tickets that a message's reader holds now, of its order, and of its event if it has one.

    A buyer holds what was never given away; anybody else what was last given to them.
    """
    tickets = facts.tickets.get(message.order_id, [])
    if message.event_id is not None:
        tickets = [ticket for ticket in tickets if ticket.event_id == message.event_id]
    if message.ticket_id is None:
        return [ticket for ticket in tickets if not ticket.transferred_to]
    if message.kind in WITH_TICKETS:
        tickets = [ticket for ticket in tickets if ticket.id == message.ticket_id]
    reader = email_key(message.recipient)
    return [ticket for ticket in tickets if _holder(ticket, message, facts) == reader]


def ticket_of(message: Message, facts: Facts) -> Ticket | None:
    """Return the one ticket that a message is about, whoever holds it now."""
    tickets = facts.tickets.get(message.order_id, [])
    return next((ticket for ticket in tickets if ticket.id == message.ticket_id), None)


def letting_in(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Return those that let somebody in, or have."""
    return [ticket for ticket in tickets if ticket.status in ADMITTING_TICKETS]


def attached_tickets(message: Message, facts: Facts) -> list[Ticket]:
    """Return the tickets that go with a message."""
    return letting_in(tickets_of_reader(message, facts)) if message.kind in WITH_TICKETS else []


def _holder(ticket: Ticket, message: Message, facts: Facts) -> str:
    buyer = facts.orders[message.order_id].customer_email
    return email_key(ticket.transferred_to or buyer)
