"""A payment provider in memory that does what a test tells it, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event, Lock
from typing import Any
from uuid import UUID

from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    PaymentSeen,
    PaymentState,
    ProviderEvent,
    ProviderRefused,
    ProviderUnreachable,
    RefundRequest,
    RefundSeen,
    RefundState,
    Setting,
    WebhookRefused,
)

LASTS = timedelta(hours=2)


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


@dataclass
class Bank:
    """What lies behind the provider, for all organisations; tests change it as they like."""

    sessions: dict[str, PaymentSeen] = field(default_factory=dict)
    requests: dict[str, PaymentRequest] = field(default_factory=dict)
    opened: list[UUID] = field(default_factory=list)
    """The keys of all calls that wanted to open one, also those that opened nothing new."""
    closed: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    dead_for: set[UUID] = field(default_factory=set)
    """Organisations that get no answer, and for which nothing is done."""
    loses_answers: bool = False
    """Everything is done, but nobody is told."""
    kills_after_opening: bool = False
    refuses: str = ""
    """The code with which new ones are refused."""
    answers: Event = field(default_factory=Event)
    """Clear it to let every call wait."""
    waiting: int = 0
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.answers.set()

    def pay(self, reference: str, **changes: Any) -> None:
        """Let the buyer pay."""
        self.tell(reference, PaymentState.SUCCEEDED, payment_reference=f"paid-{reference}", **changes)

    def tell(self, reference: str, state: PaymentState, **changes: Any) -> None:
        """Let a session stand otherwise."""
        self.sessions[reference] = replace(self.sessions[reference], state=state, **changes)


BANK = Bank()


def new_bank() -> Bank:
    """Start with a bank that knows nothing."""
    fresh = Bank()
    for name in fresh.__dataclass_fields__:
        setattr(BANK, name, getattr(fresh, name))
    return BANK


class MemoryProvider:
    """Opens sessions in the bank above."""

    name = "memory"
    title = "Memory"
    settings: tuple[Setting, ...] = (
        Setting("account", "Account", is_required=True),
        Setting("key", "Key", is_secret=True, is_required=True),
    )
    needs_account = True
    can_refund = True
    needs_urls = False

    def check_configuration(self, credentials: Credentials) -> None:
        """Everything will do."""

    def splits_payments(self, credentials: Credentials) -> bool:
        """Say no."""
        return False

    def days_under_way(self, credentials: Credentials) -> int:
        """Return 0: payments arrive at once."""
        return 0

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        self._enter(credentials)
        if BANK.refuses:
            raise ProviderRefused("Not with us.", code=BANK.refuses)
        reference = f"session-{request.key}"
        with BANK.lock:
            BANK.opened.append(request.key)
            assert BANK.requests.setdefault(reference, request) == request, "the same key, another request"
            BANK.sessions.setdefault(
                reference,
                PaymentSeen(
                    PaymentState.OPEN,
                    reference,
                    key=request.key,
                    amount=request.amount,
                    currency=request.currency,
                    method="card",
                    gateway_fee=Decimal("0.30"),
                ),
            )
        if BANK.kills_after_opening:
            raise Killed
        self._leave()
        return Opened(
            reference=reference,
            checkout_url=f"https://pay.example/{reference}",
            expires_at=request.now + LASTS,
        )

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        self._enter(credentials)
        BANK.looked_up.append(reference)
        self._leave()
        return BANK.sessions.get(reference, PaymentSeen(PaymentState.UNKNOWN, reference))

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        self._enter(credentials)
        BANK.closed.append(reference)
        if BANK.sessions[reference].state == PaymentState.OPEN:
            BANK.tell(reference, PaymentState.EXPIRED)
        self._leave()
        return BANK.sessions[reference]

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        self._enter(credentials)
        return RefundSeen(RefundState.SUCCEEDED, f"refund-{request.key}", key=request.refund_part_id)

    def look_up_refund(self, credentials: Credentials, reference: str) -> RefundSeen:
        return RefundSeen(RefundState.SUCCEEDED, reference)

    def organization_of(self, body: bytes) -> UUID | None:
        return None

    def verify_webhook(
        self, credentials: Credentials, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> ProviderEvent:
        raise WebhookRefused("This provider sends no webhooks.")

    def read_webhook(self, credentials: Credentials, body: bytes) -> ProviderEvent:
        raise ValueError("This provider sends no webhooks.")

    def _enter(self, credentials: Credentials) -> None:
        assert credentials.secrets == {"key": "s3cret"}
        with BANK.lock:
            BANK.waiting += 1
        try:
            assert BANK.answers.wait(timeout=30)
        finally:
            with BANK.lock:
                BANK.waiting -= 1
        if credentials.organization_id in BANK.dead_for:
            raise ProviderUnreachable("nobody is there")

    def _leave(self) -> None:
        if BANK.loses_answers:
            raise ProviderUnreachable("the answer was lost")


class OtherProvider(MemoryProvider):
    """The same bank under another name."""

    name = "other"
    title = "Other"
