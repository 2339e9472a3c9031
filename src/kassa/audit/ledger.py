"""The ledger: it adds up by itself, and it says what payments, refunds, disputes and payouts say.

That the postings add up to zero makes every organisation's books add up to zero in every currency; that
they are those which the other tables ask for, account by account, makes every balance right.
"""

from __future__ import annotations

from kassa.audit.check import Check, Subject

BALANCED = Check(
    name="balanced_postings",
    subject=Subject.LEDGER,
    sentence="postings do not add up to zero",
    sql="""
SELECT e.organization_id, e.posting_id AS posting, min(e.kind) AS kind, e.currency, sum(e.amount) AS amount,
       min(e.order_id::text)::uuid AS order_id
FROM payments_ledgerentry e
WHERE OF(e)
GROUP BY e.organization_id, e.posting_id, e.currency
HAVING sum(e.amount) <> 0
""",
)

ENTRIES = Check(
    name="ledger_entries",
    subject=Subject.LEDGER,
    sentence="accounts of the ledger do not say what payments, refunds, disputes and payouts say",
    # What was promised back of an order that was not confirmed, or of money that never paid for
    # anything, is the buyer's own and no less is sold by it; and so is what a bank took of such money.
    # A refund that came back was not paid: what was written of it makes up for each other.
    sql="""
WITH asked AS (
    SELECT p.organization_id, p.order_id, 'payment_received' AS kind, side.account, side.provider,
           p.currency, side.amount
    FROM payments_payment p
    CROSS JOIN LATERAL (VALUES ('provider', p.provider, p.amount), ('customer', '', -p.amount))
        AS side(account, provider, amount)
    WHERE OF(p)
    UNION ALL
    SELECT p.organization_id, p.order_id, 'fees_charged', side.account, side.provider, p.currency, side.amount
    FROM payments_payment p
    CROSS JOIN LATERAL (VALUES
        ('gateway_fees', '', coalesce(p.gateway_fee, 0)), ('platform_fees', '', p.platform_fee),
        ('provider', p.provider, -coalesce(p.gateway_fee, 0) - p.platform_fee))
        AS side(account, provider, amount)
    WHERE OF(p)
    UNION ALL
    SELECT o.organization_id, o.id, 'order_confirmed', side.account, '', o.currency, side.amount
    FROM orders_order o
    CROSS JOIN LATERAL (VALUES ('customer', o.total), ('sales', -o.total)) AS side(account, amount)
    WHERE OF(o) AND o.confirmed_at IS NOT NULL
    UNION ALL
    SELECT part.organization_id, part.order_id, 'refund_promised', side.account, '', part.currency,
           side.amount
    FROM payments_refundpart part
    JOIN payments_refund r ON r.organization_id = part.organization_id AND r.id = part.refund_id
    CROSS JOIN LATERAL (VALUES
        (CASE WHEN r.reduces_sales THEN 'sales' ELSE 'customer' END, part.amount),
        ('refunds_due', -part.amount)) AS side(account, amount)
    WHERE OF(part)
    UNION ALL
    SELECT part.organization_id, part.order_id, 'refund_paid', side.account, side.provider, part.currency,
           side.amount
    FROM payments_refundpart part
    CROSS JOIN LATERAL (VALUES ('refunds_due', '', part.amount), ('provider', part.provider, -part.amount))
        AS side(account, provider, amount)
    WHERE OF(part) AND part.status = 'succeeded'
    UNION ALL
    SELECT d.organization_id, d.order_id, 'dispute_opened', side.account, side.provider, d.currency,
           side.amount
    FROM payments_dispute d
    CROSS JOIN LATERAL (VALUES ('disputes', '', d.amount), ('provider', d.provider, -d.amount))
        AS side(account, provider, amount)
    WHERE OF(d)
    UNION ALL
    SELECT d.organization_id, d.order_id, 'dispute_won', side.account, side.provider, d.currency, side.amount
    FROM payments_dispute d
    CROSS JOIN LATERAL (VALUES ('provider', d.provider, d.amount), ('disputes', '', -d.amount))
        AS side(account, provider, amount)
    WHERE OF(d) AND d.status = 'won'
    UNION ALL
    SELECT d.organization_id, d.order_id, 'dispute_lost', side.account, '', d.currency, side.amount
    FROM payments_dispute d
    CROSS JOIN LATERAL (VALUES
        (CASE WHEN d.reduces_sales THEN 'sales' ELSE 'customer' END, d.amount),
        ('disputes', -d.amount)) AS side(account, amount)
    WHERE OF(d) AND d.status = 'lost'
    UNION ALL
    SELECT d.organization_id, d.order_id, 'fees_charged', side.account, side.provider, d.currency, side.amount
    FROM payments_dispute d
    CROSS JOIN LATERAL (VALUES ('gateway_fees', '', d.fee), ('provider', d.provider, -d.fee))
        AS side(account, provider, amount)
    WHERE OF(d)
    UNION ALL
    SELECT p.organization_id, NULL, 'payout_sent', side.account, side.provider, p.currency, side.amount
    FROM payments_payout p
    CROSS JOIN LATERAL (VALUES ('bank', '', p.amount), ('provider', p.provider, -p.amount))
        AS side(account, provider, amount)
    WHERE OF(p) AND p.paid_at IS NOT NULL
    UNION ALL
    SELECT p.organization_id, NULL, 'payout_returned', side.account, side.provider, p.currency, side.amount
    FROM payments_payout p
    CROSS JOIN LATERAL (VALUES ('provider', p.provider, p.amount), ('bank', '', -p.amount))
        AS side(account, provider, amount)
    WHERE OF(p) AND p.status = 'failed' AND p.paid_at IS NOT NULL
), differing AS (
    SELECT organization_id, order_id, kind, account, provider, currency,
           sum(asked) AS asked, sum(written) AS written
    FROM (
        SELECT organization_id, order_id, kind, account, provider, currency, amount AS asked, 0 AS written
        FROM asked
        UNION ALL
        SELECT e.organization_id, e.order_id,
               CASE e.kind WHEN 'refund_returned' THEN 'refund_paid' ELSE e.kind END,
               e.account, e.provider, e.currency, 0, e.amount
        FROM payments_ledgerentry e WHERE OF(e)
    ) both_sides
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(asked) <> sum(written)
)
SELECT d.organization_id, d.order_id, o.number, d.kind, d.account, d.provider, d.currency, d.asked, d.written
FROM differing d
LEFT JOIN orders_order o ON o.organization_id = d.organization_id AND o.id = d.order_id
""",
)

