"""Orders that were paid before there were payments get theirs, and the books of them.

Who paid how is not known any more, so the provider is ``imported``: staff give such money back by hand.
What was paid for an order that has been cancelled since is promised back; staff say when it is done.
"""

from django.db import migrations

AMOUNTS = """
CREATE OR REPLACE FUNCTION pg_temp.shown(amount numeric, currency text) RETURNS text LANGUAGE sql AS $$
    SELECT round(amount, CASE
        WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI',
                          'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
        WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        ELSE 2 END)::text
$$;
"""

# An order that was imported knows the id of its payment in the older system, if only in its items.
PAYMENTS = """
INSERT INTO payments_payment (id, organization_id, order_id, user_id, provider, method, provider_reference,
                              amount, currency, refunded_amount, received_at, created_at)
SELECT kassa_uuid7(), organization_id, id, user_id, 'imported',
       CASE WHEN intent IS NULL THEN 'imported' ELSE 'stripe' END,
       CASE WHEN intent IS NULL OR is_repeated THEN number ELSE intent END,
       total, currency, CASE status WHEN 'cancelled' THEN total ELSE refunded_amount END, paid_at, paid_at
FROM (
    SELECT o.*, item.intent,
           row_number() OVER (PARTITION BY o.organization_id, item.intent ORDER BY o.id) > 1 AS is_repeated
    FROM orders_order o
    LEFT JOIN LATERAL (
        SELECT i.metadata ->> 'stripe_payment_intent_id' AS intent FROM orders_orderitem i
        WHERE i.organization_id = o.organization_id AND i.order_id = o.id
        ORDER BY i.position LIMIT 1
    ) item ON true
    WHERE o.payment_status IN ('paid', 'partially_refunded', 'refunded') AND o.total > 0
      AND o.confirmed_at IS NOT NULL AND o.paid_at IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM payments_payment p WHERE p.organization_id = o.organization_id AND p.order_id = o.id)
) paid;
UPDATE orders_order o SET payment_id = p.id, payment_method = p.method
FROM payments_payment p
WHERE p.organization_id = o.organization_id AND p.order_id = o.id AND p.provider = 'imported'
  AND o.payment_id IS NULL;
"""

# Refunds were imported only: with all tickets, or with those that are refunded.
REFUNDS = """
INSERT INTO payments_refund (id, organization_id, order_id, kind, status, amount, currency, lines, reason,
                             requested_by_kind, created_at, completed_at)
SELECT kassa_uuid7(), o.organization_id, o.id,
       CASE o.status WHEN 'refunded' THEN 'everything' ELSE 'tickets' END, 'succeeded',
       o.refunded_amount, o.currency,
       coalesce(tickets.lines, '[]') || CASE
           WHEN o.refunded_amount = coalesce(tickets.amount, 0) THEN '[]'
           ELSE jsonb_build_array(jsonb_build_object(
               'what', 'difference', 'label', 'Everything else',
               'amount', pg_temp.shown(o.refunded_amount - coalesce(tickets.amount, 0), o.currency))) END,
       'Given back before payments were kept here.', 'system', o.created_at, o.created_at
FROM orders_order o
LEFT JOIN LATERAL (
    SELECT sum(t.price_paid) AS amount, jsonb_agg(jsonb_build_object(
               'what', 'ticket', 'ticket', t.id,
               'label', concat_ws(' ', i.name, nullif(t.seat_label, ''), t.code),
               'amount', pg_temp.shown(t.price_paid, o.currency)) ORDER BY t.id) AS lines
    FROM orders_ticket t
    JOIN orders_orderitem i ON i.organization_id = t.organization_id AND i.id = t.item_id
    WHERE t.organization_id = o.organization_id AND t.order_id = o.id AND t.status = 'refunded'
) tickets ON true
WHERE (o.refunded_amount > 0 OR tickets.lines IS NOT NULL) AND o.status <> 'cancelled' AND NOT EXISTS (
    SELECT FROM payments_refund r WHERE r.organization_id = o.organization_id AND r.order_id = o.id);
INSERT INTO payments_refundedticket (id, organization_id, refund_id, ticket_id, amount)
SELECT kassa_uuid7(), t.organization_id, r.id, t.id, t.price_paid
FROM payments_refund r
JOIN orders_ticket t ON t.organization_id = r.organization_id AND t.order_id = r.order_id
WHERE t.status = 'refunded' AND NOT EXISTS (
    SELECT FROM payments_refundedticket b WHERE b.organization_id = t.organization_id AND b.ticket_id = t.id);
"""

