"""Promised money is sent: claimed, sent outside any transaction, and written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from kassa.core.clock import utc_now
from kassa.core.delivery import BackOff, Batch, DeliveryQueue
from kassa.core.errors import KassaError
from kassa.core.jobs import ShouldStop, never_stop
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.refunds.progress import note_refunds
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
QUEUE = DeliveryQueue(
    RefundPart,
    back_off=BackOff([timedelta(minutes=minutes) for minutes in (3, 6, 12, 24, 48, 60)]),
    condition="status = 'pending'",
    give_back="tries = greatest(d.tries - 1, d.refusals)",
    returning="""d.provider, d.amount, d.currency, d.refusals, d.provider_reference,
        (SELECT provider_reference FROM payments_payment m
         WHERE m.organization_id = d.organization_id AND m.id = d.payment_id) AS payment_reference,
        (SELECT reason FROM payments_refund r
         WHERE r.organization_id = d.organization_id AND r.id = d.refund_id) AS reason""",
)
PAUSE = timedelta(seconds=30)
"""How long a provider that does not answer is left alone."""
WITHOUT_PROVIDER = timedelta(hours=1)
"""How long a part waits whose provider cannot be asked at all."""
PATIENCE = 3
"""So many times in a row may a provider not answer before the rest is left for later."""


def send_due_refunds(organization_id: UUID, *, now: datetime, should_stop: ShouldStop = never_stop) -> bool:
    """Send an organisation's due parts of refunds; return whether it was told to stop before all were sent.

    A part is sent under a key of its own, so that sending it again after being killed half-way
    gives nothing back twice. One whose outcome is not known stays pending and is tried again,
    later each time. What the provider works on is asked about instead of sent again.
    """
    unreachable = 0
    started_at = max(now, utc_now())
    for batch in QUEUE.batches(organization_id, limit=BATCH, now=started_at, should_stop=should_stop):
        unreachable = _send_batch(organization_id, batch, unreachable)
    return unreachable < PATIENCE and should_stop()


def _send_batch(organization_id: UUID, batch: Batch[Any], unreachable: int) -> int:
    """Send parts and write down what became of them; return how often in a row nobody has answered."""
    credentials = cache(partial(get_credentials, organization_id))  # read once for each batch
    seen: dict[UUID, RefundSeen] = {}
    try:
        for part in batch:
            try:
                seen[part.id] = _send(part, credentials(part.provider))
                unreachable = 0
            except ProviderUnreachable as error:
                unreachable += 1
                _note_error(organization_id, part.id, str(error) or "The provider does not answer.")
            except KassaError as error:  # Its provider was taken away, or its keys lost: the others go on.
                _note_error(organization_id, part.id, error.detail)
                QUEUE.give_back(organization_id, [part], due=utc_now() + WITHOUT_PROVIDER)
            batch.pause = PAUSE if unreachable else timedelta(0)
            if unreachable >= PATIENCE:
                batch.stop()
    finally:  # Whatever went wrong: what is back with buyers is back.
        sent_as = {part.id: part.refusals for part in batch.rows}
        note_refunds(organization_id, seen, sent_as=sent_as, now=utc_now())
    return unreachable


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
