"""What messages know of people: to whom they went, and whom they speak of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kassa.core.personal_data import (
    DataSubject,
    Erasure,
    PersonalData,
    find_rows_by_email,
    list_columns,
    register,
)
from kassa.notifications.models import Message, SuppressedAddress

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
KNOWN_IN = """
SELECT organization_id FROM notifications_message WHERE lower(recipient) = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM notifications_suppressedaddress
    WHERE lower(address) = ANY(%(emails)s::text[])
"""
MESSAGE = ("kind", "recipient", "recipient_name", "subject", "text", "created_at", "sent_at", "error")


def erase(erasure: Erasure) -> None:
    """Empty the messages to a person, and about their orders, and forget why they get none."""
    erasure.execute(MESSAGES, SUPPRESSED)


def export(subject: DataSubject, now: datetime) -> dict[str, Any]:
    """Return the messages to a person, and the addresses of theirs that are not written to."""
    messages = find_rows_by_email(Message, subject.emails, "recipient")
    suppressed = find_rows_by_email(SuppressedAddress, subject.emails, "address")
    return {
        "messages": list_columns(messages, MESSAGE),
        "not_written_to": list_columns(suppressed, ("address", "reason")),
    }


register(
    PersonalData(
        app="notifications",
        erased={
            "notifications_message": (
                "recipient",
                "recipient_name",
                "subject",
                "text",
                "html",
                "facts",
                "error",
            ),
            "notifications_suppressedaddress": ("address",),
        },
        erase=erase,
        known_in=KNOWN_IN,
        export=export,
    )
)