CANCELLATIONS = """
INSERT INTO payments_refund (id, organization_id, order_id, kind, status, amount, currency, lines, reason,
                             requested_by_kind)
SELECT kassa_uuid7(), p.organization_id, p.order_id, 'cancellation', 'pending', p.amount, p.currency,
       jsonb_build_array(jsonb_build_object(
           'what', 'cancellation', 'label', 'The order was cancelled.',
           'amount', pg_temp.shown(p.amount, p.currency))),
       'The order was cancelled before payments were kept here: see whether the money has gone back.',
       'system'
FROM payments_payment p
JOIN orders_order o ON o.organization_id = p.organization_id AND o.id = p.order_id
WHERE o.status = 'cancelled' AND p.provider = 'imported' AND NOT EXISTS (
    SELECT FROM payments_refund r WHERE r.organization_id = o.organization_id AND r.order_id = o.id);
UPDATE orders_order o SET refunding_amount = r.amount
FROM payments_refund r
WHERE r.organization_id = o.organization_id AND r.order_id = o.id AND r.status = 'pending'
  AND r.kind = 'cancellation' AND o.refunding_amount = 0;
"""

PARTS = """
INSERT INTO payments_refundpart (id, organization_id, refund_id, payment_id, order_id, provider, amount,
                                 currency, status, created_at, completed_at)
SELECT kassa_uuid7(), r.organization_id, r.id, p.id, r.order_id, p.provider, r.amount, r.currency, r.status,
       r.created_at, r.completed_at
FROM payments_refund r
JOIN payments_payment p ON p.organization_id = r.organization_id AND p.order_id = r.order_id
WHERE r.amount > 0 AND p.provider = 'imported' AND NOT EXISTS (
    SELECT FROM payments_refundpart b WHERE b.organization_id = r.organization_id AND b.refund_id = r.id);
"""

TRANSACTIONS = """
INSERT INTO payments_transaction (id, organization_id, type, status, order_id, user_id, payment_id,
                                  refund_part_id, amount, currency, payment_method, payment_method_id,
                                  payment_intent_id, created_at, updated_at)
SELECT kassa_uuid7(), p.organization_id, movement.type, movement.status, p.order_id, p.user_id, p.id,
       movement.part, movement.amount, p.currency, p.method, movement.reference, p.provider_reference,
       movement.moment, movement.moment
FROM payments_payment p
LEFT JOIN payments_refundpart part ON part.organization_id = p.organization_id AND part.payment_id = p.id
CROSS JOIN LATERAL (VALUES
    ('purchase', 'completed', NULL::uuid, p.amount, p.provider_reference, p.received_at),
    ('refund', CASE part.status WHEN 'succeeded' THEN 'completed' ELSE 'pending' END, part.id, part.amount,
     '', part.created_at))
    AS movement(type, status, part, amount, reference, moment)
WHERE p.provider = 'imported' AND movement.amount IS NOT NULL AND NOT EXISTS (
    SELECT FROM payments_transaction t WHERE t.organization_id = p.organization_id AND t.payment_id = p.id);
"""

# One statement for all entries: the database checks that each posting in it adds up to zero.
ENTRIES = """
INSERT INTO payments_ledgerentry (id, organization_id, posting_id, kind, account, provider, order_id,
                                  transaction_id, amount, currency, created_at)
WITH postings AS MATERIALIZED (
    SELECT kassa_uuid7() AS id, t.organization_id, t.order_id, t.currency, t.amount, t.created_at, of.*
    FROM payments_transaction t
    JOIN payments_payment p ON p.organization_id = t.organization_id AND p.id = t.payment_id
    CROSS JOIN LATERAL (VALUES
        ('purchase', 'payment_received', 'provider', 'customer', t.id),
        ('purchase', 'order_confirmed', 'customer', 'sales', NULL),
        ('refund', 'refund_promised', 'sales', 'refunds_due', t.id),
        ('refund', 'refund_paid', 'refunds_due', 'provider', t.id)) AS of(type, kind, debit, credit, movement)
    WHERE p.provider = 'imported' AND of.type = t.type
      AND (of.kind <> 'refund_paid' OR t.status = 'completed')
      AND NOT EXISTS (
        SELECT FROM payments_ledgerentry e
        WHERE e.organization_id = t.organization_id AND e.order_id = t.order_id)
)
SELECT kassa_uuid7(), organization_id, id, kind, side.account,
       CASE side.account WHEN 'provider' THEN 'imported' ELSE '' END, order_id, movement, side.amount,
       currency, created_at
FROM postings
CROSS JOIN LATERAL (VALUES (debit, amount), (credit, -amount)) AS side(account, amount);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_moves_of_late_payments"),
        ("payments", "0002_ledger"),
    ]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (AMOUNTS, PAYMENTS, REFUNDS, CANCELLATIONS, PARTS, TRANSACTIONS, ENTRIES)
    ]
