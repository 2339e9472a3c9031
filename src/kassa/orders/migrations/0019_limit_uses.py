"""What each customer may have only so many of is counted under every key that is known of them."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import kassa.core.ids
import kassa.core.tenancy

LIVE = "('reserved', 'valid', 'used')"
ENDED = "('cancelled', 'expired', 'refunded')"

# Uses of tickets follow their tickets, those of goods their items and orders, whoever changes them. One that
# is taken again gets the lowest number that is free; if none is, the NULL is refused and so is the change.
FOLLOW = f"""
CREATE FUNCTION orders_retake_limit_uses(organization uuid, the_order uuid, the_ticket uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    use record;
BEGIN
    FOR use IN
        SELECT id, limited_id, customer_key, limit_at_use FROM orders_limituse
        WHERE organization_id = organization AND order_id = the_order
          AND ticket_id IS NOT DISTINCT FROM the_ticket AND released_at IS NOT NULL
        ORDER BY limited_id, customer_key, id
    LOOP
        UPDATE orders_limituse u SET released_at = NULL, nth = (
            SELECT min(number) FROM generate_series(1, use.limit_at_use) AS number
            WHERE NOT EXISTS (
                SELECT FROM orders_limituse other
                WHERE other.organization_id = organization AND other.limited_id = use.limited_id
                  AND other.customer_key = use.customer_key AND other.released_at IS NULL
                  AND other.nth = number))
        WHERE u.organization_id = organization AND u.id = use.id;
    END LOOP;
END $$;

CREATE FUNCTION orders_follow_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN {LIVE} THEN
        PERFORM orders_retake_limit_uses(NEW.organization_id, NEW.order_id, NEW.id);
    ELSE
        UPDATE orders_limituse SET released_at = NEW.updated_at
        WHERE organization_id = NEW.organization_id AND ticket_id = NEW.id AND released_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_ticket_limit_uses AFTER UPDATE OF status ON orders_ticket FOR EACH ROW
    WHEN (NEW.booking_key IS NOT NULL AND (OLD.status IN {LIVE}) <> (NEW.status IN {LIVE}))
    EXECUTE FUNCTION orders_follow_ticket();

CREATE FUNCTION orders_follow_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN {ENDED} THEN
        UPDATE orders_limituse SET released_at = NEW.updated_at
        WHERE organization_id = NEW.organization_id AND order_id = NEW.id AND ticket_id IS NULL
          AND released_at IS NULL;
    ELSE
        PERFORM orders_retake_limit_uses(NEW.organization_id, NEW.id, NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_order_limit_uses AFTER UPDATE OF status ON orders_order FOR EACH ROW
    WHEN ((OLD.status IN {ENDED}) <> (NEW.status IN {ENDED}))
    EXECUTE FUNCTION orders_follow_order();

CREATE FUNCTION orders_follow_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_limituse SET released_at = now()
    WHERE organization_id = NEW.organization_id AND id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY limited_id, customer_key ORDER BY nth DESC) AS place
            FROM orders_limituse
            WHERE organization_id = NEW.organization_id AND order_id = NEW.order_id AND item_id = NEW.id
              AND ticket_id IS NULL AND released_at IS NULL) AS live
        WHERE place <= NEW.refunded_quantity - OLD.refunded_quantity);
    RETURN NULL;
END $$;
CREATE TRIGGER orders_orderitem_limit_uses AFTER UPDATE OF refunded_quantity ON orders_orderitem
    FOR EACH ROW WHEN (NEW.refunded_quantity > OLD.refunded_quantity) EXECUTE FUNCTION orders_follow_item();
"""  # noqa: S608 (constants)
UNFOLLOW = """
DROP TRIGGER orders_orderitem_limit_uses ON orders_orderitem;
DROP TRIGGER orders_order_limit_uses ON orders_order;
DROP TRIGGER orders_ticket_limit_uses ON orders_ticket;
DROP FUNCTION orders_follow_item();
DROP FUNCTION orders_follow_order();
DROP FUNCTION orders_follow_ticket();
DROP FUNCTION orders_retake_limit_uses(uuid, uuid, uuid);
"""

# The keys of customers who ordered before, as far as their orders say them.
KEYS = """
CROSS JOIN LATERAL (
    SELECT DISTINCT key FROM (VALUES
        ('user:' || o.user_id::text), ('reference:' || o.customer_reference),
        ('email:' || lower(nullif(o.customer_email, ''))),
        ('email:' || regexp_replace(lower(nullif(o.customer_email, '')), '^([^+@]+)[+][^@]*@', '\\1@'))
    ) AS known(key)
    WHERE key IS NOT NULL AND key <> {own} AND {own} NOT LIKE 'erased:%') AS k
"""
FILL = f"""
INSERT INTO orders_couponusage (id, organization_id, coupon_id, order_id, user_id, customer_key, nth,
                                limit_at_use, created_at, released_at)
SELECT kassa_uuid7(), u.organization_id, u.coupon_id, u.order_id, u.user_id, k.key, u.nth, u.limit_at_use,
       u.created_at, u.released_at
FROM orders_couponusage u
JOIN orders_order o ON o.organization_id = u.organization_id AND o.id = u.order_id
{KEYS.format(own="u.customer_key")}
WHERE u.released_at IS NOT NULL;

