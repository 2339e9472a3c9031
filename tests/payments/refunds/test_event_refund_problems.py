"""The refund of an event goes on past orders that something is wrong with, and leaves none behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from kassa.catalog.models import Event
from kassa.inventory.models import Quota
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.refunds import event_refunds
from kassa.payments.domain.refunds.event_refunds import continue_event_refund, start_event_refund
from kassa.payments.models import EventRefund, Payment, Refund
from tests.payments.demo_shop import DemoShop
from tests.payments.money import paid_order
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_event, make_ticket_type, places

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> DemoShop:
    return DemoShop()


def start(shop: DemoShop) -> EventRefund:
    """Cancel the event and begin to refund it."""
    Event.objects.of(shop.id).filter(id=shop.event.id).update(status="cancelled")
    return start_event_refund(shop.context(), shop.event.id, reason="")


def finish(shop: DemoShop, run: EventRefund) -> EventRefund:
    """Go on with a run, in a bounded number of rounds, and return how it ended."""
    rounds = 0
    while continue_event_refund(shop.id, run.id, now=shop.now):
        rounds += 1
        assert rounds < 20
    return EventRefund.objects.of(shop.id).get(id=run.id)


def use(order: Order, event: Event, count: int) -> list[str]:
    """Let tickets of an event be used, and return their codes."""
    tickets = Ticket.objects.of(order.organization_id).filter(order_id=order.id, event_id=event.id)
    used = list(tickets.order_by("id")[:count])
    tickets.filter(id__in=[ticket.id for ticket in used]).update(status="used")
    return [ticket.code for ticket in used]


@pytest.mark.parametrize("bought", [1, 2])
def test_a_used_ticket_never_gives_back_another_event(shop: DemoShop, bought: int) -> None:
    other = make_ticket_type(make_event(shop.organization))
    mixed = paid_order(shop, line(shop.standing, bought), line(other))
    [code] = use(mixed, shop.event, 1)

    run = finish(shop, start(shop))

    assert sorted(shop.tickets(mixed)) == ["refunded"] * (bought - 1) + ["used", "valid"]
    assert Refund.objects.of(shop.id).count() == bought - 1
    assert (run.status, run.orders_done, run.orders_failed) == ("done", 1, 1)
    [problem] = run.problems
    assert (problem["number"], problem["code"]) == (mixed.number, "ticket_not_refundable")
    assert code in problem["detail"]
    assert_books_balance()


def test_used_tickets_of_this_event_alone_are_given_back(shop: DemoShop) -> None:
    order = paid_order(shop, line(shop.standing, 2))
    use(order, shop.event, 1)

    run = finish(shop, start(shop))

    assert (shop.order(order.id).status, run.problems) == ("refunded", [])
    assert_books_balance()


def test_an_order_whose_hold_is_over_is_expired_and_never_sold(shop: DemoShop) -> None:
    order = shop.place()
    shop.pay(order)
    shop.later = timedelta(hours=1)

    run = finish(shop, start(shop))
    assert (run.status, shop.order(order.id).status) == ("done", "expired")
    shop.deliver()

    assert shop.webhooks() == [("settled", "late_refunded")]
    assert Refund.objects.of(shop.id).get().amount == order.total
    assert places(shop.standing.quota_id) == (0, 0)
    assert_books_balance()


def test_a_run_waits_for_what_still_holds_places(shop: DemoShop) -> None:
    order = shop.place()
    shop.later = timedelta(hours=1)
    run = start(shop)

    # The sweep has not come by: nothing but the clock ends this order.
    assert event_refunds._go_on(shop.id, run.id, 100, shop.now)
    assert not event_refunds._go_on(shop.id, run.id, 100, shop.now)
    run.refresh_from_db(from_queryset=EventRefund.objects.of(shop.id))
    assert (run.status, run.orders_done) == ("running", 0)

    run = finish(shop, run)
    assert (run.status, shop.order(order.id).status) == ("done", "expired")


def test_an_order_behind_the_cursor_is_found(shop: DemoShop) -> None:
    behind, ahead = (paid_order(shop, line(shop.standing)) for _ in range(2))
    run = start(shop)
    EventRefund.objects.of(shop.id).filter(id=run.id).update(last_order_id=behind.id)

    run = finish(shop, run)

    assert [shop.order(order.id).status for order in (behind, ahead)] == ["refunded", "refunded"]
    assert (run.status, run.orders_done) == ("done", 2)


def test_orders_that_fail_are_named_and_hold_up_nobody(shop: DemoShop) -> None:
    overfull = make_ticket_type(shop.event, quantity=10)
    fine = [paid_order(shop, line(shop.standing)) for _ in range(2)]
    without_money = paid_order(shop, line(shop.standing))
    without_place = paid_order(shop, line(overfull))
    fine.append(paid_order(shop, line(shop.standing)))
    Payment.objects.of(shop.id).filter(order_id=without_money.id).update(disputed_amount=F("amount"))
    assert overfull.quota_id is not None
    Quota.objects.of(shop.id).filter(id=overfull.quota_id).update(sold=0)

    run = finish(shop, start(shop))

    assert {shop.order(order.id).status for order in fine} == {"refunded"}
    assert {shop.order(order.id).status for order in (without_money, without_place)} == {"confirmed"}
    assert (run.status, run.orders_done, run.orders_failed) == ("done", 5, 2)
    assert {problem["order"]: problem["code"] for problem in run.problems} == {
        str(without_money.id): "refund_too_large",
        str(without_place.id): "database",
    }
    assert Refund.objects.of(shop.id).count() == 3
