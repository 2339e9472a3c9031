"""Tickets on paper: sold, printed, and read again as a door would read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pypdfium2
import zxingcpp
from PIL import Image

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.manual_status import change_status
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.qr import qr_text
from tests.support.factories import line, make_event, make_ticket_type
from tests.support.sale_world import World

DOTS_PER_INCH = 150
FULL = DOTS_PER_INCH / 72


class Press(World):
    """An organisation that prints what it has sold."""

    def sell(self, event: Event | None = None, quantity: int = 1, **customer: Any) -> Order:
        """Sell tickets of one event and confirm them."""
        kind = make_ticket_type(event or make_event(self.organization), name="Parterre")
        order = self.place(line(kind, quantity), **customer)
        self.confirm(order)
        return Order.objects.of(self.organization.id).get(id=order.id)

    def confirm(self, order: Order) -> None:
        context = self.context(now=utc_now())
        change_status(context, order.id, to_status=OrderStatus.CONFIRMED)

    def tickets_of(self, order: Order) -> list[Ticket]:
        return list(Ticket.objects.of(self.organization.id).filter(order_id=order.id).order_by("id"))

    def pdf(self, order: Order, *, language: str | None = None) -> bytes:
        return tickets_pdf(self.organization.id, order_id=order.id, language=language, now=utc_now())

    def qr_texts(self, tickets: Iterable[Ticket]) -> list[str]:
        key = signing_key(self.organization.id, utc_now())
        return [qr_text(ticket, key) for ticket in tickets]


def pages_of(pdf: bytes, *, scale: float = FULL) -> list[Image.Image]:
    """Return a picture of each page, at 150 dots per inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=scale).to_pil().convert("L") for page in document]
    finally:
        document.close()


def texts_of(pdf: bytes) -> list[str]:
    """Return what is written on each page, with every run of white space as one space."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            " ".join(page.get_textpage().get_text_bounded().replace("\ufffe", "").split())
            for page in document
        ]
    finally:
        document.close()


def lines_of(pdf: bytes) -> list[str]:
    """Return what is written, letter by letter as whoever copies it has it, line by line."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [line for page in document for line in page.get_textpage().get_text_bounded().splitlines()]
    finally:
        document.close()


def read_codes(picture: Image.Image) -> list[str]:
    """Return the texts of all codes that an independent decoder finds."""
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def only_ticket_id(tickets: list[Ticket]) -> UUID:
    (ticket,) = tickets
    return ticket.id
