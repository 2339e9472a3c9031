"""What providers told is settled: read, compared with what we asked for, and acted on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import plain_array, statements, text_array
from kassa.core.delivery import BackOff, DeliveryQueue
from kassa.core.errors import KassaError, NotFound
from kassa.core.jobs import ShouldStop, never_stop
from kassa.core.permissions import Permission
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.disputes.settle import settle_dispute
from kassa.payments.domain.payouts.payouts import settle_payout
from kassa.payments.domain.receipts.match_attempts import find_attempts, settle_payments
from kassa.payments.domain.refunds.settle import settle_refund
from kassa.payments.domain.webhooks.outcomes import ProviderMessage, Settled, Unsettled
from kassa.payments.enums import WebhookStatus
from kassa.payments.errors import NotDead
from kassa.payments.jobs import SETTLE, defer_on_commit
from kassa.payments.models import WebhookEvent
from kassa.payments.providers.protocol import (
    Credentials,
    DisputeSeen,
    PaymentSeen,
    PayoutSeen,
    ProviderEvent,
    RefundSeen,
)
from kassa.payments.providers.registry import provider_named

BATCH = 100
MOST_TRIES = 8
"""After so many tries, over about an hour, staff have to look at it."""
QUEUE = DeliveryQueue(
    WebhookEvent,
    back_off=BackOff([timedelta(seconds=15 * 2**n) for n in range(9)], max_tries=MOST_TRIES),
    condition="status = 'received'",
    order_by="id",
    returning="d.provider, d.body",
)
WRITE = """
UPDATE payments_webhookevent w SET status = d.status, outcome = d.outcome, error = d.error,
    order_id = d.order_id, settled_at = CASE WHEN d.status IN ('settled', 'ignored') THEN %s::timestamptz END
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[])
     AS d(id, status, outcome, error, order_id)
