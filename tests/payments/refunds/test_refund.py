"""Refunds: one ticket, several, an amount, everything; what is given back, and what is free again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.orders.enums import OrderStatus
from kassa.orders.errors import NothingToShip
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.domain.manual_status import change_status
from kassa.payments.domain.receipts.incoming_payment import PaymentOutcome
from kassa.payments.domain.refunds.plan import GoodsSelection, RefundSelection
from kassa.payments.domain.refunds.progress import note_refunds
from kassa.payments.domain.refunds.refund import preview_refund
from kassa.payments.errors import (
    GoodsNotRefundable,
    NothingToRefund,
    RefundKeyReused,
    RefundTooLarge,
    TicketNotRefundable,
)
from kassa.payments.models import Refund, RefundPart, Transaction
from kassa.payments.providers.protocol import RefundSeen, RefundState
from tests.payments.money import balances, give_back, paid_order, receipt_for, receive
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_product, places
from tests.support.sale_world import ADDRESS, World, sale_state

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def tickets_of(world: World, order: Order) -> list[Ticket]:
    return list(Ticket.objects.of(world.organization.id).filter(order_id=order.id).order_by("id"))


def send_back(world: World, *, state: RefundState = RefundState.SUCCEEDED) -> None:
    """Let the provider say of all pending parts how they stand."""
    parts = RefundPart.objects.of(world.organization.id).filter(status="pending")
    seen = {part.id: RefundSeen(state, f"refund-{part.id}", error="No." * 3) for part in parts}
    note_refunds(world.organization.id, seen, now=utc_now())


def test_one_ticket_is_given_back_for_what_was_paid_for_it(world: World) -> None:
    order = paid_order(world, line(world.standing, 3), coupon_code=world.coupon.code)
    _, second, _ = tickets_of(world, order)

    refund = give_back(world, order, tickets=[second.id], reason="She fell ill.")

    assert refund.amount == second.price_paid == Decimal("40.50")
    order = world.order(order.id)
    assert (order.status, order.payment_status) == ("partially_refunded", "paid")
    assert (order.refunded_amount, order.refunding_amount) == (0, Decimal("40.50"))
    assert world.tickets(order) == ["valid", "refunded", "valid"]
    assert places(world.standing.quota_id) == (0, 2)
    assert_books_balance()

    send_back(world)

    order = world.order(order.id)
    assert (order.payment_status, order.refunded_amount, order.refunding_amount) == (
        "partially_refunded",
        Decimal("40.50"),
        0,
    )
    assert balances(world) == {"provider": 81, "sales": -81}
    [movement] = Transaction.objects.of(world.organization.id).filter(type="refund")
    assert (movement.status, movement.amount) == ("completed", Decimal("40.50"))
    world.coupon.refresh_from_db()
    assert world.coupon.current_usage_count == 1
    assert_books_balance()


def test_the_last_ticket_refunds_the_order_and_frees_its_coupon(world: World) -> None:
    order = paid_order(world, line(world.standing, 2), coupon_code=world.coupon.code)
    for ticket in tickets_of(world, order):
        give_back(world, order, tickets=[ticket.id])
        send_back(world)

    order = world.order(order.id)
    assert (order.status, order.payment_status, order.refunded_amount) == (
        "refunded",
        "refunded",
        order.total,
    )
    world.coupon.refresh_from_db()
    assert world.coupon.current_usage_count == 0
    assert balances(world) == {}
    assert world.told(order) == [
        "order.created",
        "order.confirmed",
        "order.partially_refunded",
        "order.refunded",
    ]
    assert_books_balance()


def test_a_seat_is_free_again_at_once(world: World) -> None:
    order = paid_order(world, line(world.seated, seat_ids=(world.best_seat.id,)))

    give_back(world, order, everything=True)

    assert world.best_seat.status == "available"
    again = paid_order(world, line(world.seated, seat_ids=(world.best_seat.id,)))
    assert world.tickets(again) == ["valid"]
    assert_books_balance()


def test_an_amount_leaves_the_tickets_valid(world: World) -> None:
    order = paid_order(world)

    refund = give_back(world, order, amount=Decimal(10))

    assert (refund.kind, world.order(order.id).status) == ("amount", "partially_refunded")
    assert world.tickets(order) == ["valid", "valid"]
    assert_books_balance()


def test_an_amount_that_is_all_that_is_left_ends_the_tickets(world: World) -> None:
    order = paid_order(world)
    give_back(world, order, amount=Decimal(10))

    refund = give_back(world, order, amount=Decimal(80))

    assert (refund.kind, world.order(order.id).status) == ("everything", "refunded")
    assert world.tickets(order) == ["refunded", "refunded"]
    assert sum(Decimal(part["amount"]) for part in refund.lines) == refund.amount == 80
    assert_books_balance()


def test_what_was_given_back_before_counts_for_all_tickets_alike(world: World) -> None:
    order = paid_order(world)
    give_back(world, order, amount=Decimal(60))
    first, second = tickets_of(world, order)

    assert give_back(world, order, tickets=[first.id]).amount == 15
    assert_books_balance()
    assert give_back(world, order, tickets=[second.id]).amount == 15
    assert world.order(order.id).status == "refunded"
    assert_books_balance()


def test_everything_gives_back_goods_fees_and_shipping_too() -> None:
    world = World()
    shirt = make_product(world.organization, stock=5)
    order = paid_order(world, line(world.standing), line(shirt, 2))

    refund = give_back(world, order, everything=True)

    assert refund.amount == order.total
    assert {part["what"] for part in refund.lines} == {"ticket", "goods"}
    assert places(shirt.quota_id) == (0, 0)
    assert_books_balance()


def goods_of(
    world: World, order: Order, *quantities: int, restock: bool | None = None
) -> list[GoodsSelection]:
    [item] = OrderItem.objects.of(world.organization.id).filter(order_id=order.id, kind="merchandise")
    return [GoodsSelection(item.id, quantity, restock) for quantity in quantities]


def pieces_of(world: World, order: Order) -> tuple[int, int]:
    """Return how many pieces were given back, and how many of them are in stock again."""
    [item] = OrderItem.objects.of(world.organization.id).filter(order_id=order.id, kind="merchandise")
    return item.refunded_quantity, item.restocked_quantity


def test_some_pieces_are_given_back_and_in_stock_again(world: World) -> None:
    shirt = make_product(world.organization, stock=5, price=Decimal("9.99"))
    order = paid_order(world, line(shirt, 3), coupon_code=world.coupon.code)
    [item] = OrderItem.objects.of(world.organization.id).filter(order_id=order.id)
    assert item.total == Decimal("26.97")

    refund = give_back(world, order, goods=goods_of(world, order, 2), reason="Too small.")

    assert (refund.kind, refund.amount) == ("goods", Decimal("17.98"))
    assert refund.lines == [
        {
            "what": "goods",
            "item": str(item.id),
            "quantity": 2,
            "restocked": True,
            "label": f"2 \N{MULTIPLICATION SIGN} {shirt.name}",
            "amount": "17.98",
        }
    ]
    after = world.order(order.id)
    assert (after.status, after.refunding_amount) == ("partially_refunded", Decimal("17.98"))
    assert (places(shirt.quota_id), pieces_of(world, order)) == ((0, 1), (2, 2))
    world.coupon.refresh_from_db()
    assert world.coupon.current_usage_count == 1
    assert_books_balance()

    rest = give_back(world, order, goods=goods_of(world, order, 1))

    assert (rest.amount, world.order(order.id).status) == (Decimal("8.99"), "refunded")
    assert places(shirt.quota_id) == (0, 0)
    world.coupon.refresh_from_db()
    assert world.coupon.current_usage_count == 0
    send_back(world)
    assert balances(world) == {}
    assert_books_balance()


def test_only_a_part_of_the_pieces_is_put_into_stock(world: World) -> None:
    order = paid_order(world, line(world.shirt, 4))
    [sound, broken] = (
        *goods_of(world, order, 2, restock=True),
        *goods_of(world, order, 1, restock=False),
    )

    refund = give_back(world, order, goods=[sound, broken])

    assert [(part["quantity"], part["restocked"]) for part in refund.lines] == [(2, True), (1, False)]
    assert (places(world.shirt.quota_id), pieces_of(world, order)) == ((0, 2), (3, 2))
    assert_books_balance()
    with pytest.raises(GoodsNotRefundable) as refused:
        give_back(world, order, goods=goods_of(world, order, 2))
    assert refused.value.details["left"] == 1
    assert pieces_of(world, order) == (3, 2)


@pytest.mark.parametrize(("back", "again"), [(0, None), (2, True), (2, False), (1, None)])
def test_pieces_in_stock_again_are_not_put_there_a_second_time(
    world: World, back: int, again: bool | None
) -> None:
    """What others have bought stays out of stock when the order is cancelled."""
    book = make_product(world.organization, stock=9, is_shippable=True)
    paid_order(world, line(book, 4), shipping_address=ADDRESS)
    order = paid_order(world, line(book, 3), line(world.standing), shipping_address=ADDRESS)
    if back:
        give_back(world, order, goods=goods_of(world, order, back, restock=again))

    for step in (OrderStatus.PROCESSING, OrderStatus.CANCELLED):
        change_status(world.context(), order.id, to_status=step)

    assert (world.order(order.id).status, places(book.quota_id)) == ("cancelled", (0, 4))
    assert_books_balance()


def test_an_order_can_be_cancelled_when_all_that_is_sold_of_its_goods_is_its_own(world: World) -> None:
    book = make_product(world.organization, stock=9, is_shippable=True)
    order = paid_order(world, line(book, 3), shipping_address=ADDRESS)
    give_back(world, order, goods=goods_of(world, order, 2, restock=True))
    for step in (OrderStatus.PROCESSING, OrderStatus.CANCELLED):
        change_status(world.context(), order.id, to_status=step)

    assert places(book.quota_id) == (0, 0)
    assert_books_balance()


@pytest.mark.parametrize(("restock", "stock"), [(None, (0, 1)), (False, (0, 1)), (True, (0, 0))])
def test_pieces_that_were_shipped_are_in_stock_again_only_if_asked(
    world: World, restock: bool | None, stock: tuple[int, int]
) -> None:
    order = paid_order(world, line(world.book), line(world.standing), shipping_address=ADDRESS)
    for step in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        change_status(world.context(), order.id, to_status=step)

    give_back(world, order, goods=goods_of(world, order, 1, restock=restock))

    assert (places(world.book.quota_id), world.tickets(order)) == (stock, ["valid"])
    after = world.order(order.id)
    assert (after.status, after.fulfilment_status) == ("partially_refunded", "shipped")
    assert_books_balance()


def test_everything_puts_shipped_goods_into_stock_if_asked(world: World) -> None:
    order = paid_order(world, line(world.book, 2), shipping_address=ADDRESS)
    for step in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        change_status(world.context(), order.id, to_status=step)
    give_back(world, order, goods=goods_of(world, order, 1))

    refund = give_back(world, order, everything=True, restock=True)

    assert [(part["what"], part.get("quantity")) for part in refund.lines] == [("goods", 1)]
    assert (places(world.book.quota_id), pieces_of(world, order)) == ((0, 1), (2, 1))
    assert_books_balance()


def test_tickets_and_goods_go_back_in_one_refund_and_end_the_order(world: World) -> None:
    order = paid_order(world, line(world.standing), line(world.shirt, 2))

    refund = give_back(
        world,
        order,
        tickets=[ticket.id for ticket in tickets_of(world, order)],
        goods=goods_of(world, order, 2),
    )

    assert (refund.kind, refund.amount) == ("tickets", order.total)
    assert world.order(order.id).status == "refunded"
    assert (places(world.shirt.quota_id), places(world.standing.quota_id)) == ((0, 0), (0, 0))
    assert_books_balance()


def test_goods_whose_pieces_all_went_back_are_not_shipped(world: World) -> None:
    order = paid_order(world, line(world.book, 2), line(world.standing), shipping_address=ADDRESS)
    change_status(world.context(), order.id, to_status=OrderStatus.PROCESSING)
    give_back(world, order, goods=goods_of(world, order, 2))

    with pytest.raises(NothingToShip):
        change_status(world.context(), order.id, to_status=OrderStatus.SHIPPED)


def test_dry_run_of_goods_writes_nothing(world: World) -> None:
    order = paid_order(world, line(world.shirt, 3))
    before = sale_state()

    plan, currency = preview_refund(
        world.organization.id, order.id, wish=RefundSelection(goods=tuple(goods_of(world, order, 1)))
    )

    assert (plan.amount, plan.ends_order, currency) == (order.total / 3, False, "EUR")
    assert sale_state() == before


def test_all_tickets_back_leave_the_goods_with_the_order(world: World) -> None:
    order = paid_order(world, line(world.standing), line(world.shirt))
    [ticket] = tickets_of(world, order)

    give_back(world, order, tickets=[ticket.id])

    assert world.order(order.id).status == "partially_refunded"
    assert_books_balance()
    give_back(world, order, everything=True)
    assert world.order(order.id).status == "refunded"
    assert_books_balance()


def test_several_payments_are_refunded_to_each_of_them(world: World) -> None:
    order = world.place()
    receive(world, receipt_for(order, "40"))
    assert receive(world, receipt_for(order, "50")) == [PaymentOutcome.CONFIRMED]

    give_back(world, order, amount=Decimal(60))

    parts = RefundPart.objects.of(world.organization.id).order_by("amount")
    assert [part.amount for part in parts] == [20, 40]
    assert len({part.payment_id for part in parts}) == 2
    assert_books_balance()


def test_a_refused_refund_stays_pending_and_says_why(world: World) -> None:
    order = paid_order(world)
    give_back(world, order, everything=True)

    send_back(world, state=RefundState.REFUSED)

    [part] = RefundPart.objects.of(world.organization.id)
    assert (part.status, part.refusals, part.error) == ("pending", 1, "No.No.No.")
    assert part.next_try_at is not None
    order = world.order(order.id)
    assert (order.status, order.payment_status, order.refunding_amount) == ("refunded", "paid", 90)
    assert_books_balance()

    send_back(world)
    assert world.order(order.id).payment_status == "refunded"
    assert_books_balance()


def test_the_same_key_is_the_same_refund(world: World) -> None:
    order = paid_order(world)
    [first, _] = tickets_of(world, order)

    once = give_back(world, order, tickets=[first.id], idempotency_key="k", fingerprint=b"1")
    again = give_back(world, order, tickets=[first.id], idempotency_key="k", fingerprint=b"1")

    assert once.id == again.id
    with pytest.raises(RefundKeyReused):
        give_back(world, order, everything=True, idempotency_key="k", fingerprint=b"2")
    assert Refund.objects.of(world.organization.id).count() == 1


def test_what_is_not_there_is_not_given_back(world: World) -> None:
    draft = world.place()
    order = paid_order(world)
    first, _ = tickets_of(world, order)
    give_back(world, order, tickets=[first.id])
    before = sale_state()

    refused: list[tuple[Order, dict[str, object], type[KassaError]]] = [
        (draft, {"everything": True}, NothingToRefund),
        (order, {"tickets": [first.id]}, TicketNotRefundable),
        (order, {"amount": Decimal("45.01")}, RefundTooLarge),
    ]
    for wanted, wish, error in refused:
        with pytest.raises(error):
            give_back(world, wanted, **wish)  # type: ignore[arg-type]

    assert sale_state() == before
    assert Refund.objects.of(world.organization.id).count() == 1


def test_a_ticket_that_cost_nothing_can_be_given_back(world: World) -> None:
    world.standing.price = Decimal(0)
    world.standing.save()
    order = world.place()
    assert order.status == "confirmed"
    first, _ = tickets_of(world, order)

    refund = give_back(world, order, tickets=[first.id])

    assert (refund.amount, refund.status) == (0, "succeeded")
    assert places(world.standing.quota_id) == (0, 1)
    assert_books_balance()
