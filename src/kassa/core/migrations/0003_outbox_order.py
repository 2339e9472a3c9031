"""Events are read in the order in which their transactions began, once no older one is still open.

A position is given out before its transaction commits, so that a reader who only remembers the last
one passes by what is committed late.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_outbox_rows")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE core_outboxevent"
            " ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id()",
            "ALTER TABLE core_outboxevent DROP COLUMN transaction_id",
        ),
        migrations.RemoveIndex(model_name="outboxevent", name="core_outbox_position_index"),
        migrations.RunSQL(
            "CREATE INDEX core_outbox_reading ON core_outboxevent (transaction_id, position)",
            "DROP INDEX core_outbox_reading",
        ),
        migrations.CreateModel(
            name="OutboxReader",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("transaction_id", models.CharField(max_length=20)),
                ("position", models.BigIntegerField(default=0)),
                ("updated_at", models.DateTimeField()),
            ],
        ),
    ]
