"""Chargebacks and payouts: tickets are frozen, somebody wins, and the organiser gets what is left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kassa.core.command_context import CommandContext
from kassa.orders.domain.document import serialize_order
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import get_order_view
from kassa.payments.domain.payouts.payouts import held_at, record_payout, settle_payout
from kassa.payments.errors import DisputeOpen, NothingToPayOut
from kassa.payments.models import Payment, Payout, Transaction
from kassa.payments.providers.protocol import PayoutSeen, PayoutState
from tests.payments.demo_shop import DemoShop
from tests.payments.money import give_back
from tests.support.books import assert_books_balance
from tests.support.factories import line, places

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> DemoShop:
    return DemoShop()


def frozen(shop: DemoShop, order: Order) -> set[bool]:
    tickets = Ticket.objects.of(shop.id).filter(order_id=order.id)
    return {moment is not None for moment in tickets.values_list("frozen_at", flat=True)}


def test_a_dispute_freezes_the_tickets_until_it_is_won(shop: DemoShop) -> None:
    order = shop.paid()

    dispute = shop.dispute(order)

    assert frozen(shop, order) == {True}
    assert Payment.objects.of(shop.id).get().disputed_amount == 90
    with pytest.raises(DisputeOpen):
        give_back(shop, order, everything=True)
    assert_books_balance()

    shop.decide(dispute, won=True)

    assert frozen(shop, order) == {False}
    assert shop.order(order.id).status == "confirmed"
    movement = Transaction.objects.of(shop.id).get(type="chargeback")
    assert movement.status == "cancelled"
    assert_books_balance()


def test_a_lost_dispute_ends_the_tickets_and_frees_the_places(shop: DemoShop) -> None:
    order = shop.paid(line(shop.seated, seat_ids=(shop.best_seat.id,)))

    shop.decide(shop.dispute(order), won=False)

    order = shop.order(order.id)
    assert (order.status, order.payment_status) == ("refunded", "refunded")
    assert order.refunded_amount == order.total
    assert shop.best_seat.status == "available"
    assert shop.tickets(order) == ["refunded"]
    assert_books_balance()


def test_a_lost_dispute_about_a_part_leaves_the_tickets(shop: DemoShop) -> None:
    order = shop.paid()

    shop.decide(shop.dispute(order, Decimal(10)), won=False)

    order = shop.order(order.id)
    assert (order.status, order.payment_status) == ("partially_refunded", "partially_refunded")
    assert frozen(shop, order) == {False}
    assert shop.tickets(order) == ["valid", "valid"]
    assert places(shop.standing.quota_id) == (0, 2)
    assert_books_balance()


def test_what_is_left_is_paid_out_once(shop: DemoShop) -> None:
    shop.paid()
    held = held_at(shop.id, "demo", "EUR")
    assert 0 < held < 90  # the bank has kept something

    payout = record_payout(
        CommandContext.system(shop.id, now=shop.now),
        provider="demo",
        currency="EUR",
        reference="June",
        amount=None,
    )
    again = record_payout(
        CommandContext.system(shop.id, now=shop.now),
        provider="demo",
        currency="EUR",
        reference="June",
        amount=None,
    )

    assert payout.id == again.id
    assert (payout.amount, payout.gateway_fee, payout.platform_fee) == (held, 90 - held, 0)
    assert held_at(shop.id, "demo", "EUR") == 0
    with pytest.raises(NothingToPayOut):
        record_payout(
            CommandContext.system(shop.id, now=shop.now),
            provider="demo",
            currency="EUR",
            reference="July",
            amount=None,
        )
    assert_books_balance()


def test_a_payout_that_fails_comes_back(shop: DemoShop) -> None:
    shop.paid()
    paid = PayoutSeen(PayoutState.PAID, "po_1", Decimal(50), "EUR")
    settle_payout(shop.id, paid, provider="demo", now=shop.now)
    settle_payout(shop.id, paid, provider="demo", now=shop.now)
    held = held_at(shop.id, "demo", "EUR")

    failed = PayoutSeen(PayoutState.FAILED, "po_1", Decimal(50), "EUR", error="No such account.")
    settle_payout(shop.id, failed, provider="demo", now=shop.now)

    assert held_at(shop.id, "demo", "EUR") == held + 50
    [payout] = Payout.objects.of(shop.id)
    assert (payout.status, payout.error) == ("failed", "No such account.")
    assert_books_balance()


def test_an_appeal_that_decides_otherwise_is_seen_by_staff(shop: DemoShop) -> None:
    order = shop.paid()
    shop.decide(shop.dispute(order), won=False)
    message = shop.last_message()

    message |= {"id": "appeal", "type": "dispute.won"}
    message["dispute"]["state"] = "won"
    shop.tell(message)
    shop.settle()

    assert shop.webhooks()[-1] == ("dead", "dispute_decided_otherwise")
    assert shop.order(order.id).status == "refunded"
    assert_books_balance()


def test_a_frozen_ticket_is_shown_as_such(shop: DemoShop) -> None:
    order = shop.paid()

    def shown() -> list[bool]:
        document = serialize_order(get_order_view(shop.id, order.id, now=shop.now))
        return [ticket["frozen_at"] is not None for ticket in document["tickets"]]

    assert shown() == [False, False]
    dispute = shop.dispute(order)
    assert shown() == [True, True]
    shop.decide(dispute, won=True)
    assert shown() == [False, False]
