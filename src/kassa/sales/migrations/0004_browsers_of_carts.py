"""Carts say in columns which browser opened them, what they repeat, and that Kassa chose their seats."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kassa.core.tenancy

# What a browser's cart repeats, and its browser, stood in its session: "shop:<browser>" or
# "again:<cart or order>:<browser>". Only names as Kassa gives them are taken for browsers.
FILL = r"""
UPDATE sales_cart c SET session_id = '', browser = found.parts[3],
    repeats_cart_id = (SELECT r.id FROM sales_cart r WHERE r.organization_id = c.organization_id
                       AND r.id = found.parts[2]::uuid),
    repeats_order_id = (SELECT o.id FROM orders_order o WHERE o.organization_id = c.organization_id
                        AND o.id = found.parts[2]::uuid)
FROM (SELECT id, organization_id, regexp_match(
          session_id, '^(?:shop|(again):([0-9a-f-]{36})):([A-Za-z0-9_-]{22})$') AS parts
      FROM sales_cart WHERE session_id <> '') AS found
WHERE found.id = c.id AND found.organization_id = c.organization_id AND found.parts IS NOT NULL;
UPDATE sales_cartitem SET is_best_available = TRUE, metadata = '{}'
WHERE metadata = '{"best_available": true}' AND ticket_type_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0021_keys_and_indexes"),
        ("organizations", "0012_domain_proof"),
        ("sales", "0003_keys_and_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="cart",
            name="browser",
            field=models.CharField(blank=True, db_default="", max_length=22),
        ),
        migrations.AddField(
            model_name="cart",
            name="repeats_cart",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="sales.cart",
            ),
        ),
        migrations.AddField(
            model_name="cart",
            name="repeats_order",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="cartitem",
            name="is_best_available",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("browser", ""), _negated=True),
                fields=["organization", "browser", "id"],
                name="sales_cart_by_browser",
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("repeats_cart__isnull", False)),
                fields=["organization", "repeats_cart"],
                name="sales_cart_by_repeated_cart",
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("repeats_order__isnull", False)),
                fields=["organization", "repeats_order"],
                name="sales_cart_by_repeated_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False,
                field="repeats_cart",
                name="sales_cart_repeats_cart",
                set_null=True,
                to="sales_cart",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False,
                field="repeats_order",
                name="sales_cart_repeats_order",
                set_null=True,
                to="orders_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("repeats_cart__isnull", True), ("repeats_order__isnull", True)),
                    models.Q(
                        models.Q(("browser", ""), _negated=True),
                        models.Q(
                            ("repeats_cart__isnull", True), ("repeats_order__isnull", True), _connector="OR"
                        ),
                    ),
                    _connector="OR",
                ),
                name="sales_cart_repeats",
            ),
        ),
    ]
