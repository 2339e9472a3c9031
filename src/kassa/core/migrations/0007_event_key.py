"""Each event has a key, by which it stays in order with all others about the same order.

Events that were written before get it as well, in their envelope too, and an absolute source.
"""

from __future__ import annotations

import orjson
from django.conf import settings
from django.db import migrations, models

# Every envelope begins with its version, id and source, so that the first hundred letters hold no data.
FILL = """
UPDATE core_outboxevent AS e
SET key = k.key::uuid,
    envelope = replace(left(e.envelope, 100), '"source":"/organizations/', %s)
        || left(substr(e.envelope, 101), -1) || ',"partitionkey":"' || k.key || '"}'
FROM (
    SELECT id, CASE WHEN type LIKE 'order.%%' THEN split_part(subject, '/', 2)
                    ELSE coalesce(envelope::json #>> '{data,order}', split_part(subject, '/', 2)) END AS key
    FROM core_outboxevent
) AS k
WHERE k.id = e.id
"""


def fill_keys(apps: object, schema_editor: object) -> None:
    """Give the events that are there already their key and their source."""
    source = orjson.dumps(f"{settings.EVENT_SOURCE}/organizations/").decode()[:-1]
    with schema_editor.connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(FILL, [f'"source":{source}'])


class Migration(migrations.Migration):
    dependencies = [("core", "0006_activity_log")]

    operations = [
        migrations.AddField(model_name="outboxevent", name="key", field=models.UUIDField(null=True)),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
        migrations.AlterField(model_name="outboxevent", name="key", field=models.UUIDField()),
    ]
