"""Reads of orders: what an actor may see comes from here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Lower

from kassa.core.email_addresses import email_key
from kassa.core.errors import NotFound
from kassa.core.formatting import zone_named
from kassa.orders.domain.codes import tidy_number
from kassa.orders.domain.document import serialize_order
from kassa.orders.domain.order_view import UNPAID, OrderView, view_order
from kassa.orders.enums import HOLDING, Approval, ItemKind, OrderStatus, PaymentStatus
from kassa.orders.models import Order, OrderHistory, OrderItem, Ticket, Upload
from kassa.organizations.queries import organization_settings


def orders_of(organization_id: UUID) -> QuerySet[Order]:
    """Return all orders an actor of the organisation may see."""
    return Order.objects.of(organization_id)


def find_first_start(organization_id: UUID, order_id: UUID) -> datetime | None:
    """Return when the first event of an order's tickets starts, on its own clock. None: none has a date."""
    tickets = OrderItem.objects.of(organization_id).filter(order_id=order_id, kind=ItemKind.TICKET)
    dated = tickets.filter(event__starts_at__isnull=False).order_by("event__starts_at")
    starts_at, time_zone = dated.values_list("event__starts_at", "event__time_zone").first() or (None, "")
    return starts_at.astimezone(zone_named(time_zone)) if starts_at else None


def given_up(now: datetime) -> Q:
    """Match orders whose places are to be given back: their hold is over, and no payment is awaited."""
    awaits_none = Q(payment_awaited_until=None) | Q(payment_awaited_until__lte=now)
    return Q(status__in=HOLDING, expires_at__lte=now) & awaits_none


def awaiting_payment(now: datetime) -> Q:
    """Match orders that keep their places after their hold until their provider was asked."""
    return Q(status__in=HOLDING, expires_at__lte=now, payment_awaited_until__gt=now)


def filter_orders(
    organization_id: UUID,
    *,
    now: datetime,
    status: Collection[str] = (),
    payment_status: Collection[str] = (),
    can_retry: bool | None = None,
    event: UUID | None = None,
    number: str | None = None,
    email: str | None = None,
    user: UUID | None = None,
    reference: str | None = None,
    approval: str | None = None,
    created_from: datetime | None = None,
    created_before: datetime | None = None,
) -> QuerySet[Order]:
    """Return the orders that fit; one whose hold is over counts as expired, released or not."""
    orders = orders_of(organization_id)
    overdue = Q(status__in=HOLDING, expires_at__lte=now)
    if status:
        fits = Q(status__in=status) & ~overdue
        orders = orders.filter(fits | overdue if OrderStatus.EXPIRED in status else fits)
    if payment_status:
        # The hold of an order is over before anybody has paid: its payment counts as cancelled.
        given_back = overdue & Q(payment_status__in=UNPAID)
        fits = Q(payment_status__in=payment_status) & ~given_back
        orders = orders.filter(fits | given_back if PaymentStatus.CANCELLED in payment_status else fits)
    if can_retry is not None:
        attempts = organization_settings(organization_id).max_payment_attempts
        may = Q(status__in=HOLDING, payment_attempts__lt=attempts) & ~overdue
        orders = orders.filter(may if can_retry else ~may)
    exact: dict[str, Any] = {
        "event_id": event,
        "number__in": None if number is None else {number, tidy_number(number)},
        "customer_email_lower": None if email is None else email_key(email),
        "user_id": user,
        "customer_reference": reference,
        "approval": approval,
        "created_at__gte": created_from,
        "created_at__lt": created_before,
    }
    if approval == Approval.AWAITED:
        orders = orders.filter(status__in=HOLDING)  # one that was cancelled meanwhile awaits nothing
    if email is not None:
        orders = orders.alias(customer_email_lower=Lower("customer_email"))
    return orders.filter(**{name: value for name, value in exact.items() if value is not None})


def order_documents(
    organization_id: UUID, order_ids: Iterable[UUID], *, now: datetime
) -> dict[UUID, dict[str, Any]]:
    """Return whole orders by id, as the outbox tells of them, in three queries however many they are."""
    orders = list(orders_of(organization_id).filter(id__in=list(order_ids)))
    views = list_order_views(organization_id, orders, now=now)
    return {view.order.id: serialize_order(view) for view in views}


