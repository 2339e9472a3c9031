"""A refund may come back to the provider: then the order has its money again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_order_by_reference")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO orders_order_move (axis, from_state, to_state)
            VALUES ('payment_status', 'refunded', 'partially_refunded'),
                   ('payment_status', 'refunded', 'paid'),
                   ('payment_status', 'partially_refunded', 'paid')
            """,
            """
            DELETE FROM orders_order_move
            WHERE axis = 'payment_status'
              AND (from_state, to_state) IN (('refunded', 'partially_refunded'), ('refunded', 'paid'),
                                             ('partially_refunded', 'paid'))
            """,
        )
    ]
