"""A domain is proven before it is served; those in use stay, and give way to whoever proves them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

COPY = """
INSERT INTO organizations_organizationdomain (organization_id, name, token, proof, verified_at)
    SELECT id, custom_domain, replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
           'upgrade', statement_timestamp()
    FROM organizations_organization WHERE custom_domain IS NOT NULL;
"""
COPY_BACK = """
UPDATE organizations_organization SET custom_domain = domain.name
    FROM organizations_organizationdomain AS domain
    WHERE domain.organization_id = id AND domain.verified_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0011_header_image_address")]

    operations = [
        migrations.CreateModel(
            name="OrganizationDomain",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="domain",
                        serialize=False,
                        to="organizations.organization",
                    ),
                ),
                ("name", models.CharField(max_length=253)),
                ("token", models.CharField(max_length=64, unique=True)),
                (
                    "proof",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dns", "Dns"),
                            ("file", "File"),
                            ("operator", "Operator"),
                            ("upgrade", "Upgrade"),
                        ],
                        db_default="",
                        max_length=8,
                    ),
                ),
                ("verified_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_found", "Not Found"),
                            ("unreachable", "Unreachable"),
                            ("taken", "Taken"),
                            ("reserved", "Reserved"),
                        ],
                        db_default="",
                        max_length=11,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index("checked_at", name="organizations_domain_checked")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verified_at__isnull", False)),
                        fields=("name",),
                        name="organizations_domain_verified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proof", ""), ("verified_at__isnull", True)),
                            models.Q(
                                ("proof__in", ["dns", "file", "operator", "upgrade"]),
                                ("verified_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="organizations_domain_proof",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("problem", ""),
                            ("problem__in", ["not_found", "unreachable", "taken", "reserved"]),
                            _connector="OR",
                        ),
                        name="organizations_domain_problem",
                    ),
                ],
            },
        ),
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RemoveField(model_name="organization", name="custom_domain"),
    ]
