"""The database writes the history of every order and refuses moves that are not legal.

Both happen per statement, over all rows it touched, so that no bulk update can pass them by.
Who and why travel with the transaction, in the settings ``kassa.actor_id``,
``kassa.actor_kind`` and ``kassa.reason``.
"""

from django.db import migrations

# The twelve bits after the milliseconds tell their fraction (RFC 9562, method 3): changes that follow
# each other within a millisecond, as in one transaction, keep their order.
UUID7 = """
CREATE FUNCTION kassa_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        substring(int8send(micros / 1000) FROM 3)
        || substring(int8send(x'7000'::bigint + micros % 1000 * 4096 / 1000) FROM 7)
        || substring(uuid_send(gen_random_uuid()) FROM 9),
        'hex')::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros) AS moment
$$;
"""

PLACED = """
CREATE FUNCTION orders_write_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_orderhistory (id, organization_id, order_id, to_status, to_payment_status,
                                     changed_by, changed_by_kind, created_at)
    SELECT id, organization_id, id, status, payment_status, placed_by, placed_by_kind, created_at FROM placed;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_order_placed AFTER INSERT ON orders_order
    REFERENCING NEW TABLE AS placed FOR EACH STATEMENT EXECUTE FUNCTION orders_write_placed();
"""

MOVED = """
CREATE FUNCTION orders_write_moved() RETURNS trigger LANGUAGE plpgsql AS $$
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
    INSERT INTO orders_orderhistory (id, organization_id, order_id, from_status, to_status,
                                     from_payment_status, to_payment_status,
                                     notes, changed_by, changed_by_kind, created_at)
    SELECT kassa_uuid7(), now.organization_id, now.id, was.status, now.status,
           was.payment_status, now.payment_status,
           nullif(current_setting('kassa.reason', true), ''),
           nullif(current_setting('kassa.actor_id', true), '')::uuid,
           coalesce(nullif(current_setting('kassa.actor_kind', true), ''), 'system'),
           now.updated_at
    FROM was JOIN now USING (organization_id, id)
    WHERE (was.status, was.payment_status) <> (now.status, now.payment_status);
    RETURN NULL;
END $$;
CREATE TRIGGER orders_order_moved AFTER UPDATE ON orders_order
    REFERENCING OLD TABLE AS was NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION orders_write_moved();
"""

MOVES = """
CREATE TABLE orders_order_move (
    axis text NOT NULL, from_state text NOT NULL, to_state text NOT NULL,
    PRIMARY KEY (axis, from_state, to_state)
);
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.RunSQL(
            UUID7 + MOVES + PLACED + MOVED,
            """
            DROP TRIGGER orders_order_moved ON orders_order;
            DROP TRIGGER orders_order_placed ON orders_order;
            DROP FUNCTION orders_write_moved();
            DROP FUNCTION orders_write_placed();
            DROP TABLE orders_order_move;
            DROP FUNCTION kassa_uuid7();
            """,
        )
    ]
