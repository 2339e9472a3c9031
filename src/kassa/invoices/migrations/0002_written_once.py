"""Invoices stay as they were issued, and what is taken back of one is never more than it was."""

from django.db import migrations

WRITTEN_ONCE = """
CREATE FUNCTION invoices_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Invoice % is issued: correct it by a credit note.', old.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'invoices_invoice_written_once';
END $$;
CREATE TRIGGER invoices_invoice_written_once BEFORE UPDATE OR DELETE ON invoices_invoice
    FOR EACH ROW EXECUTE FUNCTION invoices_refuse_change();
"""

NEVER_MORE = """
CREATE FUNCTION invoices_check_credit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    invoiced record;
BEGIN
    SELECT i.kind, i.order_id, i.total, i.currency INTO invoiced
    FROM invoices_invoice i WHERE i.organization_id = new.organization_id AND i.id = new.corrects_id;
    IF invoiced.kind <> 'invoice' OR invoiced.order_id <> new.order_id
        OR invoiced.currency <> new.currency
        OR invoiced.total < (
            SELECT sum(c.total) FROM invoices_invoice c
            WHERE c.organization_id = new.organization_id AND c.corrects_id = new.corrects_id)
    THEN
        RAISE EXCEPTION 'Credit note % takes back more than was invoiced, or of another invoice.', new.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoices_invoice_credit';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoices_invoice_credit AFTER INSERT ON invoices_invoice
    FOR EACH ROW WHEN (new.corrects_id IS NOT NULL) EXECUTE FUNCTION invoices_check_credit();
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial")]

    operations = [
        migrations.RunSQL(
            WRITTEN_ONCE + NEVER_MORE,
            """
            DROP TRIGGER invoices_invoice_credit ON invoices_invoice;
            DROP TRIGGER invoices_invoice_written_once ON invoices_invoice;
            DROP FUNCTION invoices_check_credit();
            DROP FUNCTION invoices_refuse_change();
            """,
        )
    ]
