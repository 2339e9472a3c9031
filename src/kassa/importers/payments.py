"""The money of imported orders: what was paid in the older system, what went back, and the books of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from kassa.core.database import Statements, plain_array, text_array
from kassa.core.money import ZERO, format_amount
from kassa.importers.old import OldOrder
from kassa.importers.plan import Plan
from kassa.orders.domain.record import NewOrder
from kassa.orders.enums import TicketStatus

PROVIDER = "imported"
"""What such payments have as their provider. Kassa cannot reach it: staff give money back by hand."""

# A reference that several orders share, or that another system has used, would stand for one payment.
INSERT_PAYMENTS = """
INSERT INTO payments_payment (id, organization_id, order_id, user_id, provider, method, provider_reference,
                              amount, currency, refunded_amount, received_at, created_at)
SELECT kassa_uuid7(), o.organization_id, o.id, o.user_id, 'imported', d.method,
       CASE WHEN d.reference IS NULL OR d.is_repeated OR EXISTS (
                SELECT FROM payments_payment p WHERE p.organization_id = o.organization_id
                AND p.provider = 'imported' AND p.provider_reference = d.reference)
            THEN o.number ELSE d.reference END,
       o.total, o.currency, o.refunded_amount, o.paid_at, o.paid_at
FROM (SELECT *, row_number() OVER (PARTITION BY reference) > 1 AS is_repeated
      FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS d(id, method, reference)) d
JOIN orders_order o ON o.id = d.id
WHERE o.organization_id = %s AND o.total > 0
"""
NOTE_ON_ORDERS = """
UPDATE orders_order o SET payment_id = p.id, payment_method = p.method
FROM payments_payment p
WHERE p.organization_id = o.organization_id AND p.order_id = o.id
  AND o.organization_id = %s AND o.id = ANY(%s::uuid[])
"""
INSERT_REFUNDS = """
INSERT INTO payments_refund (id, organization_id, order_id, kind, status, amount, currency, lines, reason,
                             requested_by_kind, created_at, completed_at)
SELECT kassa_uuid7(), o.organization_id, o.id,
       CASE o.status WHEN 'refunded' THEN 'everything' ELSE 'tickets' END, 'succeeded',
       o.refunded_amount, o.currency, d.lines::jsonb, d.reason, 'system', o.created_at, o.created_at
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS d(id, lines, reason)
JOIN orders_order o ON o.id = d.id
WHERE o.organization_id = %s
"""
INSERT_TICKETS = """
INSERT INTO payments_refundedticket (id, organization_id, refund_id, ticket_id, amount)
SELECT kassa_uuid7(), t.organization_id, r.id, t.id, t.price_paid
FROM orders_ticket t
JOIN payments_refund r ON r.organization_id = t.organization_id AND r.order_id = t.order_id
WHERE t.organization_id = %s AND t.order_id = ANY(%s::uuid[]) AND t.status = 'refunded'
"""
INSERT_PARTS = """
INSERT INTO payments_refundpart (id, organization_id, refund_id, payment_id, order_id, provider, amount,
                                 currency, status, created_at, completed_at)
SELECT kassa_uuid7(), r.organization_id, r.id, p.id, r.order_id, p.provider, r.amount, r.currency,
       'succeeded', r.created_at, r.created_at
FROM payments_refund r
JOIN payments_payment p ON p.organization_id = r.organization_id AND p.order_id = r.order_id
WHERE r.organization_id = %s AND r.order_id = ANY(%s::uuid[]) AND r.amount > 0
"""
INSERT_TRANSACTIONS = """
INSERT INTO payments_transaction (id, organization_id, type, status, order_id, user_id, payment_id,
                                  refund_part_id, amount, currency, payment_method, payment_method_id,
                                  payment_intent_id, created_at, updated_at)
SELECT kassa_uuid7(), p.organization_id, movement.type, 'completed', p.order_id, p.user_id, p.id,
       movement.part, movement.amount, p.currency, p.method, movement.reference, p.provider_reference,
       p.received_at, p.received_at
FROM payments_payment p
LEFT JOIN payments_refundpart part ON part.organization_id = p.organization_id AND part.payment_id = p.id
CROSS JOIN LATERAL (VALUES ('purchase', NULL::uuid, p.amount, p.provider_reference),
                           ('refund', part.id, part.amount, ''))
    AS movement(type, part, amount, reference)
