"""What goes wrong in books, one thing at a time: statements that break exactly one check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Forgery:
    """Statements that spoil the village's books, and the one check that has to see it."""

    check: str
    name: str
    sql: str

    def __str__(self) -> str:
        return f"{self.check}: {self.name}"


def extra_payment(order: str, amount: str, *, waits: bool) -> str:
    """Return statements that book a payment as it should be, for an order that has no use for it."""
    return f"""
INSERT INTO payments_payment (id, organization_id, order_id, provider, method, provider_reference, amount,
                              currency, waits, received_at)
SELECT kassa_uuid7(), organization_id, id, 'demo', 'card', 'extra', {amount}, currency, {waits}, now()
FROM orders_order WHERE id = %({order})s;
INSERT INTO payments_transaction (id, organization_id, type, status, order_id, payment_id, amount, currency,
                                  payment_method)
SELECT kassa_uuid7(), organization_id, 'purchase', 'completed', order_id, id, amount, currency, 'card'
FROM payments_payment WHERE provider_reference = 'extra';
INSERT INTO payments_ledgerentry (id, organization_id, posting_id, kind, account, provider, order_id,
                                  transaction_id, amount, currency)
SELECT kassa_uuid7(), t.organization_id, t.id, 'payment_received', side.account, side.provider, t.order_id,
       t.id, side.amount, t.currency
FROM payments_transaction t
JOIN payments_payment p ON p.id = t.payment_id AND p.provider_reference = 'extra'
CROSS JOIN LATERAL (VALUES ('provider', 'demo', t.amount), ('customer', '', -t.amount))
    AS side(account, provider, amount);
"""


INVENTORY = (
    Forgery("quotas", "one sold too many",
            "UPDATE inventory_quota SET sold = sold + 1 WHERE sold > 0 AND capacity = 10"),
    Forgery("quotas", "one reserved by nobody",
            "UPDATE inventory_quota SET reserved = reserved + 1 WHERE reserved > 0"),
    Forgery("quotas", "a cart whose places are not counted", "DELETE FROM sales_cartitem"),
    Forgery("seats", "a ticket's seat is for sale",
            "UPDATE seating_eventseat SET status = 'available' WHERE status = 'sold'"),
    Forgery("seats", "a seat that nobody holds",
            "UPDATE seating_eventseat SET status = 'held' WHERE status = 'available'"),
)  # fmt: skip

ORDERS = (
    Forgery("tickets", "of another event than its item",
            "UPDATE orders_ticket SET event_id = gen_random_uuid() WHERE order_id = %(paid)s"),
    Forgery("tickets", "expired in a cancelled order",
            "UPDATE orders_ticket SET status = 'expired' WHERE order_id = %(cancelled)s"),
    Forgery("coupons", "a use that was never made",
            "UPDATE coupons_coupon SET current_usage_count = current_usage_count + 1"),
    Forgery("coupon_uses", "by somebody else", "UPDATE orders_couponusage SET customer_key = 'email:bob'"),
    Forgery("coupon_uses", "an order with a coupon and no use",
            "UPDATE orders_order SET coupon_code = 'GONE' WHERE id = %(draft)s"),
    Forgery("limit_uses", "a booking that nothing keeps from being made again",
            "UPDATE orders_ticket SET booking_key = 'email:ada@example.com' WHERE order_id = %(paid)s"),
    Forgery("limit_uses", "a ticket that has ended still counts",
            "INSERT INTO orders_limituse (id, organization_id, order_id, item_id, ticket_id, limited_id, "
            "customer_key, nth, limit_at_use) SELECT kassa_uuid7(), organization_id, order_id, item_id, id, "
            "event_id, 'email:ada@example.com', 1, 1 FROM orders_ticket WHERE order_id = %(cancelled)s "
            "LIMIT 1"),
    Forgery("limit_uses", "one piece of goods counts as two",
            "INSERT INTO orders_limituse (id, organization_id, order_id, item_id, limited_id, "
            "customer_key, nth, limit_at_use) SELECT kassa_uuid7(), organization_id, order_id, id, "
            "product_id, 'email:ada@example.com', number, 5 "
            "FROM orders_orderitem, generate_series(1, 2) number "
            "WHERE quantity = 1 AND product_id IS NOT NULL ORDER BY id LIMIT 2"),
    Forgery("sums_of_orders", "the steps of the price are gone",
            "UPDATE orders_order SET price_trace = '[]' WHERE id = %(paid)s"),
    Forgery("sums_of_orders", "an item is missing",
            "UPDATE orders_order SET subtotal = subtotal + 1, discount = discount + 1 WHERE id = %(paid)s"),
    Forgery("sums_of_orders", "a tax on the fees that nobody paid", """
UPDATE orders_order SET charge_taxes = '[{"charge": "fees", "tax_name": "VAT", "tax_rate": "7.000",
    "included": true, "amount": "0.00", "tax": "0.10"}]' WHERE id = %(paid)s
"""),
    Forgery("sums_of_orders", "more of the fees is taxed than there is", """
UPDATE orders_order SET charge_taxes = '[{"charge": "fees", "tax_name": "VAT", "tax_rate": "7.000",
    "included": true, "amount": "5.00", "tax": "0.00"}]' WHERE id = %(paid)s
"""),
    Forgery("sums_of_items", "the tickets cost more than the item",
            "UPDATE orders_ticket SET base_price = base_price + 1, discount = discount + 1 "
            "WHERE order_id = %(paid)s"),
    Forgery("history", "none",
            "DELETE FROM orders_orderhistory WHERE order_id = %(draft)s"),
    Forgery("history", "a step is missing",
            "DELETE FROM orders_orderhistory WHERE order_id = %(sent)s AND to_status = 'processing'"),
    Forgery("history", "a position is empty",
            "UPDATE orders_orderhistory SET position = 7 WHERE order_id = %(paid)s AND position = 2"),
    Forgery("history", "it ends elsewhere",
            "UPDATE orders_orderhistory SET to_payment_status = 'failed' WHERE order_id = %(draft)s"),
    Forgery("fulfilment", "goods that were never sent are delivered",
            "UPDATE orders_order SET fulfilment_status = 'delivered' WHERE id = %(gift)s"),
    Forgery("fulfilment", "nobody knows when they were shipped",
            "UPDATE orders_order SET shipped_at = NULL WHERE id = %(sent)s"),
    Forgery("numbers", "one is missing",
            "UPDATE orders_order SET number = left(number, 9) || '90000' WHERE id = %(lost)s; "
            "UPDATE orders_ordernumberseries SET last = 90000"),
    Forgery("numbers", "the series is ahead", "UPDATE orders_ordernumberseries SET last = last + 1"),
)  # fmt: skip

