"""A world in which all that can happen to money can be made to happen, at the demo bank and by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import orjson

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.money import round_money
from kassa.integrations.demo_bank.domain.disputes import decide_dispute, open_dispute
from kassa.integrations.demo_bank.domain.move_on import move_on
from kassa.integrations.demo_bank.domain.pay import decline, pay
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment, DemoWebhook
from kassa.integrations.demo_bank.signing import HEADER, sign
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.domain.attempts.close import cancel_attempt, close_ended_attempts
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.attempts.reconcile import reconcile_attempts
from kassa.payments.domain.attempts.retry import RetryRequest, retry_payment
from kassa.payments.domain.manual_status import cancel_order, change_status, mark_as_paid
from kassa.payments.domain.payouts.payouts import record_payout
from kassa.payments.domain.refunds.plan import GoodsSelection, RefundSelection
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.domain.sweeps import refund_all_ended
from kassa.payments.domain.webhooks.receive import receive_webhook
from kassa.payments.domain.webhooks.settle import settle_webhooks
from kassa.payments.models import PaymentAttempt, RefundPart
from kassa.payments.providers.calls import LINES
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import RequestedLine
from tests.support.factories import enable_provider, make_organization, order_request
from tests.support.sale_world import World

BANK_MODES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"open": "lost"},
    {"look_up": "lost"},
    {"refund": "lost"},
    {"open": "dead", "look_up": "dead", "refund": "dead"},
)
"""How the bank answers; works, where nothing is said."""
Message = dict[str, Any]


def _of_another_amount(message: Message) -> None:
    for kind in ("payment", "refund", "dispute"):
        if kind in message:
            message[kind]["amount"] = "1.23"


def _in_another_currency(message: Message) -> None:
    for kind in ("payment", "refund", "dispute"):
        if kind in message:
            message[kind]["currency"] = "CHF"


def _about_nothing_of_ours(message: Message) -> None:
    for kind in ("payment", "refund", "dispute"):
        if kind in message:
            message[kind] |= {"key": str(uuid4()), "reference": "nobody", "payment_reference": "nothing"}


def _of_no_kind(message: Message) -> None:
    message["type"] = "weather.rainy"


TAMPERED: dict[str, Callable[[Message], None]] = {
    "amount": _of_another_amount,
    "currency": _in_another_currency,
    "unknown": _about_nothing_of_ours,
    "kind": _of_no_kind,
}


class Till(World):
    """``later`` is how far its clock is ahead; ``provider`` is what the demo bank is called here."""

    def __init__(self, provider: str = "demo", **settings: Any) -> None:
        super().__init__(make_organization(**settings))
        self.provider = provider
        self.later = timedelta()
        self.stranger = World()
        for organization in (self.organization, self.stranger.organization):
            enable_provider(organization, provider)
        enable_provider(self.organization, "manual")

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def now(self) -> datetime:
        return utc_now() + self.later

    def pass_time(self, **distance: float) -> None:
        self.later += timedelta(**distance)

    # Buyers.

    def try_to_place(self, lines: Sequence[RequestedLine], **fields: Any) -> Order | None:
        request = order_request(self.actor, *lines, **fields)
        [outcome] = place_orders(self.id, [request], now=self.now)
        return self.order(outcome.order_id) if isinstance(outcome, Placed) else None

    def open_at(self, order: Order, provider: str | None = None, **fields: Any) -> PaymentAttempt:
        name = provider or self.provider
        request = AttemptRequest(name, "https://shop.example/back", "https://shop.example/stop", **fields)
        return open_attempt(self.context(now=self.now), order.id, request=request)

    def pay(self, order: Order, **fields: Any) -> DemoPayment:
        """Open an attempt and pay it; its message is not delivered yet."""
        reference = self.open_at(order).provider_reference
        return self.pay_page(DemoPayment.objects.of(self.id).get(reference=reference), **fields)

    def paid(self, order: Order, **fields: Any) -> Order:
        """Pay an order, and return it as it is once its message was settled."""
        self.pay(order, **fields)
        self.deliver_all()
        self.settle()
        order = self.order(order.id)
        assert order.status == "confirmed"
        return order

    def retry(self, order: Order) -> PaymentAttempt:
        context = self.context(now=self.now)
        return retry_payment(context, order.id, request=RetryRequest())

    def cancel_attempt(self, attempt: PaymentAttempt) -> PaymentAttempt:
        return cancel_attempt(self.context(now=self.now), attempt.order_id, attempt.id)

    def pay_page(self, page: DemoPayment, **fields: Any) -> DemoPayment:
        return pay(page.reference, now=self.now, **fields)

    def decline_page(self, page: DemoPayment, **fields: Any) -> DemoPayment:
        return decline(page.reference, now=self.now, **fields)

    # The bank and its messages.

    def bank_answers(self, mode: dict[str, Any]) -> None:
        enable_provider(self.organization, self.provider, secrets={}, **mode)
        LINES.clear()

    def bank_moves_on(self) -> None:
        move_on(now=self.now)

    def deliver(self, webhook: DemoWebhook) -> None:
        self._tell(self.id, webhook.body.encode())
        DemoWebhook.objects.of(self.id).filter(id=webhook.id).update(send_at=None, delivered_at=self.now)

    def deliver_all(self) -> None:
        """Deliver what was never delivered, oldest first."""
        for webhook in DemoWebhook.objects.of(self.id).filter(delivered_at=None).order_by("id"):
            self.deliver(webhook)

    def deliver_tampered(self, webhook: DemoWebhook, how: str) -> None:
        """Deliver a message that is signed and yet wrong, here and to another organisation."""
        message = orjson.loads(webhook.body) | {"id": f"tampered-{uuid4().hex}"}
        TAMPERED[how](message)
        self._tell(self.id, orjson.dumps(message))
        strange = orjson.loads(webhook.body) | {"organization": str(self.stranger.organization.id)}
        self._tell(self.stranger.organization.id, orjson.dumps(strange))
        settle_webhooks(self.stranger.organization.id, now=self.now)

    def _tell(self, organization_id: UUID, body: bytes) -> None:
        headers = {HEADER: sign(organization_id, body, now=self.now)}
        receive_webhook(self.provider, organization_id, headers=headers, body=body, now=self.now)

    def open_dispute(self, payment: DemoPayment, share: Decimal) -> DemoDispute:
        amount = round_money((payment.amount - payment.refunded_amount) * share, payment.currency)
        return open_dispute(str(payment.payment_reference), amount, self.now)

    def decide_dispute(self, dispute: DemoDispute, *, is_won: bool) -> None:
        decide_dispute(dispute.reference, is_won, self.now)

    # Jobs.

    def settle(self) -> int:
        return settle_webhooks(self.id, now=self.now)

    def expire(self) -> int:
        return release_overdue(self.id, now=self.now)

    def reconcile(self) -> int:
        LINES.clear()
        return reconcile_attempts(self.id, now=self.now)

    def close_ended(self) -> int:
        LINES.clear()
        return close_ended_attempts(self.id, now=self.now)

    def send_refunds(self) -> None:
        LINES.clear()
        send_due_refunds(self.id, now=self.now)

    def sweep(self) -> int:
        return refund_all_ended(now=self.now)

    # Staff.

    def mark_as_paid(self, order: Order, share: Decimal) -> None:
        mark_as_paid(
            self.context(now=self.now),
            order.id,
            amount=round_money(order.total * share, order.currency),
            currency=order.currency,
            reference=uuid4().hex,
            received_at=self.now,
        )

    def cancel_order(self, order: Order) -> None:
        cancel_order(self.context("Cancelled.", now=self.now), order.id)

    def confirm(self, order: Order) -> None:
        context = self.context(now=self.now)
        change_status(context, order.id, to_status=OrderStatus.CONFIRMED)

    def refund(self, order: Order, wish: RefundSelection, key: str | None = None) -> None:
        fingerprint = None if key is None else repr(wish).encode()
        command = RefundCommand(wish, "Asked for.", key, fingerprint)
        refund_order(self.context(now=self.now), order.id, command=command)

    def refund_some(self, order: Order, which: int, key: str | None = None) -> None:
        """Give back the tickets whose bits are set."""
        tickets = Ticket.objects.of(self.id).filter(order_id=order.id).order_by("id")
        ids = [ticket.id for nth, ticket in enumerate(tickets) if which >> nth & 1]
        if ids:
            self.refund(order, RefundSelection(tickets=tuple(ids)), key)

    def refund_goods(self, order: Order, nth: int, quantity: int, *, restock: bool | None = None) -> None:
        """Give back some pieces of the item of goods whose turn it is."""
        items = list(OrderItem.objects.of(self.id).filter(order_id=order.id, kind="merchandise"))
        if items:
            item = sorted(items, key=lambda one: one.id)[nth % len(items)]
            self.refund(order, RefundSelection(goods=(GoodsSelection(item.id, quantity, restock),)))

    def refund_share(self, order: Order, share: Decimal) -> None:
        amount = round_money(order.total * share, order.currency)
        if amount > 0:
            self.refund(order, RefundSelection(amount=amount))

    def refund_all(self, order: Order) -> None:
        self.refund(order, RefundSelection(everything=True))

    def send_back_by_hand(self) -> None:
        """Send back whatever only staff can send."""
        waiting = RefundPart.objects.of(self.id).filter(status="pending", next_try_at=None)
        for refund_id, order_id in sorted(set(waiting.values_list("refund_id", "order_id"))):
            context = self.context(now=self.now)
            mark_refunded(context, order_id, refund_id, reference="by hand")

    def pay_out(self) -> None:
        record_payout(
            CommandContext.system(self.id, now=self.now),
            provider=self.provider,
            currency="EUR",
            reference=uuid4().hex,
            amount=None,
        )

    def bring_all_to_its_end(self) -> None:
        """Let the bank work again and time pass, until there is nothing left to do."""
        self.bank_answers({})
        for dispute in DemoDispute.objects.of(self.id).filter(status="open"):
            self.decide_dispute(dispute, is_won=True)
        for _ in range(4):
            self.later += timedelta(hours=27)
            self.bank_moves_on()
            self.deliver_all()
            self.settle()
            self.expire()
            self.sweep()
            self.close_ended()
            self.reconcile()
            self.send_refunds()
            self.send_back_by_hand()
