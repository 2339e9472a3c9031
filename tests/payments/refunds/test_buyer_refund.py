"""Buyers give back what the organiser lets them, and are told before what they get."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.core.ids import new_id
from kassa.orders.errors import OrderExpired
from kassa.orders.models import Order, OrderHistory, Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.payments.domain.refunds.buyer_refund import cancel_unpaid, preview_return, return_tickets
from kassa.payments.enums import WhyKept
from kassa.payments.errors import ReturnRefused, ReturnTermsChanged
from kassa.payments.models import Refund
from tests.payments.money import paid_order, receipt_for, receive
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_organization, make_ticket_type, places
from tests.support.sale_world import World, sale_state

pytestmark = pytest.mark.django_db
OPEN = {"buyer_refunds_enabled": True}


class Shop(World):
    """An organisation that lets buyers give back, with an order of three tickets."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(make_organization(**{**OPEN, **settings}))
        self.sold = paid_order(self, line(self.standing, 3))

    @property
    def id(self) -> UUID:
        return self.organization.id

    def tickets_of(self, order: Order | None = None) -> list[Ticket]:
        return list(Ticket.objects.of(self.id).filter(order_id=(order or self.sold).id).order_by("id"))

    def give_back(self, *tickets: Ticket, agreed: str, order: Order | None = None) -> Refund:
        return return_tickets(
            self.by_buyer(),
            (order or self.sold).id,
            ticket_ids=[ticket.id for ticket in tickets],
            agreed=Decimal(agreed),
        )

    def cancel(self, order: Order) -> None:
        cancel_unpaid(self.by_buyer(), order.id)

    def by_buyer(self) -> CommandContext:
        return CommandContext(actor=Actor.buyer(self.id), now=utc_now())


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_is_told_is_what_comes_back(shop: Shop) -> None:
    first, second, _ = shop.tickets_of()

    plan, currency = preview_return(shop.id, shop.sold.id, ticket_ids=[first.id, second.id], now=utc_now())
    refund = shop.give_back(first, second, agreed=str(plan.amount))

    assert (refund.amount, refund.currency) == (plan.amount, currency) == (Decimal("90.00"), "EUR")
    assert [ticket.status for ticket in shop.tickets_of()] == ["refunded", "refunded", "valid"]
    assert shop.order(shop.sold.id).refunding_amount == Decimal("90.00")
    assert_books_balance(shop.id)


def test_the_history_names_the_buyer(shop: Shop) -> None:
    refund = shop.give_back(shop.tickets_of()[0], agreed="45.00")

    last = OrderHistory.objects.of(shop.id).filter(order_id=shop.sold.id).latest("id")
    assert (last.to_status, last.changed_by_kind, last.changed_by) == ("partially_refunded", "buyer", None)
    assert (refund.requested_by_kind, refund.requested_by) == ("buyer", None)


def test_a_part_of_the_price_is_kept_back() -> None:
    shop = Shop(buyer_refund_fee_percentage=Decimal("33.3"))
    first, second, _ = shop.tickets_of()

    plan, _ = preview_return(shop.id, shop.sold.id, ticket_ids=[first.id, second.id], now=utc_now())
    refund = shop.give_back(first, second, agreed="60.02")

    assert [(one["what"], one["amount"]) for one in plan.lines] == [
        ("ticket", Decimal("45.000")),
        ("ticket", Decimal("45.000")),
        ("kept", Decimal("-29.98")),
    ]
    assert refund.amount == Decimal("60.02")
    assert_books_balance(shop.id)


def test_all_of_it_may_be_kept_back() -> None:
    shop = Shop(buyer_refund_fee_percentage=Decimal(100))

    refund = shop.give_back(*shop.tickets_of(), agreed="0.00")

    assert (refund.amount, refund.status) == (Decimal(0), "succeeded")
    assert shop.order(shop.sold.id).status == "refunded"
    assert_books_balance(shop.id)


def test_asking_twice_is_asking_once(shop: Shop) -> None:
    first, second, _ = shop.tickets_of()
    once = shop.give_back(first, second, agreed="90.00")
    state = sale_state()

    again = shop.give_back(second, first, agreed="90.00")

    assert again.id == once.id
    assert sale_state() == state


def test_one_of_them_again_is_refused(shop: Shop) -> None:
    first, second, _ = shop.tickets_of()
    shop.give_back(first, agreed="45.00")
    state = sale_state()

    with pytest.raises(ReturnRefused) as refused:
        shop.give_back(first, second, agreed="90.00")

    assert refused.value.details["reason"] == WhyKept.OVER
    assert sale_state() == state


