"""Addresses of people are written in their one form, unless somebody else has that: then they stay two."""

from typing import Any

from django.db import migrations

from kassa.core.migrations._rewrite_addresses import rewrite_addresses

HAS_IT = {
    "identity_user": "EXISTS (SELECT FROM identity_user o WHERE o.email = %(new)s)",
    "account_emailaddress": "EXISTS (SELECT FROM account_emailaddress o WHERE o.email = %(new)s)",
}


def rewrite(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table, taken in HAS_IT.items():
            rewrite_addresses(cursor, table, "email", is_key=True, unless=taken)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0005_keys_follow_roles"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
