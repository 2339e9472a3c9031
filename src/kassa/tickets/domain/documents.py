"""Tickets as files, made when they are asked for and never kept, so that they are never stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.orders.models import Ticket
from kassa.tickets.domain.keys import KeyInUse, signing_key
from kassa.tickets.domain.looks import look_of
from kassa.tickets.domain.order_calendar import calendar_file
from kassa.tickets.domain.pages import TEMPLATE, ticket_page
from kassa.tickets.domain.printed import Printed, is_given_away, read_printed
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.qr_image import qr_svg
from kassa.tickets.domain.words import words_in
from kassa.typesetting.compiler import typeset

__all__ = ["calendar_file", "tickets_pdf"]

QR_BORDER = 2
"""On paper that is white for four modules around, two of them inside the picture."""


def tickets_pdf(
    organization_id: UUID,
    *,
    order_id: UUID | None = None,
    ticket_ids: Collection[UUID] | None = None,
    language: str | None,
    now: datetime,
) -> bytes:
    """Return a page for each valid or used ticket, as one PDF file.

    Of an order those that went to other people are left out. ``language`` None: the buyer's.

    Raises:
        NotFound: there is no such order, or one of the tickets does not exist.
        NoTicketsToPrint: none of them is valid or used.
        SigningKeyUnreadable: the key that signs the codes cannot be decrypted.
    """
    printed = read_printed(organization_id, order_id=order_id, ticket_ids=ticket_ids)
    chosen = language or printed.language_of(printed.orders[printed.tickets[0].order_id])
    key = signing_key(organization_id, now)
    return typeset(pages_document(printed, key, language=chosen), template=TEMPLATE, now=now)


def pages_document(printed: Printed, key: KeyInUse, *, language: str, mark: str = "") -> dict[str, Any]:
    """Return all that is set, as the template reads it."""
    words = words_in(language)
    designs = {
        str(event_id): look_of(printed.design_of(event_id), printed.settings, language=language)
        for event_id in printed.events
    }
    totals = Counter(ticket.order_id for ticket in printed.tickets)
    seen: Counter[UUID] = Counter()
    pages = []
    for ticket in printed.tickets:
        seen[ticket.order_id] += 1
        count = ""
        if totals[ticket.order_id] > 1:
            count = words["count"].format(number=seen[ticket.order_id], total=totals[ticket.order_id])
        page = _page(ticket, printed, key, count=count, language=language)
        pages.append({**page, "mark": mark or page["mark"]})
    titles = sorted({event.title for event in printed.events.values()})
    return {
        "language": language,
        "title": f"{words['tickets' if len(pages) > 1 else 'ticket']}: {', '.join(titles)}",
        "author": printed.organization.name,
        "words": {name: words[name] for name in ("qr", "notes", "terms")},
        "designs": designs,
        "pages": pages,
    }


def _page(ticket: Ticket, printed: Printed, key: KeyInUse, *, count: str, language: str) -> dict[str, Any]:
    design = printed.design_of(ticket.event_id)
    order = printed.orders[ticket.order_id]
    return ticket_page(
        ticket,
        order=order,
        event=printed.events[ticket.event_id],
        ticket_type=printed.ticket_types[ticket.ticket_type_id],
        seat=None if ticket.seat_id is None else printed.seats.get(ticket.seat_id),
        qr=qr_svg(qr_text(ticket, key), border=QR_BORDER),
        design=str(ticket.event_id),
        shows_price=design is None or design.shows_price,
        is_given_away=is_given_away(ticket, order),
        count=count,
        language=language,
        words=words_in(language),
    )
