"""Devices, plugins, holders and operators act beside people, keys and Kassa itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("admission", "0003_buyers_as_actors"),
    ]

    operations = [
        migrations.AlterField(
            model_name="scan",
            name="scanned_by_kind",
            field=models.CharField(
                choices=[
                    ("user", "User"),
                    ("api_key", "Api Key"),
                    ("device", "Device"),
                    ("buyer", "Buyer"),
                    ("holder", "Holder"),
                    ("plugin", "Plugin"),
                    ("operator", "Operator"),
                    ("system", "System"),
                ],
                max_length=8,
            ),
        ),
    ]
