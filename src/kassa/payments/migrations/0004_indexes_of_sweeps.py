"""The sweeps find what is due: fees that providers have not said yet, and messages of long ago."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_earlier_orders")]

    operations = [
        migrations.RemoveIndex(model_name="payment", name="payments_payment_without_fee"),
        migrations.AddField(
            model_name="payment",
            name="fee_check_at",
            field=models.DateTimeField(db_default=Now(), null=True),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                fields=["organization", "fee_check_at"],
                condition=models.Q(gateway_fee=None, attempt__isnull=False, fee_check_at__isnull=False),
                name="payments_payment_fee_check",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                fields=["received_at"],
                condition=models.Q(status__in=["settled", "ignored"]),
                name="payments_webhookevent_old",
            ),
        ),
    ]
