"""``/orders/{id}/payments``: tries to pay an order, and what has come in for it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from kassa.api.auth import Requires
from kassa.api.idempotency import read_key
from kassa.api.inputs import check_exact
from kassa.api.payment_schemas import AttemptOut, PaymentIn, PaymentsOut, ReceiptIn, ReceiptOut, RetryIn
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context, json_of, replayed
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.orders.errors import ApprovalAwaited, OrderExpired
from kassa.payments.domain.attempts.close import cancel_attempt
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.attempts.retry import RetryRequest, retry_payment
from kassa.payments.domain.documents import attempt_document
from kassa.payments.domain.manual_status import mark_as_paid
from kassa.payments.errors import (
    AttemptKeyReused,
    AttemptOver,
    AttemptsExhausted,
    NothingToPay,
    NothingToRetry,
    PaymentKnown,
    PaymentRefused,
    PaymentTooSlow,
    PaymentUnderWay,
    ProviderDoesNotAnswer,
    ProviderNotOffered,
    ProviderUnknown,
    WrongCurrency,
)
from kassa.payments.models import PaymentAttempt
from kassa.payments.queries import payments_of_order

router = Router(tags=["Payments"])

OPENING = (
    NotFound,
    AttemptKeyReused,
    OrderExpired,
    ApprovalAwaited,
    NothingToPay,
    AttemptsExhausted,
    ProviderUnknown,
    ProviderNotOffered,
    PaymentTooSlow,
    PaymentUnderWay,
    PaymentRefused,
    ProviderDoesNotAnswer,
)


@router.post(
    "/orders/{order_id}/payments",
    response={201: AttemptOut},
    auth=Requires(open_attempt),
    openapi_extra=writing(*OPENING),
    summary="Open a payment",
)
def open_payment(request: ApiRequest, order_id: UUID, payload: PaymentIn) -> HttpResponse:
    """Open an attempt to pay an order, and send the buyer to its `checkout_url`.

    Send an `Idempotency-Key`: a repetition answers with the same attempt and never opens a second
    one. Another attempt that could still be paid is ended first.
    """
    wanted = AttemptRequest(
        provider=payload.provider,
        return_url=payload.return_url,
        cancel_url=payload.cancel_url,
        idempotency_key=read_key(request),
    )
    context = command_context(request, None)
    attempt = open_attempt(context, order_id, request=wanted)
    return _opened(attempt, context)


@router.post(
    "/orders/{order_id}/retry-payment",
    response={201: AttemptOut},
    auth=Requires(retry_payment),
    openapi_extra=writing(NothingToRetry, *OPENING),
    summary="Try to pay again",
)
def retry(request: ApiRequest, order_id: UUID, payload: RetryIn | None = None) -> HttpResponse:
    """Open an attempt like the last one, or in another way.

    While the last one can still be paid, that is the one that is answered with.
    """
    given = payload or RetryIn()
    wanted = RetryRequest(
        provider=given.provider,
        return_url=given.return_url,
        cancel_url=given.cancel_url,
        idempotency_key=read_key(request),
    )
    context = command_context(request, None)
    attempt = retry_payment(context, order_id, request=wanted)
    return _opened(attempt, context)


@router.get(
    "/orders/{order_id}/payments",
    response=PaymentsOut,
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(NotFound),
    summary="Read an order's money",
)
def read_payments(request: ApiRequest, order_id: UUID) -> HttpResponse:
    """Read all attempts, payments, refunds and disputes of an order, and what they add up to."""
    return json_of(payments_of_order(request.auth.organization_id, order_id, now=utc_now()))


@router.post(
    "/orders/{order_id}/payments/{attempt_id}/cancel",
    response=AttemptOut,
    auth=Requires(cancel_attempt),
    openapi_extra=writing(NotFound, AttemptOver, PaymentUnderWay, ProviderDoesNotAnswer),
    summary="Cancel a payment",
)
def cancel(request: ApiRequest, order_id: UUID, attempt_id: UUID) -> HttpResponse:
    """End an attempt before it is paid; the order keeps its places and may be tried to pay again."""
    context = command_context(request, None)
    attempt = cancel_attempt(context, order_id, attempt_id)
    return json_of(attempt_document(attempt))


@router.post(
    "/orders/{order_id}/receipts",
    response=ReceiptOut,
    auth=Requires(mark_as_paid),
    openapi_extra=writing(NotFound, WrongCurrency, ApprovalAwaited, NothingToPay, PaymentKnown),
    summary="Mark as paid",
)
def receive(request: ApiRequest, order_id: UUID, payload: ReceiptIn) -> HttpResponse:
    """Book a transfer that has arrived: in part, in full, or too much.

    The order is confirmed with the sum that completes it; what is too much or too late goes back.
    The same `reference` is booked once.
    """
    context = command_context(request, None)
    organization_id = request.auth.organization_id
    settlement = mark_as_paid(
        context,
        order_id,
        amount=check_exact(payload.amount, payload.currency),
        currency=payload.currency,
        reference=payload.reference,
        received_at=payload.received_at or context.now,
    )
    shown = payments_of_order(organization_id, order_id, now=utc_now())
    return json_of({**shown, "outcome": settlement.outcome.value})


def _opened(attempt: PaymentAttempt, context: CommandContext) -> HttpResponse:
    response = json_of(attempt_document(attempt), status=201)
    response["Location"] = f"/api/v1/orders/{attempt.order_id}/payments"
    return response if attempt.created_at == context.now else replayed(response)
