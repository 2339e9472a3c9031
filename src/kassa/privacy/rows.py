"""How each table forgets a person: one statement each, within one organisation.

The parameters are ``organization``, ``orders`` (the person's), ``emails`` (proven, in lower case), ``typed``
(those and what stands on the orders, which may be another's: it counts on these orders only), ``user``,
``nobody``, ``salt`` and ``now``. The salt is thrown away: what was one customer stays one, for the books of
coupons and bookings, and nobody can tell which.
"""

from __future__ import annotations

COUPON_USES = """
UPDATE orders_couponusage SET user_id = NULL,
    customer_key = 'erased:' || encode(sha256(convert_to(%(salt)s || customer_key, 'UTF8')), 'hex')
WHERE organization_id = %(organization)s AND order_id = ANY(%(orders)s::uuid[])
"""
ORDERS = """
UPDATE orders_order SET user_id = NULL, customer_reference = NULL, customer_email = %(nobody)s,
    customer_key = 'erased:' || encode(sha256(convert_to(%(salt)s || customer_key, 'UTF8')), 'hex'),
    customer_first_name = '', customer_last_name = '', customer_phone = '', customer_address = NULL,
    customer_marketing = false, answers = '{}', notes = '', shipping_address = NULL, billing_address = NULL,
    cancellation_reason = CASE WHEN cancellation_reason IS NOT NULL THEN '' END, updated_at = %(now)s
WHERE organization_id = %(organization)s AND id = ANY(%(orders)s::uuid[])
"""
ITEMS = """
UPDATE orders_orderitem SET metadata = '{}'
WHERE organization_id = %(organization)s AND order_id = ANY(%(orders)s::uuid[]) AND metadata <> '{}'
"""
HISTORY = """
UPDATE orders_orderhistory SET notes = NULL
WHERE organization_id = %(organization)s AND order_id = ANY(%(orders)s::uuid[]) AND notes IS NOT NULL
"""
UPLOADS = """
DELETE FROM orders_upload u
WHERE u.organization_id = %(organization)s AND u.order_id = ANY(%(orders)s::uuid[]) AND NOT EXISTS (
    SELECT FROM orders_ticket t
    WHERE t.organization_id = u.organization_id AND t.order_id = u.order_id
      AND t.attendee_fields::text LIKE '%%' || u.id::text || '%%')
"""
"""After the tickets: what another attendee has answered stays."""
LIMIT_USES = """
UPDATE orders_limituse SET
    customer_key = 'erased:' || encode(sha256(convert_to(%(salt)s || customer_key, 'UTF8')), 'hex')
WHERE organization_id = %(organization)s AND order_id = ANY(%(orders)s::uuid[])
"""
BOOKINGS = """
UPDATE orders_ticket SET
    booking_key = 'erased:' || encode(sha256(convert_to(%(salt)s || booking_key, 'UTF8')), 'hex')
WHERE organization_id = %(organization)s AND order_id = ANY(%(orders)s::uuid[]) AND booking_key IS NOT NULL
"""
TICKETS = """
UPDATE orders_ticket SET attendee_first_name = '', attendee_last_name = '', attendee_email = '',
    attendee_phone = '', attendee_fields = '{}', updated_at = %(now)s
WHERE organization_id = %(organization)s AND (
    lower(attendee_email) = ANY(%(emails)s::text[])
    OR (order_id = ANY(%(orders)s::uuid[]) AND transferred_at IS NULL
        AND (attendee_email = '' OR lower(attendee_email) = ANY(%(typed)s::text[]))))
"""
"""A ticket that is made out to another person is that one's; whoever has one without a name is its buyer."""
GIVEN = """
UPDATE orders_ticket SET
    transferred_from = CASE WHEN lower(transferred_from) = ANY(%(emails)s::text[])
                       THEN %(nobody)s ELSE transferred_from END,
    transferred_to = CASE WHEN lower(transferred_to) = ANY(%(emails)s::text[])
                     THEN %(nobody)s ELSE transferred_to END
WHERE organization_id = %(organization)s AND transferred_at IS NOT NULL AND (
    lower(transferred_from) = ANY(%(emails)s::text[]) OR lower(transferred_to) = ANY(%(emails)s::text[]))
"""
OFFERED = """
UPDATE tickets_transfer f SET from_name = '', from_email = %(nobody)s, message = ''
WHERE f.organization_id = %(organization)s AND (
    lower(f.from_email) = ANY(%(emails)s::text[])
    OR (lower(f.from_email) = ANY(%(typed)s::text[]) AND EXISTS (
        SELECT FROM orders_ticket t WHERE t.organization_id = f.organization_id AND t.id = f.ticket_id
        AND t.order_id = ANY(%(orders)s::uuid[]))))
"""
TAKEN = """
UPDATE tickets_transfer SET to_name = '', to_email = %(nobody)s, message = ''
WHERE organization_id = %(organization)s AND lower(to_email) = ANY(%(emails)s::text[])
"""
MESSAGES = """
UPDATE notifications_message SET subject = '', text = '', html = '', facts = '{}', error = '',
    recipient = CASE WHEN lower(recipient) = ANY(%(typed)s::text[]) THEN %(nobody)s ELSE recipient END,
    recipient_name = CASE WHEN lower(recipient) = ANY(%(typed)s::text[]) THEN '' ELSE recipient_name END,
    status = CASE WHEN next_try_at IS NULL THEN status ELSE 'skipped' END, next_try_at = NULL
WHERE organization_id = %(organization)s AND (
    lower(recipient) = ANY(%(emails)s::text[])
    OR (order_id = ANY(%(orders)s::uuid[])
        AND (next_try_at IS NULL OR lower(recipient) = ANY(%(typed)s::text[])))
    OR (next_try_at IS NULL AND EXISTS (
        SELECT FROM unnest(%(emails)s::text[]) AS e WHERE position(e IN lower(facts::text || text)) > 0)))
"""
"""What was written to others about the person's orders and tickets names them as well; what waits is sent."""
SUPPRESSED = """
DELETE FROM notifications_suppressedaddress
WHERE organization_id = %(organization)s AND lower(address) = ANY(%(emails)s::text[])
"""
CART_ITEMS = """
UPDATE sales_cartitem i SET metadata = '{}' FROM sales_cart c
WHERE i.organization_id = %(organization)s AND c.organization_id = i.organization_id AND c.id = i.cart_id
  AND i.metadata <> '{}'
  AND (c.user_id = %(user)s OR lower(c.customer ->> 'email') = ANY(%(emails)s::text[]))
"""
"""Before the carts, which do not know their buyer any more."""
CARTS = """
UPDATE sales_cart SET user_id = NULL, customer = NULL
WHERE organization_id = %(organization)s AND (
    user_id = %(user)s OR lower(customer ->> 'email') = ANY(%(emails)s::text[]))
"""
TRANSACTIONS = """
UPDATE payments_transaction SET user_id = NULL
WHERE organization_id = %(organization)s AND user_id = %(user)s
"""
WEBHOOKS = """
UPDATE payments_webhookevent SET body = '{}'
WHERE organization_id = %(organization)s AND status IN ('settled', 'ignored') AND (
    order_id = ANY(%(orders)s::uuid[])
    OR EXISTS (SELECT FROM unnest(%(emails)s::text[]) AS e WHERE position(e IN lower(body)) > 0))
"""
ANSWERS = """
DELETE FROM core_idempotentanswer
WHERE organization_id = %(organization)s AND body IS NOT NULL AND EXISTS (
    SELECT FROM unnest(%(emails)s::text[] || %(orders)s::text[]) AS e
    WHERE position(e IN lower(convert_from(body, 'UTF8'))) > 0)
"""
"""Answers to repeated requests, which are gone after a week anyway."""
DEMO = """
UPDATE demo_bank_demopayment SET customer_email = ''
WHERE organization_id = %(organization)s AND (
    lower(customer_email) = ANY(%(emails)s::text[]) OR order_number IN (
        SELECT number FROM orders_order
        WHERE organization_id = %(organization)s AND id = ANY(%(orders)s::uuid[])))
"""

