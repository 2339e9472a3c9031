"""A cancelled event is refunded as a whole, from where it stopped."""

from __future__ import annotations

import pytest

from kassa.catalog.models import Event
from kassa.payments.domain.refunds import event_refunds
from kassa.payments.domain.refunds.event_refunds import continue_event_refund, start_event_refund
from kassa.payments.errors import EventNotCancelled
from kassa.payments.models import EventRefund
from tests.payments.demo_shop import DemoShop
from tests.payments.money import paid_order
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_event, make_ticket_type, places

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> DemoShop:
    return DemoShop()


def cancel_event(shop: DemoShop) -> None:
    Event.objects.of(shop.id).filter(id=shop.event.id).update(status="cancelled")


def test_only_a_cancelled_event_is_refunded(shop: DemoShop) -> None:
    paid_order(shop)
    with pytest.raises(EventNotCancelled):
        start_event_refund(shop.context(), shop.event.id, reason="")


def test_all_orders_are_refunded_batch_by_batch(shop: DemoShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_refunds, "BATCH", 2)
    other = make_ticket_type(make_event(shop.organization))
    paid = [paid_order(shop, line(shop.standing)) for _ in range(3)]
    mixed = paid_order(shop, line(shop.standing), line(other))
    waiting = shop.place(line(shop.standing))
    cancel_event(shop)

    run = start_event_refund(shop.context(), shop.event.id, reason="The singer is ill.")
    again = start_event_refund(shop.context(), shop.event.id, reason="Twice.")
    assert (run.id, run.orders_total) == (again.id, 5)
    rounds = 1
    while continue_event_refund(shop.id, run.id, now=shop.now):
        rounds += 1
        assert_books_balance()

    run = EventRefund.objects.of(shop.id).get()
    assert rounds == 3
    assert (run.status, run.orders_done, run.orders_failed, run.problems) == ("done", 5, 0, [])
    assert {shop.order(order.id).status for order in paid} == {"refunded"}
    assert shop.order(mixed.id).status == "partially_refunded"
    assert sorted(shop.tickets(mixed)) == ["refunded", "valid"]
    assert shop.order(waiting.id).status == "cancelled"
    assert places(shop.standing.quota_id) == (0, 0)
    assert_books_balance()


def test_a_disputed_order_is_counted_as_a_problem(shop: DemoShop) -> None:
    disputed = shop.paid(line(shop.standing))
    shop.dispute(disputed)
    fine = shop.paid(line(shop.standing))
    cancel_event(shop)

    run = start_event_refund(shop.context(), shop.event.id, reason="")
    assert not continue_event_refund(shop.id, run.id, now=shop.now)

    run = EventRefund.objects.of(shop.id).get()
    assert (run.orders_done, run.orders_failed) == (2, 1)
    assert [problem["code"] for problem in run.problems] == ["dispute_open"]
    assert shop.order(fine.id).status == "refunded"
    assert_books_balance()
