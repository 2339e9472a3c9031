"""An envelope of a few kilobytes stays in its row as it is; compressing it costs more than it saves."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE core_outboxevent SET (toast_tuple_target = 8160)",
            "ALTER TABLE core_outboxevent RESET (toast_tuple_target)",
        )
    ]