def list_order_views(organization_id: UUID, orders: Sequence[Order], *, now: datetime) -> list[OrderView]:
    """Return whole orders whose rows have been read, in three more queries."""
    if not orders:
        return []
    order_ids = [order.id for order in orders]
    items = _by_order(
        OrderItem.objects.of(organization_id).filter(order_id__in=order_ids).order_by("position")
    )
    tickets = _by_order(Ticket.objects.of(organization_id).filter(order_id__in=order_ids).order_by("id"))
    attempts = organization_settings(organization_id).max_payment_attempts
    return [
        view_order(
            order, items.get(order.id, ()), tickets.get(order.id, ()), now=now, max_payment_attempts=attempts
        )
        for order in orders
    ]


def get_order_view(organization_id: UUID, order_id: UUID, *, now: datetime) -> OrderView:
    """Return one whole order.

    Raises:
        NotFound: the organisation has no such order.
    """
    views = list_order_views(organization_id, list(orders_of(organization_id).filter(id=order_id)), now=now)
    if not views:
        raise NotFound
    return views[0]


def _by_order(rows: Iterable[Any]) -> Mapping[UUID, Sequence[Any]]:
    grouped: dict[UUID, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.order_id, []).append(row)
    return grouped


def currency_of(organization_id: UUID, order_id: UUID) -> str:
    """Return the currency of an order.

    Raises:
        NotFound: the organisation has no such order.
    """
    currency = orders_of(organization_id).filter(id=order_id).values_list("currency", flat=True).first()
    if currency is None:
        raise NotFound
    return currency


def history_of(organization_id: UUID, order_id: UUID) -> list[OrderHistory]:
    """Return every change of an order, oldest first.

    Raises:
        NotFound: the organisation has no such order.
    """
    if not orders_of(organization_id).filter(id=order_id).exists():
        raise NotFound
    return list(OrderHistory.objects.of(organization_id).filter(order_id=order_id).order_by("position"))


def upload_of(organization_id: UUID, upload_id: UUID) -> Upload:
    """Return one upload with its content.

    Raises:
        NotFound: the organisation has no such upload.
    """
    upload = Upload.objects.of(organization_id).filter(id=upload_id).first()
    if upload is None:
        raise NotFound
    return upload


def revenue_by_event(organization_id: UUID, event_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Return what was paid for live tickets of confirmed orders, by event, in the event's currency."""
    rows = (
        Ticket.objects.of(organization_id)
        .filter(event_id__in=list(event_ids), status__in=("valid", "used"))
        .values_list("event_id")
        .annotate(revenue=Sum("price_paid"))
    )
    return dict(rows)


class OrderContents(NamedTuple):
    """The rows of one order."""

    tickets: list[Ticket]
    items: list[OrderItem]
    history: list[OrderHistory]
    """Oldest first."""


def get_order(organization_id: UUID, order_id: UUID) -> Order:
    """Return one order.

    Raises:
        NotFound: the organisation has no such order.
    """
    order = orders_of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    return order


def list_order_tickets(organization_id: UUID, order_id: UUID) -> list[Ticket]:
    """Return all tickets of an order, those that have ended too."""
    return list(Ticket.objects.of(organization_id).filter(order_id=order_id).order_by("id"))


def get_order_contents(organization_id: UUID, order_id: UUID) -> OrderContents:
    """Return what an order holds and how it came to be as it is, in three queries."""
    items = OrderItem.objects.of(organization_id).filter(order_id=order_id).order_by("position")
    history = OrderHistory.objects.of(organization_id).filter(order_id=order_id).order_by("position")
    return OrderContents(list_order_tickets(organization_id, order_id), list(items), list(history))


def list_unordered_uploads(organization_id: UUID, upload_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return by id the names of those files that belong to no order yet."""
    uploads = Upload.objects.of(organization_id).filter(id__in=list(upload_ids), order=None)
    return dict(uploads.values_list("id", "name"))
