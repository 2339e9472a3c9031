"""Money that came in: no order without its money, no money without its order, told alike everywhere."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

MONEY_OF_ORDERS = Check(
    name="money_of_orders",
    subject=Subject.PAYMENTS,
    sentence="orders that were confirmed have not received exactly what they cost",
    # What went back to the buyer before the order was confirmed never paid for it.
    sql="""
WITH received AS (
    SELECT p.organization_id, p.order_id, sum(p.amount) AS amount
    FROM payments_payment p WHERE OF(p) GROUP BY 1, 2
), surplus AS (
    SELECT part.organization_id, part.order_id, sum(part.amount) AS amount
    FROM payments_refundpart part
    JOIN payments_refund r ON r.organization_id = part.organization_id AND r.id = part.refund_id
    WHERE OF(part) AND NOT r.reduces_sales GROUP BY 1, 2
), lost AS (
    SELECT d.organization_id, d.order_id, sum(d.amount) AS amount
    FROM payments_dispute d WHERE OF(d) AND NOT d.reduces_sales GROUP BY 1, 2
)
SELECT o.organization_id, o.id AS order_id, o.number, o.status, o.payment_status, o.total,
       coalesce(received.amount, 0) AS received, coalesce(surplus.amount, 0) AS surplus_given_back,
       coalesce(lost.amount, 0) AS surplus_lost
FROM orders_order o
LEFT JOIN received ON received.organization_id = o.organization_id AND received.order_id = o.id
LEFT JOIN surplus ON surplus.organization_id = o.organization_id AND surplus.order_id = o.id
LEFT JOIN lost ON lost.organization_id = o.organization_id AND lost.order_id = o.id
WHERE OF(o) AND (o.confirmed_at IS NOT NULL OR o.status NOT IN ('draft', 'pending', 'expired', 'cancelled'))
  AND coalesce(received.amount, 0) - coalesce(surplus.amount, 0) - coalesce(lost.amount, 0) <> o.total
""",
)

UNCONFIRMED_MONEY = Check(
    name="unconfirmed_money",
    subject=Subject.PAYMENTS,
    sentence="orders keep money that they must not: they have ended, or are paid and yet not confirmed",
    # An order that waits for the organiser to agree may be paid before. What waited for the rest when an
    # order's hold was over goes back a little later, by a job that knows it by its mark.
    sql="""
SELECT o.organization_id, o.id AS order_id, o.number, o.status, o.approval, o.total, p.kept, p.waiting
FROM (
    SELECT p.organization_id, p.order_id, sum(left_of.amount) AS kept,
           coalesce(sum(left_of.amount) FILTER (WHERE p.waits), 0) AS waiting
    FROM payments_payment p
    CROSS JOIN LATERAL (SELECT p.amount - p.refunded_amount - p.disputed_amount AS amount) left_of
    WHERE OF(p) GROUP BY 1, 2
) p
JOIN orders_order o ON o.organization_id = p.organization_id AND o.id = p.order_id
WHERE CASE
    WHEN o.status IN ('cancelled', 'expired')
        THEN p.kept <> CASE WHEN o.expired_at > now() - interval '1 hour' THEN p.waiting ELSE 0 END
    WHEN o.status IN ('draft', 'pending')
        THEN (p.kept > 0 AND p.kept >= o.total AND o.approval <> 'awaited') OR p.kept <> p.waiting
    ELSE p.waiting <> 0
END
""",
)

TICKETS_WITHOUT_MONEY = Check(
    name="tickets_without_money",
    subject=Subject.PAYMENTS,
    sentence="orders have live tickets whose money has been given back or taken back",
    # Money may go back without a ticket (a gift, or a dispute about a part); but not all of it, and what
    # went back for tickets or for everything leaves what the other tickets cost.
    sql="""
