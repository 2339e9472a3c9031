"""Tickets and their way from hand to hand as the API shows them and the outbox tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kassa.core.clock import format_moment
from kassa.core.masking import mask_code
from kassa.orders.domain.document import ticket_document
from kassa.tickets.domain.transfer_rules import status_at
from kassa.tickets.models import Transfer


def masked_ticket(ticket: Any, currency: str) -> dict[str, Any]:
    """Return a ticket as events tell it: others read them, so its code stays hidden."""
    return {**ticket_document(ticket, currency), "code": mask_code(ticket.code)}


def transfer_document(transfer: Transfer, *, now: datetime) -> dict[str, Any]:
    """Return an offer and what came of it; the link to accept it is in the new person's mail alone."""
    return {
        "id": str(transfer.id),
        "ticket": str(transfer.ticket_id),
        "status": status_at(transfer, now).value,
        "from_name": transfer.from_name,
        "from_email": transfer.from_email,
        "to_name": transfer.to_name,
        "to_email": transfer.to_email,
        "message": transfer.message,
        "language": transfer.language,
        "offered_by": None if transfer.offered_by is None else str(transfer.offered_by),
        "offered_by_kind": str(transfer.offered_by_kind),
        "offered_at": format_moment(transfer.offered_at),
        "expires_at": format_moment(transfer.expires_at),
        "ended_at": format_moment(transfer.ended_at),
    }
