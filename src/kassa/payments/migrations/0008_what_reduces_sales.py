"""Refunds and lost disputes say whether they are taken from what was sold.

Until now that was concluded from which of two moments was the earlier, and the two may be of two clocks.
"""

from django.db import migrations, models

# The ledger knows: it was written with them.
READ_THE_LEDGER = """
UPDATE payments_refund r SET reduces_sales = false WHERE r.kind IN ('late', 'surplus');
UPDATE payments_refund r SET reduces_sales = false
FROM payments_refundpart part
JOIN payments_transaction t ON t.organization_id = part.organization_id AND t.refund_part_id = part.id
JOIN payments_ledgerentry e ON e.organization_id = t.organization_id AND e.transaction_id = t.id
    AND e.kind = 'refund_promised' AND e.account = 'customer'
WHERE part.organization_id = r.organization_id AND part.refund_id = r.id AND r.reduces_sales;
UPDATE payments_dispute d SET reduces_sales = false WHERE d.status = 'lost';
UPDATE payments_dispute d SET reduces_sales = true
FROM payments_transaction t
JOIN payments_ledgerentry e ON e.organization_id = t.organization_id AND e.transaction_id = t.id
    AND e.kind = 'dispute_lost' AND e.account = 'sales'
WHERE t.organization_id = d.organization_id AND t.dispute_id = d.id AND d.status = 'lost';
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_buyers_as_actors")]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="reduces_sales",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="reduces_sales",
            field=models.BooleanField(null=True),
        ),
        migrations.RunSQL(READ_THE_LEDGER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["late", "surplus"]), ("reduces_sales", True), _negated=True),
                name="payments_refund_surplus",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reduces_sales__isnull", False), ("status", "lost")),
                    models.Q(models.Q(("status", "lost"), _negated=True), ("reduces_sales__isnull", True)),
                    _connector="OR",
                ),
                name="payments_dispute_lost",
            ),
        ),
    ]
