"""Opening an attempt to pay: one at a time for each order, and each once at its provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, Locked
from kassa.core.money import ZERO, round_money
from kassa.core.permissions import Permission
from kassa.orders.domain.capabilities import Payability, count_attempts_left, decide_payability
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.domain.payment import lock_order_row, note_attempt
from kassa.orders.enums import HOLDING
from kassa.orders.errors import ApprovalAwaited, OrderExpired
from kassa.orders.models import Order
from kassa.orders.queries import find_first_start
from kassa.organizations.queries import organization_settings
from kassa.payments.domain.accounts import get_credentials, providers_in_time
from kassa.payments.domain.attempts.close import end_attempt
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.attempts.opening import FIRST_CHECK, attempt_now, finish_opening
from kassa.payments.domain.attempts.transfer_limits import require_proven_address
from kassa.payments.enums import LIVE_ATTEMPTS, AttemptStatus
from kassa.payments.errors import (
    AttemptKeyReused,
    AttemptsExhausted,
    NothingToPay,
    PaymentTooSlow,
    PaymentUnderWay,
    ProviderDoesNotAnswer,
)
from kassa.payments.models import Payment, PaymentAttempt
from kassa.payments.providers.free import FreeProvider
from kassa.payments.providers.lead_time import arrives_in_time
from kassa.payments.providers.protocol import Credentials, PaymentSeen, PaymentState, ProviderUnreachable
from kassa.payments.providers.registry import provider_named

TURNS = 3
"""How often another attempt is moved out of the way before the others may go first."""


@dataclass(frozen=True, slots=True)
class AttemptRequest:
    """How somebody wants to pay."""

    provider: str
    return_url: str
    cancel_url: str
    idempotency_key: str | None = None
    """None: none was sent; a live attempt of the same kind then is the one that is meant."""
    keeps_live: bool = False
    """A live attempt of the same kind is the one that is meant, even under a new key."""
    unproven: tuple[str, ...] = ()
    """By what a visitor of the pages is counted who has proven no address. Empty: nobody is counted."""


class _Next(Enum):
    RETURN = auto()
    FINISH = auto()
    MAKE_WAY = auto()


@command(Permission.PAYMENT_OPEN, or_kinds=[ActorKind.BUYER])
def open_attempt(context: CommandContext, order_id: UUID, *, request: AttemptRequest) -> PaymentAttempt:
    """Open an attempt to pay an order, or return the one that the same request has opened.

    Another live attempt is ended at its provider first. Not inside a transaction: providers are called.

    Raises:
        NotFound: there is no such order.
        AttemptKeyReused: the key belongs to another request.
        OrderExpired, ApprovalAwaited, NothingToPay: the order cannot be paid now.
        AttemptsExhausted: as many were made as are allowed.
        ProviderUnknown, ProviderNotOffered: it cannot be paid that way.
        AddressUnproven: a visitor has to prove an address first.
        PaymentTooSlow: it would be paid after what was bought begins.
        InvalidInput: the provider needs an address to return to, and there is none.
        PaymentUnderWay: the buyer has paid by another attempt and the bank has not answered.
        PaymentRefused: the provider does not accept it.
        ProviderDoesNotAnswer: repeat it under the same key.
        Locked: others open attempts at the same moment.
    """
    organization_id = context.organization_id
    for _ in range(TURNS):
        attempt, step = _begin(organization_id, order_id, request, context)
        try:
            match step:
                case _Next.RETURN:
                    return attempt
                case _Next.FINISH:
                    return finish_opening(context, attempt)
                case _Next.MAKE_WAY:
                    ended = _make_way(organization_id, attempt, request, context)
        except ProviderUnreachable as error:
            raise ProviderDoesNotAnswer(attempt.provider) from error
        if ended.status in LIVE_ATTEMPTS:
            number = Order.objects.of(organization_id).values_list("number", flat=True).get(id=order_id)
            raise PaymentUnderWay(number, attempt.provider)
    raise Locked("Others open payments of this order just now. Send it again.")


def _make_way(
    organization_id: UUID, attempt: PaymentAttempt, request: AttemptRequest, context: CommandContext
) -> PaymentAttempt:
    """End a live attempt so that another one may be opened.

    One that is still being opened need not wait for a dead provider: nobody was told where to pay it, so
    whoever wants to pay elsewhere may. If it is there after all, it ends there by itself.
    """
    try:
        return end_attempt(context, attempt)
    except ProviderUnreachable:
        if attempt.status != AttemptStatus.OPENING or attempt.provider == request.provider:
            raise
    seen = PaymentSeen(PaymentState.CANCELLED, "")
    attempts_seen(organization_id, [(attempt.id, seen)], now=context.now, context=context)
    return attempt_now(organization_id, attempt.id)


def _begin(
    organization_id: UUID, order_id: UUID, request: AttemptRequest, context: CommandContext
) -> tuple[PaymentAttempt, _Next]:
    """Decide under the order's lock what is to be done, and write a new attempt down if that is it."""
    with transaction.atomic():
        order = lock_order_row(context, order_id)
        attempts = list(
            PaymentAttempt.objects.of(organization_id).filter(order_id=order_id).order_by("number")
        )
        keyed = _under_key(attempts, request)
        if keyed is not None:
            may_finish = keyed.status == AttemptStatus.OPENING and _is_alive(order, context)
            return keyed, _Next.FINISH if may_finish else _Next.RETURN
        _check_order(order, context)
        amount = _outstanding(order, request)
        live = next((attempt for attempt in attempts if attempt.status in LIVE_ATTEMPTS), None)
        if live is not None and _is_meant(live, request, amount):
            return live, _Next.FINISH if live.status == AttemptStatus.OPENING else _Next.RETURN
        most = organization_settings(organization_id).max_payment_attempts
        if not count_attempts_left(order, most=most):
            raise AttemptsExhausted(order.number, most)
        credentials = get_credentials(organization_id, request.provider, for_new_payment=True)
        _check_in_time(order, request.provider, credentials, context)
        if request.unproven and provider_named(request.provider).days_under_way(credentials):
            require_proven_address(order, request.provider, request.unproven, now=context.now)
        _check_urls(request)
        if live is not None:
            return live, _Next.MAKE_WAY
        number = attempts[-1].number + 1 if attempts else 1
        fee = _platform_fee(credentials, request.provider, amount, order.currency)
        written = _write(order, request, amount=amount, fee=fee, number=number, context=context)
        return written, _Next.FINISH


