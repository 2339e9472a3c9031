"""Orders refer to payment and cart in the database; tickets say what let them in; lists have indexes."""

from django.conf import settings
from django.db import migrations, models

import kassa.core.tenancy

# What a key names is gone: it is as good as none. Whoever let a ticket in is known by where the id is found.
FILL = """
UPDATE orders_order o SET payment_id = NULL WHERE payment_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM payments_payment p WHERE p.organization_id = o.organization_id AND p.id = o.payment_id);
UPDATE orders_order o SET cart_id = NULL WHERE cart_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM sales_cart c WHERE c.organization_id = o.organization_id AND c.id = o.cart_id);
UPDATE orders_ticket t SET checked_in_by_kind = CASE
    WHEN EXISTS (SELECT FROM identity_user u WHERE u.id = t.checked_in_by) THEN 'user'
    WHEN EXISTS (SELECT FROM identity_apikey k
                 WHERE k.organization_id = t.organization_id AND k.id = t.checked_in_by) THEN 'api_key'
    ELSE 'device' END
WHERE checked_in_by IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_keys_and_indexes"),
        ("coupons", "0001_initial"),
        ("orders", "0020_taxes_on_charges"),
        ("organizations", "0012_domain_proof"),
        ("payments", "0001_initial"),
        ("sales", "0001_initial"),
        ("seating", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="checked_in_by_kind",
            field=models.CharField(
                choices=[("user", "User"), ("api_key", "Api Key"), ("device", "Device")],
                max_length=7,
                null=True,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="couponusage",
            index=models.Index(
                condition=models.Q(("user__isnull", False)),
                fields=["user"],
                name="orders_couponusage_of_user",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("payment_id__isnull", False)),
                fields=["organization", "payment_id"],
                name="orders_order_by_payment",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("payment_status__in", ["failed", "partially_refunded", "pending", "refunded"])
                ),
                fields=["organization", "payment_status", "id"],
                name="orders_order_by_payment_status",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["organization", "created_at"], name="orders_order_by_creation"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False,
                field="payment_id",
                name="orders_order_payment",
                set_null=True,
                to="payments_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False, field="cart_id", name="orders_order_of_cart", set_null=True, to="sales_cart"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("checked_in_by_kind__in", ["user", "api_key", "device"])),
                name="orders_ticket_checked_in_by_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_in_by__isnull", True), ("checked_in_by_kind__isnull", True)),
                    models.Q(("checked_in_by__isnull", False), ("checked_in_by_kind__isnull", False)),
                    _connector="OR",
                ),
                name="orders_ticket_checked_in_by",
            ),
        ),
    ]
