"""Orders keep the taxes on their fees and shipping."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0019_limit_uses"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="charge_taxes",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