def test_no_other_sum_is_paid_back_than_was_agreed_to(shop: Shop) -> None:
    first = shop.tickets_of()[0]
    OrganizationSettings.objects.of(shop.id).update(buyer_refund_fee_percentage=10)
    state = sale_state()

    with pytest.raises(ReturnTermsChanged) as refused:
        shop.give_back(first, agreed="45.00")

    assert refused.value.details == {"amount": "40.50", "currency": "EUR"}
    assert sale_state() == state


def _use(shop: Shop, ticket: Ticket) -> None:
    Ticket.objects.of(shop.id).filter(id=ticket.id).update(status="used", checked_in_at=utc_now())


def _block(shop: Shop, ticket: Ticket) -> None:
    Ticket.objects.of(shop.id).filter(id=ticket.id).update(blocked_at=utc_now())


def _freeze(shop: Shop, ticket: Ticket) -> None:
    Ticket.objects.of(shop.id).filter(id=ticket.id).update(frozen_at=utc_now())


def _transfer(shop: Shop, ticket: Ticket) -> None:
    Ticket.objects.of(shop.id).filter(id=ticket.id).update(transferred_at=utc_now())


def _call_off(shop: Shop, ticket: Ticket) -> None:
    shop.event.status = "cancelled"
    shop.event.save()


def _come_near(shop: Shop, ticket: Ticket) -> None:
    shop.event.starts_at = utc_now() + timedelta(hours=23, minutes=59)
    shop.event.save()


def _close(shop: Shop, ticket: Ticket) -> None:
    OrganizationSettings.objects.of(shop.id).update(buyer_refunds_enabled=False)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_use, WhyKept.USED),
        (_block, WhyKept.BLOCKED),
        (_freeze, WhyKept.FROZEN),
        (_transfer, WhyKept.GIVEN_AWAY),
        (_call_off, WhyKept.EVENT_CANCELLED),
        (_come_near, WhyKept.TOO_LATE),
        (_close, WhyKept.DISABLED),
    ],
)
def test_what_cannot_be_given_back_stays_as_it_is(shop: Shop, happens: Any, reason: WhyKept) -> None:
    first, second, _ = shop.tickets_of()
    happens(shop, first)
    state = sale_state()

    with pytest.raises(ReturnRefused) as refused:
        shop.give_back(second, first, agreed="90.00")

    assert refused.value.details == {"reason": reason}
    assert sale_state() == state
    assert not Refund.objects.of(shop.id).exists()


def test_tickets_of_others_are_not_there(shop: Shop) -> None:
    other = paid_order(shop, line(shop.standing), email="bob@example.com")
    stranger = Shop()

    for ticket in (shop.tickets_of(other)[0], stranger.tickets_of()[0], Ticket(id=new_id())):
        with pytest.raises(NotFound):
            shop.give_back(ticket, agreed="45.00")
    with pytest.raises(NotFound):
        shop.give_back(agreed="0.00")


def test_a_free_place_is_given_back_for_nothing(shop: Shop) -> None:
    free = make_ticket_type(shop.event, price=Decimal(0), quantity=5)
    order = shop.place(line(free))

    shop.give_back(*shop.tickets_of(order), agreed="0", order=order)

    assert shop.order(order.id).status == "refunded"
    assert places(free.quota_id) == (0, 0)
    assert_books_balance(shop.id)


def test_an_unpaid_order_is_cancelled_even_where_nothing_goes_back() -> None:
    shop = Shop(buyer_refunds_enabled=False)
    order = shop.place(line(shop.standing, 2))
    taken = places(shop.standing.quota_id)

    shop.cancel(order)
    shop.cancel(order)

    last = OrderHistory.objects.of(shop.id).filter(order_id=order.id).latest("id")
    assert (last.to_status, last.changed_by_kind) == ("cancelled", "buyer")
    assert places(shop.standing.quota_id) == (taken[0] - 2, taken[1])


def test_what_came_in_of_an_unpaid_order_goes_back(shop: Shop) -> None:
    order = shop.place(line(shop.standing))
    receive(shop, receipt_for(order, "5.00"))

    shop.cancel(order)

    [refund] = Refund.objects.of(shop.id).filter(order_id=order.id)
    assert (refund.kind, refund.amount) == ("cancellation", Decimal("5.00"))
    assert_books_balance(shop.id)


def test_a_paid_order_is_not_cancelled_by_its_buyer(shop: Shop) -> None:
    state = sale_state()

    with pytest.raises(ReturnRefused) as refused:
        shop.cancel(shop.sold)

    assert refused.value.details["reason"] == WhyKept.PAID
    assert sale_state() == state


def test_an_order_whose_hold_is_over_is_not_cancelled(shop: Shop) -> None:
    order = shop.place(line(shop.standing))
    Order.objects.of(shop.id).filter(id=order.id).update(expires_at=utc_now())

    with pytest.raises(OrderExpired):
        shop.cancel(order)
