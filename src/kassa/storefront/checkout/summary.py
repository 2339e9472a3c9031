"""What an order comes to, as the checkout shows it: its lines, and every sum between them and the total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kassa.catalog.errors import AboutLine
from kassa.core.errors import KassaError
from kassa.sales.domain.cart_view import CartItemView
from kassa.sales.domain.offers import Offer
from kassa.sales.domain.shares import to_amount
from kassa.sales.domain.shown import most_per_order
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.formatting import amount_text, moment_text, tax_label
from kassa.storefront.templatetags.seats import seat_name

MOST = 1000
"""As many as one line may ever have."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A numbered seat of a line."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order."""

    id: str
    name: str
    about: str
    """The event; empty: it belongs to none."""
    when: str
    quantity: int
    most: int
    seats: tuple[Seat, ...]
    """Empty: its places have no numbers, and their count can be changed."""
    unit: str
    amount: str
    """Empty: it is not sold any more."""
    problem: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum below the lines."""

    label: str
    amount: str


def lines_of(basket: Basket, problems: Mapping[str, str]) -> tuple[Line, ...]:
    """Return the lines of an order; ``problems`` are by item."""
    return tuple(_line(basket, row, problems.get(str(row.item.id), "")) for row in basket.view.items)


def sums_of(basket: Basket) -> tuple[Sum, ...]:
    """Return what stands between the lines and the total; nothing where the lines alone make it up."""
    order = basket.view.price.order
    if order is None:
        return ()
    coupon = basket.cart.coupon_code
    discount = _("Discount (%(code)s)") % {"code": coupon} if coupon else _("Discount")
    parts = [
        *([(discount, -order.discount)] if order.discount else []),
        *([(_("Fees"), order.fees)] if order.fees else []),
        *_taxes(basket, is_included=False),
        *([(_("Shipping"), order.shipping)] if order.shipping else []),
    ]
    subtotal = [(_("Subtotal"), order.subtotal)] if parts else []
    return tuple(Sum(label, amount_text(amount, basket.currency)) for label, amount in [*subtotal, *parts])


def contained_of(basket: Basket) -> tuple[Sum, ...]:
    """Return the taxes that the total contains: told, not added."""
    return tuple(
        Sum(_("Includes %(tax)s") % {"tax": label}, amount_text(amount, basket.currency))
        for label, amount in _taxes(basket, is_included=True)
    )


def _taxes(basket: Basket, *, is_included: bool) -> list[tuple[str, Decimal]]:
    order = basket.view.price.order
    if order is None:
        return []
    sums = [(rate, rate.included if is_included else rate.added) for rate in order.rates]
    return [
        (tax_label(rate.name, rate.rate), to_amount(units, basket.currency)) for rate, units in sums if units
    ]


def _line(basket: Basket, row: CartItemView, problem: str) -> Line:
    item, price = row.item, row.price
    event = basket.events.get(item.ticket_type.event_id) if item.ticket_type else None
    return Line(
        id=str(item.id),
        name=row.name,
        about=event.title if event else "",
        when=moment_text(event.starts_at, event.time_zone) if event and event.starts_at else "",
        quantity=item.quantity,
        most=_most(row.offer),
        seats=tuple(Seat(str(seat.id), seat_name(seat.label)) for seat in row.seats),
        unit=amount_text(price.units[0].base, basket.currency) if price else "",
        amount=amount_text(price.subtotal, basket.currency) if price else "",
        problem=problem,
    )


def _most(offer: Offer | None) -> int:
    return (most_per_order(offer) if offer else None) or MOST


def item_id_of(basket: Basket, refusal: KassaError) -> UUID | None:
    """Return the item that a refusal is about. None: it is about the whole, or about what is new."""
    if not isinstance(refusal, AboutLine):
        return None
    if refusal.cart_item is not None or refusal.line is None:
        return refusal.cart_item
    return basket.items[refusal.line].id if refusal.line < len(basket.items) else None
