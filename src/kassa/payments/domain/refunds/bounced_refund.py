"""A refund that was done comes back to the provider: the buyer does not have the money, and is owed it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from kassa.core.actor import Actor
from kassa.core.database import statements
from kassa.core.outbox import write_events
from kassa.orders.domain.refund import take_off_paid_back
from kassa.orders.locks import NAME_ACTOR
from kassa.payments.domain.events import refund_event
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.refunds.refund_intent import parts_by_refund
from kassa.payments.enums import SURPLUS_KINDS, Account, PostingKind
from kassa.payments.models import Refund, RefundPart
from kassa.payments.providers.protocol import RefundSeen

REASON = "The refund came back to the provider."
LOCK_ORDER = """
SELECT id FROM orders_order WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""
REOPEN = """
UPDATE payments_refundpart SET status = 'pending', refusals = refusals + 1, tries = refusals + 1,
    provider_reference = NULL, next_try_at = NULL, completed_at = NULL, error = %s
WHERE organization_id = %s AND id = %s AND status = 'succeeded' AND provider_reference = %s
RETURNING id
"""
"""It waits for staff: what a bank has sent back once it would send back again."""
REOPEN_TRANSACTION = """
UPDATE payments_transaction SET status = 'pending', payment_method_id = '', error_message = %s,
    updated_at = %s,
    metadata = jsonb_set(metadata, '{returned}', coalesce(metadata -> 'returned', '[]') || to_jsonb(%s::text))
WHERE organization_id = %s AND refund_part_id = %s
RETURNING id
"""
REOPEN_REFUND = """
UPDATE payments_refund SET status = 'pending', completed_at = NULL WHERE organization_id = %s AND id = %s
"""


def reopen_part(organization_id: UUID, part: RefundPart, seen: RefundSeen, *, now: datetime) -> bool:
    """Promise again what came back, and take back what was booked of it; say whether anything changed.

    Only what the provider says of the very refund that counts as done does so. The part waits for staff, who
    pay the buyer another way, or have it sent again.
    """
    error = f"The money came back: {seen.error or 'the provider says no more.'}"[:500]
    actor = Actor.system(organization_id)
    with transaction.atomic(), connection.wrap_database_errors:
        database = statements()
        with database.trip():
            database.queue(NAME_ACTOR, (str(actor.id or ""), actor.kind.value, REASON))
            database.queue(LOCK_ORDER, (organization_id, part.order_id))
            reopened = database.queue(REOPEN, (error, organization_id, part.id, seen.reference))
        if reopened.fetchone() is None:
            return False
        refund = Refund.objects.of(organization_id).get(id=part.refund_id)
        with database.trip():
            movement = database.queue(
                REOPEN_TRANSACTION, (error, now, seen.reference, organization_id, part.id)
            )
            database.queue(REOPEN_REFUND, (organization_id, part.refund_id))
            if refund.kind not in SURPLUS_KINDS:
                take_off_paid_back(database, organization_id, part.order_id, part.amount, now=now)
        [(transaction_id,)] = movement.fetchall()
        journal = Journal()
        journal.post(
            PostingKind.REFUND_RETURNED,
            part.amount,
            part.currency,
            debit=Account.PROVIDER,
            credit=Account.REFUNDS_DUE,
            provider=part.provider,
            order_id=part.order_id,
            transaction_id=transaction_id,
        )
        journal.write(database, organization_id, now=now)
        refund.refresh_from_db(from_queryset=Refund.objects.of(organization_id))
        parts = parts_by_refund(organization_id, [refund.id])[refund.id]
        write_events(database, organization_id, [refund_event("refund.returned", refund, parts)], now=now)
    return True
