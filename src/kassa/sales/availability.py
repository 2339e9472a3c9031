"""What is left of an event, for ten thousand impatient readers.

The answer is worked out by one query and kept for a moment in each process; readers in
between get the same bytes, or just a 304 if they have them already. A hold that is over
counts as free, whether or not it has been released yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection

from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache

TTL_SECONDS = 0.5


AVAILABILITY = """
WITH types AS MATERIALIZED (
    SELECT t.id, t.sort_order, t.is_hidden, t.seat_category,
           array_remove(ARRAY[t.quota_id, e.capacity_quota_id] || ARRAY(
               SELECT q.quota_id FROM catalog_tickettypequota q
               WHERE q.organization_id = t.organization_id AND q.ticket_type_id = t.id), NULL) AS quota_ids
    FROM catalog_event e
    JOIN catalog_tickettype t
      ON t.organization_id = e.organization_id AND t.event_id = e.id AND t.deleted_at IS NULL
    WHERE e.organization_id = %(organization)s AND e.id = %(event)s
), over AS MATERIALIZED (
    SELECT o.id FROM orders_order o
    WHERE o.organization_id = %(organization)s AND o.status IN ('draft', 'pending')
      AND o.expires_at IS NOT NULL AND o.expires_at <= %(now)s
      AND (o.payment_awaited_until IS NULL OR o.payment_awaited_until <= %(now)s)
), over_carts AS MATERIALIZED (
    SELECT c.id FROM sales_cart c
    WHERE c.organization_id = %(organization)s AND c.status = 'active' AND c.expires_at <= %(now)s
), over_seats AS MATERIALIZED (
    SELECT s.id, s.category FROM seating_eventseat s
    WHERE s.organization_id = %(organization)s AND s.event_id = %(event)s AND s.status = 'held'
      AND (s.cart_id IN (SELECT id FROM over_carts) OR s.id IN (
           SELECT k.seat_id FROM over
           JOIN orders_ticket k ON k.organization_id = %(organization)s AND k.order_id = over.id))
), freed AS MATERIALIZED (
    SELECT quota_id, sum(quantity) AS quantity FROM (
        SELECT unnest(i.quota_ids) AS quota_id, i.quantity FROM over
        JOIN orders_orderitem i ON i.organization_id = %(organization)s AND i.order_id = over.id
        UNION ALL
        SELECT unnest(i.quota_ids), i.quantity FROM over_carts
        JOIN sales_cartitem i ON i.organization_id = %(organization)s AND i.cart_id = over_carts.id
    ) held GROUP BY quota_id
)
SELECT (SELECT status FROM catalog_event
        WHERE organization_id = %(organization)s AND id = %(event)s AND deleted_at IS NULL),
       (SELECT coalesce(json_agg(json_build_array(t.id, least((
            SELECT min(q.capacity - q.reserved - q.sold + coalesce(f.quantity, 0))
            FROM inventory_quota q LEFT JOIN freed f ON f.quota_id = q.id
            WHERE q.organization_id = %(organization)s AND q.id = ANY(t.quota_ids)
        ), CASE WHEN t.seat_category IS NOT NULL THEN (
            SELECT count(*) FROM seating_eventseat s
            WHERE s.organization_id = %(organization)s AND s.event_id = %(event)s
              AND s.category = t.seat_category AND s.status = 'available'
        ) + (SELECT count(*) FROM over_seats s WHERE s.category = t.seat_category) END)
        ) ORDER BY t.sort_order, t.id), '[]') FROM types t WHERE %(hidden)s OR NOT t.is_hidden),
       CASE WHEN %(seats)s THEN (SELECT string_agg(
            CASE WHEN s.id IN (SELECT id FROM over_seats) THEN 'a' ELSE left(s.status, 1) END,
            '' ORDER BY s.rank)
            FROM seating_eventseat s
            WHERE s.organization_id = %(organization)s AND s.event_id = %(event)s) END
"""


@dataclass(frozen=True, slots=True)
class Availability:
    """What is left of an event, for pages and, as it goes over the wire, for those who ask by program."""

    left: Mapping[UUID, int | None]
    """By ticket type. None: there is no limit."""
    seats: str
    """A letter for each seat, in the order of the event's seats; empty: there are none, or nobody asked."""
    body: bytes
    etag: str


_cache: TTLCache[tuple[UUID, UUID, bool, bool], Availability] = TTLCache(
    "availability", ttl=TTL_SECONDS, maxsize=5_000, wait=2.0
)


def availability_of(
    organization_id: UUID, event_id: UUID, *, seats: bool, now: datetime, hidden: bool = False
) -> Availability:
    """Return what is left of each ticket type, and with ``seats`` each seat's status.

    Without ``hidden`` the hidden ticket types are left out. ``left`` is null where there is no
    limit. The seats are one letter each, in the order of the event's seats: a(vailable), h(eld),
    s(old), b(locked).

    Raises:
        NotFound: the organisation has no such event.
        Busy: the database is slow to answer.
    """
    key = (organization_id, event_id, seats, hidden)
    return _cache.get(key, lambda: _read(organization_id, event_id, seats=seats, hidden=hidden, now=now))


def _read(organization_id: UUID, event_id: UUID, *, seats: bool, hidden: bool, now: datetime) -> Availability:
    with connection.cursor() as cursor:
        cursor.execute(
            AVAILABILITY,
            {
                "organization": organization_id,
                "event": event_id,
                "now": now,
                "seats": seats,
                "hidden": hidden,
            },
        )
        status, types, states = cursor.fetchone()
    if status is None:
        raise NotFound("There is no such event in your organisation.")
    answer: dict[str, object] = {
        "event": str(event_id),
        "status": status,
        "ticket_types": [{"id": type_id, "left": left} for type_id, left in types],
    }
    if seats:
        answer["seats"] = states or ""
    body = orjson.dumps(answer)
    etag = f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'
    left = {UUID(type_id): count for type_id, count in types}
    return Availability(left=left, seats=states or "", body=body, etag=etag)
