"""By what visitors are counted while their carts hold places."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0012_domain_proof"),
        ("sales", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="cart",
            name="holders",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("holders", []), _negated=True), fields=["id"], name="sales_cart_counted"
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("holders", []), _negated=True),
                fields=["holders"],
                name="sales_cart_holders",
            ),
        ),
    ]
