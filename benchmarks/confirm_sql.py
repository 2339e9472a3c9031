"""A pgbench script that settles one webhook per transaction, statement by statement.

It is made from an order that Kassa itself has confirmed, as that of the hot sale is: the same rows with the
same columns in the same tables, under the same triggers, constraints and indexes. It takes the next
message, locks its order, and writes the payment, its transaction, the ledger, the order, its tickets, the
places, and what is told. It reads no JSON but the key, compares nothing, and makes no document.
"""

from __future__ import annotations

from functools import partial

from benchmarks.pgbench import RowWriter, Script, rows_as_text
from benchmarks.seed import Shop
from benchmarks.server import Stage

TAKE = """\
SELECT w.id AS webhook, a.id AS attempt, a.order_id AS "order", a.provider_reference AS reference
    FROM payments_webhookevent w
    JOIN payments_paymentattempt a ON a.organization_id = w.organization_id
        AND a.id = (w.body::json -> 'payment' ->> 'key')::uuid
    WHERE w.organization_id = :organization AND w.status = 'received' AND w.next_try_at <= now()
    ORDER BY w.next_try_at LIMIT 1 FOR UPDATE OF w SKIP LOCKED \\gset"""
LOCK = (
    "SELECT status FROM orders_order WHERE organization_id = :organization AND id = :order FOR NO KEY UPDATE"
)
STEPS = (
    """UPDATE payments_paymentattempt SET status = 'succeeded', payment_reference = :reference,
    check_at = NULL, updated_at = now() WHERE organization_id = :organization AND id = :attempt""",
    """UPDATE orders_order SET status = 'confirmed', payment_status = 'paid', expires_at = NULL,
    confirmed_at = now(), paid_at = now(), updated_at = now(), payment_id = :payment, payment_method = 'card'
    WHERE organization_id = :organization AND id = :order AND status IN ('draft', 'pending')""",
    """UPDATE orders_ticket SET status = 'valid', updated_at = now()
    WHERE organization_id = :organization AND order_id = :order AND status = 'reserved'""",
    """UPDATE payments_webhookevent SET status = 'settled', outcome = 'confirmed', order_id = :order,
    settled_at = now(), tries = 1 WHERE organization_id = :organization AND id = :webhook""",
)
SELL = """UPDATE inventory_quota SET reserved = reserved - 2, sold = sold + 2
    WHERE organization_id = :organization AND id = :{0}"""


def confirming_script(stage: Stage, shop: Shop) -> Script:
    """Return a script that settles the messages of a shop, like the last one that Kassa settled there."""
    read = partial(rows_as_text, stage.connection)
    [payment] = read("payments_payment", shop, order_by="id DESC LIMIT 1")
    order_id = payment["order_id"]
    [moved] = read("payments_transaction", shop, order_id=order_id)
    [item] = read("orders_orderitem", shop, order_id=order_id)
    entries = read("payments_ledgerentry", shop, order_id=order_id)
    events = [
        *read("core_outboxevent", shop, subject=f"payments/{payment['id']}"),
        *read("core_outboxevent", shop, subject=f"orders/{order_id}", type="order.confirmed"),
    ]
    for ticket in read("orders_ticket", shop, order_id=order_id):
        events += read("core_outboxevent", shop, subject=f"tickets/{ticket['id']}", type="ticket.issued")
    for event in events:
        del event["position"]  # its default counts it
    writer = RowWriter()
    writer.variable("organization", shop.organization_id)
    quotas = [
        writer.variable(f"quota{index}", quota)[1:]
        for index, quota in enumerate(item["quota_ids"].strip("{}").split(","))
    ]
    postings = {
        posting: f"posting{nth}" for nth, posting in enumerate({row["posting_id"] for row in entries})
    }
    of_order = {"order_id": ":order"}
    paid = {"id": ":payment", "attempt_id": ":attempt", "provider_reference": ":reference", **of_order}
    fresh = {"id": "gen_random_uuid()"}
    booked = {**fresh, "transaction_id": ":moved", **of_order}
    inserts = [
        writer.insert("payments_payment", (payment, paid)),
        writer.insert(
            "payments_transaction", (moved, {"id": ":moved", "payment_id": ":payment", **of_order})
        ),
        writer.insert(
            "payments_ledgerentry",
            *((row, {**booked, "posting_id": f":{postings[row['posting_id']]}"}) for row in entries),
        ),
        writer.insert("core_outboxevent", *((event, {**fresh, "key": ":order"}) for event in events)),
    ]
    ids = ", ".join(f"gen_random_uuid() AS {name}" for name in ("payment", "moved", *postings.values()))
    steps = [LOCK, *inserts, *STEPS, *(SELL.format(quota) for quota in quotas)]
    lines = ["BEGIN;", TAKE, f"SELECT {ids} \\gset", *(f"{step};" for step in steps), "COMMIT;", ""]
    return Script(text="\n".join(lines), variables=writer.variables)
