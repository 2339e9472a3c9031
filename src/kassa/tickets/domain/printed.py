"""What is read to print tickets, however many, in a few queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from kassa.catalog.models import Event, TicketType
from kassa.core.email_addresses import email_key
from kassa.core.errors import NotFound
from kassa.orders.enums import ADMITTING_TICKETS, OrderStatus, TicketStatus
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import orders_of
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.organizations.queries import organization_settings
from kassa.seating.models import EventSeat
from kassa.tickets.errors import NoTicketsToPrint
from kassa.tickets.models import TicketDesign
from kassa.tickets.queries import tickets_of

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Printed:
    """Tickets with all that is written on them."""

    settings: OrganizationSettings
    tickets: list[Ticket]
    """In the order in which they were sold; never empty."""
    orders: Mapping[UUID, Order]
    events: Mapping[UUID, Event]
    ticket_types: Mapping[UUID, TicketType]
    seats: Mapping[UUID, EventSeat]
    designs: Mapping[UUID | None, TicketDesign]
    """By event; under None the organisation's own."""

    @property
    def organization(self) -> Organization:
        return self.settings.organization

    def design_of(self, event_id: UUID) -> TicketDesign | None:
        """Return how an event's tickets look. None: as those of an organisation that chose nothing."""
        return self.designs.get(event_id) or self.designs.get(None)

    def language_of(self, order: Order) -> str:
        return order.customer_language or self.settings.default_language


def read_printed(
    organization_id: UUID, *, order_id: UUID | None = None, ticket_ids: Collection[UUID] | None = None
) -> Printed:
    """Read what is printed: all tickets of an order that its buyer still has, or those with some ids.

    Raises:
        NotFound: there is no such order, or one of the tickets does not exist.
        NoTicketsToPrint: none of them is valid or used.
    """
    tickets = _chosen(organization_id, order_id=order_id, ticket_ids=ticket_ids)
    if not tickets:
        raise NoTicketsToPrint
    orders = _by_id(orders_of(organization_id), (ticket.order_id for ticket in tickets))
    if order_id is not None:
        tickets = [ticket for ticket in tickets if not is_given_away(ticket, orders[ticket.order_id])]
        if not tickets:
            raise NoTicketsToPrint
    event_ids = {ticket.event_id for ticket in tickets}
    return Printed(
        settings=organization_settings(organization_id),
        tickets=tickets,
        orders=orders,
        events=_by_id(Event.objects.of(organization_id), event_ids),
        ticket_types=_by_id(
            TicketType.objects.of(organization_id), (ticket.ticket_type_id for ticket in tickets)
        ),
        seats=_by_id(EventSeat.objects.of(organization_id), (ticket.seat_id for ticket in tickets)),
        designs=designs_of(organization_id, event_ids),
    )


def is_given_away(ticket: Ticket, order: Order) -> bool:
    """Say whether a ticket went to somebody else than the buyer, who must not learn its new code."""
    return ticket.transferred_at is not None and email_key(ticket.transferred_to) != email_key(
        order.customer_email
    )


def designs_of(organization_id: UUID, event_ids: Iterable[UUID]) -> dict[UUID | None, TicketDesign]:
    """Return the designs of some events and the organisation's own, under None."""
    found = TicketDesign.objects.of(organization_id).filter(Q(event_id__in=list(event_ids)) | Q(event=None))
    return {design.event_id: design for design in found}


def _chosen(
    organization_id: UUID, *, order_id: UUID | None, ticket_ids: Collection[UUID] | None
) -> list[Ticket]:
    tickets = tickets_of(organization_id)
    if order_id is not None:
        tickets = tickets.filter(order_id=order_id)
        if not orders_of(organization_id).filter(id=order_id).exists():
            raise NotFound
    if ticket_ids is not None:
        wanted = set(ticket_ids)
        tickets = tickets.filter(id__in=wanted)
        if tickets.count() != len(wanted):
            raise NotFound
    # Who was in before their order was cancelled is not let in with it again.
    ended = Q(status=TicketStatus.USED, order__status=OrderStatus.CANCELLED)
    return list(tickets.filter(status__in=ADMITTING_TICKETS).exclude(ended).order_by("order_id", "id"))


def _by_id(rows: QuerySet[M, M], ids: Iterable[UUID | None]) -> dict[UUID, M]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    found: Iterable[Any] = rows.filter(pk__in=wanted)
    return {row.id: row for row in found}
