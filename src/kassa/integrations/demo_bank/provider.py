"""The demo bank as a payment provider.

It plays an external service, so it has a clock of its own and books of its own, and what a caller
learns of them it learns through the protocol.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings

from kassa.core.clock import utc_now
from kassa.core.errors import InvalidInput
from kassa.integrations.demo_bank.domain.open import close_payment, known_payment, open_payment
from kassa.integrations.demo_bank.domain.refund import refund_payment
from kassa.integrations.demo_bank.domain.settle import status_at
from kassa.integrations.demo_bank.enums import AnswerMode
from kassa.integrations.demo_bank.messages import (
    payment_data,
    payment_seen,
    read_message,
    read_organization,
    refund_data,
    refund_seen,
)
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund
from kassa.integrations.demo_bank.signing import HEADER, check_signature
from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    PaymentSeen,
    PaymentState,
    ProviderEvent,
    ProviderUnreachable,
    RefundRequest,
    RefundSeen,
    RefundState,
    Setting,
    WebhookRefused,
)

SLOW_SECONDS = 3.0
"""How long a slow answer takes; less than a call may take."""
ANSWERS = "works, slow, dead (does nothing) or lost (does it, but the answer never arrives)"


class DemoProvider:
    """A bank that moves no money and does what it is told on its payment page."""

    name = "demo"
    title = "Demo payment"
    settings: tuple[Setting, ...] = (
        Setting(name="open", label="Opening a payment", help=ANSWERS),
        Setting(name="look_up", label="Looking up and closing a payment", help=ANSWERS),
        Setting(name="refund", label="Giving money back", help=ANSWERS),
    )
    needs_account = True
    can_refund = True
    needs_urls = False

    def check_configuration(self, credentials: Credentials) -> None:
        """Check how the bank is to answer; raises InvalidInput naming the field that is wrong."""
        for setting in self.settings:
            given = credentials.configuration.get(setting.name, AnswerMode.WORKS)
            if given not in AnswerMode.values:
                raise InvalidInput(f"Choose one of {', '.join(AnswerMode.values)}.", field=setting.name)

    def splits_payments(self, credentials: Credentials) -> bool:
        """Say no: no money moves here."""
        return False

    def days_under_way(self, credentials: Credentials) -> int:
        """Return 0: payments arrive at once."""
        return 0

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        """Open a payment page, or return the one opened under the same key."""
        mode = _begin(credentials, "open")
        payment = open_payment(credentials.organization_id, request)
        _end(mode)
        return Opened(
            reference=payment.reference,
            checkout_url=page_url(payment, language=request.language),
            expires_at=payment.expires_at,
        )

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        """Say how a payment stands."""
        mode = _begin(credentials, "look_up")
        seen = _seen(known_payment(credentials.organization_id, reference), reference)
        _end(mode)
        return seen

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        """End an open page and say how the payment stands then."""
        mode = _begin(credentials, "look_up")
        payment = close_payment(credentials.organization_id, reference, now=utc_now())
        _end(mode)
        return _seen(payment, reference)

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        """Give money back, once for each key."""
        mode = _begin(credentials, "refund")
        done = refund_payment(credentials.organization_id, request, now=utc_now())
        _end(mode)
        if done is None:
            return RefundSeen(
                state=RefundState.REFUSED,
                reference="",
                key=request.refund_part_id,
                error="The demo bank knows no such payment.",
            )
        return refund_seen(refund_data(*done))

    def look_up_refund(self, credentials: Credentials, reference: str) -> RefundSeen:
        """Say how a refund stands; one that is not known was never made, and so is refused."""
        mode = _begin(credentials, "refund")
        refund = (
            DemoRefund.objects.of(credentials.organization_id)
            .filter(reference=reference)
            .select_related("payment")
            .first()
        )
        _end(mode)
        if refund is None:
            return RefundSeen(
                state=RefundState.REFUSED, reference=reference, error="The demo bank knows no such refund."
            )
        return refund_seen(refund_data(refund.payment, refund))

    def organization_of(self, body: bytes) -> UUID | None:
        """Return the organisation that a webhook claims to be for."""
        return read_organization(body)

    def verify_webhook(
        self, credentials: Credentials, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> ProviderEvent:
        """Check the signature, the time and whom it is for, and read it."""
        check_signature(credentials.organization_id, headers.get(HEADER), body, now=now)
        if read_organization(body) != credentials.organization_id:
            raise WebhookRefused("The message is for another organisation.")
        try:
            return read_message(body)
        except ValueError as error:
            raise WebhookRefused("The message cannot be read.") from error

    def read_webhook(self, credentials: Credentials, body: bytes) -> ProviderEvent:
        """Read a webhook that was verified when it came."""
        return read_message(body)


def page_url(payment: DemoPayment, *, language: str = "") -> str:
    """Return where the buyer pays; without a language the page speaks that of the browser."""
    query = f"?lang={language}" if language else ""
    return f"{settings.BASE_URL}/demo-bank/pay/{payment.reference}{query}"


def _begin(credentials: Credentials, call: str) -> AnswerMode:
    """Answer as the organisation has configured it: be slow first, or do not answer at all."""
    mode = AnswerMode(credentials.configuration.get(call, AnswerMode.WORKS))
    if mode is AnswerMode.DEAD:
        raise ProviderUnreachable("The demo bank is configured not to answer.")
    if mode is AnswerMode.SLOW:
        time.sleep(SLOW_SECONDS)
    return mode


def _end(mode: AnswerMode) -> None:
    if mode is AnswerMode.LOST:
        raise ProviderUnreachable("The demo bank is configured to lose its answers.")


def _seen(payment: DemoPayment | None, reference: str) -> PaymentSeen:
    if payment is None:
        return PaymentSeen(state=PaymentState.UNKNOWN, reference=reference)
    payment.status = status_at(payment, utc_now())
    return payment_seen(payment_data(payment))
