"""The activity log: who changed what, when, why and from where."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import kassa.core.ids
import kassa.core.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_fold"),
        ("organizations", "0012_domain_proof"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kassa.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(
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
                ("actor_id", models.UUIDField(null=True)),
                ("action", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField(null=True)),
                ("changes", models.JSONField(default=dict)),
                ("reason", models.TextField(blank=True)),
                ("request_id", models.UUIDField(null=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organization", "-created_at", "-id"], name="core_logentry_list"),
                    models.Index(fields=["organization", "subject_id"], name="core_logentry_subject"),
                ],
                "constraints": [
                    kassa.core.tenancy.TenantKey(name="core_logentry_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "actor_kind__in",
                                [
                                    "user",
                                    "api_key",
                                    "device",
                                    "buyer",
                                    "holder",
                                    "plugin",
                                    "operator",
                                    "system",
                                ],
                            )
                        ),
                        name="core_logentry_actor_kind",
                    ),
                ],
            },
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
