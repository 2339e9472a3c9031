"""Devices, plugins, holders and operators act beside people, keys and Kassa itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0011_transfers_unproven"),
        ("inventory", "0003_places_from_one"),
        ("organizations", "0012_domain_proof"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="event",
            name="catalog_event_actors",
        ),
        migrations.AlterField(
            model_name="event",
            name="created_by_kind",
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
            model_name="event",
            name="updated_by_kind",
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
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("created_by__isnull", True), ("created_by_kind__isnull", True)),
                        models.Q(
                            ("created_by__isnull", False),
                            ("created_by_kind__in", ("user", "api_key", "device", "plugin")),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("updated_by__isnull", True), ("updated_by_kind__isnull", True)),
                        models.Q(
                            ("updated_by__isnull", False),
                            ("updated_by_kind__in", ("user", "api_key", "device", "plugin")),
                        ),
                        _connector="OR",
                    ),
                ),
                name="catalog_event_actors",
            ),
        ),
    ]
