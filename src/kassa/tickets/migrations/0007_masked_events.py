"""Events that are kept hide what lets somebody in, as new ones do."""

from django.db import migrations

from kassa.tickets.migrations._mask_events import mask_kept_events


def _mask(apps, schema_editor):
    mask_kept_events(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False  # each batch is a transaction of its own, so that no row is locked for long
    dependencies = [
        ("core", "0006_activity_log"),
        ("orders", "0023_imported_orders"),
        ("tickets", "0006_actor_kinds"),
    ]

    operations = [migrations.RunPython(_mask, migrations.RunPython.noop)]
