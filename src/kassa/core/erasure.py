"""What the kernel keeps of people: answers to repeated requests, the activity log, and events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from kassa.core.personal_data import Erasure, PersonalData, register

ANSWERS = """
DELETE FROM core_idempotentanswer
WHERE organization_id = %(organization)s AND body IS NOT NULL AND EXISTS (
    SELECT FROM unnest(%(emails)s::text[] || %(orders)s::text[]) AS e
    WHERE position(e IN lower(convert_from(body, 'UTF8'))) > 0)
"""
"""Answers to repeated requests, which are gone after a week anyway."""
LOG = """
UPDATE core_logentry SET reason = '', address = CASE WHEN actor_id = %(user)s THEN NULL ELSE address END
WHERE organization_id = %(organization)s AND (
    actor_id = %(user)s OR subject_id = ANY(%(orders)s::uuid[] || %(tickets)s::uuid[]))
"""
"""What was changed stays, without what was said of it."""
EVENTS = """
SELECT id, envelope FROM core_outboxevent
WHERE organization_id = %(organization)s AND EXISTS (
    SELECT FROM unnest(%(emails)s::text[] || %(orders)s::text[]) AS e
    WHERE position(e IN lower(envelope)) > 0)
"""
REWRITE_EVENT = "UPDATE core_outboxevent SET envelope = %s WHERE organization_id = %s AND id = %s"


def rewrite_events(erasure: Erasure, rewrite: Callable[[str], str]) -> None:
    """Rewrite the envelopes of the events that name a person or one of their orders."""
    parameters: dict[str, Any] = {
        "organization": erasure.organization_id,
        "emails": list(erasure.emails),
        "orders": list(erasure.order_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, parameters)
        for event_id, envelope in cursor.fetchall():
            cursor.execute(REWRITE_EVENT, [rewrite(envelope), erasure.organization_id, event_id])


def erase(erasure: Erasure) -> None:
    """Delete the answers that name a person or one of their orders, and empty what the log says of them."""
    erasure.execute(ANSWERS, LOG)


register(
    PersonalData(
        app="core",
        erased={
            "core_idempotentanswer": ("body",),
            "core_logentry": ("reason",),
            "core_outboxevent": ("envelope",),
        },
        erase=erase,
    )
)
