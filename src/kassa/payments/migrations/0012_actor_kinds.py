"""Devices, plugins, holders and operators act beside people, keys and Kassa itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0011_keys_and_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="eventrefund",
            name="requested_by_kind",
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
                default="system",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="requested_by_kind",
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
                default="system",
                max_length=8,
            ),
        ),
    ]
