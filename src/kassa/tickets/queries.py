"""Reads of tickets: what an actor may see of them comes from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from kassa.catalog.models import Event, TicketType
from kassa.core.clock import format_moment
from kassa.core.email_addresses import email_key
from kassa.core.errors import NotFound
from kassa.orders.domain.codes import tidy_code
from kassa.orders.domain.document import ticket_document
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.enums import ADMITTING_TICKETS, HOLDING, TicketStatus
from kassa.orders.models import Order, Ticket
from kassa.tickets.domain.keys import KeyInUse, signing_key
from kassa.tickets.domain.links import ticket_link
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.ticket_document import transfer_document
from kassa.tickets.domain.transfer_rules import status_at
from kassa.tickets.enums import TransferStatus
from kassa.tickets.errors import SigningKeyUnreadable
from kassa.tickets.models import FormerCode, TicketDesign, Transfer
from kassa.typesetting.fonts import missing_letters
from kassa.typesetting.text import tidy_line


def tickets_of(organization_id: UUID) -> QuerySet[Ticket]:
    """Return all tickets an actor of the organisation may see."""
    return Ticket.objects.of(organization_id)


def ticket_of(organization_id: UUID, ticket_id: UUID) -> Ticket:
    """Return one ticket.

    Raises:
        NotFound: the organisation has no such ticket.
    """
    ticket = tickets_of(organization_id).filter(id=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def still_held(organization_id: UUID, tickets: Sequence[Ticket]) -> list[Ticket]:
    """Return those of some tickets that have the code they were read with.

    Whatever is made of tickets for their holder is read again on the way; one that went to another person
    meanwhile has its new code in it, which is not the holder's to see. Ask this last.
    """
    rows = tickets_of(organization_id).filter(id__in=[ticket.id for ticket in tickets])
    codes = dict(rows.values_list("id", "code"))
    return [ticket for ticket in tickets if codes.get(ticket.id) == ticket.code]


def filter_tickets(
    organization_id: UUID,
    *,
    now: datetime,
    event: UUID | None = None,
    order: UUID | None = None,
    ticket_type: UUID | None = None,
    status: Collection[str] = (),
    code: str | None = None,
    email: str | None = None,
) -> QuerySet[Ticket]:
    """Return the tickets that fit: ``code`` may be a former one, ``email`` the buyer's or the holder's."""
    tickets = tickets_of(organization_id)
    exact = {"event_id": event, "order_id": order, "ticket_type_id": ticket_type}
    tickets = tickets.filter(**{name: value for name, value in exact.items() if value is not None})
    if status:
        overdue = Q(status=TicketStatus.RESERVED, order__status__in=HOLDING, order__expires_at__lte=now)
        fits = Q(status__in=status) & ~overdue
        tickets = tickets.filter(fits | overdue if TicketStatus.EXPIRED in status else fits)
    if code is not None:
        written = {code, tidy_code(code)}
        former = FormerCode.objects.of(organization_id).filter(code__in=written).values("ticket_id")
        tickets = tickets.filter(Q(code__in=written) | Q(id__in=former))
    if email is not None:
        wanted = email_key(email)
        orders = Order.objects.of(organization_id).alias(address=Lower("customer_email"))
        bought = orders.filter(address=wanted).values("id")
        tickets = tickets.alias(address=Lower("attendee_email"))
        tickets = tickets.filter(Q(address=wanted) | Q(order_id__in=bought))
    return tickets


def ticket_documents(
    organization_id: UUID, tickets: Sequence[Ticket], *, now: datetime
) -> list[dict[str, Any]]:
    """Return whole tickets in their order, in four more queries however many they are."""
    if not tickets:
        return []
    orders = Order.objects.of(organization_id).in_bulk({ticket.order_id for ticket in tickets})
    events = Event.objects.of(organization_id).in_bulk({ticket.event_id for ticket in tickets})
    types = TicketType.objects.of(organization_id).in_bulk({ticket.ticket_type_id for ticket in tickets})
    ways = transfers_by_ticket(organization_id, [ticket.id for ticket in tickets])
    key = _key(organization_id, tickets, now)
    return [
        {
            **ticket_document(
                ticket,
                orders[ticket.order_id].currency,
                overdue=is_overdue(orders[ticket.order_id], now),
            ),
            "block_reason": ticket.block_reason,
            "order": str(ticket.order_id),
            "order_number": orders[ticket.order_id].number,
            "currency": orders[ticket.order_id].currency,
            "event_title": events[ticket.event_id].title,
            "event_starts_at": format_moment(events[ticket.event_id].starts_at),
            "ticket_type_name": types[ticket.ticket_type_id].name,
            "qr_code": qr_text(ticket, key) if key and ticket.status in ADMITTING_TICKETS else None,
            "unprintable_letters": unprintable_letters(
                ticket, events[ticket.event_id].title, types[ticket.ticket_type_id].name
            ),
            "transfers": [transfer_document(one, now=now) for one in ways.get(ticket.id, ())],
            "created_at": format_moment(ticket.created_at),
            "updated_at": format_moment(ticket.updated_at),
            "links": _links(ticket),
        }
        for ticket in tickets
    ]


def unprintable_letters(ticket: Ticket, *beside: str) -> str:
    """Return the letters of what is written on a ticket that no font has, each once."""
    written = (ticket.attendee_first_name, ticket.attendee_last_name, ticket.seat_label, *beside)
    return missing_letters(tidy_line(" ".join(written)))


def ticket_document_of(organization_id: UUID, ticket: Ticket, *, now: datetime) -> dict[str, Any]:
    """Return one whole ticket."""
    return ticket_documents(organization_id, [ticket], now=now)[0]


def transfers_by_ticket(organization_id: UUID, ticket_ids: Iterable[UUID]) -> dict[UUID, list[Transfer]]:
    """Return by ticket to whom it was offered, oldest first, and what came of it."""
    ways: dict[UUID, list[Transfer]] = defaultdict(list)
    offers = Transfer.objects.of(organization_id).filter(ticket_id__in=list(ticket_ids))
    for transfer in offers.order_by("id"):
        ways[transfer.ticket_id].append(transfer)
    return ways


def transfers_of(organization_id: UUID, ticket_id: UUID) -> list[Transfer]:
    """Return to whom a ticket was offered, oldest first.

    Raises:
        NotFound: the organisation has no such ticket.
    """
    ticket_of(organization_id, ticket_id)
    return transfers_by_ticket(organization_id, [ticket_id]).get(ticket_id, [])


def transfer_of(organization_id: UUID, transfer_id: UUID) -> Transfer:
    """Return one offer of a ticket.

    Raises:
        NotFound: the organisation has no such offer.
    """
    transfer = Transfer.objects.of(organization_id).filter(id=transfer_id).first()
    if transfer is None:
        raise NotFound
    return transfer


def _key(organization_id: UUID, tickets: Iterable[Ticket], now: datetime) -> KeyInUse | None:
    """Return what signs QR codes. None: none of the tickets has one, or the key is lost; see the keys."""
    if not any(ticket.status in ADMITTING_TICKETS for ticket in tickets):
        return None
    try:
        return signing_key(organization_id, now)
    except SigningKeyUnreadable:
        return None


def _links(ticket: Ticket) -> dict[str, str | None]:
    address = f"/api/v1/tickets/{ticket.id}"
    is_ticket = ticket.status in ADMITTING_TICKETS
    page = (
        ticket_link(ticket.organization_id, ticket.id, ticket.link_generation, ticket.code)
        if is_ticket
        else None
    )
    return {
        "self": address,
        "transfers": f"{address}/transfers",
        "pdf": f"{address}/ticket.pdf" if is_ticket else None,
        "calendar": f"{address}/calendar.ics",
        "page": page,
    }


def ticket_designs_of(organization_id: UUID) -> QuerySet[TicketDesign]:
    """Return all designs an actor of the organisation may see."""
    return TicketDesign.objects.of(organization_id)


def list_former_codes(organization_id: UUID, ticket_id: UUID) -> list[FormerCode]:
    """Return the codes that a ticket had before, and why each ended."""
    return list(FormerCode.objects.of(organization_id).filter(ticket_id=ticket_id))


def has_code_ended_since(organization_id: UUID, ticket_id: UUID, *, position: int | None) -> bool:
    """Say whether a later code of a ticket has ended than the one at a position."""
    later = FormerCode.objects.of(organization_id).filter(ticket_id=ticket_id, position__gt=position)
    return later.exists()


def find_open_offer(organization_id: UUID, ticket_id: UUID, *, now: datetime) -> Transfer | None:
    """Return the offer of a ticket that can be accepted now. None: there is none."""
    offers = Transfer.objects.of(organization_id).filter(ticket_id=ticket_id, status=TransferStatus.OFFERED)
    offer = offers.first()
    return offer if offer and status_at(offer, now) == TransferStatus.OFFERED else None


def find_holder_language(ticket: Ticket) -> str | None:
    """Return the language of who has a ticket: the new person's, else the buyer's. None: nobody said."""
    if ticket.transferred_at is not None:
        accepted = Transfer.objects.of(ticket.organization_id).filter(
            ticket_id=ticket.id, status=TransferStatus.ACCEPTED
        )
        return accepted.order_by("-id").values_list("language", flat=True).first()
    orders = Order.objects.of(ticket.organization_id).filter(id=ticket.order_id)
    return orders.values_list("customer_language", flat=True).first()
