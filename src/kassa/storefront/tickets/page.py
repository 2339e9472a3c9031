"""All that the page of one ticket shows, read for its holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.utils.safestring import SafeString

from kassa.catalog.domain.answers import AskedQuestion
from kassa.catalog.models import Event, TicketType
from kassa.orders.domain.codes import spaced
from kassa.orders.domain.document import is_overdue
from kassa.orders.enums import OrderStatus, TicketStatus
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.organizations.queries import organization_settings
from kassa.storefront.formatting import EventFacts, facts_of, moment_text
from kassa.storefront.messages import HELD, TICKET, Standing
from kassa.storefront.tickets.qr_picture import draw_qr_codes
from kassa.tickets.domain.attendee import may_change, questions_of_ticket
from kassa.tickets.domain.transfer_rules import check_open, status_at, why_not_transferable
from kassa.tickets.domain.wallet import wallets_of
from kassa.tickets.enums import TransferStatus
from kassa.tickets.errors import TransfersDisabled, TransferTooLate
from kassa.tickets.models import Transfer


@dataclass(frozen=True)
class TicketPage:
    """One ticket as its holder sees it."""

    ticket: Ticket
    order: Order
    event: Event
    type_name: str
    names_required: bool
    settings: OrganizationSettings
    offer: Transfer | None
    """The open offer. None: there is none."""
    now: datetime

    @property
    def organization(self) -> Organization:
        return self.settings.organization

    @cached_property
    def facts(self) -> EventFacts:
        return facts_of(self.event)

    @cached_property
    def state(self) -> str:
        return state_of(self.ticket, self.order, self.now)

    @property
    def standing(self) -> Standing:
        return TICKET[self.state]

    @property
    def has_code(self) -> bool:
        """Whether there is something to show at the door."""
        return self.state in (TicketStatus.VALID, TicketStatus.USED)

    @property
    def code(self) -> str:
        return spaced(self.ticket.code)

    @property
    def holder_name(self) -> str:
        return f"{self.ticket.attendee_first_name} {self.ticket.attendee_last_name}".strip()

    @property
    def more(self) -> str:
        """When it was used, or until when its place is held; empty: there is nothing to add."""
        if self.state == "used" and self.ticket.checked_in_at:
            return moment_text(self.ticket.checked_in_at, self.event.time_zone)
        until = self.order.expires_at
        if self.state == "reserved" and until:
            return HELD % {"until": moment_text(until, self.event.time_zone)}
        return ""

    @property
    def offered_until(self) -> str:
        return moment_text(self.offer.expires_at, self.event.time_zone) if self.offer else ""

    @property
    def can_change(self) -> bool:
        is_allowed = may_change(self.ticket, self.event, self.settings, now=self.now)
        return self.state == TicketStatus.VALID and is_allowed

    @property
    def can_replace(self) -> bool:
        return self.state == TicketStatus.VALID and why_not_transferable(self.ticket, self.event) is None

    @property
    def can_offer(self) -> bool:
        try:
            check_open(self.event, self.settings, now=self.now)
        except (TransfersDisabled, TransferTooLate):
            return False
        return self.can_replace and self.offer is None

    @cached_property
    def wallets(self) -> set[str]:
        """Whose wallets the organisation makes passes for now."""
        return {str(kind) for kind in wallets_of(self.ticket.organization_id, self.now)}

    @cached_property
    def questions(self) -> list[AskedQuestion]:
        """What the event asks of it and its holder may answer."""
        asked = questions_of_ticket(self.ticket.organization_id, self.ticket)
        return [question for question in asked if question.is_changeable]

    @cached_property
    def qr(self) -> SafeString | None:
        """The QR code as a picture. None: nothing can sign it just now."""
        return draw_qr_codes(self.ticket.organization_id, [self.ticket], now=self.now).get(self.ticket.id)


def state_of(ticket: Ticket, order: Order, now: datetime) -> str:
    """Return how a ticket stands for its holder: its status, what keeps it back, or the end of its order."""
    if ticket.status == TicketStatus.RESERVED and is_overdue(order, now):
        return TicketStatus.EXPIRED.value
    if ticket.status in (TicketStatus.VALID, TicketStatus.USED):
        if order.status in (OrderStatus.CANCELLED, OrderStatus.REFUNDED):
            return str(order.status)  # It was used before; the door lets nobody in with it once more.
        if ticket.blocked_at is not None:
            return "blocked"
        if ticket.frozen_at is not None:
            return "frozen"
    return str(ticket.status)


def ticket_page(ticket: Ticket, *, now: datetime) -> TicketPage:
    """Read what the page of a ticket shows.

    Raises:
        NotFound: its organisation is gone.
    """
    organization_id = ticket.organization_id
    ticket_type = TicketType.objects.of(organization_id).get(id=ticket.ticket_type_id)
    return TicketPage(
        ticket=ticket,
        order=Order.objects.of(organization_id).get(id=ticket.order_id),
        event=Event.objects.of(organization_id).get(id=ticket.event_id),
        type_name=ticket_type.name,
        names_required=ticket_type.names_required,
        settings=organization_settings(organization_id),
        offer=open_offer(organization_id, ticket.id, now=now),
        now=now,
    )


def open_offer(organization_id: UUID, ticket_id: UUID, *, now: datetime) -> Transfer | None:
    """Return the offer of a ticket that can be accepted now. None: there is none."""
    offers = Transfer.objects.of(organization_id).filter(ticket_id=ticket_id, status=TransferStatus.OFFERED)
    offer = offers.first()
    return offer if offer and status_at(offer, now) == TransferStatus.OFFERED else None
