"""Which sums are not booked, because they contradict what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.payments.domain.receipts.incoming_payment import IncomingPayment, PaymentOutcome
from kassa.payments.providers.manual import ManualProvider

PAID_ATTEMPTS = """
SELECT attempt_id, provider_reference FROM payments_payment
WHERE organization_id = %s AND attempt_id = ANY(%s::uuid[])
"""


def validate_payments(
    database: Statements,
    organization_id: UUID,
    receipts: Sequence[IncomingPayment],
    orders: Mapping[UUID, Any],
) -> list[PaymentOutcome | None]:
    """Return for each receipt why it is not booked, None where it is; the orders are locked.

    An attempt is paid once. A second payment of it under another reference is either the same money under
    another name or a mistake of the provider's: staff have to look at it.
    """
    attempts = [receipt.attempt_id for receipt in receipts if _is_once(receipt)]
    paid: dict[UUID, str] = {}
    if attempts:
        paid.update(database.queue(PAID_ATTEMPTS, (organization_id, plain_array(attempts))).fetchall())
    return [_refusal(receipt, orders, paid) for receipt in receipts]


def _refusal(
    receipt: IncomingPayment, orders: Mapping[UUID, Any], paid: dict[UUID, str]
) -> PaymentOutcome | None:
    if receipt.order_id not in orders:
        return PaymentOutcome.ORDER_UNKNOWN
    if orders[receipt.order_id].currency != receipt.currency:
        return PaymentOutcome.WRONG_CURRENCY
    if receipt.attempt_id is not None and _is_once(receipt):
        first = paid.setdefault(receipt.attempt_id, receipt.provider_reference)
        if first != receipt.provider_reference:
            return PaymentOutcome.ATTEMPT_PAID
    return None


def _is_once(receipt: IncomingPayment) -> bool:
    """Say whether one payment is all there can be: transfers may come in parts."""
    return receipt.attempt_id is not None and receipt.provider != ManualProvider.name
