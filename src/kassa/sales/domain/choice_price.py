"""What a choice would cost if it were ordered now: nothing is held, and nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kassa.core.actor import Actor
from kassa.core.database import statements
from kassa.core.errors import KassaError
from kassa.sales.domain.cart_content import NO_ADDRESS, NOBODY, read_cart_offers, welcoming
from kassa.sales.domain.coupon_uses import read_coupon_uses
from kassa.sales.domain.offers import Offer
from kassa.sales.domain.pricing import PricedLine, PricedOrder
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import OrderRequest, RequestedLine
from kassa.sales.errors import CouponRefusal


@dataclass(frozen=True, slots=True)
class ChoicePrice:
    """A choice at present prices."""

    currency: str | None
    """None: it cannot be priced."""
    order: PricedOrder | None
    """With the coupon, if it is good for this choice. None: it cannot be priced; ``problem`` says why."""
    lines: Sequence[tuple[Offer, PricedLine]]
    coupon_problem: KassaError | None
    problem: KassaError | None


def price_choice(
    organization_id: UUID, lines: Sequence[RequestedLine], *, coupon_code: str | None, now: datetime
) -> ChoicePrice:
    """Price a choice just as an order of it would be, except that nobody knows who buys."""
    request = OrderRequest(
        actor=Actor.system(organization_id),
        lines=tuple(lines),
        customer=NOBODY,
        idempotency_key="",
        fingerprint=b"",
        coupon_code=coupon_code,
        shipping_address=NO_ADDRESS,
    )
    database = statements()
    offers = welcoming(read_cart_offers(database, organization_id, [request]))
    found = quote_order(request, offers, now=now)
    coupon_problem: KassaError | None = None
    if isinstance(found, CouponRefusal):
        coupon_problem = found
    elif isinstance(found, Quote):
        use = read_coupon_uses(database, organization_id, [found]).next_use(found)
        coupon_problem = use if isinstance(use, KassaError) else None
    if coupon_problem is not None:
        found = quote_order(replace(request, coupon_code=None), offers, now=now)
    if not isinstance(found, Quote):
        return ChoicePrice(None, None, (), coupon_problem, found)
    priced = list(zip(found.offers, found.price.lines, strict=True))
    return ChoicePrice(found.currency, found.price, priced, coupon_problem, None)
