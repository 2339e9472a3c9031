"""Where an order's goods are gets a column of its own, which refunds do not touch, and rules of its own."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import F, Q

STEPS = "ARRAY['processing', 'shipped', 'delivered', 'completed']"

# An order could be sent on its way again after a partial refund. What was further already is that again: a
# partly refunded order whose goods are where they last were.
FILL = """
CREATE TEMPORARY TABLE orders_whereabouts ON COMMIT DROP AS
SELECT o.organization_id, o.id, o.status, coalesce(array_position({STEPS}, o.status::text), 0) AS step,
       greatest(
           coalesce(array_position({STEPS}, o.status::text), 0),
           CASE WHEN o.completed_at IS NOT NULL THEN 4 WHEN o.delivered_at IS NOT NULL THEN 3
                WHEN o.shipped_at IS NOT NULL THEN 2 ELSE 0 END,
           coalesce((SELECT max(array_position({STEPS}, h.to_status::text)) FROM orders_orderhistory h
                     WHERE h.organization_id = o.organization_id AND h.order_id = o.id), 0)) AS furthest
FROM orders_order o
WHERE o.status IN ('processing', 'shipped', 'delivered', 'completed', 'partially_refunded', 'refunded',
                   'cancelled');
SELECT set_config('kassa.reason', 'Its goods had gone further before.', true);
UPDATE orders_order o SET status = 'partially_refunded', updated_at = now()
FROM orders_whereabouts w
WHERE o.organization_id = w.organization_id AND o.id = w.id
  AND w.status IN ('processing', 'shipped', 'delivered') AND w.furthest > w.step;
SELECT set_config('kassa.reason', '', true);
UPDATE orders_order o
SET fulfilment_status = (ARRAY['unfulfilled', 'processing', 'shipped', 'delivered', 'completed'])[
    1 + CASE WHEN o.status = 'cancelled' THEN least(w.furthest, 1) ELSE w.furthest END]
FROM orders_whereabouts w
WHERE o.organization_id = w.organization_id AND o.id = w.id AND w.furthest > 0;
UPDATE orders_orderitem i SET refunded_quantity = i.quantity, restocked_quantity = i.quantity
FROM orders_order o
WHERE o.organization_id = i.organization_id AND o.id = i.order_id
  AND o.status = 'refunded' AND i.kind = 'merchandise';
