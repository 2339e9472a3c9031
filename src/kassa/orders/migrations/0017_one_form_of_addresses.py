"""Addresses of buyers and of those who have tickets are written in their one form."""

from typing import Any

from django.db import migrations

from kassa.core.migrations._rewrite_addresses import rewrite_addresses

COLUMNS = (
    ("orders_order", "customer_email"),
    ("orders_ticket", "attendee_email"),
    ("orders_ticket", "transferred_from"),
    ("orders_ticket", "transferred_to"),
)


def rewrite(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table, column in COLUMNS:
            rewrite_addresses(cursor, table, column)


class Migration(migrations.Migration):
    dependencies = [("orders", "0016_uploads_of_carts")]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