SECURITY = """
UPDATE identity_securityevent SET address = NULL, user_agent = ''
WHERE organization_id = %(organization)s AND (actor_id = %(user)s OR subject_id = %(user)s)
"""
"""What a person did to the organisation's access stays, done by somebody who no longer exists."""

INVITATIONS = """
UPDATE identity_invitation SET email = %(nobody)s, name = '',
    status = CASE WHEN status = 'open' THEN 'revoked' ELSE status END,
    ended_at = COALESCE(ended_at, CASE WHEN status = 'open' THEN %(now)s::timestamptz END)
WHERE organization_id = %(organization)s AND email = ANY(%(emails)s::text[])
"""

IN_ORDER = (
    COUPON_USES, LIMIT_USES, BOOKINGS, TICKETS, GIVEN, UPLOADS, OFFERED, TAKEN, MESSAGES, SUPPRESSED,
    CART_ITEMS, CARTS, TRANSACTIONS, WEBHOOKS, ANSWERS, DEMO, SECURITY, INVITATIONS, HISTORY, ITEMS, ORDERS,
)  # fmt: skip

TOLD = """
SELECT id, envelope FROM core_outboxevent
WHERE organization_id = %(organization)s AND EXISTS (
    SELECT FROM unnest(%(emails)s::text[] || %(orders)s::text[]) AS e
    WHERE position(e IN lower(envelope)) > 0)
"""
TELL_LESS = "UPDATE core_outboxevent SET envelope = %s WHERE organization_id = %s AND id = %s"

ACCOUNT_LOG = """
UPDATE identity_accountsecurityevent SET address = NULL, user_agent = '' WHERE user_id = %(user)s
"""

WHERE_KNOWN = """
SELECT organization_id FROM orders_ticket
    WHERE lower(attendee_email) = ANY(%(emails)s::text[]) AND attendee_email <> ''
UNION SELECT organization_id FROM tickets_transfer
    WHERE lower(from_email) = ANY(%(emails)s::text[]) OR lower(to_email) = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM notifications_message WHERE lower(recipient) = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM notifications_suppressedaddress
    WHERE lower(address) = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM sales_cart
    WHERE user_id = %(user)s OR lower(customer ->> 'email') = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM identity_invitation WHERE email = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM identity_securityevent
    WHERE actor_id = %(user)s OR subject_id = %(user)s
"""
"""Which organisations know the person beside those of their orders: it has to ask in all of them."""