PAYMENTS = (
    Forgery("money_of_orders", "more was received than it costs", extra_payment("paid", "5", waits=False)),
    Forgery("unconfirmed_money", "a cancelled order has money", extra_payment("cancelled", "5", waits=False)),
    Forgery("unconfirmed_money", "an order that expired long ago has money",
            extra_payment("late", "5", waits=True)
            + "UPDATE orders_order SET expired_at = now() - interval '2 hours' WHERE id = %(late)s"),
    Forgery("unconfirmed_money", "a draft is paid in full", extra_payment("draft", "total", waits=True)),
    Forgery("unconfirmed_money", "nobody knows that it waits",
            "UPDATE payments_payment SET waits = false WHERE order_id = %(partly)s"),
    Forgery("unconfirmed_money", "it waits for nothing",
            "UPDATE payments_payment SET waits = true WHERE order_id = %(paid)s"),
    Forgery("tickets_without_money", "all of it was a gift", """
UPDATE payments_refund r SET amount = o.total,
       lines = jsonb_build_array(jsonb_build_object('what', 'amount', 'amount', o.total::text))
FROM orders_order o WHERE r.order_id = o.id AND o.id = %(gift)s;
UPDATE payments_refundpart b SET amount = o.total FROM orders_order o
WHERE b.order_id = o.id AND o.id = %(gift)s;
UPDATE payments_payment SET refunded_amount = amount WHERE order_id = %(gift)s;
UPDATE orders_order SET refunding_amount = total WHERE id = %(gift)s;
UPDATE payments_transaction t SET amount = o.total FROM orders_order o
WHERE t.order_id = o.id AND t.type = 'refund' AND o.id = %(gift)s;
UPDATE payments_ledgerentry e SET amount = sign(e.amount) * o.total FROM orders_order o
WHERE e.order_id = o.id AND e.kind = 'refund_promised' AND o.id = %(gift)s;
"""),
    Forgery("tickets_without_money", "money for tickets that are live still",
            "UPDATE payments_refund SET kind = 'tickets' WHERE order_id = %(gift)s"),
    Forgery("sums_of_payments", "disputed by nobody",
            "UPDATE payments_payment SET disputed_amount = 1 WHERE order_id = %(paid)s"),
    Forgery("sums_of_payments", "given back to nobody",
            "UPDATE payments_payment SET refunded_amount = 1 WHERE order_id = %(paid)s"),
    Forgery("purchases", "without a transaction", """
UPDATE payments_ledgerentry SET transaction_id = NULL WHERE order_id = %(paid)s;
DELETE FROM payments_transaction WHERE order_id = %(paid)s;
"""),
)  # fmt: skip

