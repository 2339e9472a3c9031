"""How an offer stands for whoever looks at it: what one costs, and whether it can be bought now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from kassa.core.money import ZERO
from kassa.sales.domain.offers import Offer
from kassa.sales.domain.pricing import Fees, PriceLine, price_order
from kassa.sales.enums import SaleState

NO_FEES = Fees(percentage=ZERO, fixed=ZERO, shipping=ZERO)


def price_of_one(offer: Offer) -> Decimal:
    """Return what one costs as it will be paid: with the tax that is added, before fees of the order."""
    line = PriceLine(
        label=offer.name,
        unit_price=offer.price,
        quantity=1,
        tax=offer.tax,
        discountable=False,
        shippable=False,
    )
    return price_order([line], currency=offer.currency, discount=None, fees=NO_FEES).lines[0].total


def most_per_order(offer: Offer) -> int | None:
    """Return how many one order may have. None: no limit but what is left."""
    limits = [limit.maximum for limit in offer.customer_limits]
    if offer.max_per_order is not None:
        limits.append(offer.max_per_order)
    return min(limits, default=None)


def sale_state(offer: Offer, *, left: int | None, now: datetime) -> SaleState:
    """Say whether an offer can be bought, of which so many are left (None: no limit).

    Fewer than the least that one order may have are none.
    """
    if offer.event_status != "published":
        return SaleState.CLOSED
    if offer.sales_start_at is not None and now < offer.sales_start_at:
        return SaleState.NOT_STARTED
    if offer.sales_end_at is not None and now >= offer.sales_end_at:
        return SaleState.ENDED
    if left is not None and left < offer.min_per_order:
        return SaleState.SOLD_OUT
    return SaleState.ON_SALE


def state_of_all(states: Collection[SaleState]) -> SaleState:
    """Return how several offers stand together: what can be bought counts before what cannot."""
    return next((state for state in SaleState if state in states), SaleState.CLOSED)