WITH live AS (
    SELECT t.organization_id, t.order_id, sum(t.price_paid) AS cost
    FROM orders_ticket t
    WHERE OF(t) AND t.status IN ('valid', 'used') AND t.price_paid > 0 GROUP BY 1, 2
), received AS (
    SELECT p.organization_id, p.order_id, sum(p.amount - p.refunded_amount) AS amount
    FROM payments_payment p WHERE OF(p) GROUP BY 1, 2
), lost AS (
    SELECT d.organization_id, d.order_id, sum(d.amount) AS amount
    FROM payments_dispute d WHERE OF(d) AND d.status = 'lost' GROUP BY 1, 2
), for_tickets AS (
    SELECT r.organization_id, r.order_id, sum(r.amount) AS amount
    FROM payments_refund r WHERE OF(r) AND r.kind IN ('tickets', 'everything', 'cancellation') GROUP BY 1, 2
)
SELECT o.organization_id, o.id AS order_id, o.number, o.status, o.total, live.cost AS live_tickets_cost,
       coalesce(received.amount, 0) - coalesce(lost.amount, 0) AS kept,
       coalesce(for_tickets.amount, 0) AS given_back_for_tickets
FROM live
JOIN orders_order o ON o.organization_id = live.organization_id AND o.id = live.order_id
LEFT JOIN received ON received.organization_id = o.organization_id AND received.order_id = o.id
LEFT JOIN lost ON lost.organization_id = o.organization_id AND lost.order_id = o.id
LEFT JOIN for_tickets ON for_tickets.organization_id = o.organization_id AND for_tickets.order_id = o.id
WHERE o.status <> 'cancelled' AND (
    coalesce(received.amount, 0) - coalesce(lost.amount, 0) <= 0
    OR live.cost > o.total - coalesce(for_tickets.amount, 0))
""",
)

SUMS_OF_PAYMENTS = Check(
    name="sums_of_payments",
    subject=Subject.PAYMENTS,
    sentence="payments do not say what was given back or is disputed of them",
    sql="""
WITH parts AS (
    SELECT part.organization_id, part.payment_id, sum(part.amount) AS amount
    FROM payments_refundpart part WHERE OF(part) GROUP BY 1, 2
), disputes AS (
    SELECT d.organization_id, d.payment_id, sum(d.amount) AS amount
    FROM payments_dispute d WHERE OF(d) AND d.status IN ('open', 'lost') GROUP BY 1, 2
)
SELECT p.organization_id, o.id AS order_id, o.number, p.id AS payment, p.amount, p.refunded_amount,
       coalesce(parts.amount, 0) AS parts_of_refunds, p.disputed_amount,
       coalesce(disputes.amount, 0) AS disputes, p.currency, o.currency AS currency_of_order
FROM payments_payment p
JOIN orders_order o ON o.organization_id = p.organization_id AND o.id = p.order_id
LEFT JOIN parts ON parts.organization_id = p.organization_id AND parts.payment_id = p.id
LEFT JOIN disputes ON disputes.organization_id = p.organization_id AND disputes.payment_id = p.id
WHERE OF(p) AND (p.refunded_amount <> coalesce(parts.amount, 0)
    OR p.disputed_amount <> coalesce(disputes.amount, 0)
    OR p.refunded_amount + p.disputed_amount > p.amount OR p.currency <> o.currency)
""",
)

PURCHASES = Check(
    name="purchases",
    subject=Subject.PAYMENTS,
    sentence="payments do not have exactly one transaction that says the same",
    sql="""
SELECT p.organization_id, p.order_id, o.number, p.id AS payment, p.amount, p.currency,
       count(t.id) AS transactions, min(t.amount) AS amount_of_transaction,
       min(t.currency) AS currency_of_transaction, min(t.status) AS status_of_transaction
FROM payments_payment p
JOIN orders_order o ON o.organization_id = p.organization_id AND o.id = p.order_id
LEFT JOIN payments_transaction t
  ON t.organization_id = p.organization_id AND t.payment_id = p.id AND t.type = 'purchase'
WHERE OF(p)
GROUP BY 1, 2, 3, 4, p.amount, p.currency
HAVING count(t.id) <> 1
    OR NOT bool_and((t.order_id, t.amount, t.currency, t.status::text)
                    IS NOT DISTINCT FROM (p.order_id, p.amount, p.currency, 'completed'))
""",
)

CHECKS = (MONEY_OF_ORDERS, UNCONFIRMED_MONEY, TICKETS_WITHOUT_MONEY, SUMS_OF_PAYMENTS, PURCHASES)
