"""Devices, plugins, holders and operators act beside people, keys and Kassa itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0005_one_form_of_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transfer",
            name="offered_by_kind",
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
