"""Trying to pay again, as the last time or in another way."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.orders.models import Order
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.errors import NothingToRetry
from kassa.payments.models import PaymentAttempt


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """What is to be otherwise than the last time. None: as it was."""

    provider: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None
    idempotency_key: str | None = None
    """None: none was sent."""


@command(Permission.PAYMENT_OPEN)
def retry_payment(context: CommandContext, order_id: UUID, *, request: RetryRequest) -> PaymentAttempt:
    """Open an attempt like the order's last one; while that can still be paid, it is the one that is meant.

    Raises:
        NotFound: there is no such order.
        NothingToRetry: no payment was tried yet.
        KassaError: everything that ``open_attempt`` raises.
    """
    organization_id = context.organization_id
    attempts = PaymentAttempt.objects.of(organization_id).filter(order_id=order_id)
    last = attempts.order_by("-number").first()
    if request.idempotency_key is not None:
        last = attempts.filter(idempotency_key=request.idempotency_key).first() or last
    if last is None:
        number = Order.objects.of(organization_id).filter(id=order_id).values_list("number", flat=True)
        raise NothingToRetry(number[0]) if number else NotFound
    like = AttemptRequest(
        provider=_or(request.provider, last.provider),
        return_url=_or(request.return_url, last.return_url),
        cancel_url=_or(request.cancel_url, last.cancel_url),
        idempotency_key=request.idempotency_key,
        keeps_live=True,
    )
    return open_attempt(context, order_id, request=like)


def _or(given: str | None, otherwise: str) -> str:
    return otherwise if given is None else given
