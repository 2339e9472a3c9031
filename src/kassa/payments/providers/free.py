"""Orders that cost nothing."""

from __future__ import annotations

from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    PaymentSeen,
    PaymentState,
    ProviderRefused,
    RefundRequest,
    RefundSeen,
    RefundState,
    Setting,
)
from kassa.payments.providers.silent import SilentProvider


class FreeProvider(SilentProvider):
    """Says of an order without a price that it is paid. No money ever lies here."""

    name = "free"
    title = "Free"
    settings: tuple[Setting, ...] = ()
    needs_account = False
    can_refund = False
    needs_urls = False

    def check_configuration(self, credentials: Credentials) -> None:
        """There is nothing to configure."""

    def splits_payments(self, credentials: Credentials) -> bool:
        """Say no: there is nothing to split."""
        return False

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        if request.amount != 0:
            raise ProviderRefused("Only what costs nothing is free.", code="not_free")
        return Opened(reference=f"free-{request.key}", is_paid=True)

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        return PaymentSeen(PaymentState.OPEN, reference)

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        return PaymentSeen(PaymentState.CANCELLED, reference)

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        return RefundSeen(RefundState.REFUSED, reference="", error="Nothing was paid.")

    def look_up_refund(self, credentials: Credentials, reference: str) -> RefundSeen:
        return RefundSeen(RefundState.REFUSED, reference, error="Nothing was paid.")