REFUNDS = (
    Forgery("sums_of_refunds", "its lines are gone",
            "UPDATE payments_refund SET lines = '[]' WHERE order_id = %(gift)s"),
    Forgery("sums_of_refunds", "done before its parts",
            "UPDATE payments_refund SET status = 'succeeded', completed_at = now() "
            "WHERE order_id = %(gift)s"),
    Forgery("sums_of_refunds", "done, and nobody knows when",
            "UPDATE payments_refund SET completed_at = NULL WHERE order_id = %(all_back)s"),
    Forgery("sums_of_refunds", "taken from a sale that never was", """
UPDATE payments_refund SET kind = 'cancellation', reduces_sales = true WHERE order_id = %(late)s;
UPDATE payments_ledgerentry SET account = 'sales'
WHERE order_id = %(late)s AND kind = 'refund_promised' AND account = 'customer';
UPDATE orders_order o SET refunding_amount = r.amount FROM payments_refund r
WHERE r.order_id = o.id AND o.id = %(late)s;
"""),
    Forgery("transactions_of_refunds", "it has failed",
            "UPDATE payments_transaction SET status = 'failed' "
            "WHERE order_id = %(gift)s AND type = 'refund'"),
    Forgery("transactions_of_disputes", "it has failed",
            "UPDATE payments_transaction SET status = 'failed' WHERE type = 'chargeback'"),
    Forgery("transactions_of_payouts", "it is pending",
            "UPDATE payments_transaction SET status = 'pending' WHERE type = 'payout'"),
    Forgery("refunded_tickets", "no refund says so",
            "DELETE FROM payments_refundedticket"),
    Forgery("refunded_tickets", "more than was paid for it",
            "UPDATE payments_refundedticket SET amount = amount + 1"),
    Forgery("refunded_tickets", "a live ticket", """
INSERT INTO payments_refundedticket (id, organization_id, refund_id, ticket_id, amount)
SELECT kassa_uuid7(), t.organization_id, r.id, t.id, 0
FROM orders_ticket t JOIN payments_refund r ON r.order_id = t.order_id WHERE t.order_id = %(gift)s
"""),
    Forgery("refunded_goods", "no refund says so",
            "DELETE FROM payments_refundedgoods"),
    Forgery("refunded_goods", "more than was paid for them",
            "UPDATE payments_refundedgoods SET amount = amount + 1000"),
    Forgery("refunded_goods", "one more is gone",
            "UPDATE orders_orderitem SET refunded_quantity = 2 WHERE order_id = %(shirt_back)s"),
    Forgery("refunded_goods", "they are tickets", """
UPDATE payments_refundedgoods g SET item_id = i.id FROM orders_orderitem i
WHERE i.order_id = %(paid)s AND i.kind = 'ticket'
"""),
    Forgery("refunded_orders", "nothing is on its way",
            "UPDATE orders_order SET refunding_amount = 0 WHERE id = %(gift)s"),
    Forgery("refunded_orders", "nothing has arrived",
            "UPDATE orders_order SET refunded_amount = 0, refunding_amount = refunded_amount "
            "WHERE id = %(one_back)s"),
    Forgery("refunded_orders", "paid, it says", """
UPDATE orders_order SET payment_status = 'partially_refunded' WHERE id = %(paid)s;
INSERT INTO orders_orderhistory (id, organization_id, order_id, position, from_status, to_status,
                                 from_payment_status, to_payment_status, changed_by_kind)
SELECT kassa_uuid7(), organization_id, id, 3, status, status, 'paid', 'partially_refunded', 'system'
FROM orders_order WHERE id = %(paid)s
"""),
    Forgery("frozen_tickets", "not in spite of a dispute",
            "UPDATE orders_ticket SET frozen_at = NULL WHERE order_id = %(disputed)s"),
    Forgery("frozen_tickets", "without a dispute",
            "UPDATE orders_ticket SET frozen_at = now() WHERE order_id = %(paid)s"),
)  # fmt: skip

