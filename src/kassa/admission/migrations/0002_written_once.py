"""What was scanned stays as it was: the database refuses to change or delete it."""

from django.db import migrations

WRITTEN_ONCE = """
CREATE FUNCTION admission_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What happened at the door is written once: a further scan takes it back.'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER admission_scan_written_once BEFORE UPDATE OR DELETE ON admission_scan
    FOR EACH ROW EXECUTE FUNCTION admission_refuse_change();
CREATE TRIGGER admission_conflict_written_once BEFORE UPDATE OR DELETE ON admission_conflict
    FOR EACH ROW EXECUTE FUNCTION admission_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("admission", "0001_initial")]

    operations = [
        migrations.RunSQL(
            WRITTEN_ONCE,
            """
            DROP TRIGGER admission_conflict_written_once ON admission_conflict;
            DROP TRIGGER admission_scan_written_once ON admission_scan;
            DROP FUNCTION admission_refuse_change();
            """,
        )
    ]