WITH extra AS MATERIALIZED (
    SELECT u.organization_id, u.coupon_id, u.order_id, u.user_id, k.key, u.limit_at_use, u.created_at,
           row_number() OVER (PARTITION BY u.organization_id, u.coupon_id, k.key
                              ORDER BY u.created_at, u.id) AS place
    FROM orders_couponusage u
    JOIN orders_order o ON o.organization_id = u.organization_id AND o.id = u.order_id
    {KEYS.format(own="u.customer_key")}
    WHERE u.released_at IS NULL
), free AS (
    SELECT e.organization_id, e.coupon_id, e.key, number AS nth,
           row_number() OVER (PARTITION BY e.organization_id, e.coupon_id, e.key ORDER BY number) AS place
    FROM (SELECT organization_id, coupon_id, key, count(*) AS wanted FROM extra GROUP BY 1, 2, 3) AS e
    CROSS JOIN LATERAL generate_series(1, e.wanted + (
        SELECT count(*) FROM orders_couponusage t
        WHERE t.organization_id = e.organization_id AND t.coupon_id = e.coupon_id
          AND t.customer_key = e.key AND t.released_at IS NULL)) AS number
    WHERE NOT EXISTS (
        SELECT FROM orders_couponusage t
        WHERE t.organization_id = e.organization_id AND t.coupon_id = e.coupon_id
          AND t.customer_key = e.key AND t.nth = number AND t.released_at IS NULL)
)
INSERT INTO orders_couponusage (id, organization_id, coupon_id, order_id, user_id, customer_key, nth,
                                limit_at_use, created_at)
SELECT kassa_uuid7(), organization_id, coupon_id, order_id, user_id, key, nth, limit_at_use, created_at
FROM extra JOIN free USING (organization_id, coupon_id, key, place)
WHERE nth <= limit_at_use;

INSERT INTO orders_limituse (id, organization_id, order_id, item_id, ticket_id, limited_id, customer_key, nth,
                             limit_at_use, created_at, released_at)
SELECT kassa_uuid7(), t.organization_id, t.order_id, t.item_id, t.id, t.event_id, t.booking_key, 1, 1,
       t.created_at, CASE WHEN t.status NOT IN {LIVE} THEN t.updated_at END
FROM orders_ticket t WHERE t.booking_key IS NOT NULL;

INSERT INTO orders_limituse (id, organization_id, order_id, item_id, ticket_id, limited_id, customer_key, nth,
                             limit_at_use, created_at, released_at)
SELECT kassa_uuid7(), t.organization_id, t.order_id, t.item_id, t.id, t.event_id, k.key, 1, 1,
       t.created_at, CASE WHEN t.status NOT IN {LIVE} THEN t.updated_at END
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
{KEYS.format(own="t.booking_key")}
WHERE t.booking_key IS NOT NULL
ORDER BY t.created_at, t.id
ON CONFLICT DO NOTHING;
"""  # noqa: S608 (constants)
# Before there were several rows for one use there was the one with the order's own key.
UNFILL = """
DELETE FROM orders_couponusage u USING orders_order o
WHERE o.organization_id = u.organization_id AND o.id = u.order_id AND o.customer_key <> u.customer_key
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0001_initial"),
        ("orders", "0018_payment_awaited"),
        ("organizations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitUse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kassa.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("limited_id", models.UUIDField()),
                ("customer_key", models.CharField(max_length=300)),
                ("nth", models.PositiveIntegerField()),
                ("limit_at_use", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("released_at", models.DateTimeField(null=True)),
            ],
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="couponusage",
            name="orders_couponusage_once",
        ),
        migrations.RemoveConstraint(
            model_name="ticket",
            name="orders_ticket_booking",
        ),
        migrations.AddConstraint(
            model_name="couponusage",
            constraint=models.UniqueConstraint(
                fields=("organization", "order", "customer_key"), name="orders_couponusage_once"
            ),
        ),
        migrations.AddField(
            model_name="limituse",
            name="item",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orders.orderitem",
            ),
        ),
        migrations.AddField(
            model_name="limituse",
            name="order",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="limit_uses",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="limituse",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
            ),
        ),
        migrations.AddField(
            model_name="limituse",
            name="ticket",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orders.ticket",
            ),
        ),
        migrations.AddIndex(
            model_name="limituse",
            index=models.Index(fields=["organization", "ticket"], name="orders_limituse_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="limituse",
            index=models.Index(fields=["organization", "order"], name="orders_limituse_of_order"),
        ),
        migrations.AddConstraint(
            model_name="limituse",
            constraint=kassa.core.tenancy.TenantKey(name="orders_limituse_key"),
        ),
        migrations.AddConstraint(
            model_name="limituse",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=True, field="order", name="orders_limituse_order", to="orders_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="limituse",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=True, field="item", name="orders_limituse_item", to="orders_orderitem"
            ),
        ),
        migrations.AddConstraint(
            model_name="limituse",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=True, field="ticket", name="orders_limituse_ticket", to="orders_ticket"
            ),
        ),
        migrations.AddConstraint(
            model_name="limituse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released_at__isnull", True)),
                fields=("organization", "limited_id", "customer_key", "nth"),
                name="orders_limituse_nth",
            ),
        ),
        migrations.AddConstraint(
            model_name="limituse",
            constraint=models.CheckConstraint(
                condition=models.Q(("nth__gte", 1), ("nth__lte", models.F("limit_at_use"))),
                name="orders_limituse_limit",
            ),
        ),
        migrations.RunSQL(FOLLOW, UNFOLLOW),
        migrations.RunSQL(FILL, UNFILL),
    ]
