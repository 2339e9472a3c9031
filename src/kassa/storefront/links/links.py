"""What a secret link opens."""

from __future__ import annotations

from kassa.core.errors import NotFound
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import get_order
from kassa.tickets.domain.links import LinkToken, is_genuine, parse_genuine, parse_token
from kassa.tickets.enums import EndOfLink
from kassa.tickets.models import Transfer
from kassa.tickets.queries import list_former_codes, ticket_of, transfer_of

NOWHERE = "This link is not valid, or no longer valid."


class LinkDead(Exception):
    """The link is genuine, and opens nothing any more; ``reason`` says why."""

    def __init__(self, reason: EndOfLink) -> None:
        super().__init__(f"This link is over: {reason}.")
        self.reason = reason


def find_order(token: str) -> Order:
    """Return the order that a link opens.

    Raises:
        NotFound: it opens nothing.
        LinkDead: it did, before it was ended.
    """
    parsed = parse_genuine("order", token)
    order = get_order(parsed.organization_id, parsed.object_id)
    _check_generation(parsed, order)
    return order


def find_ticket(token: str) -> Ticket:
    """Return the ticket that a link opens.

    Raises:
        NotFound: it opens nothing.
        LinkDead: it did, before it was ended or the ticket got another code.
    """
    parsed = parse_token(token)
    ticket = ticket_of(parsed.organization_id, parsed.object_id)
    if is_genuine("ticket", parsed, ticket.code):
        _check_generation(parsed, ticket)
        return ticket
    for former in list_former_codes(parsed.organization_id, parsed.object_id):
        if is_genuine("ticket", parsed, former.code):
            raise LinkDead(EndOfLink(former.reason))
    raise NotFound(NOWHERE)


def find_transfer(token: str) -> Transfer:
    """Return the offer that a link opens.

    Raises:
        NotFound: it opens nothing.
        LinkDead: it did, before it was ended.
    """
    parsed = parse_genuine("transfer", token)
    transfer = transfer_of(parsed.organization_id, parsed.object_id)
    _check_generation(parsed, transfer)
    return transfer


def _check_generation(token: LinkToken, found: Order | Ticket | Transfer) -> None:
    if token.generation != found.link_generation:
        raise LinkDead(EndOfLink.ENDED)
