"""Which language a ticket's holder reads, as far as Kassa was told."""

from __future__ import annotations

from uuid import UUID

from kassa.orders.models import Order, Ticket
from kassa.organizations.queries import organization_settings
from kassa.tickets.enums import TransferStatus
from kassa.tickets.models import Transfer


def language_of_ticket(ticket: Ticket) -> str | None:
    """Return the language of who has a ticket: the new person's, else the buyer's. None: nobody said."""
    if ticket.transferred_at is not None:
        accepted = Transfer.objects.of(ticket.organization_id).filter(
            ticket_id=ticket.id, status=TransferStatus.ACCEPTED
        )
        return accepted.order_by("-id").values_list("language", flat=True).first()
    return (
        Order.objects.of(ticket.organization_id)
        .filter(id=ticket.order_id)
        .values_list("customer_language", flat=True)
        .first()
    )


def organization_language(organization_id: UUID) -> str:
    """Return what an organisation writes in.

    Raises:
        NotFound: it is gone.
    """
    return organization_settings(organization_id).default_language
