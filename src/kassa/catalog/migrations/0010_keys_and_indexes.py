"""Events say whether a person or a key made them, and ticket types are found by their price."""

from django.db import migrations, models

FILL = """
UPDATE catalog_event SET
    created_by_kind = CASE WHEN created_by IS NULL THEN NULL
        WHEN created_by IN (SELECT id FROM identity_user) THEN 'user' ELSE 'api_key' END,
    updated_by_kind = CASE WHEN updated_by IS NULL THEN NULL
        WHEN updated_by IN (SELECT id FROM identity_user) THEN 'user' ELSE 'api_key' END
WHERE created_by IS NOT NULL OR updated_by IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_limits_of_holding"),
        ("identity", "0001_initial"),
        ("inventory", "0002_hot_rows"),
        ("organizations", "0012_domain_proof"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="created_by_kind",
            field=models.CharField(
                choices=[("user", "User"), ("api_key", "Api Key"), ("buyer", "Buyer"), ("system", "System")],
                max_length=8,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="updated_by_kind",
            field=models.CharField(
                choices=[("user", "User"), ("api_key", "Api Key"), ("buyer", "Buyer"), ("system", "System")],
                max_length=8,
                null=True,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="tickettype",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("is_hidden", False)),
                fields=["organization", "price", "event"],
                name="catalog_tickettype_by_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("created_by__isnull", True), ("created_by_kind__isnull", True)),
                        models.Q(("created_by__isnull", False), ("created_by_kind__in", ["user", "api_key"])),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("updated_by__isnull", True), ("updated_by_kind__isnull", True)),
                        models.Q(("updated_by__isnull", False), ("updated_by_kind__in", ["user", "api_key"])),
                        _connector="OR",
                    ),
                ),
                name="catalog_event_actors",
            ),
        ),
    ]
