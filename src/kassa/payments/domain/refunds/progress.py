"""How far refunds have come at the provider: written down, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.core.activity_log import record_activity
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import Statements, plain_array, statements, text_array
from kassa.core.errors import NotFound
from kassa.core.money import ZERO
from kassa.core.outbox import write_events
from kassa.core.permissions import Permission
from kassa.orders.domain.refund import add_paid_back
from kassa.orders.locks import NAME_ACTOR, lock_orders
from kassa.payments.domain.events import refund_event
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.refunds.refund_intent import parts_by_refund
from kassa.payments.enums import SURPLUS_KINDS, Account, PostingKind
from kassa.payments.errors import RefundUnderWay
from kassa.payments.models import Refund
from kassa.payments.providers.protocol import RefundSeen, RefundState

LOCK_ORDERS = """
SELECT o.id FROM orders_order o WHERE o.organization_id = %s AND o.id IN (
    SELECT order_id FROM payments_refundpart WHERE organization_id = %s AND id = ANY(%s::uuid[]))
ORDER BY o.id FOR NO KEY UPDATE
"""
LOCK_PARTS = """
SELECT p.id, p.refund_id, p.order_id, p.provider, p.amount, p.currency, p.refusals, r.kind,
    t.id AS transaction_id
FROM payments_refundpart p
JOIN payments_refund r ON r.organization_id = p.organization_id AND r.id = p.refund_id
JOIN payments_transaction t ON t.organization_id = p.organization_id AND t.refund_part_id = p.id
WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[]) AND p.status = 'pending'
ORDER BY p.id FOR UPDATE OF p
"""
SUCCEEDED = """
UPDATE payments_refundpart p SET status = 'succeeded', provider_reference = d.reference, completed_at = %s,
    next_try_at = NULL, error = '', held_by_dispute = %s
FROM unnest(%s::uuid[], %s::text[]) AS d(id, reference)
WHERE p.organization_id = %s AND p.id = d.id
"""
TRANSACTIONS_COMPLETED = """
UPDATE payments_transaction t SET status = 'completed', payment_method_id = d.reference, updated_at = %s,
    error_message = ''
FROM unnest(%s::uuid[], %s::text[]) AS d(part_id, reference)
WHERE t.organization_id = %s AND t.refund_part_id = d.part_id
"""
REFUNDS_DONE = """
UPDATE payments_refund r SET status = 'succeeded', completed_at = %s
WHERE r.organization_id = %s AND r.id = ANY(%s::uuid[]) AND r.status = 'pending' AND NOT EXISTS (
    SELECT FROM payments_refundpart p
    WHERE p.organization_id = r.organization_id AND p.refund_id = r.id AND p.status = 'pending')
RETURNING r.id
"""
WAITING = """
UPDATE payments_refundpart p SET provider_reference = coalesce(d.reference, p.provider_reference),
    next_try_at = CASE WHEN p.next_try_at IS NULL THEN NULL ELSE d.next_try_at END
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS d(id, reference, next_try_at)
WHERE p.organization_id = %s AND p.id = d.id
"""
REFUSED = """
UPDATE payments_refundpart p SET refusals = p.refusals + 1, tries = p.refusals + 1, provider_reference = NULL,
    error = d.error, next_try_at = CASE WHEN p.next_try_at IS NULL THEN NULL ELSE d.next_try_at END
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS d(id, error, next_try_at)
WHERE p.organization_id = %s AND p.id = d.id
"""
"""A part has been sent as often as it was refused: the provider's answer to every try is known."""
NOTE_REFUSAL = """
UPDATE payments_transaction t SET error_message = d.error, updated_at = %s
FROM unnest(%s::uuid[], %s::text[]) AS d(part_id, error)
WHERE t.organization_id = %s AND t.refund_part_id = d.part_id
"""
AFTER_REFUSALS = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60))
"""How long after each refusal a provider is asked again, the last one from then on: one no may be a passing
fault there, while a card that is closed stays so."""
WHILE_PENDING = timedelta(minutes=10)
"""How often a provider is asked about a refund that it works on."""


def note_refunds(
    organization_id: UUID,
    seen: Mapping[UUID, RefundSeen],
    *,
    now: datetime,
    context: CommandContext | None = None,
    sent_as: Mapping[UUID, int] | None = None,
    paid_by_dispute: str | None = None,
) -> None:
    """Write down how parts of refunds (by their id) stand at the provider; what is done already stays so.

    Refunded money is booked and the order's payment status follows. A refusal leaves the part pending: it is
    tried again, and staff see why. ``sent_as`` says how often a part had been refused when it was sent: what
    is said of an earlier try changes nothing, but that the money is back counts at any time.
    ``paid_by_dispute`` is the provider's id of the lost dispute that has paid them. None: refunds have.
    """
    if not seen:
        return
    context = context or CommandContext(
        Actor.system(organization_id), now, "The money is back with the buyer."
    )
    with transaction.atomic(), connection.wrap_database_errors:
        database = statements()
        wanted = plain_array(sorted(seen))
        with database.trip():
            database.queue(
                NAME_ACTOR, (str(context.actor.id or ""), context.actor.kind.value, context.reason)
            )
            database.queue(LOCK_ORDERS, (organization_id, organization_id, wanted))
            rows = database.queue(LOCK_PARTS, (organization_id, wanted), named=True)
        parts = rows.fetchall()
        by_state: dict[RefundState, list[Any]] = {state: [] for state in RefundState}
        for part in parts:
            state = seen[part.id].state
            if state == RefundState.SUCCEEDED or part.refusals == (sent_as or {}).get(part.id, part.refusals):
                by_state[state].append(part)
        done = by_state[RefundState.SUCCEEDED]
        _write_succeeded(database, organization_id, done, seen, now, paid_by_dispute=paid_by_dispute)
        _write_waiting(database, organization_id, by_state[RefundState.PENDING], seen, now)
        _write_refused(database, organization_id, by_state[RefundState.REFUSED], seen, now)


