"""Orders that have all of their money although none has come in just now."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kassa.core.clock import utc_now
from kassa.orders.domain.change import approve_order
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order
from kassa.payments.domain.disputes.settle import settle_dispute
from kassa.payments.domain.manual_status import change_status
from kassa.payments.domain.receipts.incoming_payment import IncomingPayment, PaymentOutcome
from kassa.payments.models import Payment, Refund
from kassa.payments.providers.protocol import DisputeSeen, DisputeState
from tests.payments.money import balances, receipt_for, receive
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_ticket_type
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def tell(world: World, receipt: IncomingPayment, state: DisputeState) -> None:
    seen = DisputeSeen(state, "dispute", receipt.provider_reference, receipt.amount, "EUR")
    settle_dispute(world.organization.id, seen, provider=receipt.provider, now=utc_now())


def confirm(world: World, order: Order) -> None:
    change_status(world.context(), order.id, to_status=OrderStatus.CONFIRMED)


@pytest.mark.parametrize("paid", ["45", "50"])
def test_what_was_paid_before_the_organiser_agreed_is_sold_when_confirmed(world: World, paid: str) -> None:
    order = world.place(line(make_ticket_type(world.event, requires_approval=True)))
    amount = order.total * Decimal(paid) / 45
    assert receive(world, receipt_for(order, amount)) == [PaymentOutcome.PARTLY_PAID]
    approve_order(world.context(), order.id)

    confirm(world, order)

    order = world.order(order.id)
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert order.payment_id == Payment.objects.of(world.organization.id).get().id
    assert balances(world, order)["sales"] == -order.total
    assert [refund.amount for refund in Refund.objects.of(world.organization.id)] == (
        [amount - order.total] if amount > order.total else []
    )
    assert_books_balance()


def test_a_dispute_that_is_won_confirms_an_order_that_waits_for_the_money(world: World) -> None:
    order = world.place()
    first = receipt_for(order, "45")
    assert receive(world, first) == [PaymentOutcome.PARTLY_PAID]
    tell(world, first, DisputeState.OPEN)
    assert receive(world, receipt_for(order, "45")) == [PaymentOutcome.PARTLY_PAID]

    tell(world, first, DisputeState.WON)

    assert world.order(order.id).status == "confirmed"
    assert world.tickets(order) == ["valid", "valid"]
    assert not Payment.objects.of(world.organization.id).filter(waits=True).exists()
    assert balances(world, order) == {"provider": 90, "sales": -90}
    assert_books_balance()


def test_a_part_that_was_disputed_goes_back_when_the_order_was_paid_meanwhile(world: World) -> None:
    order = world.place()
    first = receipt_for(order, "45")
    receive(world, first)
    tell(world, first, DisputeState.OPEN)
    assert receive(world, receipt_for(order, "90")) == [PaymentOutcome.CONFIRMED]

    tell(world, first, DisputeState.WON)

    assert Refund.objects.of(world.organization.id).get().amount == 45
    assert_books_balance()
