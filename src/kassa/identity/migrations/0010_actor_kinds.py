"""Devices, plugins, holders and operators act beside people, keys and Kassa itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0009_linked_subjects"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accountsecurityevent",
            name="actor_kind",
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
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="invited_by_kind",
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
        migrations.AlterField(
            model_name="securityevent",
            name="actor_kind",
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
                null=True,
            ),
        ),
    ]
