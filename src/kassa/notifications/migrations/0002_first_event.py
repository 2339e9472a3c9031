"""Messages are written about what happens from now on: nobody is told of what is long past."""

from django.db import migrations

START = """
INSERT INTO core_outboxreader (name, transaction_id, position, updated_at)
VALUES ('messages', pg_snapshot_xmin(pg_current_snapshot())::text, 0, now()) ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("core", "0003_outbox_order")]
    run_before = [("core", "0008_outbox_horizon")]  # which carries the reader over

    operations = [migrations.RunSQL(START, "DELETE FROM core_outboxreader WHERE name = 'messages'")]
