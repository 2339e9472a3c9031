"""The legal moves of an order and of its payment, as the database keeps them."""

from django.db import migrations

MOVES = {
    "status": {
        "draft": ["pending", "confirmed", "cancelled", "expired"],
        "pending": ["confirmed", "cancelled", "expired"],
        "confirmed": ["processing", "completed", "cancelled", "partially_refunded", "refunded"],
        "processing": ["shipped", "completed", "cancelled", "partially_refunded", "refunded"],
        "shipped": ["delivered", "partially_refunded", "refunded"],
        "delivered": ["completed", "partially_refunded", "refunded"],
        "completed": ["partially_refunded", "refunded"],
        "partially_refunded": ["processing", "shipped", "delivered", "completed", "refunded"],
    },
    "payment_status": {
        "pending": ["paid", "failed", "cancelled"],
        "failed": ["pending", "paid", "cancelled"],
        "paid": ["partially_refunded", "refunded"],
        "partially_refunded": ["refunded"],
    },
}
ROWS = ", ".join(
    f"('{axis}', '{start}', '{end}')"
    for axis, moves in MOVES.items()
    for start, ends in moves.items()
    for end in ends
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_history")]

    operations = [
        migrations.RunSQL(
            f"INSERT INTO orders_order_move (axis, from_state, to_state) VALUES {ROWS}",  # noqa: S608 (constants)
            "DELETE FROM orders_order_move",
        )
    ]
