"""Addresses may be kept from reminders alone, because their owners ask for it."""

from django.db import migrations, models

NAME = "notifications_suppressed_reason"
REASONS = [("bounced", "Bounced"), ("complained", "Complained"), ("unsubscribed", "Unsubscribed")]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_linked_tickets")]

    operations = [
        migrations.RemoveConstraint(model_name="suppressedaddress", name=NAME),
        migrations.AlterField(
            model_name="suppressedaddress",
            name="reason",
            field=models.CharField(choices=REASONS, max_length=12),
        ),
        migrations.AddConstraint(
            model_name="suppressedaddress",
            constraint=models.CheckConstraint(
                condition=models.Q(reason__in=["bounced", "complained", "unsubscribed"]), name=NAME
            ),
        ),
    ]
