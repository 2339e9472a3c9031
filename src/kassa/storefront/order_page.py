"""All that the page of an order shows, read for its buyer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kassa.catalog.models import Event, TicketType
from kassa.orders.domain.document import is_overdue
from kassa.orders.enums import HOLDING, Approval, OrderStatus, TicketStatus
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.organizations.models import Organization
from kassa.organizations.queries import organization_settings
from kassa.payments.enums import AttemptStatus
from kassa.payments.models import PaymentAttempt
from kassa.storefront.facts import EventFacts, amount_text, facts_of, moment_text
from kassa.storefront.ticket_page import state_of
from kassa.storefront.words import HELD, ORDER, TICKET, Standing
from kassa.tickets.domain.links import ticket_token

LETTERS_SHOWN = 1


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in a list. One that was given away shows neither its code nor a link."""

    ticket: Ticket
    type_name: str
    standing: Standing
    token: str
    """Opens its own page; empty: there is none for the buyer."""
    given_to: str
    """Who has it now, all but hidden; empty: it was not given away."""
    price: str

    @property
    def holder_name(self) -> str:
        if self.given_to:
            return ""
        return f"{self.ticket.attendee_first_name} {self.ticket.attendee_last_name}".strip()


@dataclass(frozen=True, slots=True)
class EventTickets:
    """The tickets of one event."""

    facts: EventFacts
    lines: tuple[TicketLine, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """One line below the others."""

    kind: str
    amount: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order as its buyer sees it."""

    order: Order
    organization: Organization
    primary_color: str
    standing: Standing
    held: str
    """Until when its places are; empty: for good, or no more."""
    pay_url: str
    """Where it can be paid; empty: nowhere just now."""
    events: tuple[EventTickets, ...]
    goods: tuple[OrderItem, ...]
    sums: tuple[Sum, ...]
    total: str
    printable: tuple[Ticket, ...]
    """The buyer's own tickets that let somebody in."""


def order_page(order: Order, *, now: datetime) -> OrderPage:
    """Read what the page of an order shows.

    Raises:
        NotFound: its organisation is gone.
    """
    organization_id = order.organization_id
    settings = organization_settings(organization_id)
    tickets = list(Ticket.objects.of(organization_id).filter(order_id=order.id).order_by("id"))
    items = list(OrderItem.objects.of(organization_id).filter(order_id=order.id).order_by("position"))
    events = Event.objects.of(organization_id).in_bulk({ticket.event_id for ticket in tickets})
    types = TicketType.objects.of(organization_id).in_bulk({ticket.ticket_type_id for ticket in tickets})
    names = {one.id: one.name for one in types.values()}
    zone = next((event.time_zone for event in events.values()), "UTC")
    is_held = order.status in HOLDING and not is_overdue(order, now)
    until = order.expires_at if is_held else None
    return OrderPage(
        order=order,
        organization=settings.organization,
        primary_color=settings.primary_color,
        standing=ORDER[state_of_order(order, now)],
        held=HELD % {"until": moment_text(until, zone)} if until else "",
        pay_url=_pay_url(order) if is_held else "",
        events=tuple(
            EventTickets(
                facts_of(event),
                tuple(
                    _line(ticket, order, names[ticket.ticket_type_id], now)
                    for ticket in tickets
                    if ticket.event_id == event.id
                ),
            )
            for event in sorted(events.values(), key=_when)
        ),
        goods=tuple(item for item in items if item.kind != "ticket"),
        sums=_sums(order),
        total=amount_text(order.total, order.currency),
        printable=tuple(ticket for ticket in tickets if is_printable(ticket, order)),
    )


def is_printable(ticket: Ticket, order: Order) -> bool:
    """Say whether the buyer may print a ticket: it lets somebody in, and they have not given it away."""
    is_over = order.status in (OrderStatus.CANCELLED, OrderStatus.REFUNDED)
    is_live = ticket.status in (TicketStatus.VALID, TicketStatus.USED) and not is_over
    is_kept_back = ticket.blocked_at is not None or ticket.frozen_at is not None
    return is_live and ticket.transferred_at is None and not is_kept_back


def _when(event: Event) -> tuple[bool, float, UUID]:
    starts_at = event.starts_at
    return (starts_at is None, starts_at.timestamp() if starts_at else 0.0, event.id)


def state_of_order(order: Order, now: datetime) -> str:
    """Return how an order stands for its buyer, as a key of ``words.ORDER``."""
    if is_overdue(order, now):
        return "expired"
    if order.status in HOLDING:
        return "approval" if order.approval == Approval.AWAITED else "unpaid"
    if order.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        return "shipped"
    return str(order.status) if order.status in ORDER else "confirmed"


def _pay_url(order: Order) -> str:
    """Return where the attempt that is open is paid."""
    attempts = PaymentAttempt.objects.of(order.organization_id).filter(
        order_id=order.id, status=AttemptStatus.OPEN
    )
    return attempts.values_list("checkout_url", flat=True).first() or ""


def _line(ticket: Ticket, order: Order, type_name: str, now: datetime) -> TicketLine:
    is_given = ticket.transferred_at is not None
    is_live = ticket.status in (TicketStatus.VALID, TicketStatus.USED)
    return TicketLine(
        ticket=ticket,
        type_name=type_name,
        standing=TICKET["given" if is_given and is_live else state_of(ticket, order, now)],
        token=ticket_token(order.organization_id, ticket.id, ticket.code) if is_live and not is_given else "",
        given_to=hidden(ticket.transferred_to) if is_given else "",
        price=amount_text(ticket.price_paid, order.currency),
    )


def hidden(email: str) -> str:
    """Return an e-mail address by which those who know it recognise it, and nobody else."""
    name, _, domain = email.partition("@")
    return f"{name[:LETTERS_SHOWN]}…@{domain}"


def _sums(order: Order) -> tuple[Sum, ...]:
    """Return what the total is made of, and what has gone back, where there is something to tell."""
    amounts: dict[str, Decimal] = {
        "subtotal": order.subtotal,
        "discount": -order.discount,
        "fees": order.fees,
        "taxes": order.taxes,
        "shipping": order.shipping,
        "refunded": -order.refunded_amount,
        "refunding": -order.refunding_amount,
    }
    told = [Sum(kind, amount_text(amount, order.currency)) for kind, amount in amounts.items() if amount]
    return tuple(told) if [one.kind for one in told] != ["subtotal"] else ()
