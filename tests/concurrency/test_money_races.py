"""Two who move the same money at once: exactly one outcome, whoever comes first, and the books balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from kassa.catalog.models import Event
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund
from kassa.orders.domain.expire import expire_orders
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.domain.refunds.event_refunds import start_event_refund
from kassa.payments.domain.refunds.plan import GoodsSelection, RefundSelection
from kassa.payments.models import (
    Dispute,
    EventRefund,
    Payment,
    PaymentAttempt,
    Refund,
    RefundedTicket,
    RefundPart,
    WebhookEvent,
)
from tests.concurrency.processes import Processes
from tests.concurrency.tellers import DONE, EventRun, ask_back, at_once, refund_event, send, settle, shares
from tests.payments import scales
from tests.payments.till import Till
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_product, make_ticket_type, places

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("turn", range(4))


@pytest.fixture
def till(transactional_db: None) -> Till:
    return Till()


@pytest.fixture
def order(till: Till) -> Order:
    """An order of two tickets, 90 in all, that is paid."""
    return till.paid(till.place())


def tickets(till: Till, order: Order) -> list[Any]:
    found = Ticket.objects.of(till.id).filter(order_id=order.id).order_by("id")
    return list(found.values_list("id", flat=True))


@pytest.fixture(autouse=True)
def _in_the_end_all_is_right(till: Till) -> Iterator[None]:
    """After every race, and again once all that is under way has come to its end."""
    yield
    assert_books_balance(till.id)
    scales.assert_accounts_say_what_is_open(till.id)
    till.bring_all_to_its_end()
    assert_books_balance(till.id)
    scales.assert_bank_agrees(till.id)
    scales.assert_money_and_tickets_belong_together(till.id)


@rounds
def test_one_ticket_is_given_back_once(till: Till, order: Order, turn: int) -> None:
    first, _ = tickets(till, order)
    act = ask_back(till.id, order.id, RefundSelection(tickets=(first,)), till.now)

    told = at_once(act, act, act)

    assert sorted(told) == [DONE, "ticket_not_refundable", "ticket_not_refundable"]
    assert RefundedTicket.objects.of(till.id).count() == 1
    assert Refund.objects.of(till.id).get().amount == 45


@rounds
def test_a_piece_is_given_back_once(till: Till, turn: int) -> None:
    shirt = make_product(till.organization, stock=5, price=Decimal(45))
    order = till.paid(till.place(line(shirt, 3)))
    [item] = OrderItem.objects.of(till.id).filter(order_id=order.id)
    act = ask_back(
        till.id, order.id, RefundSelection(goods=(GoodsSelection(item.id, 2, restock=True),)), till.now
    )

    told = at_once(act, act, act)

    assert sorted(told) == [DONE, "goods_not_refundable", "goods_not_refundable"]
    item.refresh_from_db(from_queryset=OrderItem.objects.of(till.id))
    assert (item.refunded_quantity, item.restocked_quantity) == (2, 2)
    assert (Payment.objects.of(till.id).get().refunded_amount, places(shirt.quota_id)) == (90, (0, 1))


@rounds
def test_pieces_and_everything_put_no_more_into_stock_than_was_sold(till: Till, turn: int) -> None:
    shirt = make_product(till.organization, stock=5, price=Decimal(45))
    order = till.paid(till.place(line(shirt, 3)))
    [item] = OrderItem.objects.of(till.id).filter(order_id=order.id)

    told = at_once(
        ask_back(till.id, order.id, RefundSelection(goods=(GoodsSelection(item.id, 2),)), till.now),
        ask_back(till.id, order.id, RefundSelection(everything=True), till.now),
    )

    assert (told[0] in (DONE, "goods_not_refundable"), told[1]) == (True, DONE)
    assert (Payment.objects.of(till.id).get().refunded_amount, places(shirt.quota_id)) == (135, (0, 0))


@rounds
def test_two_refunds_never_exceed_what_is_left(till: Till, order: Order, turn: int) -> None:
    act = ask_back(till.id, order.id, RefundSelection(amount=Decimal(60)), till.now)

    told = at_once(act, act)

    assert sorted(told) == [DONE, "refund_too_large"]
    assert Payment.objects.of(till.id).get().refunded_amount == 60


@rounds
def test_a_ticket_and_everything_give_back_what_was_paid_and_no_more(
    till: Till, order: Order, turn: int
) -> None:
    first, _ = tickets(till, order)

    told = at_once(
        ask_back(till.id, order.id, RefundSelection(tickets=(first,)), till.now),
        ask_back(till.id, order.id, RefundSelection(everything=True), till.now),
    )

    assert told[1] == DONE
    assert told[0] in (DONE, "ticket_not_refundable")
    assert Payment.objects.of(till.id).get().refunded_amount == 90
    assert till.tickets(order) == ["refunded", "refunded"]


@rounds
def test_cancelling_against_a_payment_gives_the_money_back(till: Till, turn: int) -> None:
    order = till.place()
    till.pay(order)
    till.deliver_all()

    told = at_once(partial(till.cancel_order, order), till.settle)

    assert told == [DONE, DONE]
    assert till.order(order.id).status == "cancelled"
    assert till.tickets(order) == ["cancelled", "cancelled"]
    refund = Refund.objects.of(till.id).get()
    assert (refund.kind, refund.amount) in {("cancellation", Decimal(90)), ("late", Decimal(90))}
    assert (refund.kind == "cancellation") == (("draft", "confirmed") in _moves(till, order))


def _moves(till: Till, order: Order) -> list[tuple[str | None, str]]:
    return [("draft" if before == "pending" else before, after) for before, after in till.moves(order)]


@rounds
def test_expiry_and_a_rival_against_a_payment_sell_the_place_once(till: Till, turn: int) -> None:
    scarce = make_ticket_type(till.event, quantity=1, price=Decimal(30))
    order = till.place(line(scarce))
    till.pay(order)
    till.deliver_all()
    till.later = timedelta(hours=1)

    def expire_and_sell() -> None:
        expire_orders(till.id, now=till.now)
        till.try_to_place([line(scarce)], email="rival@example.com")

    told = at_once(expire_and_sell, till.settle)

    assert told == [DONE, DONE]
    has_sold = till.order(order.id).status == "confirmed"
    rivals = Order.objects.of(till.id).filter(customer_email="rival@example.com")
    assert rivals.count() == (0 if has_sold else 1)
    assert Refund.objects.of(till.id).filter(kind="late").count() == (0 if has_sold else 1)


@rounds
def test_expiry_against_a_payment_leaves_a_paid_order_with_its_tickets(till: Till, turn: int) -> None:
    order = till.place()
    till.pay(order)
    till.deliver_all()
    till.later = timedelta(hours=1)

    told = at_once(till.expire, till.settle)

    assert told == [DONE, DONE]
    assert till.order(order.id).status == "confirmed"
    assert till.tickets(order) == ["valid", "valid"]
    assert not Refund.objects.of(till.id).exists()


@rounds
def test_two_messages_of_one_payment_book_it_once(till: Till, turn: int) -> None:
    order = till.place()
    till.pay(order)

    def bring_and_settle() -> None:
        till.deliver_all()
        till.settle()

    told = at_once(bring_and_settle, bring_and_settle, till.settle)

    assert told == [DONE] * 3
    till.settle()
    assert WebhookEvent.objects.of(till.id).get().status == "settled"
    assert Payment.objects.of(till.id).get().amount == 90
    assert till.order(order.id).status == "confirmed"


@rounds
def test_a_message_against_reconciling_books_the_payment_once(till: Till, turn: int) -> None:
    order = till.place()
    till.pay(order)
    till.deliver_all()
    till.later = timedelta(minutes=2)

    told = at_once(till.settle, till.reconcile)

    assert told == [DONE, DONE]
    assert Payment.objects.of(till.id).count() == 1
    assert till.order(order.id).status == "confirmed"


@rounds
def test_two_payments_of_one_order_confirm_it_once_and_one_goes_back(till: Till, turn: int) -> None:
    order = till.place()
    till.pay(order)
    till.deliver_all()

    told = at_once(till.settle, partial(till.mark_as_paid, order, Decimal(1)))

    assert told == [DONE, DONE]
    assert till.order(order.id).status == "confirmed"
    surplus = Refund.objects.of(till.id).get()
    assert (surplus.kind, surplus.amount) == ("surplus", 90)
    assert sorted(Payment.objects.of(till.id).values_list("refunded_amount", flat=True)) == [0, 90]


@rounds
@pytest.mark.parametrize("again", ["retry", "open"])
def test_trying_again_against_success_leaves_nothing_to_pay_twice(till: Till, again: str, turn: int) -> None:
    order = till.place()
    till.pay(order)
    till.deliver_all()
    try_again = (
        partial(till.retry, order)
        if again == "retry"
        else partial(till.open_at, order, idempotency_key="another")
    )

    told = at_once(till.settle, try_again)

    assert told[0] == DONE
    assert told[1] in (DONE, "nothing_to_pay", "order_expired")
    assert till.order(order.id).status == "confirmed"
    assert Payment.objects.of(till.id).get().amount == 90
    till.close_ended()
    assert not DemoPayment.objects.of(till.id).filter(status="open").exists()
    assert not PaymentAttempt.objects.of(till.id).filter(status__in=("opening", "open")).exists()


@rounds
def test_a_refund_against_a_dispute_gives_the_money_to_one_of_them(
    till: Till, order: Order, turn: int
) -> None:
    payment = DemoPayment.objects.of(till.id).get()
    till.open_dispute(payment, Decimal(1))
    till.deliver_all()

    told = at_once(ask_back(till.id, order.id, RefundSelection(everything=True), till.now), till.settle)

    disputed = Dispute.objects.of(till.id).filter(status="open").exists()
    assert told == ["dispute_open" if disputed else DONE, DONE]
    outcome = WebhookEvent.objects.of(till.id).order_by("id").last()
    assert outcome is not None
    assert outcome.outcome == "dispute_open"
    assert disputed or not RefundPart.objects.of(till.id).filter(next_try_at__isnull=False).exists()
    kept = Payment.objects.of(till.id).get()
    assert kept.refunded_amount + kept.disputed_amount == 90


@rounds
def test_messages_are_settled_once_by_several_processes(crowds: Processes, till: Till, turn: int) -> None:
    orders = [till.place(line(till.standing)) for _ in range(5)]
    for order in orders:
        till.pay(order)
    till.deliver_all()

    looked_at = crowds.call(settle, shares(crowds.count, till.id, till.now))

    assert sum(looked_at) == 5
    assert Payment.objects.of(till.id).count() == 5
    assert {till.order(order.id).status for order in orders} == {"confirmed"}


@rounds
def test_several_processes_send_a_refund_once(crowds: Processes, till: Till, order: Order, turn: int) -> None:
    for ticket in tickets(till, order):
        till.refund(order, RefundSelection(tickets=(ticket,)))

    crowds.call(send, shares(crowds.count, till.id, till.now))

    assert (
        list(DemoRefund.objects.of(till.id).values_list("status", "amount"))
        == [("succeeded", Decimal(45))] * 2
    )
    assert DemoPayment.objects.of(till.id).get().refunded_amount == 90
    assert till.order(order.id).payment_status == "refunded"


@rounds
def test_an_event_is_refunded_once_by_several_processes(crowds: Processes, till: Till, turn: int) -> None:
    orders = [till.paid(till.place(line(till.standing))) for _ in range(6)]
    Event.objects.of(till.id).filter(id=till.event.id).update(status="cancelled")
    context = till.context("Cancelled.", now=till.now)
    run = start_event_refund(context, till.event.id, reason="Cancelled.")

    steps = crowds.call(refund_event, shares(crowds.count, EventRun(till.id, run.id, batch=2), till.now))

    assert sum(steps) >= 4
    run = EventRefund.objects.of(till.id).get()
    assert (run.status, run.orders_done, run.orders_failed) == ("done", 6, 0)
    assert Refund.objects.of(till.id).count() == 6
    assert {till.order(order.id).status for order in orders} == {"refunded"}
