"""Parts of refunds say in a column which dispute decides about them; their reference said it before."""

from django.db import migrations, models

# A part that a dispute held had "dispute:<reference of the dispute>:<its own id>" for its reference.
# What is paid keeps that: nobody reads anything from it any more.
FILL = """
UPDATE payments_refundpart SET
    held_by_dispute = substr(provider_reference, 9, length(provider_reference) - 8 - 37),
    provider_reference = CASE WHEN status <> 'pending' THEN provider_reference END,
    next_try_at = CASE WHEN status <> 'pending' THEN next_try_at END
WHERE provider_reference LIKE 'dispute:_%:' || id;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0012_actor_kinds")]

    operations = [
        migrations.AddField(
            model_name="refundpart",
            name="held_by_dispute",
            field=models.CharField(max_length=255, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="refundpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_by_dispute__isnull", True),
                    models.Q(("status", "pending"), _negated=True),
                    models.Q(("next_try_at__isnull", True), ("provider_reference__isnull", True)),
                    _connector="OR",
                ),
                name="payments_refundpart_held",
            ),
        ),
    ]
