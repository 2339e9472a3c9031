"""Room on each page for the new versions of a row that everyone wants at once."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_quota SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0,"
            " autovacuum_vacuum_threshold = 1000)",
            "ALTER TABLE inventory_quota RESET (fillfactor, autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_threshold)",
        )
    ]
