"""Where, how much and by when a buyer transfers, as pages and messages say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.formatting import format_date, format_money
from kassa.payments.enums import AttemptStatus
from kassa.payments.models import PaymentAttempt

GROUP = 4
"""How many letters of an IBAN people read at a time."""


@dataclass(frozen=True, slots=True)
class TransferInstructions:
    """All that a buyer needs to pay by bank transfer."""

    account_holder: str
    iban: str
    """In groups, as on a bank's own papers."""
    bic: str
    bank: str
    reference: str
    amount: str
    due: str
    """The last day to transfer: ``7 December 2026``."""
    text: str
    """What the organiser adds; empty: nothing."""


def describe_transfer(attempt: PaymentAttempt | None, locale: str) -> TransferInstructions | None:
    """Return what to transfer for an attempt. None: it is not open, or not paid by transfer."""
    if attempt is None or attempt.status != AttemptStatus.OPEN or not attempt.instructions:
        return None
    given: dict[str, Any] = attempt.instructions
    iban = str(given["iban"])
    return TransferInstructions(
        account_holder=given["account_holder"],
        iban=" ".join(iban[at : at + GROUP] for at in range(0, len(iban), GROUP)),
        bic=given.get("bic", ""),
        bank=given.get("bank_name", ""),
        reference=given["reference"],
        amount=format_money(Decimal(given["amount"]), given["currency"], locale),
        due=format_date(date.fromisoformat(given["due_date"]), locale, "long"),
        text=given.get("text", ""),
    )


def find_open_transfers(organization_id: UUID, order_ids: Iterable[UUID]) -> dict[UUID, PaymentAttempt]:
    """Return the attempts that wait for a transfer, by order: an order has one live attempt at most."""
    attempts = PaymentAttempt.objects.of(organization_id).filter(
        order_id__in=list(order_ids), status=AttemptStatus.OPEN, instructions__isnull=False
    )
    return {attempt.order_id: attempt for attempt in attempts}
