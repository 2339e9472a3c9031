"""What a secret link opens."""

from __future__ import annotations

from typing import TypeVar

from kassa.core.errors import NotFound
from kassa.orders.models import Order, Ticket
from kassa.tickets.domain.links import check_token, read_order_token, read_token, read_transfer_token
from kassa.tickets.enums import EndOfCode
from kassa.tickets.models import FormerCode, Transfer

T = TypeVar("T")


class LinkDead(Exception):
    """The link opened a ticket once; ``reason`` says what became of the code in it."""

    def __init__(self, reason: EndOfCode) -> None:
        super().__init__(f"The code in this link was {reason}.")
        self.reason = reason


def find_order(token: str) -> Order:
    """Return the order that a link opens.

    Raises:
        NotFound: it opens nothing.
    """
    organization_id, order_id = read_order_token(token)
    return _there(Order.objects.of(organization_id).filter(id=order_id).first())


def find_ticket(token: str) -> Ticket:
    """Return the ticket that a link opens.

    Raises:
        NotFound: it opens nothing.
        LinkDead: it did, before the ticket got another code.
    """
    organization_id, ticket_id, signature = read_token(token)
    ticket = _there(Ticket.objects.of(organization_id).filter(id=ticket_id).first())
    try:
        check_token("ticket", organization_id, ticket_id, signature, ticket.code)
    except NotFound:
        for former in FormerCode.objects.of(organization_id).filter(ticket_id=ticket_id):
            if _is_for(ticket, signature, former.code):
                raise LinkDead(EndOfCode(former.reason)) from None
        raise
    return ticket


def find_transfer(token: str) -> Transfer:
    """Return the offer that a link opens.

    Raises:
        NotFound: it opens nothing.
    """
    organization_id, transfer_id = read_transfer_token(token)
    return _there(Transfer.objects.of(organization_id).filter(id=transfer_id).first())


def _is_for(ticket: Ticket, signature: bytes, code: str) -> bool:
    try:
        check_token("ticket", ticket.organization_id, ticket.id, signature, code)
    except NotFound:
        return False
    return True


def _there(found: T | None) -> T:
    if found is None:
        raise NotFound("This link leads nowhere, or not any more.")
    return found
