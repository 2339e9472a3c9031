"""The ledger keeps itself: every posting adds up to zero, and what is written stays."""

from django.db import migrations

BALANCED = """
CREATE FUNCTION payments_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT posting_id, currency, sum(amount) AS amount INTO wrong
    FROM written GROUP BY organization_id, posting_id, currency HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Posting % is out of balance by % %.', wrong.posting_id, wrong.amount, wrong.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_ledgerentry_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_ledgerentry_balanced AFTER INSERT ON payments_ledgerentry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION payments_check_balance();
"""

APPEND_ONLY = """
CREATE FUNCTION payments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is written once: correct it with a further posting.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_ledgerentry_append_only';
END $$;
CREATE TRIGGER payments_ledgerentry_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(
            BALANCED + APPEND_ONLY,
            """
            DROP TRIGGER payments_ledgerentry_append_only ON payments_ledgerentry;
            DROP TRIGGER payments_ledgerentry_balanced ON payments_ledgerentry;
            DROP FUNCTION payments_refuse_change();
            DROP FUNCTION payments_check_balance();
            """,
        )
    ]
