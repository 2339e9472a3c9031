"""Money that goes back: promised once, told alike by refund, parts, transactions, tickets and order."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

SUMS_OF_REFUNDS = Check(
    name="sums_of_refunds",
    subject=Subject.PAYMENTS,
    sentence="refunds are not the sum of their parts and lines, or not done when those are",
    sql="""
WITH parts AS (
    SELECT part.organization_id, part.refund_id, sum(part.amount) AS amount,
           bool_and(part.status = 'succeeded') AS are_done,
           bool_or(part.order_id <> p.order_id OR part.currency <> p.currency) AS are_astray,
           min(part.order_id::text) AS first_order, max(part.order_id::text) AS last_order
    FROM payments_refundpart part
    JOIN payments_payment p ON p.organization_id = part.organization_id AND p.id = part.payment_id
    WHERE OF(part) GROUP BY 1, 2
)
SELECT r.organization_id, r.order_id, o.number, r.id AS refund, r.kind, r.status, r.amount,
       coalesce(parts.amount, 0) AS parts, lines.amount AS lines, coalesce(parts.are_done, true) AS are_done
FROM payments_refund r
JOIN orders_order o ON o.organization_id = r.organization_id AND o.id = r.order_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum((line ->> 'amount')::numeric), 0) AS amount FROM jsonb_array_elements(r.lines) line
) lines
LEFT JOIN parts ON parts.organization_id = r.organization_id AND parts.refund_id = r.id
WHERE OF(r) AND (
    r.amount <> coalesce(parts.amount, 0) OR r.amount <> lines.amount OR r.currency <> o.currency
    OR (r.status = 'succeeded') <> coalesce(parts.are_done, true)
    OR (r.status = 'succeeded') <> (r.completed_at IS NOT NULL)
    OR coalesce(parts.are_astray, false)
    OR (r.reduces_sales AND o.confirmed_at IS NULL AND r.amount > 0)
    OR parts.first_order <> r.order_id::text OR parts.last_order <> r.order_id::text)
""",
)

TRANSACTIONS_OF_REFUNDS = Check(
    name="transactions_of_refunds",
    subject=Subject.PAYMENTS,
    sentence="parts of refunds do not have exactly one transaction that says the same",
    sql="""
SELECT part.organization_id, part.order_id, o.number, part.id AS part, part.status, part.amount,
       part.currency, count(t.id) AS transactions, min(t.amount) AS amount_of_transaction,
       min(t.currency) AS currency_of_transaction, min(t.status) AS status_of_transaction
FROM payments_refundpart part
JOIN orders_order o ON o.organization_id = part.organization_id AND o.id = part.order_id
LEFT JOIN payments_transaction t
  ON t.organization_id = part.organization_id AND t.refund_part_id = part.id AND t.type = 'refund'
WHERE OF(part)
GROUP BY 1, 2, 3, 4, part.status, part.amount, part.currency
HAVING count(t.id) <> 1
    OR NOT bool_and((t.order_id, t.amount, t.currency, t.status::text) IS NOT DISTINCT FROM
        (part.order_id, part.amount, part.currency,
         CASE part.status WHEN 'succeeded' THEN 'completed' ELSE 'pending' END))
""",
)

TRANSACTIONS_OF_DISPUTES = Check(
    name="transactions_of_disputes",
    subject=Subject.PAYMENTS,
    sentence="disputes do not have exactly one transaction that says the same",
    sql="""
SELECT d.organization_id, d.order_id, o.number, d.id AS dispute, d.status, d.amount, d.currency,
       count(t.id) AS transactions, min(t.amount) AS amount_of_transaction,
       min(t.currency) AS currency_of_transaction, min(t.status) AS status_of_transaction
FROM payments_dispute d
JOIN orders_order o ON o.organization_id = d.organization_id AND o.id = d.order_id
LEFT JOIN payments_transaction t
  ON t.organization_id = d.organization_id AND t.dispute_id = d.id AND t.type = 'chargeback'
