"""All that the page of an order shows, read for its buyer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kassa.catalog.domain.event_rules import over_at
from kassa.catalog.enums import EventKind, EventStatus
from kassa.catalog.models import Event
from kassa.catalog.queries import get_events_by_id, get_ticket_types_by_id
from kassa.invoices.domain.issue import is_invoiced
from kassa.orders.domain.capabilities import can_cancel_unpaid
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.domain.time_zones import find_time_zone
from kassa.orders.enums import HOLDING, Approval, OrderStatus
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import get_order_contents
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.organizations.queries import organization_settings
from kassa.storefront.checkout.pay_panel import PayPanel, pay_panel
from kassa.storefront.formatting import amount_text, day_text, moment_text
from kassa.storefront.messages import HELD, ORDER, Standing
from kassa.storefront.orders.goods import Goods, goods_of
from kassa.storefront.orders.mail import ConfirmationMail, describe_confirmation_mail
from kassa.storefront.orders.money import GivenBack, Sum, given_back, sums_below, sums_of
from kassa.storefront.orders.returns import is_returnable, ticket_returns
from kassa.storefront.orders.tickets import EventTickets, tickets_by_event
from kassa.tickets.domain.capabilities import can_print


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order as its buyer sees it."""

    order: Order
    settings: OrganizationSettings
    standing: Standing
    held: str
    """Until when its places are; empty: for good, no more, or until the day that a transfer is due."""
    placed_on: str
    is_going: bool
    """Whether the buyer has a ticket for something that is not over."""
    mail: ConfirmationMail | None
    """Where the confirmation went. None: there is none to speak of."""
    pay: PayPanel
    events: tuple[EventTickets, ...]
    goods: Goods
    sums: tuple[Sum, ...]
    total: str
    sums_below: tuple[Sum, ...]
    refunds: tuple[GivenBack, ...]
    printable: tuple[Ticket, ...]
    """The buyer's own tickets that let somebody in."""
    has_invoice: bool
    can_cancel: bool
    can_return: bool
    is_booking: bool
    """It is of courses alone: giving back is called cancelling the booking."""

    @property
    def note(self) -> str:
        """Until when places are held, or where the confirmation went; empty: there is nothing to add."""
        return self.held or (self.mail.text if self.mail and not self.mail.is_lost else "")

    @property
    def organization(self) -> Organization:
        return self.settings.organization


def order_page(order: Order, *, now: datetime) -> OrderPage:
    """Read what the page of an order shows.

    Raises:
        NotFound: its organisation is gone.
    """
    organization_id = order.organization_id
    settings = organization_settings(organization_id)
    tickets, items, history = get_order_contents(organization_id, order.id)
    events = get_events_by_id(organization_id, [ticket.event_id for ticket in tickets])
    types = get_ticket_types_by_id(organization_id, [ticket.ticket_type_id for ticket in tickets])
    names = {one.id: one.name for one in types.values()}
    zone = find_time_zone(order, events=events.values())
    returns = ticket_returns(order, tickets, events, settings, now=now)
    pay = pay_panel(order, now=now)
    printable = tuple(ticket for ticket in tickets if can_print(ticket, order, now=now))
    return OrderPage(
        order=order,
        settings=settings,
        standing=ORDER[state_of_order(order, now)],
        held="" if pay.transfer else _held(order, zone, now),
        placed_on=day_text(order.created_at, zone),
        is_going=any(not _is_over(events[ticket.event_id], now) for ticket in printable),
        mail=describe_confirmation_mail(order, settings, has_tickets=bool(printable), now=now),
        pay=pay,
        events=tickets_by_event(order, tickets, events, names, now=now),
        goods=goods_of(order, items, history, time_zone=zone),
        sums=sums_of(order),
        total=amount_text(order.total, order.currency),
        sums_below=sums_below(order),
        refunds=given_back(order, time_zone=zone),
        printable=printable,
        has_invoice=is_invoiced(order),
        can_cancel=can_cancel_unpaid(order, now=now),
        can_return=is_returnable(returns),
        is_booking=bool(events) and all(event.kind == EventKind.COURSE for event in events.values()),
    )


def _is_over(event: Event, now: datetime) -> bool:
    over = over_at(kind=event.kind, starts_at=event.starts_at, ends_at=event.ends_at)
    return event.status == EventStatus.CANCELLED or (over is not None and over <= now)


def state_of_order(order: Order, now: datetime) -> str:
    """Return how an order stands for its buyer, as a key of ``messages.ORDER``."""
    if is_overdue(order, now):
        return "expired"
    if order.status in HOLDING:
        return "approval" if order.approval == Approval.AWAITED else "unpaid"
    if order.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        return str(order.status)
    return str(order.status) if order.status in ORDER else "confirmed"


def _held(order: Order, time_zone: str, now: datetime) -> str:
    if order.status not in HOLDING or is_overdue(order, now) or order.expires_at is None:
        return ""
    return HELD % {"until": moment_text(order.expires_at, time_zone)}
