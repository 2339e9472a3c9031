"""How many tickets are ordered by transfer without a proven address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_keys_and_indexes")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="max_unproven_transfer",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
