"""Locking and reading all that a batch of orders wants, in the one order of locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.coupons.locks import lock_coupons
from kassa.inventory.locks import lock_quotas
from kassa.orders.enums import LIVE_TICKETS
from kassa.sales.domain.best_seats import BestOfCategory
from kassa.sales.domain.coupon_uses import CouponUses, queue_live_uses
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.room import Room
from kassa.seating.locks import lock_seats

KNOWN_KEYS = """
SELECT idempotency_key, id, fingerprint FROM orders_order
WHERE organization_id = %s AND idempotency_key = ANY(%s::text[])
"""
LIVE_BOOKINGS = f"""
SELECT event_id, booking_key FROM orders_ticket
WHERE organization_id = %s AND event_id = ANY(%s::uuid[]) AND booking_key = ANY(%s::text[])
  AND status IN ({", ".join(f"'{status}'" for status in LIVE_TICKETS)})
"""  # noqa: S608 (constants)
OFFERS_NOW = """
SELECT t.id, e.status, array_remove(ARRAY[t.quota_id, e.capacity_quota_id] || ARRAY(
           SELECT q.quota_id FROM catalog_tickettypequota q
           WHERE q.organization_id = t.organization_id AND q.ticket_type_id = t.id), NULL)
FROM catalog_tickettype t
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[])
"""
LOCK_CARTS = """
SELECT id, status, updated_at, expires_at FROM sales_cart
WHERE organization_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""


class StaleRead(Exception):
    """Something changed between being read and being locked or taken; the transaction is done again."""


def lock_room(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> Room:
    """Lock quotas, seats, coupons and carts in their order and read what is left of each."""
    quota_ids = {quota for quote in quotes for quota in quote.needs}
    quota_ids.update(quota for quote in quotes if quote.request.cart for quota in quote.request.cart.held)
    seat_ids = {seat for quote in quotes for line in quote.request.lines for seat in line.seat_ids}
    seat_ids.update(seat for quote in quotes if quote.request.cart for seat in quote.request.cart.seat_ids)
    coupon_ids = {quote.coupon.id for quote in quotes if quote.coupon}
    cart_ids = {quote.request.cart.id for quote in quotes if quote.request.cart}
    single = [
        (offer.event_id, quote.request.customer.key)
        for quote in quotes
        for offer in quote.offers
        if offer.one_per_customer and offer.event_id is not None
    ]
    best = {
        (offer.event_id, offer.seat_category)
        for quote in quotes
        for line, offer in zip(quote.request.lines, quote.offers, strict=True)
        if line.best_available and offer.event_id is not None and offer.seat_category is not None
    }
    with database.trip():
        quotas = lock_quotas(database, organization_id, quota_ids)
        seats = lock_seats(database, organization_id, seat_ids) if seat_ids else ()
        coupons = lock_coupons(database, organization_id, coupon_ids) if coupon_ids else ()
        carts = (
            database.queue(LOCK_CARTS, (organization_id, plain_array(cart_ids)), named=True)
            if cart_ids
            else ()
        )
        uses = queue_live_uses(database, organization_id, quotes)
        bookings = (
            database.queue(
                LIVE_BOOKINGS,
                (organization_id, plain_array({event for event, _ in single}), [key for _, key in single]),
            )
            if single
            else ()
        )
        keys = find_keys(database, organization_id, [quote.request.idempotency_key for quote in quotes])
        offers_now = queue_offers_now(database, organization_id, quotes)
    check_offers(offers_now, quotes)
    return Room(
        available=dict(quotas.fetchall()),
        seats={seat.id: seat for seat in seats},
        best={
            (event_id, category): BestOfCategory(database, organization_id, event_id, category)
            for event_id, category in best
        },
        uses=CouponUses(coupons, uses),
        bookings={(event_id, key) for event_id, key in bookings},
        carts={cart.id: cart for cart in carts},
        known_keys=known(keys),
    )


def queue_offers_now(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> Iterable[Any]:
    """Read once more, now under the quotas' locks, what the ticket types draw on."""
    ids = {offer.id for quote in quotes for offer in quote.offers if not offer.is_product}
    return database.queue(OFFERS_NOW, (organization_id, plain_array(ids))) if ids else ()


def check_offers(rows: Iterable[Any], quotes: Sequence[Quote]) -> None:
    """Make sure that no event was closed and no quota was added while the locks were waited for.

    Raises:
        StaleRead: one was.
    """
    now = {ticket_type_id: (status, tuple(sorted(set(quotas)))) for ticket_type_id, status, quotas in rows}
    for quote in quotes:
        for offer in quote.offers:
            if not offer.is_product and now.get(offer.id) != (offer.event_status, offer.quota_ids):
                raise StaleRead


def find_keys(database: Statements, organization_id: UUID, keys: Iterable[str]) -> Any:
    """Look up which idempotency keys have an order already."""
    return database.queue(KNOWN_KEYS, (organization_id, list(keys)))


def known(rows: Iterable[Any]) -> dict[str, tuple[UUID, bytes]]:
    """Return what :func:`find_keys` found, by key."""
    return {key: (order_id, bytes(fingerprint)) for key, order_id, fingerprint in rows}
