"""Addresses of those to whom tickets are offered are written in their one form."""

from typing import Any

from django.db import migrations

from kassa.core.migrations._rewrite_addresses import rewrite_addresses


def rewrite(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for column in ("from_email", "to_email"):
            rewrite_addresses(cursor, "tickets_transfer", column)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_codes_by_position")]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