LEDGER = (
    Forgery("balanced_postings", "a line belongs to another posting", """
UPDATE payments_ledgerentry SET posting_id = gen_random_uuid()
WHERE order_id = %(paid)s AND kind = 'payment_received' AND account = 'customer'
"""),
    Forgery("ledger_entries", "on another account", """
UPDATE payments_ledgerentry SET account = 'sales'
WHERE order_id = %(paid)s AND kind = 'payment_received' AND account = 'customer'
"""),
    Forgery("ledger_entries", "at another provider",
            "UPDATE payments_ledgerentry SET provider = 'other' "
            "WHERE kind = 'dispute_won' AND account = 'provider'"),
    Forgery("ledger_entries", "twice", """
INSERT INTO payments_ledgerentry (id, organization_id, posting_id, kind, account, order_id, amount, currency)
SELECT kassa_uuid7(), organization_id, order_id, kind, account, order_id, amount, currency
FROM payments_ledgerentry WHERE order_id = %(paid)s AND kind = 'order_confirmed'
"""),
    *(Forgery("ledger_entries", f"no {kind}", f"DELETE FROM payments_ledgerentry WHERE kind = '{kind}'")
      for kind in ("order_confirmed", "fees_charged", "refund_promised", "dispute_opened", "dispute_won",
                   "dispute_lost", "payout_sent", "payout_returned")),
    Forgery("ledger_transactions", "its entries do not know it", """
UPDATE payments_ledgerentry SET transaction_id = NULL
WHERE kind IN ('payment_received', 'refund_paid') AND account = 'provider'
"""),
    Forgery("ledger_references", "another order's transaction", """
UPDATE payments_ledgerentry SET transaction_id = (
    SELECT id FROM payments_transaction WHERE order_id = %(gift)s AND type = 'purchase')
WHERE order_id = %(paid)s AND kind = 'order_confirmed'
"""),
)  # fmt: skip

ADMISSION = (
    Forgery("presences", "they are in who went out",
            "UPDATE admission_presence SET is_inside = true WHERE entries = 1 AND NOT is_inside"),
    Forgery("presences", "an entry that was never scanned",
            "UPDATE admission_presence SET entries = entries + 1 WHERE entries = 1"),
    Forgery("turns", "more than were scanned", "UPDATE admission_presence SET turn = turn + 1"),
    Forgery("undone_scans", "before it was scanned", """
UPDATE admission_scan SET turn = 3 WHERE kind = 'undo';
UPDATE admission_scan s SET turn = 2 FROM admission_scan u WHERE u.undoes_id = s.id;
UPDATE admission_scan SET turn = 1 WHERE kind = 'undo'
"""),
    Forgery("used_tickets", "they count as valid",
            "UPDATE orders_ticket SET status = 'valid' WHERE status = 'used'"),
    Forgery("used_tickets", "at no moment",
            "UPDATE orders_ticket SET checked_in_at = NULL WHERE checked_in_at IS NOT NULL"),
    Forgery("admitted_tickets", "at another event's door",
            "UPDATE admission_scan SET event_id = gen_random_uuid() WHERE turn IS NOT NULL"),
    Forgery("door_conflicts", "nobody was refused", """
UPDATE admission_conflict SET scan_id = (
    SELECT id FROM admission_scan WHERE kind = 'exit' AND turn IS NOT NULL)
"""),
    Forgery("codes", "one that has ended opens the door", """
UPDATE orders_ticket t SET code = f.code
FROM tickets_formercode f WHERE f.ticket_id = t.id AND f.reason = 'reissued'
"""),
    Forgery("transfers", "to somebody else than is told",
            "UPDATE orders_ticket SET transferred_to = 'eve@example.com' WHERE transferred_to <> ''"),
    Forgery("transfers", "without an end of the old code",
            "DELETE FROM tickets_formercode WHERE reason = 'transferred'"),
    Forgery("transfers", "by the end of another code",
            "UPDATE tickets_transfer SET ended_code_position = 7 WHERE status = 'accepted'"),
)  # fmt: skip

INVOICES = (
    Forgery("invoice_numbers", "one is missing",
            "DELETE FROM invoices_invoice WHERE order_id = %(paid)s"),
    Forgery("invoice_numbers", "the series is ahead",
            "UPDATE invoices_invoiceseries SET last = last + 1 WHERE kind = 'credit_note'"),
    Forgery("sums_of_invoices", "a line is gone",
            "UPDATE invoices_invoice SET snapshot = snapshot #- '{lines,0}' WHERE order_id = %(paid)s"),
    Forgery("sums_of_invoices", "a tax is gone",
            "UPDATE invoices_invoice SET snapshot = snapshot #- '{taxes,0}' WHERE order_id = %(one_back)s"),
    Forgery("sums_of_invoices", "its tax is not its net times its rate", """
UPDATE invoices_invoice
SET snapshot = snapshot || jsonb_build_object(
    'taxes', jsonb_build_array(jsonb_build_object('name', 'VAT', 'rate', '50.000', 'tax', '0.00',
                                                  'net', snapshot ->> 'net', 'gross', snapshot ->> 'net')))
WHERE order_id = %(paid)s
"""),
    Forgery("credit_notes", "it takes itself back", """
UPDATE invoices_invoice SET corrects_id = id WHERE order_id = %(one_back)s AND kind = 'credit_note'
"""),
)  # fmt: skip

FORGERIES = (*INVENTORY, *ORDERS, *PAYMENTS, *REFUNDS, *LEDGER, *ADMISSION, *INVOICES)
