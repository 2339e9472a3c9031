"""An order that somebody may be paying keeps its places until its provider was asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_one_form_of_addresses")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="payment_awaited_until",
            field=models.DateTimeField(null=True),
        ),
    ]
