"""Reads of carts: what an actor may see comes from here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.orders.domain.order_view import EXPIRING_SOON
from kassa.orders.queries import orders_of
from kassa.organizations.queries import organization_settings
from kassa.sales.domain.cart_content import CartContent, status_at
from kassa.sales.domain.cart_price import price_carts
from kassa.sales.domain.cart_view import CartView
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart, CartItem
from kassa.seating.domain.plan import seat_label
from kassa.seating.models import EventSeat


def carts_of(organization_id: UUID) -> QuerySet[Cart]:
    """Return all carts an actor of the organisation may see."""
    return Cart.objects.of(organization_id)


def filter_carts(
    organization_id: UUID,
    *,
    now: datetime,
    statuses: Collection[CartStatus] = (),
    session_id: str | None = None,
) -> QuerySet[Cart]:
    """Return the carts that fit; one whose time is over counts as expired, released or not."""
    carts = carts_of(organization_id)
    overdue = Q(status=CartStatus.ACTIVE, expires_at__lte=now)
    if statuses:
        fits = Q(status__in=statuses) & ~overdue
        carts = carts.filter(fits | overdue if CartStatus.EXPIRED in statuses else fits)
    return carts if session_id is None else carts.filter(session_id=session_id)


def get_cart_view(organization_id: UUID, cart_id: UUID, *, now: datetime) -> CartView:
    """Return one whole cart.

    Raises:
        NotFound: the organisation has no such cart.
    """
    views = list_cart_views(organization_id, list(carts_of(organization_id).filter(id=cart_id)), now=now)
    if not views:
        raise NotFound("There is no such cart in your organisation.")
    return views[0]


def list_cart_views(organization_id: UUID, carts: Sequence[Cart], *, now: datetime) -> list[CartView]:
    """Return whole carts, in as many queries for one as for many."""
    if not carts:
        return []
    contents = _contents(organization_id, carts)
    prices = price_carts(statements(), organization_id, contents, now=now)
    labels = _seat_labels(organization_id, contents)
    orders = orders_of(organization_id).filter(cart_id__in=[cart.id for cart in carts])
    order_ids: dict[UUID | None, UUID] = dict(orders.values_list("cart_id", "id"))
    default_currency = organization_settings(organization_id).default_currency
    views = []
    for content in contents:
        cart, price = content.cart, prices[content.cart.id]
        status = status_at(cart, now)
        view = CartView(
            content=content,
            price=price,
            status=status,
            is_expiring_soon=status == CartStatus.ACTIVE and cart.expires_at - now <= EXPIRING_SOON,
            currency=price.currency or cart.currency or default_currency,
            order_id=order_ids.get(cart.id),
            seat_labels=labels,
        )
        views.append(view)
    return views


def _contents(organization_id: UUID, carts: Sequence[Cart]) -> list[CartContent]:
    items: dict[UUID, list[CartItem]] = {cart.id: [] for cart in carts}
    rows = CartItem.objects.of(organization_id).filter(cart_id__in=list(items))
    for item in rows.select_related("ticket_type", "product").order_by("id"):
        items[item.cart_id].append(item)
    return [CartContent(cart=cart, items=tuple(items[cart.id])) for cart in carts]


def _seat_labels(organization_id: UUID, contents: Iterable[CartContent]) -> Mapping[UUID, str]:
    seat_ids = {seat for content in contents for item in content.items for seat in item.seat_ids}
    if not seat_ids:
        return {}
    seats = EventSeat.objects.of(organization_id).filter(id__in=seat_ids)
    return {
        seat_id: seat_label(section, row, number)
        for seat_id, section, row, number in seats.values_list("id", "section", "row", "number")
    }
