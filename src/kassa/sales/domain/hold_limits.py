"""How many unpaid places of an event one visitor holds at a time, over all their carts and orders.

The count is taken under a lock for each of the visitor's keys, after the locks of the places, so that two
requests of one visitor are counted one after the other. Visitors who have signed in are counted by their
account and its mailbox, and may hold as many as a network; all of them in one network hold twice as many,
whatever others there hold. Carts that were opened through the API are not counted: whoever has the
organisation's key acts for it. Nor are add-ons, which take no place of an event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from kassa.core.database import Statements
from kassa.sales.domain.cart_content import CartContent
from kassa.sales.domain.holders import ACCOUNTS, HolderKind, parse_kind
from kassa.sales.domain.quote import Quote
from kassa.sales.errors import HoldLimitReached, PassInUse
from kassa.sales.models import Cart

USERS_SHARE = 2
"""So many times as much as a network may hold those of it who have signed in."""
LOCK_HOLDERS = """
SELECT pg_advisory_xact_lock(hashtextextended(k.key, 0)) FROM unnest(%s::text[]) AS k(key)
"""
HELD = """
SELECT k.key, t.event_id, sum(i.quantity)::int
FROM unnest(%(keys)s::text[]) AS k(key)
JOIN sales_cart c ON c.holders @> ARRAY[k.key] AND c.holders <> '{}'
JOIN sales_cartitem i ON i.organization_id = c.organization_id AND i.cart_id = c.id
JOIN catalog_tickettype t ON t.organization_id = i.organization_id AND t.id = i.ticket_type_id
WHERE c.organization_id = %(organization_id)s AND t.event_id = ANY(%(event_ids)s::uuid[])
  AND NOT t.is_addon AND c.id <> %(cart_id)s
  AND (c.status = 'active' AND c.expires_at > %(now)s OR c.status = 'converted' AND EXISTS (
      SELECT FROM orders_order o
      WHERE o.organization_id = c.organization_id AND o.cart_id = c.id AND o.status IN ('draft', 'pending')
        AND (o.expires_at IS NULL OR o.expires_at > %(now)s)))
GROUP BY k.key, t.event_id
"""
"""The tickets that other carts, and the unpaid orders that carts have become, hold by key and event."""
PASSES_IN_USE = """
SELECT 1 FROM sales_cart c
WHERE c.organization_id = %(organization_id)s AND c.holders && %(keys)s::text[] AND c.holders <> '{}'
  AND c.id <> %(cart_id)s
  AND (c.status = 'active' AND c.expires_at > %(now)s OR c.status = 'converted' AND EXISTS (
      SELECT FROM orders_order o
      WHERE o.organization_id = c.organization_id AND o.cart_id = c.id AND o.status IN ('draft', 'pending')
        AND (o.expires_at IS NULL OR o.expires_at > %(now)s)))
LIMIT 1
"""
LIMITS = """
WITH counted AS (
    SELECT DISTINCT t.event_id, coalesce(t.quota_id, s.quota_id) AS quota_id
    FROM catalog_tickettype t
    LEFT JOIN catalog_tickettypequota s
      ON s.organization_id = t.organization_id AND s.ticket_type_id = t.id AND t.quota_id IS NULL
    WHERE t.organization_id = %(organization_id)s AND t.event_id = ANY(%(event_ids)s::uuid[])
      AND t.deleted_at IS NULL AND NOT t.is_addon AND t.seat_category IS NULL),
places AS (
    SELECT c.event_id, CASE WHEN bool_and(c.quota_id IS NOT NULL) THEN sum(q.capacity) END AS places
    FROM counted c
    LEFT JOIN inventory_quota q ON q.organization_id = %(organization_id)s AND q.id = c.quota_id
    GROUP BY c.event_id)
SELECT e.id, e.title, e.max_held_per_address, e.max_held_per_network,
       coalesce(q.capacity, CASE WHEN p.event_id IS NULL THEN 0 ELSE p.places END + (
           SELECT count(*) FROM seating_eventseat s
           WHERE s.organization_id = e.organization_id AND s.event_id = e.id))
FROM catalog_event e
LEFT JOIN inventory_quota q ON q.organization_id = e.organization_id AND q.id = e.capacity_quota_id
LEFT JOIN places p ON p.event_id = e.id
WHERE e.organization_id = %(organization_id)s AND e.id = ANY(%(event_ids)s::uuid[])
"""
"""The places of an event: its capacity, else its seats and its ticket types' quotas. NULL: no limit."""


