"""Movements of money as people and programs see them, written a set at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kassa.core.database import Statements, plain_array, text_array
from kassa.payments.enums import TransactionStatus, TransactionType

INSERT_TRANSACTIONS = """
INSERT INTO payments_transaction (id, organization_id, type, status, order_id, user_id, payment_id,
    refund_part_id, dispute_id, payout_id, amount, currency, payment_method, payment_method_id,
    payment_intent_id, gateway_fee, platform_fee, created_at, updated_at)
SELECT d.id, %s, d.type, d.status, d.order_id, d.user_id, d.payment_id, d.refund_part_id, d.dispute_id,
    d.payout_id, d.amount, d.currency, d.method, d.method_id, d.intent_id, d.gateway_fee, d.platform_fee,
    %s, %s
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
    %s::uuid[], %s::numeric[], %s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[],
    %s::numeric[])
    AS d(id, type, status, order_id, user_id, payment_id, refund_part_id, dispute_id, payout_id, amount,
         currency, method, method_id, intent_id, gateway_fee, platform_fee)
"""


@dataclass(frozen=True, slots=True)
class NewTransaction:
    """A transaction about to be written; the names are those of the table."""

    id: UUID
    type: TransactionType
    status: TransactionStatus
    amount: Decimal
    currency: str
    payment_method: str
    payment_method_id: str = ""
    payment_intent_id: str | None = None
    order_id: UUID | None = None
    user_id: UUID | None = None
    payment_id: UUID | None = None
    refund_part_id: UUID | None = None
    dispute_id: UUID | None = None
    payout_id: UUID | None = None
    gateway_fee: Decimal | None = None
    platform_fee: Decimal | None = None


def write_transactions(
    database: Statements, organization_id: UUID, rows: Sequence[NewTransaction], *, now: datetime
) -> None:
    """Write transactions in one statement, within the caller's transaction of the database."""
    if not rows:
        return
    database.queue(
        INSERT_TRANSACTIONS,
        (
            organization_id,
            now,
            now,
            plain_array([row.id for row in rows]),
            plain_array([row.type.value for row in rows]),
            plain_array([row.status.value for row in rows]),
            plain_array([row.order_id for row in rows]),
            plain_array([row.user_id for row in rows]),
            plain_array([row.payment_id for row in rows]),
            plain_array([row.refund_part_id for row in rows]),
            plain_array([row.dispute_id for row in rows]),
            plain_array([row.payout_id for row in rows]),
            plain_array([row.amount for row in rows]),
            plain_array([row.currency for row in rows]),
            text_array([row.payment_method for row in rows]),
            text_array([row.payment_method_id for row in rows]),
            text_array([row.payment_intent_id for row in rows]),
            plain_array([row.gateway_fee for row in rows]),
            plain_array([row.platform_fee for row in rows]),
        ),
    )
