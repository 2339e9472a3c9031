"""The security log, which the database keeps: entries are added, emptied of a person, and grow old."""

import django.db.models.functions.datetime
import django.db.models.manager
from django.db import migrations, models

import kassa.core.ids
import kassa.core.tenancy

PROTECTED = """
CREATE FUNCTION identity_protect_security_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.created_at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - '{address,user_agent}'::text[] = to_jsonb(OLD) - '{address,user_agent}'::text[]
        AND (NEW.address IS NULL OR NEW.address = OLD.address)
        AND (NEW.user_agent = '' OR NEW.user_agent = OLD.user_agent)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The security log is written once: an entry is only emptied of a person, or grows old.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_security_log_append_only';
END $$;
CREATE TRIGGER identity_securityevent_append_only BEFORE UPDATE OR DELETE ON identity_securityevent
    FOR EACH ROW EXECUTE FUNCTION identity_protect_security_log();
CREATE TRIGGER identity_accountsecurityevent_append_only
    BEFORE UPDATE OR DELETE ON identity_accountsecurityevent
    FOR EACH ROW EXECUTE FUNCTION identity_protect_security_log();
"""


def _columns():
    return [
        ("kind", models.CharField(max_length=40)),
        (
            "actor_kind",
            models.CharField(
                choices=[
                    ("user", "User"),
                    ("api_key", "Api Key"),
                    ("buyer", "Buyer"),
                    ("system", "System"),
                ],
                max_length=8,
                null=True,
            ),
        ),
        ("actor_id", models.UUIDField(null=True)),
        ("subject_id", models.UUIDField(null=True)),
        ("address", models.GenericIPAddressField(null=True)),
        ("user_agent", models.CharField(blank=True, db_default="", max_length=300)),
        ("details", models.JSONField(default=dict)),
        ("created_at", models.DateTimeField()),
    ]


def _id():
    return models.UUIDField(default=kassa.core.ids.new_id, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_linked_identities"),
        ("organizations", "0005_embed_sites"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountSecurityEvent",
            fields=[("id", _id()), *_columns(), ("user_id", models.UUIDField())],
            options={
                "indexes": [
                    models.Index(fields=["user_id", "id"], name="identity_accountevent_list"),
                    models.Index(fields=["created_at"], name="identity_accountevent_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SecurityEvent",
            fields=[
                ("id", _id()),
                *_columns(),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organization", "id"], name="identity_securityevent_list"),
                    models.Index(fields=["actor_id"], name="identity_securityevent_actor"),
                    models.Index(fields=["subject_id"], name="identity_securityevent_about"),
                    models.Index(fields=["created_at"], name="identity_securityevent_age"),
                ],
                "constraints": [kassa.core.tenancy.TenantKey(name="identity_securityevent_key")],
            },
            managers=[("unscoped", django.db.models.manager.Manager())],
        ),
        migrations.RunSQL(
            PROTECTED,
            """
            DROP TRIGGER identity_securityevent_append_only ON identity_securityevent;
            DROP TRIGGER identity_accountsecurityevent_append_only ON identity_accountsecurityevent;
            DROP FUNCTION identity_protect_security_log();
            """,
        ),
    ]
