"""The outbox is read by position, up to a horizon behind which nothing further can appear.

Positions are given out once the row that matters is locked, so they are in the order in which things
happened to an order; transaction numbers, by which was read up to now, are given out earlier.

Readers go on where they were. What one of them has not read yet gets new positions behind all others, in
the groups in which the readers stand, so that for each of them all that it has read comes before the rest.
"""

from django.db import migrations, models
from django.db.models.expressions import RawSQL

# Whoever has a position has locked the table before: none is under way once it is locked.
CARRY_READERS = """
LOCK TABLE core_outboxevent, core_outboxreader IN ACCESS EXCLUSIVE MODE;

CREATE TEMPORARY TABLE outbox_given ON COMMIT DROP AS
SELECT greatest(
    (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM core_outbox_position),
    (SELECT max(position) FROM core_outboxevent)) AS last;

CREATE TEMPORARY TABLE outbox_unread ON COMMIT DROP AS
SELECT e.id, e.transaction_id, e.position AS old,
       g.last + row_number() OVER (ORDER BY r.readers DESC, e.position) AS position
FROM outbox_given g, core_outboxevent e
CROSS JOIN LATERAL (
    SELECT count(*) AS readers FROM core_outboxreader x
    WHERE (e.transaction_id, e.position) <= (x.transaction_id::xid8, x.position)) r
WHERE (e.transaction_id, e.position) > (
    SELECT x.transaction_id::xid8, x.position FROM core_outboxreader x
    ORDER BY x.transaction_id::xid8, x.position LIMIT 1);

UPDATE core_outboxreader x SET position = coalesce(
    (SELECT max(u.position) FROM outbox_unread u
     WHERE (u.transaction_id, u.old) <= (x.transaction_id::xid8, x.position)),
    (SELECT last FROM outbox_given));
UPDATE core_outboxevent e SET position = u.position FROM outbox_unread u WHERE u.id = e.id;
SELECT setval('core_outbox_position', greatest(1, last + (SELECT count(*) FROM outbox_unread)),
              last + (SELECT count(*) FROM outbox_unread) > 0)
FROM outbox_given;

DROP INDEX core_outbox_reading;
ALTER TABLE core_outboxevent DROP COLUMN transaction_id;
"""
"""All in one: what is read and what is not may not change in between."""
CARRY_BACK = """
ALTER TABLE core_outboxevent ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX core_outbox_reading ON core_outboxevent (transaction_id, position);
UPDATE core_outboxreader SET transaction_id = pg_current_xact_id()::text;
"""
PLACE = """
CREATE FUNCTION core_outbox_place() RETURNS bigint LANGUAGE sql VOLATILE
RETURN CASE WHEN pg_current_xact_id() > '0'::xid8 THEN nextval('core_outbox_position'::regclass) END
"""
"""Takes the transaction's number first: whoever has a position has a number, however late the commit is."""
BEGIN = """
INSERT INTO core_outboxhorizon (id, position, holes)
SELECT 1, CASE WHEN is_called THEN last_value ELSE last_value - 1 END, '[]' FROM core_outbox_position
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0007_event_key")]

    operations = [
        migrations.RunSQL(CARRY_READERS, CARRY_BACK),
        migrations.RemoveField(model_name="outboxreader", name="transaction_id"),
        migrations.RunSQL(PLACE, "DROP FUNCTION core_outbox_place()"),
        migrations.AlterField(
            model_name="outboxevent",
            name="position",
            field=models.BigIntegerField(db_default=RawSQL("core_outbox_place()", [])),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["position"], name="core_outbox_position_index"),
        ),
        migrations.CreateModel(
            name="OutboxHorizon",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField(default=0)),
                ("holes", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="core_outboxhorizon_only_one")
                ],
            },
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]