def _write_succeeded(
    database: Statements,
    organization_id: UUID,
    parts: Sequence[Any],
    seen: Mapping[UUID, RefundSeen],
    now: datetime,
    *,
    paid_by_dispute: str | None,
) -> None:
    if not parts:
        return
    ids = plain_array([part.id for part in parts])
    references = text_array([seen[part.id].reference for part in parts])
    back: dict[UUID, Decimal] = {}
    journal = Journal()
    for part in parts:
        if part.kind not in SURPLUS_KINDS:
            back[part.order_id] = back.get(part.order_id, ZERO) + part.amount
        journal.post(
            PostingKind.REFUND_PAID,
            part.amount,
            part.currency,
            debit=Account.REFUNDS_DUE,
            credit=Account.PROVIDER,
            provider=part.provider,
            order_id=part.order_id,
            transaction_id=part.transaction_id,
        )
    with database.trip():
        database.queue(SUCCEEDED, (now, paid_by_dispute, ids, references, organization_id))
        database.queue(TRANSACTIONS_COMPLETED, (now, ids, references, organization_id))
        add_paid_back(database, organization_id, back, now=now)
        refunds = plain_array({part.refund_id for part in parts})
        done = database.queue(REFUNDS_DONE, (now, organization_id, refunds))
        journal.write(database, organization_id, now=now)
    _tell(database, organization_id, "refund.completed", [refund_id for (refund_id,) in done], now)


def _write_waiting(
    database: Statements,
    organization_id: UUID,
    parts: Sequence[Any],
    seen: Mapping[UUID, RefundSeen],
    now: datetime,
) -> None:
    if parts:
        references = text_array([seen[part.id].reference or None for part in parts])
        moments = text_array([(now + WHILE_PENDING).isoformat()] * len(parts))
        ids = plain_array([part.id for part in parts])
        database.queue(WAITING, (ids, references, moments, organization_id))


def _write_refused(
    database: Statements,
    organization_id: UUID,
    parts: Sequence[Any],
    seen: Mapping[UUID, RefundSeen],
    now: datetime,
) -> None:
    if not parts:
        return
    ids = plain_array([part.id for part in parts])
    errors = text_array([seen[part.id].error or "The provider refused." for part in parts])
    rests = [AFTER_REFUSALS[min(part.refusals, len(AFTER_REFUSALS) - 1)] for part in parts]
    moments = text_array([(now + rest).isoformat() for rest in rests])
    with database.trip():
        database.queue(REFUSED, (ids, errors, moments, organization_id))
        database.queue(NOTE_REFUSAL, (now, ids, errors, organization_id))
    _tell(database, organization_id, "refund.refused", sorted({part.refund_id for part in parts}), now)


def _tell(
    database: Statements, organization_id: UUID, name: str, refund_ids: Sequence[UUID], now: datetime
) -> None:
    if not refund_ids:
        return
    parts = parts_by_refund(organization_id, refund_ids)
    refunds = Refund.objects.of(organization_id).filter(id__in=refund_ids).order_by("id")
    write_events(
        database,
        organization_id,
        [refund_event(name, refund, parts.get(refund.id, [])) for refund in refunds],
        now=now,
    )


LOCK_PENDING = """
SELECT id, tries > refusals OR provider_reference IS NOT NULL AS is_under_way
FROM payments_refundpart
WHERE organization_id = %s AND refund_id = %s AND status = 'pending' ORDER BY id FOR UPDATE
"""


@command(Permission.PAYMENT_MANAGE)
def mark_refunded(context: CommandContext, order_id: UUID, refund_id: UUID, *, reference: str) -> Refund:
    """Note that staff have sent back by hand all that was still pending of a refund; twice changes nothing.

    What a job was about to send is taken from it. What it may have sent already is not marked: the
    provider would give back the same money, and nobody would see that it went twice.

    Raises:
        NotFound: the order has no such refund.
        RefundUnderWay: the provider works on some of it, or has not answered yet.
    """
    organization_id = context.organization_id
    refund = Refund.objects.of(organization_id).filter(id=refund_id, order_id=order_id).first()
    if refund is None:
        raise NotFound
    with transaction.atomic(), connection.wrap_database_errors:
        database, _ = lock_orders(context, [order_id])
        pending = database.queue(LOCK_PENDING, (organization_id, refund_id), named=True).fetchall()
        if any(part.is_under_way for part in pending):
            raise RefundUnderWay
        seen = {
            part.id: RefundSeen(RefundState.SUCCEEDED, f"{reference or 'by-hand'}:{part.id}")
            for part in pending
        }
        note_refunds(organization_id, seen, now=context.now, context=context)
        if seen:
            after = {"reference": reference, "parts": len(seen)}
            record_activity(context, "refund.marked_as_sent", refund, before={}, after=after)
    refund.refresh_from_db(from_queryset=Refund.objects.of(organization_id))
    return refund
