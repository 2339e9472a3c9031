"""What providers tell: stored once, settled by a job, dead when it contradicts our books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson
import pytest

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.domain.move_on import move_on
from kassa.integrations.demo_bank.enums import RefundMode, WebhookMode
from kassa.integrations.demo_bank.signing import HEADER, sign
from kassa.orders.domain.expire import expire_orders
from kassa.payments.domain.manual_status import cancel_order
from kassa.payments.domain.webhooks.receive import receive_webhook
from kassa.payments.domain.webhooks.settle import MOST_TRIES, replay_webhook
from kassa.payments.errors import NotDead
from kassa.payments.models import Payment, PaymentAttempt, Refund, RefundPart, WebhookEvent
from kassa.payments.providers.protocol import WebhookRefused
from kassa.payments.providers.registry import providers
from tests.payments.demo_shop import DemoShop
from tests.payments.money import balances, give_back
from tests.support.books import assert_books_balance
from tests.support.factories import line

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> DemoShop:
    return DemoShop()


def test_a_message_confirms_the_order(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    assert shop.order(order.id).status == "pending"

    shop.deliver()

    order = shop.order(order.id)
    assert (order.status, order.payment_status, order.payment_attempts) == ("confirmed", "paid", 1)
    assert shop.webhooks() == [("settled", "confirmed")]
    [attempt] = PaymentAttempt.objects.of(shop.id)
    assert (attempt.status, attempt.check_at) == ("succeeded", None)
    assert_books_balance()


def test_a_message_told_twice_is_stored_and_booked_once(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    message = shop.last_message()
    first, second = shop.tell(message), shop.tell(message)
    shop.settle()
    shop.tell({**message, "id": "another-id-for-the-same"})
    shop.settle()

    assert first.id == second.id
    assert shop.webhooks() == [("settled", "confirmed"), ("settled", "known")]
    assert Payment.objects.of(shop.id).count() == 1
    assert_books_balance()


def test_many_messages_are_settled_together(shop: DemoShop) -> None:
    orders = [shop.place(line(shop.standing)) for _ in range(5)]
    for order in orders:
        shop.pay(order)
    shop.deliver()

    assert {shop.order(order.id).status for order in orders} == {"confirmed"}
    assert_books_balance()


def test_what_contradicts_our_books_is_dead_and_books_nothing(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    message = shop.last_message()
    data = message["payment"]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"amount": "1.00"}, "wrong_amount"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"key": str(uuid4())}, "payment_unknown"),
    ]
    for number, (change, _) in enumerate(wrong):
        shop.tell({**message, "id": f"wrong-{number}", "payment": {**data, **change}})
    shop.settle()

    assert shop.webhooks() == [("dead", code) for _, code in wrong]
    assert shop.order(order.id).status == "pending"
    assert not Payment.objects.of(shop.id).exists()
    assert_books_balance()


def test_a_message_about_another_organisations_order_books_nothing(shop: DemoShop) -> None:
    other = DemoShop()
    order = shop.place()
    shop.pay(order)
    message = {**shop.last_message(), "organization": str(other.id)}

    other.tell(message)
    other.settle()

    assert other.webhooks() == [("dead", "payment_unknown")]
    assert shop.order(order.id).status == "pending"
    assert not Payment.unscoped.exists()


def test_nothing_is_stored_of_what_is_not_signed(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    message = shop.last_message()
    shop.later = timedelta(minutes=-6)
    with pytest.raises(WebhookRefused):
        _tell_at_the_present(shop, message)

    assert not WebhookEvent.unscoped.exists()


def _tell_at_the_present(shop: DemoShop, message: dict[str, Any]) -> None:
    """Sign in the past and bring it now."""
    body = orjson.dumps(message)
    headers = {HEADER: sign(shop.id, body, now=shop.now)}
    receive_webhook("demo", shop.id, headers=headers, body=body, now=utc_now())


def test_a_dead_message_is_replayed_once_it_makes_sense(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    message = shop.last_message()
    PaymentAttempt.objects.of(shop.id).update(amount=Decimal(1))
    shop.tell(message)
    shop.settle()
    [dead] = WebhookEvent.objects.of(shop.id)
    assert dead.status == "dead"

    PaymentAttempt.objects.of(shop.id).update(amount=order.total)
    replay_webhook(CommandContext.system(shop.id, now=shop.now), dead.id)
    shop.settle()

    assert shop.webhooks() == [("settled", "confirmed")]
    with pytest.raises(NotDead):
        replay_webhook(CommandContext.system(shop.id, now=shop.now), dead.id)
    assert_books_balance()


def test_what_cannot_be_settled_for_an_hour_is_dead(shop: DemoShop, settings: Any) -> None:
    order = shop.place()
    shop.pay(order)
    shop.tell(shop.last_message())
    kept = settings.PAYMENT_PROVIDERS
    settings.PAYMENT_PROVIDERS = ["kassa.payments.providers.free.FreeProvider"]  # the plugin has gone
    providers.cache_clear()
    try:
        for _ in range(MOST_TRIES):
            assert shop.webhooks()[0][0] == "received"
            shop.settle()
            shop.later += timedelta(hours=2)
    finally:
        settings.PAYMENT_PROVIDERS = kept
        providers.cache_clear()

    assert shop.webhooks() == [("dead", "payment_provider_unknown")]


def test_failure_and_success_out_of_order_end_in_success(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    paid = shop.last_message()
    failed = {
        **paid,
        "id": "late-failure",
        "type": "payment.failed",
        "payment": {**paid["payment"], "state": "failed"},
    }
    shop.tell(failed)
    shop.settle()
    assert shop.order(order.id).payment_status == "failed"

    shop.tell(paid)
    shop.settle()
    shop.tell({**failed, "id": "even-later-failure"})
    shop.settle()

    order = shop.order(order.id)
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert_books_balance()


def test_a_message_after_expiry_takes_the_places_again(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order, webhook=WebhookMode.AT_ONCE)
    shop.later = timedelta(hours=1)
    expire_orders(shop.id, now=shop.now)

    shop.deliver()

    assert shop.order(order.id).status == "confirmed"
    assert shop.webhooks() == [("settled", "taken_back")]
    assert_books_balance()


def test_a_refund_is_sent_to_the_bank_and_comes_back_in_its_words(shop: DemoShop) -> None:
    order = shop.paid()

    give_back(shop, order, everything=True)
    shop.send_refunds()

    order = shop.order(order.id)
    assert (order.status, order.payment_status, order.refunded_amount) == ("refunded", "refunded", 90)
    shop.deliver()  # the bank tells of it, too
    assert shop.webhooks()[-1] == ("settled", "known")
    assert set(balances(shop)) == {"provider", "gateway_fees"}  # what the bank has kept, it keeps
    assert_books_balance()


@pytest.mark.parametrize("mode", [RefundMode.REFUSED_FIRST, RefundMode.PENDING])
def test_a_refund_that_is_refused_or_takes_time_is_not_lost(shop: DemoShop, mode: RefundMode) -> None:
    order = shop.place()
    shop.pay(order, refunds=mode)
    shop.deliver()
    give_back(shop, order, everything=True)

    shop.send_refunds()

    assert shop.order(order.id).payment_status == "paid"
    [part] = RefundPart.objects.of(shop.id)
    assert part.status == "pending"
    assert_books_balance()

    shop.later += timedelta(hours=3)
    move_on(now=shop.now)  # the bank has worked on it meanwhile
    shop.send_refunds()
    assert shop.order(order.id).payment_status == "refunded"
    assert_books_balance()


def test_cancelling_before_the_message_gives_the_money_back(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    cancel_order(shop.context(), order.id)

    shop.deliver()
    shop.send_refunds()

    [refund] = Refund.objects.of(shop.id)
    assert (refund.kind, refund.status) == ("late", "succeeded")
    assert shop.order(order.id).status == "cancelled"
    assert_books_balance()
