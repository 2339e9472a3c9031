"""All that the page of one ticket shows, read for its holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.safestring import SafeString

from kassa.catalog.domain.answers import AskedQuestion
from kassa.catalog.models import Event
from kassa.catalog.queries import get_events_by_id, get_ticket_types_by_id
from kassa.orders.domain.codes import spaced
from kassa.orders.enums import ADMITTING_TICKETS
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import get_order
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.organizations.queries import organization_settings
from kassa.storefront.formatting import EventFacts, facts_of, moment_text
from kassa.storefront.messages import HELD, TICKET, Standing
from kassa.storefront.tickets.qr_picture import draw_qr_codes
from kassa.tickets.domain.attendee import questions_of_ticket
from kassa.tickets.domain.capabilities import TicketCapabilities, decide_capabilities, ticket_state
from kassa.tickets.domain.wallet import wallets_of
from kassa.tickets.models import Transfer
from kassa.tickets.queries import find_open_offer


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
        return ticket_state(self.ticket, self.order, now=self.now)

    @property
    def standing(self) -> Standing:
        return TICKET[self.state]

    @property
    def has_code(self) -> bool:
        """Whether there is something to show at the door."""
        return self.state in ADMITTING_TICKETS

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

    @cached_property
    def can(self) -> TicketCapabilities:
        """What its holder may do with it."""
        has_offer = self.offer is not None
        return decide_capabilities(
            self.ticket, self.order, self.event, self.settings, has_offer=has_offer, now=self.now
        )

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


def ticket_page(ticket: Ticket, *, now: datetime) -> TicketPage:
    """Read what the page of a ticket shows.

    Raises:
        NotFound: its organisation is gone.
    """
    organization_id = ticket.organization_id
    ticket_type = get_ticket_types_by_id(organization_id, [ticket.ticket_type_id])[ticket.ticket_type_id]
    return TicketPage(
        ticket=ticket,
        order=get_order(organization_id, ticket.order_id),
        event=get_events_by_id(organization_id, [ticket.event_id])[ticket.event_id],
        type_name=ticket_type.name,
        names_required=ticket_type.names_required,
        settings=organization_settings(organization_id),
        offer=find_open_offer(organization_id, ticket.id, now=now),
        now=now,
    )
