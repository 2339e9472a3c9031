"""How often coupons may still be used: decided under lock for an order, or just looked up for a cart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.core.errors import KassaError
from kassa.coupons.queries import coupons_of
from kassa.sales.domain.numbered_uses import NumberedUses, Numbers
from kassa.sales.domain.quote import Quote
from kassa.sales.errors import CouponExhausted, CouponUsed

LIVE_USES = """
SELECT coupon_id, customer_key, nth FROM orders_couponusage
WHERE organization_id = %s AND coupon_id = ANY(%s::uuid[]) AND customer_key = ANY(%s::text[])
  AND released_at IS NULL
"""


@dataclass(slots=True)
class _CouponLeft:
    id: UUID
    uses: int
    max_usage_total: int | None
    max_usage_per_user: int


class CouponUses:
    """The uses that coupons have left, in all and for each customer."""

    def __init__(self, coupons: Iterable[Any], live: Iterable[Any]) -> None:
        """Take rows of ``(id, uses, max_usage_total, max_usage_per_user)`` and of :data:`LIVE_USES`."""
        self._coupons = {row[0]: _CouponLeft(*row) for row in coupons}
        self._uses = NumberedUses(live)

    def next_use(self, quote: Quote) -> Numbers | KassaError | None:
        """Return by key which use of its coupon an order would be, or why it has none; None: no coupon."""
        if quote.coupon is None:
            return None
        coupon = self._coupons[quote.coupon.id]
        if self._uses.count(coupon.id, quote.customer_keys) >= coupon.max_usage_per_user:
            return CouponUsed(quote.coupon.code, coupon.max_usage_per_user)
        if coupon.max_usage_total is not None and coupon.uses >= coupon.max_usage_total:
            return CouponExhausted(quote.coupon.code, coupon.max_usage_total)
        return self._uses.next_numbers(coupon.id, quote.customer_keys)

    def take(self, quote: Quote, numbers: Numbers | None) -> None:
        """Count the use that an order was given."""
        if quote.coupon is not None and numbers is not None:
            self._coupons[quote.coupon.id].uses += 1
            self._uses.take(quote.coupon.id, numbers)


def queue_live_uses(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> Iterable[Any]:
    """Look up the uses that the customers of quotes have made of their coupons."""
    coupon_ids = {quote.coupon.id for quote in quotes if quote.coupon}
    if not coupon_ids:
        return ()
    keys = {key for quote in quotes if quote.coupon for key in quote.customer_keys}
    return database.queue(LIVE_USES, (organization_id, plain_array(coupon_ids), sorted(keys)))


def read_coupon_uses(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> CouponUses:
    """Read what is left without a lock: enough to warn a buyer, never to sell."""
    coupon_ids = {quote.coupon.id for quote in quotes if quote.coupon}
    if not coupon_ids:
        return CouponUses((), ())
    coupons = coupons_of(organization_id).filter(id__in=coupon_ids)
    return CouponUses(
        coupons.values_list("id", "current_usage_count", "max_usage_total", "max_usage_per_user"),
        queue_live_uses(database, organization_id, quotes),
    )
