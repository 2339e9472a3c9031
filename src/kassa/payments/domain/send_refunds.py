"""Promised money is sent: claimed, sent outside any transaction, and written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.core.clock import utc_now
from kassa.core.database import plain_array, statements
from kassa.core.errors import KassaError
from kassa.payments.domain.accounts import credentials_of
from kassa.payments.domain.refund_progress import note_refunds
from kassa.payments.models import RefundPart
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import (
    Credentials,
    ProviderUnreachable,
    RefundRequest,
    RefundSeen,
)
from kassa.payments.providers.registry import provider_named

BATCH = 20
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM payments_refundpart
    WHERE organization_id = %s AND status = 'pending' AND next_try_at <= %s
    ORDER BY next_try_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE payments_refundpart p SET tries = p.tries + 1,
    next_try_at = %s::timestamptz + least(180 * power(2, least(p.tries, 10)), 3600) * interval '1 second'
FROM due
WHERE p.organization_id = %s AND p.id = due.id
RETURNING p.id, p.provider, p.amount, p.currency, p.refusals, p.provider_reference,
    (SELECT provider_reference FROM payments_payment m
     WHERE m.organization_id = p.organization_id AND m.id = p.payment_id) AS payment_reference,
    (SELECT reason FROM payments_refund r
     WHERE r.organization_id = p.organization_id AND r.id = p.refund_id) AS reason
"""
"""Who claims a part has it until its next try is due, which is longer than sending a whole batch takes to a
slow provider; a sender that is killed leaves it to the next one."""
GIVE_BACK = """
UPDATE payments_refundpart SET tries = greatest(tries - 1, refusals), next_try_at = %s
WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status = 'pending'
"""
PAUSE = timedelta(seconds=30)
"""How long a provider that does not answer is left alone."""
WITHOUT_PROVIDER = timedelta(hours=1)
"""How long a part waits whose provider cannot be asked at all."""
PATIENCE = 3
"""So many times in a row may a provider not answer before the rest is left for later."""


def send_due_refunds(
    organization_id: UUID, *, now: datetime, should_stop: Callable[[], bool] = lambda: False
) -> bool:
    """Send an organisation's due parts of refunds until told to stop; return whether some are left.

    A part is sent under a key of its own, so that sending it again after being killed half-way
    gives nothing back twice. One whose outcome is not known stays pending and is tried again,
    later each time. What the provider works on is asked about instead of sent again.
    """
    unreachable = 0
    while True:
        # A turn may last: what is claimed late in it is held for as long as what is claimed first.
        claimed = _claim(organization_id, max(now, utc_now()))
        unreachable = _send_claimed(organization_id, claimed, unreachable, should_stop)
        if unreachable >= PATIENCE or len(claimed) < BATCH:
            return False
        if should_stop():
            return True


def _send_claimed(
    organization_id: UUID, claimed: Sequence[Any], unreachable: int, should_stop: Callable[[], bool]
) -> int:
    """Send parts and write down what became of them; return how often in a row nobody has answered."""
    credentials = cache(partial(credentials_of, organization_id))  # read once for each batch
    seen: dict[UUID, RefundSeen] = {}
    try:
        for number, part in enumerate(claimed, start=1):
            try:
                seen[part.id] = _send(part, credentials(part.provider))
                unreachable = 0
            except ProviderUnreachable as error:
                unreachable += 1
                _note_error(organization_id, part.id, str(error) or "The provider does not answer.")
            except KassaError as error:  # Its provider was taken away, or its keys lost: the others go on.
                _note_error(organization_id, part.id, error.detail)
                _give_back(organization_id, [part], utc_now() + WITHOUT_PROVIDER)
            if unreachable >= PATIENCE or should_stop():
                pause = PAUSE if unreachable else timedelta()
                _give_back(organization_id, claimed[number:], utc_now() + pause)
                break
    finally:  # Whatever went wrong: what is back with buyers is back.
        sent_as = {part.id: part.refusals for part in claimed}
        note_refunds(organization_id, seen, sent_as=sent_as, now=utc_now())
    return unreachable


def _claim(organization_id: UUID, now: datetime) -> list[Any]:
    with transaction.atomic(), connection.wrap_database_errors:
        claim = (organization_id, now, BATCH, now, organization_id)
        return statements().queue(CLAIM, claim, named=True).fetchall()


def _give_back(organization_id: UUID, parts: Sequence[Any], next_try_at: datetime) -> None:
    """Leave what was claimed but not sent to the next sender."""
    if parts:
        ids = plain_array([part.id for part in parts])
        with transaction.atomic(), connection.wrap_database_errors:
            statements().queue(GIVE_BACK, (next_try_at, organization_id, ids))


def _send(part: Any, credentials: Credentials) -> RefundSeen:
    provider, organization_id = provider_named(part.provider), credentials.organization_id
    if part.provider_reference is not None:
        return call(provider, organization_id, provider.look_up_refund, credentials, part.provider_reference)
    request = RefundRequest(
        key=f"{part.id}:{part.refusals}",
        refund_part_id=part.id,
        payment_reference=part.payment_reference,
        amount=part.amount,
        currency=part.currency,
        reason=part.reason,
    )
    return call(provider, organization_id, provider.refund, credentials, request)


def _note_error(organization_id: UUID, part_id: UUID, error: str) -> None:
    RefundPart.objects.of(organization_id).filter(id=part_id, status="pending").update(error=error[:500])
