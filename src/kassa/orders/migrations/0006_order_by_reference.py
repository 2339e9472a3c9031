"""One customer's orders are found by the client's own id of that customer."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("orders", "0005_moves_of_late_payments"),
        ("organizations", "0002_money"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("customer_reference__isnull", False)),
                fields=["organization", "customer_reference", "id"],
                name="orders_order_by_reference",
            ),
        ),
    ]
