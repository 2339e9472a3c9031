"""What is looked up by a person is found for all organisations at once, by as many indexes as before."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_buyers_as_actors")]

    operations = [
        migrations.RemoveIndex(model_name="order", name="orders_order_by_email"),
        migrations.RemoveIndex(model_name="order", name="orders_order_by_user"),
        migrations.RemoveIndex(model_name="order", name="orders_order_by_reference"),
        migrations.RemoveIndex(model_name="ticket", name="orders_ticket_by_email"),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                Lower("customer_email"), F("organization"), F("id"), name="orders_order_by_email"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["user", "organization", "id"],
                name="orders_order_by_user",
                condition=Q(user__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["customer_reference", "organization", "id"],
                name="orders_order_by_reference",
                condition=Q(customer_reference__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                Lower("attendee_email"),
                F("organization"),
                name="orders_ticket_by_email",
                condition=~Q(attendee_email=""),
            ),
        ),
    ]