def check_hold_limits(database: Statements, content: CartContent, quote: Quote, *, now: datetime) -> None:
    """Let a cart have what it wants unless its visitor would hold too many places of an event.

    A cart that comes to hold no more of an event than it does is never refused.

    Raises:
        HoldLimitReached: too many places would be held.
    """
    if not content.cart.holders:
        return
    wanted = _count_tickets(quote)
    before = _count_held(content, quote)
    grown = {event_id: count for event_id, count in wanted.items() if count > before[event_id]}
    require_places_left(database, content.cart, content.cart.holders, grown, now=now)


def require_places_left(
    database: Statements, cart: Cart, holders: Collection[str], wanted: Mapping[UUID, int], *, now: datetime
) -> None:
    """Let a cart have so many places of each event by what its visitor holds beside it.

    Inside a transaction: whoever else comes with the same keys waits for its end.

    Raises:
        HoldLimitReached: too many places would be held.
    """
    keys = sorted(key for key in holders if parse_kind(key) != HolderKind.PASS)
    if not keys or not wanted:
        return
    parameters = {
        "organization_id": cart.organization_id,
        "cart_id": cart.id,
        "now": now,
        "keys": keys,
        "event_ids": sorted(wanted),
    }
    with database.trip():
        database.queue(LOCK_HOLDERS, (keys,))
        held = database.queue(HELD, parameters)
        limits = database.queue(LIMITS, parameters)
    others = {(key, event_id): count for key, event_id, count in held}
    for event_id, title, per_address, per_network, places in limits:
        for key in keys:
            kind = parse_kind(key)
            maximum = (
                _limit(per_address, settings.HELD_PER_ADDRESS, places)
                if kind in (HolderKind.BROWSER, HolderKind.ADDRESS)
                else _limit(per_network, settings.HELD_PER_NETWORK, places)
            )
            if kind == HolderKind.USERS_OF_NETWORK and maximum is not None:
                maximum *= USERS_SHARE
            if maximum is None:
                continue
            left = maximum - others.get((key, event_id), 0)
            if wanted[event_id] > left:
                raise HoldLimitReached(
                    event=event_id,
                    name=title,
                    maximum=maximum,
                    left=max(left, 0),
                    is_signed_in=kind in ACCOUNTS,
                )


def require_unused_passes(
    organization_id: UUID, holders: Collection[str], *, cart_id: UUID, now: datetime
) -> None:
    """Let a cart pass whose passes of waiting rooms have opened no other one that still holds its places.

    Inside a transaction: whoever else comes with the same pass waits for its end.

    Raises:
        PassInUse: one of them has.
    """
    keys = sorted(key for key in holders if parse_kind(key) == HolderKind.PASS)
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(LOCK_HOLDERS, [keys])
        cursor.execute(
            PASSES_IN_USE,
            {"organization_id": organization_id, "cart_id": cart_id, "now": now, "keys": keys},
        )
        if cursor.fetchone() is not None:
            raise PassInUse


def _count_tickets(quote: Quote) -> Mapping[UUID, int]:
    counted: Counter[UUID] = Counter()
    for line, offer in zip(quote.request.lines, quote.offers, strict=True):
        if offer.event_id is not None and not offer.is_product and not offer.is_addon:
            counted[offer.event_id] += line.quantity
    return counted


def _count_held(content: CartContent, quote: Quote) -> Counter[UUID]:
    """Return how many tickets a cart holds of the events that are asked for."""
    tickets = [offer for offer in quote.offers if not offer.is_product and not offer.is_addon]
    events = {offer.id: offer.event_id for offer in tickets}
    counted: Counter[UUID] = Counter()
    for item in content.items:
        event_id = events.get(item.ticket_type_id) if item.ticket_type_id else None
        if event_id is not None:
            counted[event_id] += item.quantity
    return counted


def _limit(given: int | None, share: Sequence[int] | None, places: int | None) -> int | None:
    """Return how many may be held. None: as many as there are."""
    if given is not None:
        return given
    if share is None or places is None:
        return None
    percent, least = share
    return max(int(least), -(-places * percent // 100))
