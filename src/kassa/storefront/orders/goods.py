"""The goods of an order, and how far they have come on their way to the buyer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.functional import Promise

from kassa.orders.enums import ItemKind, OrderStatus
from kassa.orders.models import Order, OrderHistory, OrderItem
from kassa.storefront.formatting import amount_text, day_text
from kassa.storefront.messages import ON_ITS_WAY

STEPS = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
ENDED = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """Some pieces of one product."""

    name: str
    quantity: int
    refunded: int
    """How many of them were given back."""
    price: str
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a parcel's way."""

    name: Promise
    day: str
    """When it was taken; empty: not yet, or nobody wrote it down."""
    is_taken: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Goods:
    """What was bought beside tickets, and where it is."""

    lines: tuple[GoodsLine, ...]
    steps: tuple[Step, ...]
    """The way of the parcel; empty: nothing is sent, or nothing yet."""
    tracking_number: str
    tracking_url: str
    """Where the parcel can be followed; empty: the number is no address."""


def goods_of(
    order: Order, items: Iterable[OrderItem], history: Sequence[OrderHistory], *, time_zone: str
) -> Goods:
    """Return the goods of an order; without lines: there are none."""
    goods = [item for item in items if item.kind == ItemKind.MERCHANDISE]
    number = order.tracking_number or ""
    return Goods(
        lines=tuple(
            GoodsLine(
                item.name,
                item.quantity,
                item.refunded_quantity,
                amount_text(item.total, order.currency),
                item.is_shippable,
            )
            for item in goods
        ),
        steps=_steps(order, history, time_zone) if any(item.is_shippable for item in goods) else (),
        tracking_number=number,
        tracking_url=number if is_web_address(number) else "",
    )


def is_web_address(text: str) -> bool:
    """Say whether a text is an address that a browser may follow."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _steps(order: Order, history: Sequence[OrderHistory], time_zone: str) -> tuple[Step, ...]:
    """Return the way of a parcel: one that skipped a step has taken it all the same."""
    days: dict[str, datetime] = {}
    for change in history:
        days.setdefault(change.to_status, change.created_at)
    known = (order.shipped_at, OrderStatus.SHIPPED), (order.delivered_at, OrderStatus.DELIVERED)
    days |= {str(status): moment for moment, status in known if moment is not None}
    if OrderStatus.COMPLETED in days:
        days.setdefault(OrderStatus.DELIVERED, days[OrderStatus.COMPLETED])
    taken = [index for index, status in enumerate(STEPS) if status in days]
    if not taken or (order.status in ENDED and max(taken) < STEPS.index(OrderStatus.SHIPPED)):
        return ()
    last = max(taken)
    return tuple(
        Step(
            name=ON_ITS_WAY[status],
            day=day_text(days[status], time_zone) if status in days else "",
            is_taken=index <= last,
            is_now=index == last,
        )
        for index, status in enumerate(STEPS)
    )
