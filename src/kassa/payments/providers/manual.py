"""Bank transfers: the buyer is told where to pay, and staff mark what has arrived."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from kassa.core.errors import InvalidInput
from kassa.core.money import format_amount
from kassa.payments.providers.lead_time import last_day_to_pay
from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    PaymentSeen,
    PaymentState,
    RefundRequest,
    RefundSeen,
    RefundState,
    Setting,
)
from kassa.payments.providers.silent import SilentProvider

DUE_DAYS = 7
MOST_DUE_DAYS = 90
LEAD_DAYS = 2
MOST_LEAD_DAYS = 30
GRACE = timedelta(days=1)
"""How long places are held after the due day: a transfer of the last day is still being booked then."""
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")

_DAYS = {
    "due_days": ("Days to pay", DUE_DAYS, MOST_DUE_DAYS),
    "lead_days": ("Days a transfer takes", LEAD_DAYS, MOST_LEAD_DAYS),
}
"""Settings that are a number of days: what they are called, what they are unless given, and at most."""


class ManualProvider(SilentProvider):
    """A bank account of the organisation. It answers without any network, and money goes back by hand."""

    name = "manual"
    title = "Bank transfer"
    settings: tuple[Setting, ...] = (
        Setting("account_holder", "Account holder", is_required=True),
        Setting("iban", "IBAN", is_required=True),
        Setting("bic", "BIC"),
        Setting("bank_name", "Name of the bank"),
        Setting("due_days", "Days to pay", help=f"{DUE_DAYS} unless given; the places are held as long."),
        Setting(
            "lead_days",
            "Days a transfer takes",
            help=f"{LEAD_DAYS} unless given. Transfers are due so many days before what is bought begins, "
            "and are not offered later.",
        ),
        Setting("instructions", "Instructions", help="Told to the buyer beside the account."),
    )
    needs_account = True
    can_refund = False
    needs_urls = False

    def check_configuration(self, credentials: Credentials) -> None:
        given = credentials.configuration
        for setting in self.settings:
            if setting.name not in _DAYS and not isinstance(given.get(setting.name, ""), str):
                raise InvalidInput(f"{setting.label} is a text.", field=setting.name)
        if not is_iban(_compact(given["iban"])):
            raise InvalidInput(
                "This is not an IBAN: a letter or digit of it is wrong or missing.", field="iban"
            )
        bic = _compact(given.get("bic", ""))
        if bic and not BIC.fullmatch(bic):
            raise InvalidInput("A BIC has 8 or 11 letters and digits.", field="bic")
        for name, (label, default, most) in _DAYS.items():
            days = given.get(name, default)
            if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= most:
                raise InvalidInput(f"{label} are a whole number from 1 to {most}.", field=name)

    def splits_payments(self, credentials: Credentials) -> bool:
        """Say no: transfers arrive as they are."""
        return False

    def days_under_way(self, credentials: Credentials) -> int:
        return int(credentials.configuration.get("lead_days", LEAD_DAYS))

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        given = credentials.configuration
        begins_at = request.begins_at
        due = due_date(
            request.now,
            given.get("due_days", DUE_DAYS),
            begins_at=begins_at,
            lead_days=self.days_under_way(credentials),
            zone=request.zone,
        )
        holds_until = datetime.combine(due + timedelta(days=1), time(), request.zone) + GRACE
        instructions: dict[str, Any] = {
            "account_holder": given["account_holder"],
            "iban": _compact(given["iban"]),
            "bic": _compact(given.get("bic", "")),
            "bank_name": given.get("bank_name", ""),
            "reference": request.order_number,
            "amount": format_amount(request.amount, request.currency),
            "currency": request.currency,
            "due_date": due.isoformat(),
            "text": given.get("instructions", ""),
        }
        return Opened(
            # An order may be paid by transfer in a second attempt; what the buyer writes is its number.
            reference=f"manual-{request.key}",
            instructions=instructions,
            holds_until=min(holds_until, begins_at) if begins_at else holds_until,
        )

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        return PaymentSeen(PaymentState.OPEN, reference)

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        return PaymentSeen(PaymentState.CANCELLED, reference)

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        return RefundSeen(
            RefundState.PENDING, f"manual-{request.key}", payment_reference=request.payment_reference
        )

    def look_up_refund(self, credentials: Credentials, reference: str) -> RefundSeen:
        return RefundSeen(RefundState.PENDING, reference)


def due_date(
    now: datetime,
    days: int,
    *,
    begins_at: datetime | None = None,
    lead_days: int = 0,
    zone: tzinfo | None = None,
) -> date:
    """Return the day by which a transfer that is promised now has to be made.

    If what is bought begins before that, it is the last day on which a transfer still arrives in time. The
    days are those of the zone; without one, those of the place where it begins, and else of UTC.
    """
    clock = zone or (begins_at.tzinfo if begins_at else None) or UTC
    due = now.astimezone(clock).date() + timedelta(days=days)
    return due if begins_at is None else min(due, last_day_to_pay(begins_at, lead_days))


def is_iban(text: str) -> bool:
    """Say whether a text without spaces is an IBAN whose check digits are right (ISO 13616)."""
    if not IBAN.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _compact(text: str) -> str:
    return "".join(text.split()).upper()
