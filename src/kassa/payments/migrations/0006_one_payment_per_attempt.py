"""An attempt is paid once, transfers apart."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_moves_of_returned_refunds"),
        ("organizations", "0002_money"),
        ("payments", "0005_refund_returned"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("attempt__isnull", False), models.Q(("provider", "manual"), _negated=True)
                ),
                fields=("organization", "attempt"),
                name="payments_payment_attempt_once",
            ),
        ),
    ]