def _under_key(attempts: Sequence[PaymentAttempt], request: AttemptRequest) -> PaymentAttempt | None:
    if request.idempotency_key is None:
        return None
    for attempt in attempts:
        if attempt.idempotency_key == request.idempotency_key:
            if not _is_alike(attempt, request):
                raise AttemptKeyReused
            return attempt
    return None


def _is_alike(attempt: PaymentAttempt, request: AttemptRequest) -> bool:
    return (attempt.provider, attempt.return_url, attempt.cancel_url) == (
        request.provider,
        request.return_url,
        request.cancel_url,
    )


def _is_meant(live: PaymentAttempt, request: AttemptRequest, amount: Decimal) -> bool:
    """Say whether somebody who asks for an attempt means this one: a double click opens one."""
    has_no_key_of_its_own = request.idempotency_key is None or request.keeps_live
    return has_no_key_of_its_own and _is_alike(live, request) and live.amount == amount


def _is_alive(order: Order, context: CommandContext) -> bool:
    return order.status in HOLDING and not is_overdue(order, context.now)


def _check_order(order: Order, context: CommandContext) -> None:
    match decide_payability(order, now=context.now):
        case Payability.EXPIRED:
            raise OrderExpired(order.number)
        case Payability.NOTHING_DUE:
            raise NothingToPay(order.number, order.status, order.payment_status)
        case Payability.AWAITS_APPROVAL:
            raise ApprovalAwaited(order.number)


def _check_in_time(order: Order, provider: str, credentials: Credentials, context: CommandContext) -> None:
    days = provider_named(provider).days_under_way(credentials)
    begins_at = find_first_start(order.organization_id, order.id) if days else None
    if begins_at is not None and not arrives_in_time(begins_at, days, now=context.now):
        others = providers_in_time(order.organization_id, begins_at, now=context.now)
        raise PaymentTooSlow(provider, days=days, begins_at=begins_at, providers=others)


def _check_urls(request: AttemptRequest) -> None:
    """Refuse before an attempt is written what the provider would refuse, at the cost of one."""
    if provider_named(request.provider).needs_urls:
        for field, url in (("return_url", request.return_url), ("cancel_url", request.cancel_url)):
            if not url:
                raise InvalidInput(f"'{request.provider}' needs to know where the buyer goes.", field=field)


def _outstanding(order: Order, request: AttemptRequest) -> Decimal:
    """Return what is still to be paid: the price less what has come in and was not given back."""
    payments = Payment.objects.of(order.organization_id).filter(order_id=order.id)
    kept = payments.aggregate(kept=Sum(F("amount") - F("refunded_amount") - F("disputed_amount")))
    amount: Decimal = max(order.total - (kept["kept"] or ZERO), ZERO)
    if amount == 0 and request.provider != FreeProvider.name:
        raise NothingToPay(order.number, order.status, order.payment_status)
    return amount


def _platform_fee(credentials: Credentials, provider: str, amount: Decimal, currency: str) -> Decimal:
    """Return what whoever runs Kassa keeps of an amount; nothing where the provider cannot split it."""
    if not provider_named(provider).splits_payments(credentials):
        return ZERO
    return round_money(amount * settings.PLATFORM_FEE_PERCENTAGE / 100, currency)


def _write(
    order: Order,
    request: AttemptRequest,
    *,
    amount: Decimal,
    fee: Decimal,
    number: int,
    context: CommandContext,
) -> PaymentAttempt:
    attempt = PaymentAttempt(
        organization_id=order.organization_id,
        order_id=order.id,
        number=number,
        provider=request.provider,
        amount=amount,
        currency=order.currency,
        platform_fee=fee,
        idempotency_key=request.idempotency_key,
        return_url=request.return_url,
        cancel_url=request.cancel_url,
        # Until the provider says when it ends, until when the order holds: asked again, the same is asked.
        expires_at=order.expires_at,
        check_at=context.now + FIRST_CHECK,
        created_at=context.now,
        updated_at=context.now,
    )
    attempt.save(force_insert=True)
    note_attempt(order.organization_id, order.id, now=context.now)
    return attempt
