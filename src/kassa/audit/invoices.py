"""Invoices: numbers without gaps, sums that are their orders', and never more taken back than went back."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

INVOICE_NUMBERS = Check(
    name="invoice_numbers",
    subject=Subject.INVOICES,
    sentence="numbers of invoices have gaps",
    sql="""
WITH in_turn AS (
    SELECT i.organization_id, i.order_id, i.number, i.kind, i.year, i.nth,
           lag(i.nth, 1, 0) OVER (PARTITION BY i.organization_id, i.kind, i.year ORDER BY i.nth) AS nth_before
    FROM invoices_invoice i WHERE OF(i)
), latest AS (
    SELECT organization_id, kind, year, max(nth) AS nth FROM in_turn GROUP BY 1, 2, 3
)
SELECT organization_id, order_id, number AS invoice, kind, year, nth, nth_before, NULL::int AS last_of_series
FROM in_turn WHERE nth <> nth_before + 1
UNION ALL
SELECT organization_id, NULL, NULL, kind, year, l.nth, NULL, s.last
FROM (SELECT * FROM invoices_invoiceseries s WHERE OF(s) AND s.last > 0) s
FULL JOIN latest l USING (organization_id, kind, year)
WHERE s.last IS DISTINCT FROM l.nth
""",
)

SUMS_OF_INVOICES = Check(
    name="sums_of_invoices",
    subject=Subject.INVOICES,
    sentence="invoices are not what their lines, taxes, orders or refunds say",
    # The taxes of older documents are the sums of their lines'.
    sql="""
SELECT i.organization_id, i.order_id, o.number, i.number AS invoice, i.kind, i.total, i.currency,
       lines.gross AS lines, lines.net AS net_of_lines, taxes.net, taxes.tax, stated.rounding,
       taxes.is_off AS tax_is_not_net_times_rate, o.total AS order_total, r.amount AS refund
FROM invoices_invoice i
JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
LEFT JOIN payments_refund r ON r.organization_id = i.organization_id AND r.id = i.refund_id
CROSS JOIN LATERAL (
    SELECT coalesce((i.snapshot ->> 'rounding')::numeric, 0) AS rounding,
           i.snapshot ? 'rounding' AS is_by_rate
) stated
CROSS JOIN LATERAL (
    SELECT sum((line ->> 'gross')::numeric) AS gross, sum((line ->> 'net')::numeric) AS net
    FROM jsonb_array_elements(i.snapshot -> 'lines') line
) lines
CROSS JOIN LATERAL (
    SELECT sum((one ->> 'net')::numeric) AS net, sum((one ->> 'tax')::numeric) AS tax,
           bool_or((one ->> 'tax')::numeric <> round(
               (one ->> 'net')::numeric * (one ->> 'rate')::numeric / 100, scale((one ->> 'tax')::numeric)
           )) AS is_off
    FROM jsonb_array_elements(i.snapshot -> 'taxes') one
) taxes
WHERE OF(i) AND (
    i.total IS DISTINCT FROM lines.gross OR lines.net IS DISTINCT FROM taxes.net
    OR i.total IS DISTINCT FROM taxes.net + taxes.tax + stated.rounding
    OR (stated.is_by_rate AND taxes.is_off)
    OR i.total IS DISTINCT FROM (i.snapshot ->> 'total')::numeric OR i.currency <> o.currency
    OR (i.kind = 'invoice' AND (i.total <> o.total OR o.confirmed_at IS NULL))
    OR (i.kind = 'credit_note' AND (i.total IS DISTINCT FROM r.amount OR r.order_id <> i.order_id)))
""",
)

CREDIT_NOTES = Check(
    name="credit_notes",
    subject=Subject.INVOICES,
    sentence="credit notes take back more than was invoiced, or of what is no invoice of their order",
    sql="""
SELECT i.organization_id, i.order_id, o.number, i.number AS invoice, i.total, sum(c.total) AS taken_back
FROM invoices_invoice c
JOIN invoices_invoice i ON i.organization_id = c.organization_id AND i.id = c.corrects_id
JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
WHERE OF(c)
GROUP BY 1, 2, 3, 4, i.total
HAVING sum(c.total) > i.total OR bool_or(c.order_id <> i.order_id OR i.kind <> 'invoice')
""",
)

CHECKS = (INVOICE_NUMBERS, SUMS_OF_INVOICES, CREDIT_NOTES)
