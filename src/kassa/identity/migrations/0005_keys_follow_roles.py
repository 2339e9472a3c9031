"""Keys follow roles: those that were made for all rights of their day, or for a role, keep up from now on.

Until now a key held a copy of its rights. One that holds just what a role was allowed at some time is taken
for one that was made for that role; any other keeps what it names, and nothing else.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

FIRST = {
    "owner": "api_key:read api_key:write coupon:read coupon:write member:read member:write offer:read "
    "offer:write order:cancel order:manage order:place order:read organization:read organization:write",
    "admin": "api_key:read coupon:read coupon:write member:read member:write offer:read offer:write "
    "order:cancel order:manage order:place order:read organization:read organization:write",
    "manager": "coupon:read coupon:write member:read offer:read offer:write order:cancel order:manage "
    "order:place order:read organization:read",
    "support": "coupon:read offer:read order:cancel order:place order:read organization:read",
    "analyst": "coupon:read offer:read order:read organization:read",
}
ALL_OF_MONEY = "payment:manage payment:open payment:read payout:write provider:write refund:write"
ALL_OF_TICKETS = "checkin:read checkin:scan checkin:write message:read message:write ticket:read ticket:write"
ADDED = [
    {
        "owner": ALL_OF_MONEY,
        "admin": ALL_OF_MONEY,
        "manager": "payment:manage payment:open payment:read refund:write",
        "support": "payment:open payment:read refund:write",
        "analyst": "payment:read",
    },
    {
        "owner": ALL_OF_TICKETS,
        "admin": ALL_OF_TICKETS,
        "manager": ALL_OF_TICKETS,
        "support": "checkin:read checkin:scan message:read ticket:read ticket:write",
        "analyst": "checkin:read",
    },
    dict.fromkeys(FIRST, "invoice:read"),
    {"owner": "security:read", "admin": "security:read"},
]
"""What each version added to the roles, in order."""
FOLLOW = """
UPDATE identity_apikey SET role = %s, scopes = '{}'
WHERE role IS NULL AND scopes @> %s::varchar[] AND scopes <@ %s::varchar[]
"""


def follow_roles(apps, schema_editor):
    """Let keys with exactly the rights that a role had at some time follow that role."""
    with schema_editor.connection.cursor() as cursor:
        for role, rights in _sets():
            cursor.execute(FOLLOW, [role, rights, rights])


def name_rights(apps, schema_editor):
    """Write the rights of keys that follow a role into them again, as they are today."""
    latest = dict(_sets())
    for key in apps.get_model("identity", "ApiKey").unscoped.exclude(role=None):
        key.scopes = sorted({*key.scopes, *latest[key.role]})
        key.save(update_fields=["scopes"])


def _sets():
    """Yield role and rights for every version."""
    known = {role: set(rights.split()) for role, rights in FIRST.items()}
    yield from ((role, sorted(rights)) for role, rights in known.items())
    for step in ADDED:
        for role, rights in step.items():
            known[role] |= set(rights.split())
        yield from ((role, sorted(rights)) for role, rights in known.items())


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_security_log")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="role",
            field=models.CharField(
                choices=[
                    ("owner", "Owner"),
                    ("admin", "Admin"),
                    ("manager", "Manager"),
                    ("support", "Support"),
                    ("analyst", "Analyst"),
                ],
                max_length=8,
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "admin", "manager", "support", "analyst"])),
                name="identity_apikey_role",
            ),
        ),
        migrations.RunPython(follow_roles, name_rights),
    ]