MOVEMENTS = Check(
    name="ledger_transactions",
    subject=Subject.LEDGER,
    sentence="transactions do not have in the ledger what they say has moved",
    sql="""
WITH moved AS (
    SELECT e.organization_id, e.transaction_id, e.currency, sum(e.amount) AS amount
    FROM payments_ledgerentry e
    WHERE OF(e) AND e.account = 'provider'
      AND e.kind IN ('payment_received', 'refund_paid', 'refund_returned')
    GROUP BY 1, 2, 3
), said AS (
    SELECT t.organization_id, t.order_id, t.id, t.type, t.status, t.currency,
           CASE WHEN t.status <> 'completed' THEN 0 WHEN t.type = 'purchase' THEN t.amount ELSE -t.amount
           END AS amount
    FROM payments_transaction t WHERE OF(t) AND t.type IN ('purchase', 'refund')
)
SELECT said.organization_id, said.order_id, o.number, said.id AS transaction, said.type, said.status,
       said.currency, said.amount AS said, coalesce(moved.amount, 0) AS in_ledger
FROM said
JOIN orders_order o ON o.organization_id = said.organization_id AND o.id = said.order_id
LEFT JOIN moved ON moved.organization_id = said.organization_id AND moved.transaction_id = said.id
    AND moved.currency = said.currency
WHERE said.amount <> coalesce(moved.amount, 0)
""",
)

REFERENCES = Check(
    name="ledger_references",
    subject=Subject.LEDGER,
    sentence="entries of the ledger name orders or transactions that they do not belong to",
    sql="""
SELECT e.organization_id, e.order_id, o.number, e.id AS entry, e.kind, e.account, e.amount, e.currency,
       e.transaction_id AS transaction, t.order_id AS order_of_transaction
FROM payments_ledgerentry e
LEFT JOIN orders_order o ON o.organization_id = e.organization_id AND o.id = e.order_id
LEFT JOIN payments_transaction t ON t.organization_id = e.organization_id AND t.id = e.transaction_id
WHERE OF(e) AND ((e.order_id IS NOT NULL AND o.id IS NULL)
    OR (e.transaction_id IS NOT NULL
        AND (t.id IS NULL OR t.order_id IS DISTINCT FROM e.order_id OR t.currency <> e.currency)))
""",
)

CHECKS = (BALANCED, ENTRIES, MOVEMENTS, REFERENCES)