WHERE OF(d)
GROUP BY 1, 2, 3, 4, d.status, d.amount, d.currency
HAVING count(t.id) <> 1
    OR NOT bool_and((t.order_id, t.amount, t.currency, t.status::text) IS NOT DISTINCT FROM
        (d.order_id, d.amount, d.currency,
         CASE d.status WHEN 'open' THEN 'pending' WHEN 'won' THEN 'cancelled' ELSE 'completed' END))
""",
)

TRANSACTIONS_OF_PAYOUTS = Check(
    name="transactions_of_payouts",
    subject=Subject.PAYMENTS,
    sentence="payouts do not have exactly one transaction that says the same",
    # One that never left the provider moved nothing.
    sql="""
SELECT p.organization_id, p.id AS payout, p.provider, p.status, p.amount, p.currency,
       count(t.id) AS transactions, min(t.amount) AS amount_of_transaction,
       min(t.currency) AS currency_of_transaction, min(t.status) AS status_of_transaction
FROM payments_payout p
LEFT JOIN payments_transaction t
  ON t.organization_id = p.organization_id AND t.payout_id = p.id AND t.type = 'payout'
WHERE OF(p)
GROUP BY 1, 2, p.provider, p.status, p.amount, p.currency, p.paid_at
HAVING count(t.id) <> CASE WHEN p.paid_at IS NULL THEN 0 ELSE 1 END
    OR NOT bool_and(t.id IS NULL OR (t.amount, t.currency, t.status::text) IS NOT DISTINCT FROM
        (p.amount, p.currency, CASE p.status WHEN 'paid' THEN 'completed' ELSE p.status::text END))
""",
)

REFUNDED_TICKETS = Check(
    name="refunded_tickets",
    subject=Subject.PAYMENTS,
    sentence="tickets and the refunds of tickets do not agree",
    # Where a bank has taken all the money the tickets end without a refund of ours.
    sql="""
SELECT t.organization_id, o.id AS order_id, o.number, t.id AS ticket, t.status, t.price_paid,
       back.amount AS given_back, r.id AS refund
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
LEFT JOIN payments_refundedticket back ON back.organization_id = t.organization_id AND back.ticket_id = t.id
LEFT JOIN payments_refund r ON r.organization_id = back.organization_id AND r.id = back.refund_id
WHERE OF(t) AND ((t.status <> 'refunded' AND back.id IS NOT NULL)
    OR (t.status = 'refunded' AND back.id IS NULL AND NOT EXISTS (
        SELECT FROM payments_dispute d
        WHERE d.organization_id = t.organization_id AND d.order_id = t.order_id AND d.status = 'lost'))
    OR r.order_id <> t.order_id OR back.amount > t.price_paid)
""",
)

REFUNDED_GOODS = Check(
    name="refunded_goods",
    subject=Subject.PAYMENTS,
    sentence="goods and the refunds of goods do not agree",
    # Where a bank has taken all the money, or an imported order was refunded, no refund names the goods.
    sql="""
WITH back AS (
    SELECT g.organization_id, g.item_id, sum(g.quantity) AS quantity, sum(g.amount) AS amount,
           coalesce(sum(g.quantity) FILTER (WHERE g.is_restocked), 0) AS restocked,
           count(DISTINCT r.order_id) AS orders, min(r.order_id::text) AS order_id
    FROM payments_refundedgoods g
    JOIN payments_refund r ON r.organization_id = g.organization_id AND r.id = g.refund_id
    WHERE OF(g) GROUP BY 1, 2
)
SELECT i.organization_id, o.id AS order_id, o.number, i.id AS item, i.kind, i.quantity, i.refunded_quantity,
       i.restocked_quantity, i.total, coalesce(back.quantity, 0) AS given_back,
       coalesce(back.restocked, 0) AS in_stock_again, coalesce(back.amount, 0) AS amount_given_back
