"""Money comes in: booked once, and its order is confirmed, waits, or gives it back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kassa.core.clock import utc_now
from kassa.inventory.models import Quota
from kassa.orders.domain.expire import expire_orders
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import cancel_order, change_status, mark_as_paid
from kassa.payments.domain.receipts.incoming_payment import PaymentOutcome
from kassa.payments.models import Payment, PaymentAttempt, Refund, Transaction
from tests.payments.money import balances, paid_order, receipt_for, receive
from tests.support.books import assert_books_balance
from tests.support.factories import line, places
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def test_a_payment_confirms_its_order_in_one_go(world: World) -> None:
    order = world.place()

    assert receive(world, receipt_for(order)) == [PaymentOutcome.CONFIRMED]

    order = world.order(order.id)
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert order.payment_method == "card"
    assert world.tickets(order) == ["valid", "valid"]
    assert places(world.standing.quota_id) == (0, 2)
    [movement] = Transaction.objects.of(world.organization.id)
    assert (movement.type, movement.status, movement.amount) == ("purchase", "completed", Decimal(90))
    assert balances(world) == {"provider": Decimal(90), "sales": Decimal(-90)}
    assert world.told(order) == ["order.created", "order.confirmed"]
    assert_books_balance()


def test_the_same_payment_is_booked_once(world: World) -> None:
    order = world.place()
    receipt = receipt_for(order)

    assert receive(world, receipt, receipt) == [PaymentOutcome.CONFIRMED, PaymentOutcome.KNOWN]
    assert receive(world, receipt) == [PaymentOutcome.KNOWN]

    assert Payment.objects.of(world.organization.id).count() == 1
    assert_books_balance()


def test_many_orders_are_paid_at_once(world: World) -> None:
    orders = [world.place(line(world.standing)) for _ in range(5)]

    assert receive(world, *map(receipt_for, orders)) == [PaymentOutcome.CONFIRMED] * 5

    assert {world.order(order.id).status for order in orders} == {"confirmed"}
    assert_books_balance()


def test_a_second_payment_of_a_paid_order_goes_back(world: World) -> None:
    order = paid_order(world)

    assert receive(world, receipt_for(order)) == [PaymentOutcome.SURPLUS_REFUNDED]

    order = world.order(order.id)
    assert (order.status, order.payment_status, order.refunding_amount) == ("confirmed", "paid", 0)
    [refund] = Refund.objects.of(world.organization.id)
    assert (refund.kind, refund.amount) == ("surplus", Decimal(90))
    assert balances(world, order) == {"provider": 180, "sales": -90, "refunds_due": -90}
    assert_books_balance()


def test_what_is_paid_too_much_goes_back(world: World) -> None:
    order = world.place()

    assert receive(world, receipt_for(order, "100")) == [PaymentOutcome.CONFIRMED]

    [refund] = Refund.objects.of(world.organization.id)
    assert (refund.kind, refund.amount) == ("surplus", Decimal(10))
    assert_books_balance()


def test_part_of_the_price_waits_for_the_rest(world: World) -> None:
    order = world.place()

    assert receive(world, receipt_for(order, "40")) == [PaymentOutcome.PARTLY_PAID]
    assert world.order(order.id).status == "draft"
    assert balances(world) == {"provider": 40, "customer": -40}
    assert_books_balance()

    assert receive(world, receipt_for(order, "50")) == [PaymentOutcome.CONFIRMED]
    assert balances(world) == {"provider": 90, "sales": -90}
    assert_books_balance()


def test_a_late_payment_takes_the_places_again(world: World) -> None:
    order = world.place(line(world.standing, 2), coupon_code=world.coupon.code)
    later = utc_now() + timedelta(hours=1)
    expire_orders(world.organization.id, now=later)
    assert places(world.standing.quota_id) == (0, 0)

    assert receive(world, receipt_for(order), now=later) == [PaymentOutcome.TAKEN_BACK]

    order = world.order(order.id)
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert world.tickets(order) == ["valid", "valid"]
    assert places(world.standing.quota_id) == (0, 2)
    assert_books_balance()


@pytest.mark.parametrize("gone", ["places", "seat", "coupon"])
def test_a_late_payment_goes_back_when_something_is_gone(world: World, gone: str) -> None:
    if gone == "seat":
        order = world.place(line(world.seated, seat_ids=(world.best_seat.id,)))
    elif gone == "coupon":
        order = world.place(line(world.standing), coupon_code=world.coupon.code)
    else:
        order = world.place(line(world.standing, 2))
    later = utc_now() + timedelta(hours=1)
    expire_orders(world.organization.id, now=later)
    if gone == "seat":
        world.place(line(world.seated, seat_ids=(world.best_seat.id,)))
    elif gone == "coupon":
        world.place(line(world.standing), coupon_code=world.coupon.code)
    else:
        Quota.objects.of(world.organization.id).filter(id=str(world.standing.quota_id)).update(capacity=1)

    assert receive(world, receipt_for(order), now=later) == [PaymentOutcome.LATE_REFUNDED]

    order = world.order(order.id)
    assert (order.status, order.payment_status) == ("expired", "cancelled")
    [refund] = Refund.objects.of(world.organization.id)
    assert (refund.kind, refund.amount) == ("late", order.total)
    assert balances(world, order) == {"provider": order.total, "refunds_due": -order.total}
    assert_books_balance()


def test_a_payment_for_a_cancelled_order_goes_back(world: World) -> None:
    order = world.place()
    cancel_order(world.context(), order.id)

    assert receive(world, receipt_for(order)) == [PaymentOutcome.LATE_REFUNDED]
    assert world.order(order.id).status == "cancelled"
    assert_books_balance()


def test_money_in_another_currency_or_for_nobody_is_not_booked(world: World) -> None:
    order = world.place()
    stranger = World()

    assert receive(world, receipt_for(order, currency="USD")) == [PaymentOutcome.WRONG_CURRENCY]
    assert receive(stranger, receipt_for(order)) == [PaymentOutcome.ORDER_UNKNOWN]
    assert not Payment.unscoped.exists()


def test_confirming_by_hand_books_the_money(world: World) -> None:
    order = world.place()

    change_status(world.context(), order.id, to_status=OrderStatus.CONFIRMED)

    assert world.order(order.id).status == "confirmed"
    assert balances(world) == {"provider": 90, "sales": -90}
    assert_books_balance()


def test_cancelling_a_paid_order_promises_the_money_back(world: World) -> None:
    order = paid_order(world)

    cancel_order(world.context("She fell ill."), order.id)

    order = world.order(order.id)
    assert (order.status, order.payment_status, order.refunding_amount) == ("cancelled", "paid", 90)
    assert places(world.standing.quota_id) == (0, 0)
    assert balances(world, order) == {"provider": 90, "refunds_due": -90}
    assert_books_balance()


def test_a_transfer_is_marked_as_paid_in_parts(world: World) -> None:
    order = world.place()
    outcomes = [
        mark_as_paid(
            world.context(),
            order.id,
            amount=Decimal(amount),
            currency="EUR",
            reference=reference,
            received_at=utc_now(),
        ).outcome
        for amount, reference in ((30, "a"), (30, "a"), (70, "b"))
    ]
    assert outcomes == [PaymentOutcome.PARTLY_PAID, PaymentOutcome.KNOWN, PaymentOutcome.CONFIRMED]
    [refund] = Refund.objects.of(world.organization.id)
    assert (refund.kind, refund.amount) == ("surplus", Decimal(10))
    assert_books_balance()


def test_an_attempt_is_paid_once_whatever_the_payment_is_called(world: World) -> None:
    order = world.place()
    attempt = PaymentAttempt.objects.of(world.organization.id).create(
        organization_id=world.organization.id,
        order_id=order.id,
        number=1,
        provider="demo",
        amount=order.total,
        currency=order.currency,
    )
    session = receipt_for(order, attempt_id=attempt.id, provider_reference="cs_1")
    intent = receipt_for(order, attempt_id=attempt.id, provider_reference="pi_1")

    assert receive(world, session, intent) == [PaymentOutcome.CONFIRMED, PaymentOutcome.ATTEMPT_PAID]
    assert receive(world, intent) == [PaymentOutcome.ATTEMPT_PAID]

    assert Payment.objects.of(world.organization.id).count() == 1
    assert not Refund.objects.of(world.organization.id).exists()
    assert_books_balance()
