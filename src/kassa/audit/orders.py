"""Orders: their tickets, sums, history and numbers."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

TICKETS = Check(
    name="tickets",
    subject=Subject.ORDERS,
    sentence="tickets are not in a state that their order's allows",
    # An order of which tickets were given back may go on its way: what is left of it is sent, say.
    sql="""
SELECT t.organization_id, o.id AS order_id, o.number, o.status AS order_status, t.id AS ticket, t.status
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
JOIN orders_orderitem i ON i.organization_id = t.organization_id AND i.id = t.item_id
WHERE OF(t) AND (
    i.order_id <> t.order_id OR i.ticket_type_id <> t.ticket_type_id OR i.event_id <> t.event_id
    OR NOT CASE
        WHEN o.status IN ('draft', 'pending') THEN t.status = 'reserved'
        WHEN o.status = 'cancelled' THEN t.status IN ('cancelled', 'used', 'refunded')
        WHEN o.status = 'expired' THEN t.status = 'expired'
        WHEN o.status = 'refunded' THEN t.status = 'refunded'
        WHEN o.status = 'confirmed' THEN t.status IN ('valid', 'used')
        ELSE t.status IN ('valid', 'used', 'refunded')
    END)
""",
)

SUMS_OF_ORDERS = Check(
    name="sums_of_orders",
    subject=Subject.ORDERS,
    sentence="orders are not the sum of their items and charges",
    sql="""
WITH items AS (
    SELECT i.organization_id, i.order_id, sum(i.subtotal) AS subtotal, sum(i.discount) AS discount,
           sum(i.tax) AS tax, sum(i.included_tax) AS included_tax
    FROM orders_orderitem i WHERE OF(i) GROUP BY 1, 2
)
SELECT o.organization_id, o.id AS order_id, o.number,
       o.subtotal, o.discount, o.fees, o.taxes, o.included_taxes, o.shipping, o.total,
       i.subtotal AS items_subtotal, i.discount AS items_discount, i.tax AS items_tax,
       i.included_tax AS items_included_tax, c.added AS charges_tax, c.included AS charges_included_tax,
       p.amount AS trace
FROM orders_order o
LEFT JOIN items i ON i.organization_id = o.organization_id AND i.order_id = o.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(tax) FILTER (WHERE NOT is_included), 0) AS added,
           coalesce(sum(tax) FILTER (WHERE is_included), 0) AS included,
           coalesce(sum(amount) FILTER (WHERE charge = 'fees'), 0) AS fees,
           coalesce(sum(amount) FILTER (WHERE charge = 'shipping'), 0) AS shipping
    FROM jsonb_array_elements(o.charge_taxes) part CROSS JOIN LATERAL (VALUES (
        part ->> 'charge', (part ->> 'included')::boolean, (part ->> 'amount')::numeric,
        (part ->> 'tax')::numeric)) AS parts(charge, is_included, amount, tax)
) c
CROSS JOIN LATERAL (
    SELECT coalesce(sum((step ->> 'amount')::numeric), 0) AS amount
    FROM jsonb_array_elements(o.price_trace) step WHERE NOT coalesce((step ->> 'included')::boolean, false)
) p
WHERE OF(o) AND (
    (o.subtotal, o.discount, o.taxes - c.added, o.included_taxes - c.included)
        IS DISTINCT FROM (i.subtotal, i.discount, i.tax, i.included_tax)
    OR c.fees > o.fees OR c.shipping > o.shipping
    OR o.total <> o.subtotal - o.discount + o.fees + o.taxes + o.shipping
    OR o.total <> p.amount)
""",
)

SUMS_OF_ITEMS = Check(
    name="sums_of_items",
    subject=Subject.ORDERS,
    sentence="items are not the sum of their tickets",
    sql="""
WITH of_items AS (
    SELECT t.organization_id, t.item_id, count(*) AS tickets, sum(t.base_price) AS base_price,
           sum(t.discount) AS discount, sum(t.tax) AS tax, sum(t.price_paid) AS price_paid
    FROM orders_ticket t WHERE OF(t) GROUP BY 1, 2
)
SELECT o.organization_id, o.id AS order_id, o.number,
       i.position, i.name, i.kind, i.quantity, i.subtotal, i.discount, i.tax, i.total,
       t.tickets, t.base_price, t.discount AS tickets_discount, t.tax AS tickets_tax, t.price_paid
FROM orders_orderitem i
JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
LEFT JOIN of_items t ON t.organization_id = i.organization_id AND t.item_id = i.id
WHERE OF(i) AND CASE
    WHEN i.kind = 'ticket' THEN
        (t.tickets::int, t.base_price, t.discount, t.tax, t.price_paid)
            IS DISTINCT FROM (i.quantity, i.subtotal, i.discount, i.tax, i.total)
    ELSE t.tickets > 0
