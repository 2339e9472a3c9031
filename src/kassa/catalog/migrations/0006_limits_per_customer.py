"""How many of something each customer may have, over all orders."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_web_addresses"),
        ("inventory", "0002_hot_rows"),
        ("organizations", "0007_merge_sub_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="max_per_customer",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="max_per_customer",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tickettype",
            name="max_per_customer",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_per_customer__isnull", True), ("max_per_customer__gte", 1), _connector="OR"
                ),
                name="catalog_event_per_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_per_customer__isnull", True), ("max_per_customer__gte", 1), _connector="OR"
                ),
                name="catalog_product_per_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_per_customer__isnull", True),
                    ("max_per_customer__gte", models.F("min_per_order")),
                    _connector="OR",
                ),
                name="catalog_tickettype_per_customer",
            ),
        ),
    ]
