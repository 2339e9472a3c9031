"""Locking and reading all that a batch of orders wants, in the one order of locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg

from kassa.core.database import Statements, plain_array
from kassa.coupons.locks import lock_coupons
from kassa.inventory.locks import lock_quotas
from kassa.orders.domain.uploads import lock_uploads
from kassa.sales.domain.best_seats import BestOfCategory
from kassa.sales.domain.coupon_uses import CouponUses, queue_live_uses
from kassa.sales.domain.limit_uses import LimitUses, queue_live_limit_uses
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.room import Room
from kassa.seating.locks import lock_seats

KNOWN_KEYS = """
SELECT idempotency_key, id, fingerprint FROM orders_order
WHERE organization_id = %s AND idempotency_key = ANY(%s::text[])
"""
KEEP_TICKET_TYPES = """
SELECT FROM catalog_tickettype t
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[]) ORDER BY t.id FOR KEY SHARE
"""
KEEP_PRODUCTS = """
SELECT FROM catalog_product p
WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[]) ORDER BY p.id FOR KEY SHARE
"""
TICKET_TYPES_NOW = """
SELECT t.id, e.status, e.currency, e.one_per_customer AND NOT t.is_addon,
       array_remove(ARRAY[t.quota_id, e.capacity_quota_id] || ARRAY(
           SELECT q.quota_id FROM catalog_tickettypequota q
           WHERE q.organization_id = t.organization_id AND q.ticket_type_id = t.id), NULL)
FROM catalog_tickettype t
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[]) AND t.deleted_at IS NULL AND e.deleted_at IS NULL
"""
PRODUCTS_NOW = """
SELECT p.id, 'published', p.currency, false, array_remove(ARRAY[p.quota_id], NULL)
FROM catalog_product p
WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[]) AND p.deleted_at IS NULL AND p.status = 'active'
"""
LOCK_CARTS = """
SELECT id, status, updated_at, expires_at FROM sales_cart
WHERE organization_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""


class StaleRead(Exception):
    """Something changed between being read and being locked or taken; the transaction is done again."""


def lock_room(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> Room:
    """Lock quotas, seats, coupons, carts and uploads in their order and read what is left of each."""
    quota_ids = {quota for quote in quotes for quota in quote.needs}
    quota_ids.update(quota for quote in quotes if quote.request.cart for quota in quote.request.cart.held)
    seat_ids = {seat for quote in quotes for line in quote.request.lines for seat in line.seat_ids}
    seat_ids.update(seat for quote in quotes if quote.request.cart for seat in quote.request.cart.seat_ids)
    coupon_ids = {quote.coupon.id for quote in quotes if quote.coupon}
    cart_ids = {quote.request.cart.id for quote in quotes if quote.request.cart}
    best = {
        (offer.event_id, offer.seat_category)
        for quote in quotes
        for line, offer in zip(quote.request.lines, quote.offers, strict=True)
        if line.best_available and offer.event_id is not None and offer.seat_category is not None
    }
    file_ids = {file.upload_id for quote in quotes for file in quote.files}
    with database.trip():
        quotas = lock_quotas(database, organization_id, quota_ids)
        seats = lock_seats(database, organization_id, seat_ids) if seat_ids else ()
        coupons = lock_coupons(database, organization_id, coupon_ids) if coupon_ids else ()
        carts = (
            database.queue(LOCK_CARTS, (organization_id, plain_array(cart_ids)), named=True)
            if cart_ids
            else ()
        )
        uploads = lock_uploads(database, organization_id, file_ids) if file_ids else ()
        uses = queue_live_uses(database, organization_id, quotes)
        limit_uses = queue_live_limit_uses(database, organization_id, quotes)
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
        limits=LimitUses(limit_uses),
        carts={cart.id: cart for cart in carts},
        known_keys=known(keys),
        uploads=dict(uploads),
    )


def queue_offers_now(
    database: Statements, organization_id: UUID, quotes: Sequence[Quote]
) -> list[psycopg.Cursor[Any]]:
    """Read once more, now under locks, what is on offer and what it draws on.

    The offers' rows are kept as they are until the transaction ends: whoever limits, deletes
    or shares an offer locks its row, and so sees these orders or is seen here. Keeping and
    reading are two statements, because one that has waited for a lock reads what was before.
    """
    found = []
    for is_product, keep, now in (
        (False, KEEP_TICKET_TYPES, TICKET_TYPES_NOW),
        (True, KEEP_PRODUCTS, PRODUCTS_NOW),
    ):
        ids = {offer.id for quote in quotes for offer in quote.offers if offer.is_product is is_product}
        if ids:
            wanted = (organization_id, plain_array(sorted(ids)))
            database.queue(keep, wanted)
            found.append(database.queue(now, wanted))
    return found


def check_offers(cursors: Iterable[Iterable[Any]], quotes: Sequence[Quote]) -> None:
    """Make sure that nothing was closed, deleted or limited while the locks were waited for.

    Raises:
        StaleRead: something was.
    """
    now = {
        offer_id: (*rest, tuple(sorted(set(quota_ids))))
        for rows in cursors
        for offer_id, *rest, quota_ids in rows
    }
    for quote in quotes:
        for offer in quote.offers:
            read = (offer.event_status, offer.currency, offer.one_per_customer, offer.quota_ids)
            if now.get(offer.id) != read:
                raise StaleRead


def find_keys(database: Statements, organization_id: UUID, keys: Iterable[str]) -> Any:
    """Look up which idempotency keys have an order already."""
    return database.queue(KNOWN_KEYS, (organization_id, list(keys)))


def known(rows: Iterable[Any]) -> dict[str, tuple[UUID, bytes]]:
    """Return what :func:`find_keys` found, by key."""
    return {key: (order_id, bytes(fingerprint)) for key, order_id, fingerprint in rows}
