"""A refund that came back to the provider is written to the ledger as such."""

from django.db import migrations, models

KINDS = [
    ("payment_received", "Payment Received"),
    ("order_confirmed", "Order Confirmed"),
    ("fees_charged", "Fees Charged"),
    ("refund_promised", "Refund Promised"),
    ("refund_paid", "Refund Paid"),
    ("refund_returned", "Refund Returned"),
    ("dispute_opened", "Dispute Opened"),
    ("dispute_won", "Dispute Won"),
    ("dispute_lost", "Dispute Lost"),
    ("payout_sent", "Payout Sent"),
    ("payout_returned", "Payout Returned"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_moves_of_returned_refunds"),
        ("payments", "0004_indexes_of_sweeps"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="ledgerentry", name="payments_ledgerentry_kind"),
        migrations.AlterField(
            model_name="ledgerentry", name="kind", field=models.CharField(choices=KINDS, max_length=16)
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])),
                name="payments_ledgerentry_kind",
            ),
        ),
    ]
