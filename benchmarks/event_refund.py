"""A cancelled event: all its orders are refunded, and the money is sent back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from benchmarks.books import BooksDoNotBalance
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_shop
from benchmarks.server import Stage
from benchmarks.waiting import (
    CURRENCY,
    PRICE,
    PROVIDER,
    offer_payment,
    pay_at_bank,
    place_waiting,
    store_messages,
)
from benchmarks.working import Work, audit, measure_work, work_of
from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.enums import EventStatus
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.refunds.event_refunds import continue_event_refund, start_event_refund
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.domain.webhooks.settle import settle_webhooks
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import RefundRequest
from kassa.payments.providers.registry import provider_named

REASON = "The concert is cancelled."
BREAK_IN = 200
ALONE = 500
"""So many refunds are asked of the bank by themselves, to see what of sending is the bank's own work."""
NOT_BACK = """
SELECT count(*) FROM orders_order WHERE organization_id = %s AND event_id = %s
    AND NOT (status = 'refunded' AND payment_status = 'refunded' AND refunded_amount = total)
"""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Refund an event, once: the orders give everything back, then the bank sends the money."""
    first, shop = found_shop("event-refund-before"), found_shop("event-refund")
    for one, count in ((first, BREAK_IN), (shop, plan.refunded_orders)):
        offer_payment(one)
        _sell(stage, one, count)
        plan.say(f"event_refund: {count:,} orders are paid")
    _promise(stage, first)
    _send(stage, first)
    stage.connection.execute("ANALYZE")
    stage.checkpoint()
    promised = _promise(stage, shop)
    plan.say(f"event_refund: refunded {promised.per_second:,.0f} orders/s")
    sent = _send(stage, shop)
    plan.say(f"event_refund: sent back {sent.per_second:,.0f} orders/s")
    seconds = promised.seconds + sent.seconds
    row = stage.connection.execute(NOT_BACK, (shop.organization_id, shop.event_id)).fetchone()
    if row is None or row[0]:
        raise BooksDoNotBalance(f"{row} orders have not got their money back.")
    whole = work_of(
        promised.items,
        seconds,
        kassa=(promised.kassa_cpu_ms + sent.kassa_cpu_ms) * promised.items / 1000,
        postgres=(promised.postgres_cpu_ms + sent.postgres_cpu_ms) * promised.items / 1000,
    )
    return {
        "orders": promised.items,
        "promised": asdict(promised),
        "sent": asdict(sent),
        "whole": asdict(whole),
        "bank_alone": asdict(_bank_alone(stage, shop)),
        "books": audit(),
    }


def _sell(stage: Stage, shop: Shop, count: int) -> None:
    """Place orders and let their payments arrive."""
    store_messages(place_waiting(stage, shop, count))
    settle_webhooks(shop.organization_id, now=_now())
    stage.connection.execute("ANALYZE")
    move_event(
        CommandContext.system(shop.organization_id, now=_now()), shop.event_id, to=EventStatus.CANCELLED
    )


def _promise(stage: Stage, shop: Shop) -> Work:
    """Let every order of the event give back all it has; the money is owed then."""

    def refund() -> int:
        context = CommandContext(Actor.system(shop.organization_id), _now(), REASON)
        run = start_event_refund(context, shop.event_id, reason=REASON)
        while continue_event_refund(shop.organization_id, run.id, now=_now()):
            pass
        return run.orders_total

    return measure_work(stage, refund)


def _send(stage: Stage, shop: Shop) -> Work:
    """Send the money back by the demo bank, and book it."""
    before = _given_back(shop.organization_id)

    def send() -> int:
        while send_due_refunds(shop.organization_id, now=_now()):
            pass
        return _given_back(shop.organization_id) - before

    return measure_work(stage, send)


def _given_back(organization_id: UUID) -> int:
    return DemoPayment.objects.of(organization_id).filter(refunded_amount=PRICE).count()


def _bank_alone(stage: Stage, shop: Shop) -> Work:
    """Have the bank give back payments that are in no books but its own."""
    payments = [
        pay_at_bank(shop.organization_id, key=uuid4(), reference=f"{PROVIDER}_{uuid4().hex}")
        for _ in range(ALONE)
    ]
    DemoPayment.unscoped.bulk_create(payments)
    provider = provider_named(PROVIDER)
    credentials = get_credentials(shop.organization_id, PROVIDER)

    def refund() -> int:
        for payment in payments:
            request = RefundRequest(
                key=str(payment.key),
                refund_part_id=payment.key,
                payment_reference=str(payment.payment_reference),
                amount=PRICE,
                currency=CURRENCY,
                reason=REASON,
            )
            call(provider, shop.organization_id, provider.refund, credentials, request)
        return len(payments)

    return measure_work(stage, refund)


def _now() -> datetime:
    return datetime.now(UTC)
