"""Carts are found by their person."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0012_domain_proof"),
        ("sales", "0002_holders_of_carts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("user__isnull", False)), fields=["user"], name="sales_cart_of_user"
            ),
        ),
    ]
