"""What orders and tickets know of people.

They stay, about nobody: the books have to add up, and a ticket that is valid lets in whoever has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kassa.core.personal_data import DataSubject, Erasure, PersonalData, list_columns, register
from kassa.orders.domain.document import serialize_order
from kassa.orders.models import Order, Ticket, Upload
from kassa.orders.queries import list_order_views

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
KNOWN_IN = """
SELECT organization_id FROM orders_ticket
WHERE lower(attendee_email) = ANY(%(emails)s::text[]) AND attendee_email <> ''
"""

TICKET = (
    "code", "status", "seat_label", "attendee_first_name", "attendee_last_name", "attendee_email",
    "attendee_phone", "attendee_fields", "transferred_from", "transferred_to", "created_at",
)  # fmt: skip


def erase(erasure: Erasure) -> None:
    """Make a person's orders and tickets nobody's."""
    erasure.execute(COUPON_USES, LIMIT_USES, BOOKINGS, TICKETS, GIVEN, UPLOADS, HISTORY, ITEMS, ORDERS)


def export(subject: DataSubject, now: datetime) -> dict[str, Any]:
    """Return a person's orders as the API shows them, the tickets they hold, and which files they sent."""
    by_seller: dict[UUID, list[Order]] = defaultdict(list)
    for order in Order.unscoped.filter(id__in=subject.order_ids).order_by("id"):
        by_seller[order.organization_id].append(order)
    tickets = Ticket.unscoped.filter(id__in=subject.ticket_ids).order_by("id")
    return {
        "orders": [
            {"organization_id": organization_id, **serialize_order(view)}
            for organization_id, theirs in by_seller.items()
            for view in list_order_views(organization_id, theirs, now=now)
        ],
        "tickets": list_columns(tickets, TICKET),
        "files": list(_uploads(subject).values("name", "created_at")),
    }


def list_files(subject: DataSubject) -> Iterator[tuple[str, bytes]]:
    """Yield the files that were sent with a person's orders."""
    for upload in _uploads(subject):
        yield upload.name, bytes(upload.content)


def _uploads(subject: DataSubject) -> QuerySet[Upload]:
    return Upload.unscoped.filter(order_id__in=subject.order_ids).order_by("id")


register(
    PersonalData(
        app="orders",
        erased={
            "orders_couponusage": ("customer_key",),
            "orders_limituse": ("customer_key",),
            "orders_order": (
                "customer_key",
                "customer_reference",
                "customer_email",
                "customer_first_name",
                "customer_last_name",
                "customer_phone",
                "customer_address",
                "answers",
                "notes",
                "shipping_address",
                "billing_address",
                "cancellation_reason",
            ),
            "orders_orderhistory": ("notes",),
            "orders_orderitem": ("metadata",),
            "orders_ticket": (
                "attendee_first_name",
                "attendee_last_name",
                "attendee_email",
                "attendee_phone",
                "attendee_fields",
                "booking_key",
                "transferred_from",
                "transferred_to",
            ),
            "orders_upload": ("name", "content"),
        },
        erase=erase,
        known_in=KNOWN_IN,
        export=export,
        files=list_files,
    )
)