END
""",
)

HISTORY = Check(
    name="history",
    subject=Subject.ORDERS,
    sentence="histories are not a legal chain that ends in the order's state",
    sql="""
WITH changes AS (
    SELECT h.*, lag(to_status) OVER turn AS status_before, lag(to_payment_status) OVER turn AS payment_before,
           row_number() OVER turn AS nth, lead(h.id) OVER turn IS NULL AS is_last
    FROM orders_orderhistory h
    WHERE OF(h)
    WINDOW turn AS (PARTITION BY h.organization_id, h.order_id ORDER BY h.position)
)
SELECT o.organization_id, o.id AS order_id, o.number, o.status, o.payment_status,
       h.nth, h.from_status, h.to_status, h.status_before,
       h.from_payment_status, h.to_payment_status, h.payment_before
FROM orders_order o
LEFT JOIN changes h ON h.organization_id = o.organization_id AND h.order_id = o.id
WHERE OF(o) AND (
    h.id IS NULL
    OR h.position <> h.nth
    OR h.from_status IS DISTINCT FROM h.status_before
    OR h.from_payment_status IS DISTINCT FROM h.payment_before
    OR (h.is_last AND (h.to_status, h.to_payment_status) <> (o.status, o.payment_status))
    OR (h.nth > 1 AND h.from_status <> h.to_status AND NOT EXISTS (
        SELECT FROM orders_order_move m
        WHERE m.axis = 'status' AND m.from_state = h.from_status AND m.to_state = h.to_status))
    OR (h.nth > 1 AND h.from_payment_status <> h.to_payment_status AND NOT EXISTS (
        SELECT FROM orders_order_move m
        WHERE m.axis = 'payment_status'
          AND m.from_state = h.from_payment_status AND m.to_state = h.to_payment_status)))
""",
)

NUMBERS = Check(
    name="numbers",
    subject=Subject.ORDERS,
    sentence="order numbers have gaps",
    # An imported order keeps its number, and the series goes on after it: in front of it there may be a gap.
    sql="""
WITH numbered AS (
    SELECT o.organization_id, o.id, o.number, o.imported_from IS NOT NULL AS is_imported,
           substring(o.number FROM 5 FOR 4) AS year,
           CASE WHEN o.number ~ '^ORD-[0-9]{4}-([0-9]{5}|[1-9][0-9]{5,8})$'
                THEN substring(o.number FROM 10)::int END AS nth
    FROM orders_order o WHERE OF(o)
), in_turn AS (
    SELECT *, lag(nth, 1, 0) OVER (PARTITION BY organization_id, year ORDER BY nth) AS nth_before
    FROM numbered WHERE nth IS NOT NULL
), latest AS (
    SELECT organization_id, year, max(nth) AS nth FROM in_turn GROUP BY 1, 2
)
SELECT organization_id, id AS order_id, number, year, nth, nth_before, NULL AS last_of_series
FROM in_turn WHERE nth <> nth_before + 1 AND NOT is_imported
UNION ALL
SELECT coalesce(s.organization_id, l.organization_id), NULL, NULL, coalesce(s.year::text, l.year), l.nth,
       NULL, s.last
FROM (SELECT * FROM orders_ordernumberseries s WHERE OF(s)) s
FULL JOIN latest l ON l.organization_id = s.organization_id AND l.year = s.year::text
WHERE s.last IS DISTINCT FROM l.nth
""",
)

FULFILMENT = Check(
    name="fulfilment",
    subject=Subject.ORDERS,
    sentence="orders do not say where their goods are as their history does",
    # An imported order was there from the start, wherever that is.
    sql="""
WITH furthest AS (
    SELECT h.organization_id, h.order_id, max(array_position(
               ARRAY['processing', 'shipped', 'delivered', 'completed'], h.to_status::text)) AS step
    FROM orders_orderhistory h WHERE OF(h) GROUP BY 1, 2
)
SELECT o.organization_id, o.id AS order_id, o.number, o.status, o.fulfilment_status,
       o.shipped_at, o.delivered_at, o.completed_at
FROM orders_order o
LEFT JOIN furthest f ON f.organization_id = o.organization_id AND f.order_id = o.id
WHERE OF(o) AND o.imported_from IS NULL AND (
    o.fulfilment_status <> coalesce(
        (ARRAY['processing', 'shipped', 'delivered', 'completed'])[f.step], 'unfulfilled')
    OR (o.fulfilment_status = 'shipped' AND o.shipped_at IS NULL)
    OR (o.fulfilment_status = 'delivered' AND o.delivered_at IS NULL)
    OR (o.fulfilment_status = 'completed' AND o.completed_at IS NULL))
""",
)

CHECKS = (TICKETS, SUMS_OF_ORDERS, SUMS_OF_ITEMS, HISTORY, FULFILMENT, NUMBERS)
