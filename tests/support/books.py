"""The audit: whatever was sold, paid, held and given back, the books agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from kassa.audit.check import Check, Subject
from kassa.audit.run import CHECKS, ONE_LOOK, Finding, look

SHOWN = 5
"""How many wrong rows of each kind a failure names."""

EVENTS = Check(
    name="events",
    subject=Subject.ORDERS,
    sentence="the outbox does not tell exactly what happened",
    # What was imported is long past, and nobody is told of it; what happens to it since then is told.
    sql="""
WITH lived AS (
    SELECT h.organization_id, h.order_id, h.from_status, h.to_status
    FROM orders_orderhistory h
    JOIN orders_order o ON o.organization_id = h.organization_id AND o.id = h.order_id
    WHERE h.from_status IS DISTINCT FROM h.to_status AND OF(h)
      AND NOT (h.from_status IS NULL AND o.imported_from IS NOT NULL)
), wanted AS (
    SELECT organization_id, 'orders/' || order_id AS subject, 'order.created' AS type, 1 AS count
    FROM lived WHERE from_status IS NULL
    UNION ALL
    SELECT organization_id, 'orders/' || order_id, 'order.' || to_status, count(*)
    FROM lived WHERE to_status NOT IN ('draft', 'pending')
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT t.organization_id, 'tickets/' || t.id, CASE lived.to_status
        WHEN 'confirmed' THEN 'ticket.issued' ELSE 'ticket.expired' END, count(*)
    FROM orders_ticket t
    JOIN lived ON lived.organization_id = t.organization_id AND lived.order_id = t.order_id
    WHERE lived.to_status IN ('confirmed', 'expired')
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT t.organization_id, 'tickets/' || t.id, 'ticket.cancelled', 1
    FROM orders_ticket t
    JOIN lived ON lived.organization_id = t.organization_id AND lived.order_id = t.order_id
    WHERE lived.to_status = 'cancelled' AND t.status = 'cancelled'
    UNION ALL
    SELECT t.organization_id, 'tickets/' || t.id, 'ticket.refunded', 1
    FROM orders_ticket t
    JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
    WHERE OF(t) AND t.status = 'refunded' AND NOT EXISTS (
        SELECT FROM payments_refundedticket b
        JOIN payments_refund r ON r.organization_id = b.organization_id AND r.id = b.refund_id
        WHERE b.organization_id = t.organization_id AND b.ticket_id = t.id
          AND o.imported_from IS NOT NULL AND r.created_at = o.created_at)
), told AS (
    SELECT e.organization_id, e.subject, e.type, count(*) AS count
    FROM core_outboxevent e
    WHERE OF(e) AND (
        e.type IN ('order.created', 'ticket.issued', 'ticket.cancelled', 'ticket.expired', 'ticket.refunded')
        OR replace(e.type, 'order.', '') IN ('confirmed', 'processing', 'shipped', 'delivered', 'completed',
                                             'partially_refunded', 'refunded', 'cancelled', 'expired'))
    GROUP BY 1, 2, 3
)
SELECT coalesce(w.organization_id, t.organization_id) AS organization_id,
       coalesce(w.subject, t.subject) AS subject, coalesce(w.type, t.type) AS type,
       w.count AS happened, t.count AS told
FROM wanted w
FULL JOIN told t ON t.organization_id = w.organization_id AND t.subject = w.subject AND t.type = w.type
WHERE w.count IS DISTINCT FROM t.count
""",
)
"""It is no part of `kassa audit`: an outbox is trimmed once all that it tells has been heard."""


def assert_books_balance(organization_id: UUID | None = None, *, url: str | None = None) -> None:
    """Check every book against every other, of one organisation or (None) of all.

    ``url`` names another database than Django's own.
    """
    wrong: list[str] = []
    for check, found in groupby(_findings(organization_id, url), key=lambda finding: finding.check):
        findings = list(found)
        wrong.append(f"{len(findings)} times {check.sentence} ({check.name}):")
        for finding in findings[:SHOWN]:
            figures = {"order": finding.number, **finding.figures}
            wrong.append("    " + ", ".join(f"{name}={value}" for name, value in figures.items()))
    assert not wrong, "The books do not balance.\n" + "\n".join(wrong)


def _findings(organization_id: UUID | None, url: str | None) -> Iterator[Finding]:
    with _cursor(url) as cursor:
        for check in (*CHECKS, EVENTS):
            yield from look(cursor, check, organization_id)


@contextmanager
def _cursor(url: str | None) -> Iterator[Any]:
    """Yield a cursor that sees the database as it was at one moment, or as the test's transaction does."""
    if url is not None:
        with psycopg.connect(url) as other, other.cursor() as cursor:
            cursor.execute(ONE_LOOK)
            yield cursor
    elif connection.in_atomic_block:
        with connection.cursor() as cursor:
            yield cursor
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ONE_LOOK)
            yield cursor
