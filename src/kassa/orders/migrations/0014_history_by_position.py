"""The history of an order goes by position, not by moments: those of two machines need not agree."""

from django.db import migrations, models

# What was placed is the first; its identifier alone was made by another clock than the database's.
NUMBER = """
UPDATE orders_orderhistory h SET position = numbered.position
FROM (SELECT organization_id, id, row_number() OVER (
          PARTITION BY organization_id, order_id ORDER BY from_status IS NOT NULL, id) AS position
      FROM orders_orderhistory) AS numbered
WHERE h.organization_id = numbered.organization_id AND h.id = numbered.id
"""
PLACED = """
CREATE OR REPLACE FUNCTION orders_write_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_orderhistory (id, organization_id, order_id, position, to_status, to_payment_status,
                                     changed_by, changed_by_kind, created_at)
    SELECT id, organization_id, id, 1, status, payment_status, placed_by, placed_by_kind, created_at
    FROM placed;
    RETURN NULL;
END $$;
"""
# The caller holds the order's lock, so that nobody else adds to its history meanwhile.
MOVED = """
CREATE OR REPLACE FUNCTION orders_write_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    illegal record;
BEGIN
    SELECT was.number, was.status AS from_status, now.status AS to_status INTO illegal
    FROM was JOIN now USING (organization_id, id)
    WHERE was.status <> now.status
      AND NOT EXISTS (SELECT FROM orders_order_move m WHERE m.axis = 'status'
                      AND m.from_state = was.status AND m.to_state = now.status)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Order % cannot go from % to %.',
            illegal.number, illegal.from_status, illegal.to_status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_order_legal_move';
    END IF;
    SELECT was.number, was.payment_status AS from_status, now.payment_status AS to_status INTO illegal
    FROM was JOIN now USING (organization_id, id)
    WHERE was.payment_status <> now.payment_status
      AND NOT EXISTS (SELECT FROM orders_order_move m WHERE m.axis = 'payment_status'
                      AND m.from_state = was.payment_status AND m.to_state = now.payment_status)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'The payment of order % cannot go from % to %.',
            illegal.number, illegal.from_status, illegal.to_status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_order_legal_payment_move';
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


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_link_generation")]

    operations = [
        migrations.AddField(
            model_name="orderhistory",
            name="position",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="orderhistory", name="position", field=models.PositiveIntegerField()
        ),
        migrations.AddConstraint(
            model_name="orderhistory",
            constraint=models.UniqueConstraint(
                fields=["organization", "order", "position"], name="orders_orderhistory_position"
            ),
        ),
        migrations.RemoveIndex(model_name="orderhistory", name="orders_orderhistory_of_order"),
        migrations.RunSQL(PLACED + MOVED),
    ]
