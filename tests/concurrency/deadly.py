"""A provider that kills the process that called it, and a process in which that is done.

``KASSA_KILLED_AT`` names the moment at which the process dies. The bank behind the provider is the demo
bank: its books are in the database and outlive the process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.delivery import DeliveryQueue
from kassa.integrations.demo_bank.provider import DemoProvider
from kassa.integrations.demo_bank.signing import HEADER, sign
from kassa.payments.domain.attempts.close import cancel_attempt
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.attempts.reconcile import reconcile_attempts
from kassa.payments.domain.receipts import record_payments as receive
from kassa.payments.domain.refunds import event_refunds
from kassa.payments.domain.refunds import send as send_refunds
from kassa.payments.domain.webhooks import settle as settle_webhooks
from kassa.payments.domain.webhooks.receive import receive_webhook
from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    PaymentSeen,
    RefundRequest,
    RefundSeen,
)

NAME = "deadly"
CLASS = f"{__name__}.DeadlyProvider"
KILLED_AT = "KASSA_KILLED_AT"


def die_at(moment: str) -> None:
    """Be killed, if this is the moment for it."""
    if os.environ.get(KILLED_AT) == moment:
        os.kill(os.getpid(), signal.SIGKILL)


class DeadlyProvider(DemoProvider):
    """The demo bank under another name."""

    name = NAME
    title = "Deadly"

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        die_at("before opening")
        opened = super().open(credentials, request)
        die_at("after opening")
        return opened

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        die_at("before closing")
        seen = super().close(credentials, reference)
        die_at("after closing")
        return seen

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        seen = super().look_up(credentials, reference)
        die_at("after looking up")
        return seen

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        die_at("before refunding")
        seen = super().refund(credentials, request)
        die_at("after refunding")
        return seen


def after(module: Any, name: str, moment: str) -> Any:
    """Be killed once a function of ours has done its work."""
    function = getattr(module, name)

    def do_and_die(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        die_at(moment)
        return result

    return patch.object(module, name, do_and_die)


def main() -> None:
    """Do the step of a sale that the arguments name; the parent expects that it never returns."""
    step, given = sys.argv[1], json.loads(sys.argv[2])
    STEPS[step](UUID(given["organization"]), given)


def _pay_again(organization_id: UUID, given: dict[str, Any]) -> None:
    request = AttemptRequest(NAME, "https://shop.example/back", "https://shop.example/stop", given["key"])
    context = CommandContext(Actor.system(organization_id), utc_now())
    open_attempt(context, UUID(given["order"]), request=request)


def _cancel_attempt(organization_id: UUID, given: dict[str, Any]) -> None:
    context = CommandContext(Actor.system(organization_id), utc_now())
    cancel_attempt(context, UUID(given["order"]), UUID(given["attempt"]))


def _hear(organization_id: UUID, given: dict[str, Any]) -> None:
    now, body = utc_now(), given["body"].encode()
    headers = {HEADER: sign(organization_id, body, now=now)}
    receive_webhook(NAME, organization_id, headers=headers, body=body, now=now)
    die_at("webhook stored")
    with (
        after(DeliveryQueue, "claim", "webhook claimed"),
        after(receive, "confirm_orders", "order confirmed, not committed"),
        after(settle_webhooks, "settle_payments", "payment received, message not marked"),
    ):
        settle_webhooks.settle_webhooks(organization_id, now=now)


def _reconcile(organization_id: UUID, given: dict[str, Any]) -> None:
    reconcile_attempts(organization_id, now=utc_now() + timedelta(minutes=2))


def _send_refunds(organization_id: UUID, given: dict[str, Any]) -> None:
    with after(DeliveryQueue, "claim", "refund claimed"):
        send_refunds.send_due_refunds(organization_id, now=utc_now())


def _refund_event(organization_id: UUID, given: dict[str, Any]) -> None:
    event_refunds.BATCH = 2
    run_id = UUID(given["run"])
    event_refunds.continue_event_refund(organization_id, run_id, now=utc_now())
    die_at("first orders refunded")
    with after(event_refunds, "_refund_batch", "next orders refunded, not committed"):
        event_refunds.continue_event_refund(organization_id, run_id, now=utc_now())


STEPS: dict[str, Callable[[UUID, dict[str, Any]], None]] = {
    "pay": _pay_again,
    "cancel_attempt": _cancel_attempt,
    "hear": _hear,
    "reconcile": _reconcile,
    "send_refunds": _send_refunds,
    "refund_event": _refund_event,
}
