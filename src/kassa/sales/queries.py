"""Reads of carts: what an actor may see comes from here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.orders.queries import orders_of
from kassa.organizations.queries import organization_settings
from kassa.sales.domain.cart_content import CartContent
from kassa.sales.domain.cart_document import cart_document
from kassa.sales.domain.cart_price import CartPrice, price_carts
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart, CartItem
from kassa.seating.domain.plan import seat_label
from kassa.seating.models import EventSeat


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart with its rows, its price, and the document that shows both."""

    content: CartContent
    price: CartPrice
    document: dict[str, Any]


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


def cart_document_of(organization_id: UUID, cart_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Return one whole cart.

    Raises:
        NotFound: the organisation has no such cart.
    """
    return cart_view_of(organization_id, cart_id, now=now).document


def cart_view_of(organization_id: UUID, cart_id: UUID, *, now: datetime) -> CartView:
    """Return one whole cart, with what a page asks of it beside its document.

    Raises:
        NotFound: the organisation has no such cart.
    """
    views = _views(organization_id, list(carts_of(organization_id).filter(id=cart_id)), now=now)
    if not views:
        raise NotFound("There is no such cart in your organisation.")
    return views[0]


def cart_documents(organization_id: UUID, carts: Sequence[Cart], *, now: datetime) -> list[dict[str, Any]]:
    """Return the documents of carts, in as many queries for one as for many."""
    return [view.document for view in _views(organization_id, carts, now=now)]


def _views(organization_id: UUID, carts: Sequence[Cart], *, now: datetime) -> list[CartView]:
    if not carts:
        return []
    contents = _contents(organization_id, carts)
    prices = price_carts(statements(), organization_id, contents, now=now)
    labels = _seat_labels(organization_id, contents)
    orders = orders_of(organization_id).filter(cart_id__in=[cart.id for cart in carts])
    order_ids: dict[UUID | None, UUID] = dict(orders.values_list("cart_id", "id"))
    default_currency = organization_settings(organization_id).default_currency
    return [
        CartView(
            content,
            prices[content.cart.id],
            cart_document(
                content,
                prices[content.cart.id],
                seat_labels=labels,
                order_id=order_ids.get(content.cart.id),
                default_currency=content.cart.currency or default_currency,
                now=now,
            ),
        )
        for content in contents
    ]


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
