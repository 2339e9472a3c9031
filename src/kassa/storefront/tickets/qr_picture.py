"""The QR codes of tickets as pictures within a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe

from kassa.orders.models import Ticket
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.qr_image import qr_code
from kassa.tickets.errors import SigningKeyUnreadable


def draw_qr_codes(
    organization_id: UUID, tickets: Iterable[Ticket], *, now: datetime
) -> dict[UUID, SafeString]:
    """Return the QR codes of tickets by their ids, dark on light in every mode.

    Empty: none can be signed now.
    """
    try:
        key = signing_key(organization_id, now)
    except SigningKeyUnreadable:
        return {}
    return {ticket.id: _draw(qr_text(ticket, key)) for ticket in tickets}


def _draw(text: str) -> SafeString:
    drawn = qr_code(text).svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr")
    return mark_safe(drawn)  # noqa: S308 (drawn by segno from letters and digits)
