"""Orders say in a column which system they were imported from; their idempotency key said it before."""

from django.db import migrations, models

# A client may have sent a key that looks like those of an import, but then it placed the order.
FILL = """
UPDATE orders_order SET imported_from = substring(idempotency_key FROM '^import:([A-Za-z0-9_-]{1,40}):')
WHERE idempotency_key LIKE 'import:%' AND placed_by IS NULL AND placed_by_kind = 'system';
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0022_actor_kinds")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="imported_from",
            field=models.CharField(max_length=40, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
