"""Addresses that nothing is sent to are written in their one form, unless that is there already."""

from typing import Any

from django.db import migrations

from kassa.core.migrations._rewrite_addresses import rewrite_addresses

IS_THERE = """EXISTS (SELECT FROM notifications_suppressedaddress o
    WHERE o.organization_id = r.organization_id AND o.address = %(new)s)"""


def rewrite(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        rewrite_addresses(cursor, "notifications_message", "recipient")
        rewrite_addresses(cursor, "notifications_suppressedaddress", "address", is_key=True, unless=IS_THERE)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_first_event")]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
