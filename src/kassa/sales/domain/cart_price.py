"""What carts would cost now, and what stands in the way of ordering them: nothing here ever fails."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kassa.core.database import Statements
from kassa.core.errors import KassaError
from kassa.sales.domain.cart_content import (
    CartContent,
    cart_request,
    read_cart_offers,
    status_at,
    welcoming,
)
from kassa.sales.domain.coupon_uses import CouponUses, read_coupon_uses
from kassa.sales.domain.customer_keys import add_customer_keys
from kassa.sales.domain.offers import Offer, Offers
from kassa.sales.domain.pricing import PricedLine, PricedOrder
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import OrderRequest, RequestedLine
from kassa.sales.enums import CartStatus
from kassa.sales.errors import CouponRefusal, Refusal


@dataclass(frozen=True, slots=True)
class CartPrice:
    """A cart's figures at present prices."""

    currency: str | None
    """None: nothing in it has a price."""
    order: PricedOrder | None
    lines: Mapping[UUID, tuple[Offer, PricedLine]]
    """By item; one that is not offered any more is left out, here and in the sums."""
    trace: Sequence[Mapping[str, object]]
    """As of an order; ``line`` counts all items of the cart."""
    coupon_problem: KassaError | None
    problem: KassaError | None
    """Why it could not be ordered as it is now. None: nothing is known to stand in the way."""


def price_carts(
    database: Statements, organization_id: UUID, contents: Sequence[CartContent], *, now: datetime
) -> dict[UUID, CartPrice]:
    """Price carts by what is on offer now, in a few queries however many they are.

    What has gone off sale since it was put in keeps its price here; whether it can still be
    ordered is told as ``problem``, and only of active carts.
    """
    asked = [cart_request(each.cart, each.lines, coupon_code=each.cart.coupon_code) for each in contents]
    offers = read_cart_offers(database, organization_id, asked)
    lenient = _lenient(offers, asked)
    first = {each.cart.id: _quote(each, lenient, each.cart.coupon_code, now) for each in contents}
    active = {each.cart.id for each in contents if status_at(each.cart, now) == CartStatus.ACTIVE}
    counted = _count_customers(database, offers, first, active)
    uses = read_coupon_uses(database, organization_id, list(counted.values()))
    prices: dict[UUID, CartPrice] = {}
    for each in contents:
        found, coupon_problem = first[each.cart.id], None
        if each.cart.id in counted:
            coupon_problem = _refused_use(uses, counted[each.cart.id])
        elif isinstance(found, CouponRefusal):
            coupon_problem = found
        if coupon_problem is not None:
            found = _quote(each, lenient, None, now)
        problem = None
        if each.cart.id in active:
            problem = _problem(each, offers, now)
        else:
            coupon_problem = None
        prices[each.cart.id] = _price(each, found, coupon_problem, problem)
    return prices


def _count_customers(
    database: Statements,
    offers: Offers,
    quotes: Mapping[UUID, Quote | Refusal | None],
    active: Collection[UUID],
) -> dict[UUID, Quote]:
    """Return the quotes of active carts with the keys of their customers."""
    found = {
        cart_id: quote for cart_id, quote in quotes.items() if cart_id in active and isinstance(quote, Quote)
    }
    merge = offers.settings is not None and offers.settings.merge_sub_addresses
    keyed = add_customer_keys(database, list(found.values()), merge_sub_addresses=merge)
    return dict(zip(found, keyed, strict=True))


def _refused_use(uses: CouponUses, quote: Quote) -> KassaError | None:
    nth = uses.next_use(quote)
    return nth if isinstance(nth, KassaError) else None


def _problem(content: CartContent, offers: Offers, now: datetime) -> Refusal | None:
    """Return the first thing an order of this cart, without its coupon, would be refused for."""
    if not content.items:
        return None
    known = offers if content.customer else welcoming(offers)
    quote = quote_order(cart_request(content.cart, content.lines), known, now=now)
    return None if isinstance(quote, Quote) else quote


def _lenient(offers: Offers, requests: Sequence[OrderRequest]) -> Offers:
    """Return offers without anything but their price that could stand in the way."""
    users = [request.customer.user_id for request in requests if request.customer.user_id is not None]
    return replace(
        welcoming(offers, users=users),
        items={
            item_id: replace(
                offer,
                event_status="published",
                sales_start_at=None,
                sales_end_at=None,
                min_per_order=1,
                max_per_order=None,
                max_per_customer=None,
                event_max_per_customer=None,
                one_per_customer=False,
                is_addon=False,
                seat_category=None,
            )
            for item_id, offer in offers.items.items()
        },
    )


def _quote(
    content: CartContent, offers: Offers, coupon_code: str | None, now: datetime
) -> Quote | Refusal | None:
    """Return the quote of what can be priced together; None: nothing can."""
    lines = [_plain(line) for line in content.lines if _has_price(line, offers)]
    if not lines:
        return None
    currency = offers.items[lines[0].item_id].currency
    together = [line for line in lines if offers.items[line.item_id].currency == currency]
    return quote_order(cart_request(content.cart, together, coupon_code=coupon_code), offers, now=now)


def _has_price(line: RequestedLine, offers: Offers) -> bool:
    offer = offers.items.get(line.item_id)
    return offer is not None and offer.is_product == line.is_product


def _plain(line: RequestedLine) -> RequestedLine:
    return replace(line, seat_ids=())


def _price(
    content: CartContent,
    found: Quote | Refusal | None,
    coupon_problem: KassaError | None,
    problem: KassaError | None,
) -> CartPrice:
    if not isinstance(found, Quote):
        return CartPrice(None, None, {}, (), coupon_problem, problem)
    priced = {offer.id for offer in found.offers}
    positions = [nth for nth, line in enumerate(content.lines) if line.item_id in priced]
    rows = zip(positions, found.offers, found.price.lines, strict=True)
    return CartPrice(
        currency=found.currency,
        order=found.price,
        lines={content.items[nth].id: (offer, line) for nth, offer, line in rows},
        trace=[_placed(step, positions) for step in found.price.trace],
        coupon_problem=coupon_problem,
        problem=problem,
    )


def _placed(step: Mapping[str, object], positions: Sequence[int]) -> Mapping[str, object]:
    line = step.get("line")
    return {**step, "line": positions[line]} if isinstance(line, int) else step