FROM orders_orderitem i
JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
LEFT JOIN back ON back.organization_id = i.organization_id AND back.item_id = i.id
WHERE OF(i) AND (i.refunded_quantity > 0 OR i.restocked_quantity > 0 OR back.item_id IS NOT NULL) AND (
    i.kind <> 'merchandise'
    OR coalesce(back.quantity, 0) > i.refunded_quantity
    OR coalesce(back.restocked, 0) > i.restocked_quantity
    OR (o.status <> 'refunded' AND (coalesce(back.quantity, 0), coalesce(back.restocked, 0))
        <> (i.refunded_quantity, i.restocked_quantity))
    OR coalesce(back.amount, 0) > i.total OR back.orders > 1 OR back.order_id <> i.order_id::text)
""",
)

REFUNDED_ORDERS = Check(
    name="refunded_orders",
    subject=Subject.PAYMENTS,
    sentence="orders do not say what of their money went back",
    sql="""
WITH parts AS (
    SELECT part.organization_id, part.order_id,
           coalesce(sum(part.amount) FILTER (WHERE part.status = 'succeeded'), 0) AS refunded,
           coalesce(sum(part.amount) FILTER (WHERE part.status <> 'succeeded'), 0) AS refunding
    FROM payments_refundpart part
    JOIN payments_refund r ON r.organization_id = part.organization_id AND r.id = part.refund_id
    WHERE OF(part) AND r.kind NOT IN ('late', 'surplus') GROUP BY 1, 2
), lost AS (
    SELECT d.organization_id, d.order_id, sum(d.amount) AS amount
    FROM payments_dispute d WHERE OF(d) AND d.reduces_sales GROUP BY 1, 2
), figures AS (
    SELECT o.organization_id, o.id AS order_id, o.number, o.status, o.payment_status, o.total,
           o.refunded_amount, coalesce(parts.refunded, 0) AS refunded_by_parts,
           coalesce(lost.amount, 0) AS lost_disputes,
           o.refunding_amount, coalesce(parts.refunding, 0) AS refunding_by_parts,
           o.confirmed_at IS NOT NULL AS was_confirmed
    FROM orders_order o
    LEFT JOIN parts ON parts.organization_id = o.organization_id AND parts.order_id = o.id
    LEFT JOIN lost ON lost.organization_id = o.organization_id AND lost.order_id = o.id
    WHERE OF(o)
)
SELECT * FROM figures
WHERE refunded_amount <> refunded_by_parts + lost_disputes OR refunding_amount <> refunding_by_parts
   OR (was_confirmed AND total > 0 AND payment_status <> CASE
        WHEN refunded_amount = total THEN 'refunded'
        WHEN refunded_amount > 0 THEN 'partially_refunded'
        ELSE 'paid' END)
   OR (NOT was_confirmed AND payment_status IN ('paid', 'partially_refunded', 'refunded'))
""",
)

FROZEN_TICKETS = Check(
    name="frozen_tickets",
    subject=Subject.PAYMENTS,
    sentence="tickets are frozen without an open dispute, or not frozen in spite of one",
    sql="""
WITH disputed AS (
    SELECT d.organization_id, d.order_id, count(*) AS disputes
    FROM payments_dispute d WHERE OF(d) AND d.status = 'open' GROUP BY 1, 2
)
SELECT t.organization_id, o.id AS order_id, o.number, t.id AS ticket, t.status, t.frozen_at,
       disputed.disputes AS open_disputes
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
LEFT JOIN disputed ON disputed.organization_id = t.organization_id AND disputed.order_id = t.order_id
WHERE OF(t) AND (t.frozen_at IS NOT NULL) <> (disputed.disputes IS NOT NULL)
""",
)

CHECKS = (
    SUMS_OF_REFUNDS,
    TRANSACTIONS_OF_REFUNDS,
    TRANSACTIONS_OF_DISPUTES,
    TRANSACTIONS_OF_PAYOUTS,
    REFUNDED_TICKETS,
    REFUNDED_GOODS,
    REFUNDED_ORDERS,
    FROZEN_TICKETS,
)
