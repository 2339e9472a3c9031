"""Movements of money are found by their day, and what a person paid by the person."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0021_keys_and_indexes"),
        ("organizations", "0012_domain_proof"),
        ("payments", "0010_refunded_goods"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("user__isnull", False)), fields=["user"], name="payments_payment_of_user"
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["organization", "created_at"], name="payments_transaction_creation"),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("user__isnull", False)),
                fields=["user"],
                name="payments_transaction_of_user",
            ),
        ),
    ]