WHERE w.organization_id = %s AND w.id = d.id AND w.status = 'received'
"""
"""What somebody else has settled meanwhile stays as they have written it."""
FAILED = Unsettled("failed", "It failed in an unexpected way; see the log.", is_final=False)
logger = logging.getLogger("kassa.payments")


def settle_webhooks(organization_id: UUID, *, now: datetime, should_stop: ShouldStop = never_stop) -> int:
    """Settle all that an organisation's providers have told; return how many messages were looked at.

    Payments are settled many at a time; when something is wrong with one of them, each by itself. What
    cannot be settled is tried again, and after an hour it is dead: staff see it and replay it. What
    contradicts our own books is dead at once, and nothing of it is booked. Told to stop, it ends after a
    batch, and leaves the others to the next job.
    """
    looked_at = 0
    for batch in QUEUE.batches(organization_id, limit=BATCH, now=now, should_stop=should_stop):
        rows = batch.take_rest()
        looked_at += len(rows)
        results: dict[UUID, Settled | Unsettled] = {}
        messages: list[ProviderMessage] = []
        credentials = cache(partial(get_credentials, organization_id))  # read once for each batch
        for row in rows:
            read = _read(row, credentials)
            if isinstance(read, ProviderMessage):
                messages.append(read)
            else:
                results[row.id] = read
        payments = [message for message in messages if message.is_payment]
        results |= _settle_many(organization_id, payments, now)
        for message in messages:
            if not message.is_payment:
                results[message.row.id] = _settle_alone(organization_id, message, now)
        _write(organization_id, rows, results, now)
    return looked_at


def _read(row: Any, credentials: Callable[[str], Credentials]) -> ProviderMessage | Settled | Unsettled:
    try:
        provider = provider_named(row.provider)
        event = provider.read_webhook(credentials(row.provider), row.body.encode())
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        return Unsettled("unreadable", f"It cannot be read: {error}"[:500], is_final=True)
    except KassaError as error:
        return Unsettled(error.code, error.detail, is_final=False)
    except Exception:  # a provider may be anybody's code: its neighbours are settled all the same
        logger.exception("Webhook %s of %s could not be read.", row.id, row.provider)
        return FAILED
    return Settled("ignored", None, is_ignored=True) if event.seen is None else ProviderMessage(row, event)


def _settle_many(
    organization_id: UUID, messages: Sequence[ProviderMessage], now: datetime
) -> dict[UUID, Settled | Unsettled]:
    if len(messages) < 2:
        return {message.row.id: _settle_alone(organization_id, message, now) for message in messages}
    try:
        return settle_payments(organization_id, messages, now=now)
    except (DatabaseError, KassaError) as error:
        logger.info("A batch of payments is settled one by one: %s", error)
    except Exception:
        logger.exception("A batch of payments is settled one by one.")
    connection.close_if_unusable_or_obsolete()
    return {message.row.id: _settle_alone(organization_id, message, now) for message in messages}


def _settle_alone(organization_id: UUID, message: ProviderMessage, now: datetime) -> Settled | Unsettled:
    try:
        if message.is_payment:
            return settle_payments(organization_id, [message], now=now)[message.row.id]
        return _settle_other(organization_id, message.event, provider=message.row.provider, now=now)
    except KassaError as error:
        return Unsettled(error.code, error.detail, is_final=False)
    except DatabaseError as error:
        connection.close_if_unusable_or_obsolete()
        logger.warning("A webhook could not be settled: %s", error)
        return Unsettled("database", "The database did not accept it; see the log.", is_final=False)
    except Exception:
        logger.exception("Webhook %s of %s could not be settled.", message.row.id, message.row.provider)
        return FAILED


def _settle_other(
    organization_id: UUID, event: ProviderEvent, *, provider: str, now: datetime
) -> Settled | Unsettled:
    """Act on a refund, a dispute, a payout, or an attempt that did not succeed."""
    seen = event.seen
    if isinstance(seen, PaymentSeen):
        return _settle_attempt(organization_id, provider, seen, now)
    if isinstance(seen, RefundSeen):
        return settle_refund(organization_id, seen, provider=provider, now=now)
    if isinstance(seen, DisputeSeen):
        return settle_dispute(organization_id, seen, provider=provider, now=now)
    if isinstance(seen, PayoutSeen):
        return settle_payout(organization_id, seen, provider=provider, now=now)
    return Settled("ignored", is_ignored=True)


def _settle_attempt(
    organization_id: UUID, provider: str, seen: PaymentSeen, now: datetime
) -> Settled | Unsettled:
    attempt = find_attempts(organization_id, [(provider, seen)]).get((provider, seen))
    if attempt is None:
        return Unsettled("payment_unknown", "It is about no payment that was opened here.", is_final=True)
    attempts_seen(organization_id, [(attempt.id, seen)], now=now)
    return Settled(f"payment_{seen.state}", attempt.order_id)


def _write(
    organization_id: UUID, rows: Sequence[Any], results: dict[UUID, Settled | Unsettled], now: datetime
) -> None:
    written = [(row.id, *_columns(row, results[row.id])) for row in rows]
    ids, status, outcome, error, orders = zip(*written, strict=True)
    with transaction.atomic(), connection.wrap_database_errors:
        statements().queue(
            WRITE,
            (
                now,
                plain_array(ids),
                plain_array(status),
                text_array(outcome),
                text_array(error),
                plain_array(orders),
                organization_id,
            ),
        )


def _columns(row: Any, result: Settled | Unsettled) -> tuple[str, str, str, UUID | None]:
    if isinstance(result, Settled):
        status = WebhookStatus.IGNORED if result.is_ignored else WebhookStatus.SETTLED
        return (status.value, result.outcome, "", result.order_id)
    status = WebhookStatus.RECEIVED
    if result.is_final or QUEUE.back_off.is_over(row.tries):
        status = WebhookStatus.IGNORED if result.may_be_anothers else WebhookStatus.DEAD
    return (status.value, result.outcome, result.error, result.order_id)


@command(Permission.PAYMENT_MANAGE)
def replay_webhook(context: CommandContext, webhook_id: UUID) -> WebhookEvent:
    """Try a dead message again, as if it had just come.

    Raises:
        NotFound: the organisation has no such message.
        NotDead: it was settled, or is about to be.
    """
    rows = WebhookEvent.objects.of(context.organization_id).filter(id=webhook_id)
    with transaction.atomic():
        moved = rows.filter(status=WebhookStatus.DEAD).update(
            status=WebhookStatus.RECEIVED, tries=0, next_try_at=context.now
        )
        found = rows.first()
        if found is None:
            raise NotFound
        if not moved:
            raise NotDead(found.status)
        before, after = {"status": WebhookStatus.DEAD}, {"status": WebhookStatus.RECEIVED}
        record_activity(context, "webhook.replayed", found, before=before, after=after)
        defer_on_commit(SETTLE, context.organization_id)
    return found


FORGET_AFTER = timedelta(days=90)
"""Settled messages are kept so long, for looking things up; dead ones until somebody settles them."""
FORGET_AT_ONCE = 1000


def forget_webhooks(*, now: datetime) -> int:
    """Delete what was settled long ago, of every organisation, in short steps; return how many."""
    messages = WebhookEvent.unscoped.all()
    old = messages.filter(
        status__in=(WebhookStatus.SETTLED, WebhookStatus.IGNORED), received_at__lt=now - FORGET_AFTER
    )
    forgotten = 0
    while deleted := messages.filter(
        id__in=old.order_by("received_at").values("id")[:FORGET_AT_ONCE]
    ).delete()[0]:
        forgotten += deleted
    return forgotten
