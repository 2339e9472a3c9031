"""An attempt that is written here is opened at its provider, under its own id, however often that takes."""

from __future__ import annotations

from datetime import timedelta
from textwrap import shorten
from uuid import UUID

from django.db import connection, transaction

from kassa.core.command_context import CommandContext
from kassa.core.database import statements
from kassa.core.formatting import format_quantity
from kassa.core.outbox import write_events
from kassa.core.stored_sentences import add_code
from kassa.orders.domain.confirm import confirm_locked
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.domain.payment import await_no_payment, hold_longer, lock_order_row
from kassa.orders.domain.time_zones import find_clock
from kassa.orders.enums import HOLDING
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order, OrderItem
from kassa.orders.queries import find_first_start
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.documents import attempt_event
from kassa.payments.enums import AttemptStatus
from kassa.payments.errors import NothingToPay, PaymentRefused
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import (
    Opened,
    PaymentRequest,
    PaymentSeen,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from kassa.payments.providers.registry import provider_named
from kassa.payments.reasons import NOT_ACCEPTED

FIRST_CHECK = timedelta(minutes=1)
LONGEST_DESCRIPTION = 200
KEY_LASTS = timedelta(hours=20)
"""Providers know a key for a day or so; after that the same key could open a second one."""


def finish_opening(context: CommandContext, attempt: PaymentAttempt) -> PaymentAttempt:
    """Open a written attempt at its provider, or find that it was opened there, and write that down.

    The same key and the same request each time: however often it is done, there is one at the provider.

    Raises:
        PaymentRefused: the provider does not accept it; the attempt has failed.
        ProviderUnreachable: it is not known whether it is open; do it again.
        NothingToPay: it was free, but the order has ended.
    """
    organization_id = context.organization_id
    if context.now - attempt.created_at > KEY_LASTS:
        return _given_up(organization_id, attempt, context)
    provider = provider_named(attempt.provider)
    credentials = get_credentials(organization_id, attempt.provider)
    request = _request(organization_id, attempt)
    try:
        opened = call(provider, organization_id, provider.open, credentials, request)
    except ProviderRefused as refusal:
        return _refused(organization_id, attempt, refusal, context)
    except ProviderUnreachable:
        present = attempt_now(organization_id, attempt.id)
        if present.status == AttemptStatus.OPENING:
            raise
        return present  # Somebody else has opened it meanwhile.
    if opened.is_paid and attempt.amount == 0:
        return _confirmed(organization_id, attempt, opened, context)
    return _opened(organization_id, attempt, opened, context)


def attempt_now(organization_id: UUID, attempt_id: UUID) -> PaymentAttempt:
    """Return an attempt as it stands in the tables."""
    return PaymentAttempt.objects.of(organization_id).get(id=attempt_id)


def _request(organization_id: UUID, attempt: PaymentAttempt) -> PaymentRequest:
    """Return the request, made of nothing that changes: providers refuse a key with another request."""
    order = (
        Order.objects.of(organization_id)
        .only("organization_id", "number", "customer_email", "customer_language")
        .get(id=attempt.order_id)
    )
    items = OrderItem.objects.of(organization_id).filter(order_id=order.id).order_by("position")
    lines = [format_quantity(quantity, name) for quantity, name in items.values_list("quantity", "name")]
    begins_at = find_first_start(organization_id, order.id)
    return PaymentRequest(
        key=attempt.id,
        order_id=order.id,
        order_number=order.number,
        amount=attempt.amount,
        currency=attempt.currency,
        platform_fee=attempt.platform_fee,
        description=shorten(", ".join(lines), LONGEST_DESCRIPTION, placeholder=" …"),
        customer_email=order.customer_email,
        return_url=attempt.return_url,
        cancel_url=attempt.cancel_url,
        holds_until=attempt.expires_at,
        now=attempt.created_at,
        begins_at=begins_at,
        zone=(begins_at.tzinfo if begins_at else None) or find_clock(order),
        language=order.customer_language or "",
    )


def _opened(
    organization_id: UUID, attempt: PaymentAttempt, opened: Opened, context: CommandContext
) -> PaymentAttempt:
    now = context.now
    with transaction.atomic():
        lock_order_row(context, attempt.order_id)
        mine = PaymentAttempt.objects.of(organization_id).filter(id=attempt.id)
        moved = mine.filter(status=AttemptStatus.OPENING).update(
            status=AttemptStatus.OPEN,
            provider_reference=opened.reference,
            checkout_url=opened.checkout_url,
            instructions=None if opened.instructions is None else dict(opened.instructions),
            expires_at=opened.expires_at,
            # What has no page is not paid there: staff or a webhook tell of it.
            check_at=now + FIRST_CHECK if opened.checkout_url else None,
            unanswered_since=None,
            updated_at=now,
        )
        if not moved:  # A webhook may have told of it before it was written here.
            mine.filter(provider_reference=None).update(provider_reference=opened.reference)
        present = mine.get()
        if moved:
            write_events(statements(), organization_id, [attempt_event("payment.opened", present)], now=now)
            if not opened.checkout_url:
                await_no_payment(organization_id, [attempt.order_id])
            if opened.holds_until is not None:
                hold_longer(organization_id, attempt.order_id, until=opened.holds_until, now=now)
    return present


def _confirmed(
    organization_id: UUID, attempt: PaymentAttempt, opened: Opened, context: CommandContext
) -> PaymentAttempt:
    """Confirm an order that costs nothing: no money moves, so there is no payment."""
    now = context.now
    with transaction.atomic(), connection.wrap_database_errors:
        database, [order] = lock_orders(context, [attempt.order_id])
        may_be_confirmed = order.status in HOLDING and not is_overdue(order, now)
        mine = PaymentAttempt.objects.of(organization_id).filter(id=attempt.id)
        moved = mine.filter(status=AttemptStatus.OPENING).update(
            status=AttemptStatus.SUCCEEDED if may_be_confirmed else AttemptStatus.CANCELLED,
            provider_reference=opened.reference,
            expires_at=None,
            check_at=None,
            updated_at=now,
        )
        if moved and may_be_confirmed:
            confirm_locked(database, organization_id, order.id, now=now)
    if moved and not may_be_confirmed:
        raise NothingToPay(order.number, order.status, order.payment_status)
    return attempt_now(organization_id, attempt.id)


def _refused(
    organization_id: UUID, attempt: PaymentAttempt, refusal: ProviderRefused, context: CommandContext
) -> PaymentAttempt:
    present = attempt_now(organization_id, attempt.id)
    if present.status != AttemptStatus.OPENING:
        return present  # It is over, or somebody else has opened it meanwhile.
    seen = PaymentSeen(PaymentState.FAILED, "", error=add_code(NOT_ACCEPTED, refusal.code))
    attempts_seen(organization_id, [(attempt.id, seen)], now=context.now, context=context)
    raise PaymentRefused(attempt.provider, refusal.message, refusal.code) from refusal


def _given_up(organization_id: UUID, attempt: PaymentAttempt, context: CommandContext) -> PaymentAttempt:
    seen = PaymentSeen(PaymentState.UNKNOWN, "")
    attempts_seen(organization_id, [(attempt.id, seen)], now=context.now, context=context)
    return attempt_now(organization_id, attempt.id)
