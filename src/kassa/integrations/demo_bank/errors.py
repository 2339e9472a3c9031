"""What the demo bank refuses."""

from __future__ import annotations

from decimal import Decimal

from kassa.core.errors import Conflict
from kassa.core.money import format_amount


class DemoPaymentOver(Conflict):
    """The demo payment is paid, processing or over; `payment_status` says which."""

    code = "demo_payment_over"
    title = "The demo payment is over"

    def __init__(self, status: str) -> None:
        super().__init__(f"The demo payment is {status}.", payment_status=status)


class DemoDisputeOver(Conflict):
    """The demo dispute is decided already; `dispute_status` says how."""

    code = "demo_dispute_over"
    title = "The demo dispute is decided"

    def __init__(self, status: str) -> None:
        super().__init__(f"The demo dispute is {status}.", dispute_status=status)


class NothingToDispute(Conflict):
    """Less is left of the demo payment than should be taken back; `left` is how much."""

    code = "demo_nothing_to_dispute"
    title = "Not that much is left to dispute"

    def __init__(self, left: Decimal, currency: str) -> None:
        shown = format_amount(left, currency)
        super().__init__(
            f"A dispute takes back more than zero and at most {shown} {currency}.",
            left=shown,
            currency=currency,
        )
