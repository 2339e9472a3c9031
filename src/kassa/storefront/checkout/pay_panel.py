"""What the page of an order says about paying it: how, until when, what happened, and the way on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.core.stored_sentences import translate_stored
from kassa.orders.domain.capabilities import Payability, count_attempts_left, decide_payability
from kassa.orders.domain.order_view import EXPIRING_SOON
from kassa.orders.enums import Approval, OrderStatus
from kassa.orders.models import Order
from kassa.orders.queries import find_first_start
from kassa.organizations.queries import organization_settings
from kassa.payments.domain.attempts.transfer_instructions import TransferInstructions, describe_transfer
from kassa.payments.domain.receipts.balance import get_net_received
from kassa.payments.enums import LIVE_ATTEMPTS, AttemptStatus
from kassa.payments.models import PaymentAttempt
from kassa.payments.queries import find_last_attempt
from kassa.storefront.checkout.ways import RefusedWay, Way, WaysToPay, ways_to_pay
from kassa.storefront.formatting import amount_text, present_locale

REFRESH_SECONDS = 5
"""How often the page asks again while a bank has not answered."""
OPENING_TAKES = timedelta(seconds=30)
"""Until then another request may still be at it; later the provider did not answer."""


class PayState(StrEnum):
    """What there is to be done."""

    NOTHING = "nothing"
    WAITING = "waiting"
    """The buyer has done their part."""
    OPEN = "open"
    """There is a page on which it is paid."""
    TRANSFER = "transfer"
    CHOOSE = "choose"
    EXHAUSTED = "exhausted"
    """No attempt is left; the same can be chosen again."""
    ENDED = "ended"
    """The order holds nothing any more; the same can be chosen again."""


HAPPENED: dict[str, Promise] = {
    AttemptStatus.FAILED: _("The payment did not go through. You have not been charged."),
    AttemptStatus.CANCELLED: _("You left before completing the payment. You have not been charged."),
    AttemptStatus.EXPIRED: _("The payment timed out. You have not been charged."),
    AttemptStatus.OPENING: _("The payment service did not respond. You have not been charged."),
}
"""By the status of the attempt that came to nothing."""


@dataclass(frozen=True, slots=True)
class PayPanel:
    """How the payment of an order stands."""

    state: PayState
    amount: str = ""
    """The amount still to be paid."""
    ways: tuple[tuple[Way, bool], ...] = ()
    """How it can be paid, and which of it is chosen beforehand."""
    refused_ways: tuple[RefusedWay, ...] = ()
    """How it cannot be paid any more, and why."""
    happened: str = ""
    """What became of the last attempt; empty: there was none, or it is still good."""
    reason: str = ""
    """Why it failed; empty: nobody says."""
    attempts_left: int | None = None
    """None: it does not matter yet."""
    is_soon: bool = False
    """Whether the time to pay is nearly over."""
    key: str = ""
    """Makes one attempt of a form that is sent twice."""
    transfer: TransferInstructions | None = None
    refresh_seconds: int | None = None
    """After how long the page looks again. None: it need not."""


def pay_panel(order: Order, *, now: datetime) -> PayPanel:
    """Return what an order's page says about paying it, in a constant number of queries."""
    payability = decide_payability(order, now=now)
    if payability == Payability.EXPIRED or order.status == OrderStatus.CANCELLED:
        is_refused = order.approval == Approval.REJECTED
        return PayPanel(PayState.NOTHING if is_refused else PayState.ENDED)
    if payability != Payability.PAYABLE or order.total <= 0:
        return PayPanel(PayState.NOTHING)
    last = find_last_attempt(order.organization_id, order.id)
    if last is not None and last.status == AttemptStatus.PROCESSING:
        return PayPanel(PayState.WAITING, refresh_seconds=REFRESH_SECONDS)
    return _to_pay(order, last, now)


def _to_pay(order: Order, last: PaymentAttempt | None, now: datetime) -> PayPanel:
    organization_id = order.organization_id
    most = organization_settings(organization_id).max_payment_attempts
    left = count_attempts_left(order, most=most)
    is_live = last is not None and last.status in LIVE_ATTEMPTS
    if not left and not is_live:
        return PayPanel(PayState.EXHAUSTED, happened=_happened(last), reason=_reason(last))
    is_new = (
        last is not None and last.status == AttemptStatus.OPENING and now - last.created_at < OPENING_TAKES
    )
    ways = _ways(order, now) if left or _is_unopened(last) else WaysToPay()
    return PayPanel(
        _state(last),
        amount=amount_text(_outstanding(order), order.currency),
        ways=_choice(ways.offered, last),
        refused_ways=ways.refused,
        happened="" if is_new else _happened(last),
        reason=_reason(last),
        attempts_left=left if last is not None else None,
        is_soon=order.expires_at is not None and order.expires_at - now <= EXPIRING_SOON,
        key=f"page:{last.number + 1 if last else 1}",
        transfer=describe_transfer(last, present_locale()),
        refresh_seconds=REFRESH_SECONDS if is_new else None,
    )


def _state(last: PaymentAttempt | None) -> PayState:
    if last is None or last.status != AttemptStatus.OPEN:
        return PayState.CHOOSE
    return PayState.OPEN if last.checkout_url else PayState.TRANSFER


def _is_unopened(last: PaymentAttempt | None) -> bool:
    return last is not None and last.status == AttemptStatus.OPENING


def _outstanding(order: Order) -> Decimal:
    missing: Decimal = order.total - get_net_received(order.organization_id, order.id)
    return max(missing, Decimal(0))


def _ways(order: Order, now: datetime) -> WaysToPay:
    begins_at = find_first_start(order.organization_id, order.id)
    return ways_to_pay(order.organization_id, begins_at=begins_at, now=now)


def _choice(ways: Sequence[Way], last: PaymentAttempt | None) -> tuple[tuple[Way, bool], ...]:
    """Return the ways to pay, the one of the last time chosen again."""
    names = [way.name for way in ways]
    chosen = last.provider if last and last.provider in names else next(iter(names), "")
    return tuple((way, way.name == chosen) for way in ways)


def _happened(last: PaymentAttempt | None) -> str:
    return str(HAPPENED.get(last.status, "")) if last else ""


def _reason(last: PaymentAttempt | None) -> str:
    """Return why the last payment failed: in the reader's language, or in the provider's own words."""
    has_failed = last is not None and last.status == AttemptStatus.FAILED
    return translate_stored(last.error, present_locale()) if last and has_failed else ""