WHERE p.organization_id = %s AND p.order_id = ANY(%s::uuid[]) AND movement.amount IS NOT NULL
"""
INSERT_ENTRIES = """
INSERT INTO payments_ledgerentry (id, organization_id, posting_id, kind, account, provider, order_id,
                                  transaction_id, amount, currency, created_at)
WITH postings AS MATERIALIZED (
    SELECT kassa_uuid7() AS id, t.organization_id, t.order_id, t.currency, t.amount, t.created_at, of.*
    FROM payments_transaction t
    CROSS JOIN LATERAL (VALUES
        ('purchase', 'payment_received', 'provider', 'customer', t.id),
        ('purchase', 'order_confirmed', 'customer', 'sales', NULL),
        ('refund', 'refund_promised', 'sales', 'refunds_due', t.id),
        ('refund', 'refund_paid', 'refunds_due', 'provider', t.id)) AS of(type, kind, debit, credit, movement)
    WHERE t.organization_id = %s AND t.order_id = ANY(%s::uuid[]) AND of.type = t.type
)
SELECT kassa_uuid7(), organization_id, id, kind, side.account,
       CASE side.account WHEN 'provider' THEN 'imported' ELSE '' END, order_id, movement, side.amount,
       currency, created_at
FROM postings
CROSS JOIN LATERAL (VALUES (debit, amount), (credit, -amount)) AS side(account, amount)
"""


def book_payments(database: Statements, organization_id: UUID, plans: Sequence[Plan], *, system: str) -> None:
    """Write payment, refund and books of those orders that were paid, as of the moment of their purchase.

    The orders stand in their tables already. A few statements, however many orders there are.
    """
    paid = [one for one in plans if one.order.paid_at is not None]
    if not paid:
        return
    of_paid = (organization_id, plain_array(one.order.id for one in paid))
    sources = [_source(one.old) for one in paid]
    database.queue(
        INSERT_PAYMENTS,
        (
            of_paid[1],
            text_array(method for method, _ in sources),
            text_array(reference for _, reference in sources),
            organization_id,
        ),
    )
    database.queue(NOTE_ON_ORDERS, of_paid)
    given_back = [one.order for one in paid if one.order.refunded_amount or _refunded_tickets(one.order)]
    if given_back:
        of_given_back = (organization_id, plain_array(order.id for order in given_back))
        lines = text_array(orjson.dumps(_lines(order)).decode() for order in given_back)
        reasons = text_array([f"Given back in {system}."] * len(given_back))
        database.queue(INSERT_REFUNDS, (of_given_back[1], lines, reasons, organization_id))
        database.queue(INSERT_TICKETS, of_given_back)
        database.queue(INSERT_PARTS, of_given_back)
    database.queue(INSERT_TRANSACTIONS, of_paid)
    database.queue(INSERT_ENTRIES, of_paid)


def _source(old: OldOrder) -> tuple[str, str | None]:
    """Return how an order was paid, and by which id the older system knew the payment."""
    stripe = old.references.get("stripe_payment_intent_id") or old.references.get("stripe_session_id")
    if stripe:
        return "stripe", stripe
    return PROVIDER, old.references.get("purchase_reference")


def _refunded_tickets(order: NewOrder) -> list[Any]:
    return [ticket for ticket in order.tickets if ticket.status == TicketStatus.REFUNDED]


def _lines(order: NewOrder) -> list[dict[str, str]]:
    """Return what was given back, line by line; the lines add up to the order's refunded amount."""
    names = {item.id: item.name for item in order.items}
    tickets = _refunded_tickets(order)
    lines = [
        {
            "what": "ticket",
            "ticket": str(ticket.id),
            "label": " ".join(
                part for part in (names[ticket.item_id], ticket.seat_label, ticket.code) if part
            ),
            "amount": format_amount(ticket.price_paid, order.currency),
        }
        for ticket in tickets
    ]
    rest = order.refunded_amount - sum((ticket.price_paid for ticket in tickets), ZERO)
    if rest:
        amount = format_amount(rest, order.currency)
        lines.append({"what": "difference", "label": "Everything else", "amount": amount})
    return lines
