"""A payment that comes too late may bring an expired order back."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_money")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO orders_order_move (axis, from_state, to_state)
            VALUES ('status', 'expired', 'confirmed'), ('payment_status', 'cancelled', 'paid')
            """,
            """
            DELETE FROM orders_order_move
            WHERE (axis, from_state, to_state) IN (('status', 'expired', 'confirmed'),
                                                   ('payment_status', 'cancelled', 'paid'))
            """,
        )
    ]