""".replace("{STEPS}", STEPS)
MOVES = {
    "unfulfilled": ["processing", "completed"],
    "processing": ["shipped", "completed"],
    "shipped": ["delivered"],
    "delivered": ["completed"],
}
ROWS = ", ".join(
    f"('fulfilment_status', '{start}', '{end}')" for start, ends in MOVES.items() for end in ends
)
LEGAL = f"INSERT INTO orders_order_move (axis, from_state, to_state) VALUES {ROWS};"  # noqa: S608 (constants)
MOVED = """
CREATE OR REPLACE FUNCTION orders_write_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    illegal record;
BEGIN
    SELECT was.number, move.from_state, move.to_state, move.subject, move.rule INTO illegal
    FROM was JOIN now USING (organization_id, id)
    CROSS JOIN LATERAL (VALUES
        (1, 'status', was.status, now.status, 'Order', 'orders_order_legal_move'),
        (2, 'payment_status', was.payment_status, now.payment_status,
         'The payment of order', 'orders_order_legal_payment_move'),
        (3, 'fulfilment_status', was.fulfilment_status, now.fulfilment_status,
         'The goods of order', 'orders_order_legal_fulfilment')
    ) AS move(place, axis, from_state, to_state, subject, rule)
    WHERE (move.from_state <> move.to_state
           OR (move.axis = 'fulfilment_status' AND was.status <> now.status
               AND now.status = now.fulfilment_status))
      AND NOT EXISTS (SELECT FROM orders_order_move m WHERE m.axis = move.axis
                      AND m.from_state = move.from_state AND m.to_state = move.to_state)
    ORDER BY move.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% % cannot go from % to %.',
            illegal.subject, illegal.number, illegal.from_state, illegal.to_state
            USING ERRCODE = 'check_violation', CONSTRAINT = illegal.rule;
    END IF;
    SELECT was.number, CASE WHEN was.fulfilment_status <> now.fulfilment_status
                            THEN 'orders_order_nothing_to_ship' ELSE 'orders_order_moments_once' END AS rule
    INTO illegal
    FROM was JOIN now USING (organization_id, id)
    WHERE was.shipped_at <> now.shipped_at OR was.delivered_at <> now.delivered_at
       OR was.completed_at <> now.completed_at
       OR (was.shipped_at IS NOT NULL AND now.shipped_at IS NULL)
       OR (was.delivered_at IS NOT NULL AND now.delivered_at IS NULL)
       OR (was.completed_at IS NOT NULL AND now.completed_at IS NULL)
       OR (now.fulfilment_status = 'shipped' AND was.fulfilment_status <> 'shipped' AND NOT EXISTS (
              SELECT FROM orders_orderitem i
              WHERE i.organization_id = now.organization_id AND i.order_id = now.id
                AND i.is_shippable AND i.quantity > i.refunded_quantity))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Order % has nothing to ship, or would be shipped, delivered or completed again.',
            illegal.number USING ERRCODE = 'check_violation', CONSTRAINT = illegal.rule;
    END IF;
    INSERT INTO orders_orderhistory (id, organization_id, order_id, position, from_status, to_status,
                                     from_payment_status, to_payment_status,
                                     notes, changed_by, changed_by_kind, created_at)
    SELECT kassa_uuid7(), now.organization_id, now.id, coalesce(last.position, 0) + 1,
           was.status, now.status, was.payment_status, now.payment_status,
           nullif(current_setting('kassa.reason', true), ''),
           nullif(current_setting('kassa.actor_id', true), '')::uuid,
           coalesce(nullif(current_setting('kassa.actor_kind', true), ''), 'system'),
           greatest(now.updated_at, last.created_at)
    FROM was JOIN now USING (organization_id, id)
    LEFT JOIN LATERAL (
        SELECT h.position, h.created_at FROM orders_orderhistory h
        WHERE h.organization_id = now.organization_id AND h.order_id = now.id
        ORDER BY h.position DESC LIMIT 1) AS last ON true
    WHERE (was.status, was.payment_status) <> (now.status, now.payment_status);
    RETURN NULL;
END $$;
"""
BEFORE = import_module("kassa.orders.migrations.0014_history_by_position").MOVED


class Migration(migrations.Migration):
    dependencies = [("orders", "0014_history_by_position")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="fulfilment_status",
            field=models.CharField(
                choices=[
                    ("unfulfilled", "Unfulfilled"),
                    ("processing", "Processing"),
                    ("shipped", "Shipped"),
                    ("delivered", "Delivered"),
                    ("completed", "Completed"),
                ],
                db_default="unfulfilled",
                default="unfulfilled",
                max_length=11,
            ),
        ),
        migrations.AddField(
            model_name="orderitem",
            name="refunded_quantity",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="orderitem",
            name="restocked_quantity",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            LEGAL + MOVED, ["DELETE FROM orders_order_move WHERE axis = 'fulfilment_status'", BEFORE]
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(
                    fulfilment_status__in=["unfulfilled", "processing", "shipped", "delivered", "completed"]
                ),
                name="orders_order_fulfilment_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(
                    status__in=("processing", "shipped", "delivered", "completed"),
                    fulfilment_status=F("status"),
                )
                | Q(status__in=("draft", "pending", "confirmed", "expired"), fulfilment_status="unfulfilled")
                | Q(status="cancelled", fulfilment_status__in=["processing", "unfulfilled"])
                | Q(status__in=("partially_refunded", "refunded")),
                name="orders_order_status_fulfilment",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=Q(quantity__gte=F("refunded_quantity"))
                & Q(refunded_quantity__gte=F("restocked_quantity")),
                name="orders_orderitem_refunded",
            ),
        ),
    ]
