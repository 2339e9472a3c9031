"""What the lists of a person's orders and tickets show, read in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from kassa.catalog.models import Event, TicketType
from kassa.core.formatting import format_quantity
from kassa.core.tenancy import TenantModel
from kassa.orders.domain.time_zones import find_time_zones
from kassa.orders.enums import ADMITTING_TICKETS, LIVE_TICKETS
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.organizations.models import Organization
from kassa.organizations.queries import get_organizations_by_id
from kassa.privacy.whose import Person, orders_of_person, tickets_of_person
from kassa.storefront.formatting import EventFacts, amount_text, day_text, facts_of
from kassa.storefront.messages import ORDER, TICKET, Standing
from kassa.storefront.orders.page import state_of_order
from kassa.tickets.domain.capabilities import ticket_state
from kassa.tickets.domain.links import order_token, ticket_token

T = TypeVar("T", bound=TenantModel)
PAGE = 20
UPCOMING_SHOWN = 200
"""More tickets for what is still to come nobody has; the orders lead to the rest."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order in the list."""

    order: Order
    organization: Organization
    events: tuple[str, ...]
    """The titles of the events that it is for."""
    what: tuple[str, ...]
    """How many of what, as it was called when it was bought."""
    placed_on: str
    total: str
    standing: Standing
    token: str


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One ticket in the list."""

    ticket: Ticket
    organization: Organization
    type_name: str
    standing: Standing
    token: str
    """Opens its page; empty: it lets nobody in, so there is none."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """The tickets for one event."""

    facts: EventFacts
    lines: tuple[TicketLine, ...]


def order_lines(person: Person, *, before: UUID | None, now: datetime) -> tuple[list[OrderLine], UUID | None]:
    """Return a page of a person's orders, newest first, and where the next one begins. None: nowhere."""
    orders = orders_of_person(person).order_by("-created_at", "-id")
    if before is not None and (last := orders.filter(id=before).first()):
        earlier = Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id)
        orders = orders.filter(earlier)
    found = list(orders[: PAGE + 1])
    shown = found[:PAGE]
    return list_order_lines(shown, now=now), shown[-1].id if len(found) > PAGE else None


def list_order_lines(orders: Sequence[Order], *, now: datetime) -> list[OrderLine]:
    """Return what a list shows of some orders."""
    items = _items(orders)
    event_ids = {item.event_id for sold in items.values() for item in sold if item.event_id}
    titles = dict(_rows(Event, orders, event_ids).values_list("id", "title")) if event_ids else {}
    sellers = _organizations(orders)
    zones = find_time_zones(orders)
    return [
        OrderLine(
            order=order,
            organization=sellers[order.organization_id],
            events=tuple(
                dict.fromkeys(titles[item.event_id] for item in items[order.id] if item.event_id in titles)
            ),
            what=tuple(format_quantity(item.quantity, item.name) for item in items[order.id]),
            placed_on=day_text(order.created_at, zones[order.id]),
            total=amount_text(order.total, order.currency),
            standing=ORDER[state_of_order(order, now)],
            token=order_token(order.organization_id, order.id, order.link_generation),
        )
        for order in orders
    ]


def upcoming_tickets(person: Person, *, now: datetime) -> list[EventLine]:
    """Return the tickets for what is not over, the soonest first; what has no date stands last."""
    tickets = _with_end(person).filter(Q(ends__isnull=True) | Q(ends__gte=now))
    tickets = tickets.filter(status__in=LIVE_TICKETS)
    found = list(tickets.order_by(F("event__starts_at").asc(nulls_last=True), "id")[:UPCOMING_SHOWN])
    return list_event_lines(found, now=now)


def past_tickets(
    person: Person, *, before: UUID | None, now: datetime
) -> tuple[list[EventLine], UUID | None]:
    """Return a page of tickets for what is over or that let nobody in, newest first, and what follows it."""
    live = LIVE_TICKETS
    tickets = _with_end(person).filter(Q(ends__lt=now) | ~Q(status__in=live)).order_by("-id")
    if before is not None:
        tickets = tickets.filter(id__lt=before)
    found = list(tickets[: PAGE + 1])
    shown = found[:PAGE]
    return list_event_lines(shown, now=now), shown[-1].id if len(found) > PAGE else None


def _with_end(person: Person) -> QuerySet[Ticket]:
    ends = Coalesce("event__ends_at", "event__starts_at")
    return tickets_of_person(person).annotate(ends=ends).select_related("order")


def list_event_lines(tickets: Sequence[Ticket], *, now: datetime) -> list[EventLine]:
    """Gather tickets by event, in the order in which they come."""
    events = {one.id: one for one in _rows(Event, tickets, {ticket.event_id for ticket in tickets})}
    types = {one.id: one for one in _rows(TicketType, tickets, {ticket.ticket_type_id for ticket in tickets})}
    sellers = _organizations(tickets)
    by_event: dict[UUID, list[TicketLine]] = defaultdict(list)
    for ticket in tickets:
        is_live = ticket.status in ADMITTING_TICKETS
        token = ""
        if is_live:
            token = ticket_token(ticket.organization_id, ticket.id, ticket.link_generation, ticket.code)
        by_event[ticket.event_id].append(
            TicketLine(
                ticket=ticket,
                organization=sellers[ticket.organization_id],
                type_name=types[ticket.ticket_type_id].name,
                standing=TICKET[ticket_state(ticket, ticket.order, now=now)],
                token=token,
            )
        )
    return [EventLine(facts_of(events[key]), tuple(lines)) for key, lines in by_event.items()]


def _rows(model: type[T], of: Iterable[Order | Ticket], ids: set[UUID], field: str = "id") -> QuerySet[T]:
    """Return what a person's own rows lead to, each in the organisation of the row that leads there."""
    organizations = {row.organization_id for row in of}
    return model.unscoped.filter(organization_id__in=organizations, **{f"{field}__in": ids})


def _items(orders: Sequence[Order]) -> dict[UUID, list[OrderItem]]:
    found: dict[UUID, list[OrderItem]] = defaultdict(list)
    for item in _rows(OrderItem, orders, {order.id for order in orders}, "order_id").order_by("position"):
        found[item.order_id].append(item)
    return found


def _organizations(rows: Iterable[Order | Ticket]) -> dict[UUID, Organization]:
    return get_organizations_by_id(row.organization_id for row in rows)
