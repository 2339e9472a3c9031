"""Membership begins with an accepted invitation, and no organisation loses its last owner."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import kassa.core.ids
import kassa.core.tenancy

ROLES = [
    ("owner", "Owner"),
    ("admin", "Admin"),
    ("manager", "Manager"),
    ("support", "Support"),
    ("analyst", "Analyst"),
]
STATUSES = [
    ("open", "Open"),
    ("accepted", "Accepted"),
    ("declined", "Declined"),
    ("revoked", "Revoked"),
    ("expired", "Expired"),
]
LANGUAGES = [("en", "English"), ("fr", "French")]
ACTORS = [("user", "User"), ("api_key", "Api Key"), ("buyer", "Buyer"), ("system", "System")]

LAST_OWNER = """
CREATE FUNCTION identity_keep_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.role = 'owner' AND NEW.organization_id = OLD.organization_id THEN
        RETURN NULL;
    END IF;
    -- Two owners who leave at once wait here for each other; the second one sees what the first has done.
    PERFORM FROM organizations_organization WHERE id = OLD.organization_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM identity_membership
                   WHERE organization_id = OLD.organization_id AND role = 'owner') THEN
        RAISE EXCEPTION 'Organisation % would be left without an owner.', OLD.organization_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_membership_last_owner';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER identity_membership_last_owner AFTER DELETE OR UPDATE ON identity_membership
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION identity_keep_last_owner();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_one_form_of_addresses"),
        ("organizations", "0005_embed_sites"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kassa.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, db_default="", max_length=200)),
                ("role", models.CharField(choices=ROLES, max_length=8)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
                    ),
                ),
                ("language", models.CharField(choices=LANGUAGES, max_length=5)),
                (
                    "status",
                    models.CharField(choices=STATUSES, db_default="open", default="open", max_length=8),
                ),
                ("token_hash", models.BinaryField()),
                ("invited_by_kind", models.CharField(choices=ACTORS, max_length=8)),
                ("invited_by", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("times_sent", models.PositiveSmallIntegerField(db_default=1, default=1)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
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
                    models.Index(fields=["organization", "id"], name="identity_invitation_list"),
                    models.Index(fields=["token_hash"], name="identity_invitation_token"),
                    models.Index(fields=["email"], name="identity_invitation_email"),
                ],
                "constraints": [
                    kassa.core.tenancy.TenantKey(name="identity_invitation_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("organization", "email"),
                        name="identity_invitation_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", [role for role, _ in ROLES])),
                        name="identity_invitation_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", [status for status, _ in STATUSES])),
                        name="identity_invitation_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", [language for language, _ in LANGUAGES])),
                        name="identity_invitation_language",
                    ),
                ],
            },
            managers=[("unscoped", django.db.models.manager.Manager())],
        ),
        migrations.RunSQL(
            LAST_OWNER,
            """
            DROP TRIGGER identity_membership_last_owner ON identity_membership;
            DROP FUNCTION identity_keep_last_owner();
            """,
        ),
    ]
