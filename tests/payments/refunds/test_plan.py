"""What a refund gives back: the lines add up, and never more goes back than is left, whatever went before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kassa.core.errors import NotFound
from kassa.orders.enums import OrderStatus, TicketStatus
from kassa.payments.domain.refunds.plan import (
    REFUNDABLE,
    GoodsSelection,
    PaidGoods,
    PaidTicket,
    Plan,
    Policy,
    RefundableOrder,
    RefundSelection,
    plan_refund,
)
from kassa.payments.errors import (
    GoodsNotRefundable,
    NothingToRefund,
    RefundTooLarge,
    TicketNotRefundable,
)

ZERO = Decimal(0)
KEEP_FEES = Policy(refund_fees=False, refund_shipping=False)
money = st.decimals(0, 200, places=2)
policies = st.builds(Policy, st.booleans(), st.booleans())


def tickets(prices: list[Decimal], status: TicketStatus = TicketStatus.VALID) -> tuple[PaidTicket, ...]:
    return tuple(
        PaidTicket(uuid4(), f"T-{number}", "Standing", price, status)
        for number, price in enumerate(prices, start=1)
    )


def order(
    prices: list[Decimal], goods: list[Decimal], fees: Decimal = ZERO, shipping: Decimal = ZERO
) -> RefundableOrder:
    return RefundableOrder(
        number="ORD-2026-00001",
        status=OrderStatus.CONFIRMED,
        currency="EUR",
        total=sum([*prices, *goods, fees, shipping], ZERO),
        given_back=ZERO,
        fees=fees,
        shipping=shipping,
        tickets=tickets(prices),
        goods=tuple(
            PaidGoods(uuid4(), "Poster", total, pieces, pieces, is_handed_over=False)
            for pieces, total in enumerate(goods, start=1)
        ),
    )


orders = st.builds(
    order, st.lists(money, min_size=1, max_size=5), st.lists(money, max_size=2), fees=money, shipping=money
)


def after(sold: RefundableOrder, plan: Plan) -> RefundableOrder:
    """Return the order as it is once a plan was carried out."""
    gone = {ticket_id for ticket_id, _ in plan.tickets}
    extras = {what: sum_of(plan, what) for what in ("fees", "shipping")}
    pieces = Counter({goods.id: goods.quantity for goods in sold.goods})
    for back in plan.goods:
        pieces[back.item_id] -= back.quantity
    return replace(
        sold,
        goods=tuple(replace(goods, quantity=pieces[goods.id]) for goods in sold.goods),
        status=OrderStatus.REFUNDED if plan.ends_order else OrderStatus.PARTIALLY_REFUNDED,
        given_back=sold.given_back + plan.amount,
        fees_given_back=sold.fees_given_back + extras["fees"],
        shipping_given_back=sold.shipping_given_back + extras["shipping"],
        tickets=tuple(
            replace(ticket, status=TicketStatus.REFUNDED) if ticket.id in gone else ticket
            for ticket in sold.tickets
        ),
    )


def sum_of(plan: Plan, what: str) -> Decimal:
    return sum((line["amount"] for line in plan.lines if line["what"] == what), ZERO)


def goods_wishes(sold: RefundableOrder) -> st.SearchStrategy[tuple[GoodsSelection, ...]]:
    if not sold.goods:
        return st.just(())
    ids = [goods.id for goods in sold.goods]
    wish = st.builds(GoodsSelection, st.sampled_from(ids), st.integers(1, 3), st.none() | st.booleans())
    return st.lists(wish, max_size=3).map(tuple)


def wishes(sold: RefundableOrder) -> st.SearchStrategy[RefundSelection]:
    ids = [ticket.id for ticket in sold.tickets]
    return st.one_of(
        st.builds(
            RefundSelection,
            tickets=st.lists(st.sampled_from(ids)).map(tuple),
            goods=goods_wishes(sold),
            fees=st.none() | st.booleans(),
            shipping=st.none() | st.booleans(),
        ).filter(lambda wish: wish.tickets or wish.goods),
        st.builds(RefundSelection, amount=st.decimals("0.01", 400, places=2)),
        st.just(RefundSelection(everything=True)),
    )


@given(sold=orders, policy=policies, data=st.data())
def test_whatever_is_given_back_adds_up_and_is_never_more_than_was_paid(
    sold: RefundableOrder, policy: Policy, data: st.DataObject
) -> None:
    total = sold.total
    for _ in range(data.draw(st.integers(1, 6))):
        try:
            plan = plan_refund(sold, data.draw(wishes(sold)), policy)
        except (NothingToRefund, TicketNotRefundable, GoodsNotRefundable, RefundTooLarge):
            continue
        assert plan.amount == sum((line["amount"] for line in plan.lines), ZERO)
        assert ZERO <= plan.amount <= sold.left
        of_items = [amount for _, amount in plan.tickets] + [back.amount for back in plan.goods]
        assert sum(of_items, ZERO) <= plan.amount
        assert all(back.amount >= ZERO for back in plan.goods)
        prices = {ticket.id: ticket.price_paid for ticket in sold.tickets}
        assert all(ZERO <= amount <= prices[ticket_id] for ticket_id, amount in plan.tickets)
        sold = after(sold, plan)
        assert ZERO <= sold.given_back <= total
        assert all(0 <= goods.quantity <= goods.bought for goods in sold.goods)
        assert ZERO <= sold.fees_given_back <= sold.fees
        assert ZERO <= sold.shipping_given_back <= sold.shipping


@given(sold=orders, policy=policies, data=st.data())
def test_a_ticket_gives_back_exactly_what_was_paid_for_it(
    sold: RefundableOrder, policy: Policy, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(sold.tickets), min_size=1, unique=True))

    plan = plan_refund(sold, RefundSelection(tickets=tuple(ticket.id for ticket in chosen)), policy)

    assert dict(plan.tickets) == {ticket.id: ticket.price_paid for ticket in chosen}
    assert sum_of(plan, "ticket") == sum(ticket.price_paid for ticket in chosen)


@given(sold=orders, data=st.data())
def test_tickets_one_by_one_and_then_the_rest_are_the_total(
    sold: RefundableOrder, data: st.DataObject
) -> None:
    assume(sold.total > 0)
    total = sold.total
    for ticket in data.draw(st.permutations(sold.tickets)):
        plan = plan_refund(sold, RefundSelection(tickets=(ticket.id,)), KEEP_FEES)
        assert plan.amount == ticket.price_paid
        sold = after(sold, plan)

    assert sold.given_back == sum(ticket.price_paid for ticket in sold.tickets)
    if sold.left > 0:
        sold = after(sold, plan_refund(sold, RefundSelection(everything=True), KEEP_FEES))
    assert sold.given_back == total


@given(sold=orders, policy=policies, part=st.decimals("0.01", 400, places=2))
def test_an_amount_is_that_amount_and_all_that_is_left_ends_every_ticket(
    sold: RefundableOrder, policy: Policy, part: Decimal
) -> None:
    assume(sold.total > 0)
    if part > sold.total:
        with pytest.raises(RefundTooLarge):
            plan_refund(sold, RefundSelection(amount=part), policy)
        return

    plan = plan_refund(sold, RefundSelection(amount=part), policy)

    assert plan.amount == part
    assert plan.ends_order == (part == sold.total)
    assert {ticket_id for ticket_id, _ in plan.tickets} == (
        {ticket.id for ticket in sold.tickets} if part == sold.total else set()
    )


@given(sold=orders, policy=policies)
def test_everything_is_all_that_is_left_and_ends_the_order(sold: RefundableOrder, policy: Policy) -> None:
    plan = plan_refund(sold, RefundSelection(everything=True), policy)

    assert (plan.amount, plan.ends_order) == (sold.left, True)
    assert len(plan.tickets) == len(sold.tickets)


@given(sold=orders)
def test_fees_go_back_with_the_last_ticket_if_policy_says_so_and_only_then(sold: RefundableOrder) -> None:
    sold = replace(sold, goods=(), total=sold.total - sum((goods.total for goods in sold.goods), ZERO))
    first, *others = sold.tickets
    back = Policy(refund_fees=True, refund_shipping=True)
    for ticket in others:
        plan = plan_refund(sold, RefundSelection(tickets=(ticket.id,)), back)
        assert (sum_of(plan, "fees"), sum_of(plan, "shipping"), plan.ends_order) == (ZERO, ZERO, False)
        sold = after(sold, plan)

    plan = plan_refund(sold, RefundSelection(tickets=(first.id,)), back)

    assert (sum_of(plan, "fees"), sum_of(plan, "shipping")) == (sold.fees, sold.shipping)
    assert plan.ends_order
    assert after(sold, plan).left == 0


@pytest.mark.parametrize("status", sorted(set(OrderStatus) - REFUNDABLE))
def test_what_was_never_sold_is_not_refunded(status: OrderStatus) -> None:
    sold = replace(order([Decimal(10)], []), status=status)

    with pytest.raises(NothingToRefund):
        plan_refund(sold, RefundSelection(everything=True), KEEP_FEES)


@pytest.mark.parametrize("status", sorted(set(TicketStatus) - {TicketStatus.VALID}))
def test_a_ticket_that_is_not_valid_is_not_given_back(status: TicketStatus) -> None:
    sold = order([Decimal(10), Decimal(20)], [])
    sold = replace(sold, tickets=(replace(sold.tickets[0], status=status), sold.tickets[1]))

    with pytest.raises(TicketNotRefundable):
        plan_refund(sold, RefundSelection(tickets=(sold.tickets[0].id,)), KEEP_FEES)


def test_a_ticket_of_another_order_is_not_found() -> None:
    with pytest.raises(NotFound):
        plan_refund(order([Decimal(10)], []), RefundSelection(tickets=(uuid4(),)), KEEP_FEES)


def goods_order(total: str, pieces: int, **fields: Any) -> RefundableOrder:
    """Return an order of some pieces of one item."""
    goods = PaidGoods(
        uuid4(), "Poster", Decimal(total), pieces, pieces, **{"is_handed_over": False, **fields}
    )
    return replace(order([], []), total=goods.total, goods=(goods,))


def of_goods(sold: RefundableOrder, *quantities: int, **fields: Any) -> RefundSelection:
    [goods] = sold.goods
    return RefundSelection(
        goods=tuple(GoodsSelection(goods.id, quantity) for quantity in quantities), **fields
    )


@given(total=money, cut=st.lists(st.integers(1, 4), min_size=1, max_size=5), spare=st.integers(0, 3))
def test_pieces_cost_the_same_however_they_are_given_back(total: Decimal, cut: list[int], spare: int) -> None:
    """In one refund, one after the other, or in parts of one refund: not a cent is made or lost."""
    sold = goods_order(str(total), sum(cut) + spare)

    at_once = plan_refund(sold, of_goods(sold, sum(cut)), KEEP_FEES)
    in_parts = plan_refund(sold, of_goods(sold, *cut), KEEP_FEES)
    one_by_one = []
    rest = sold
    for quantity in cut:
        one_by_one.append(plan_refund(rest, of_goods(rest, quantity), KEEP_FEES))
        rest = after(rest, one_by_one[-1])

    assert at_once.amount == in_parts.amount == sum(plan.amount for plan in one_by_one)
    assert [back.amount for back in in_parts.goods] == [plan.amount for plan in one_by_one]
    assert abs(at_once.amount - total * sum(cut) / (sum(cut) + spare)) < Decimal("0.01")
    assert one_by_one[-1].ends_order == at_once.ends_order == in_parts.ends_order == (spare == 0)
    assert (at_once.amount == total) or spare


@pytest.mark.parametrize("quantities", [(4,), (3, 1), (1, 1, 1, 1)])
def test_more_pieces_than_are_left_are_not_given_back(quantities: tuple[int, ...]) -> None:
    sold = goods_order("30", 3)

    with pytest.raises(GoodsNotRefundable) as refused:
        plan_refund(sold, of_goods(sold, *quantities), KEEP_FEES)

    nth = len(quantities) - 1
    left = 3 - sum(quantities[:-1])
    assert refused.value.details == {"field": f"goods.{nth}.quantity", "item": "Poster", "left": left}


@pytest.mark.parametrize(
    ("is_handed_over", "wanted", "restocked"),
    [
        (False, None, True),
        (False, False, False),
        (False, True, True),
        (True, None, False),
        (True, False, False),
        (True, True, True),
    ],
)
def test_goods_are_in_stock_again_unless_the_buyer_has_them_or_staff_say_otherwise(
    is_handed_over: bool, wanted: bool | None, restocked: bool
) -> None:
    sold = goods_order("30", 3, is_handed_over=is_handed_over)
    [goods] = sold.goods

    by_piece = plan_refund(sold, RefundSelection(goods=(GoodsSelection(goods.id, 2, wanted),)), KEEP_FEES)
    all_of_it = plan_refund(sold, RefundSelection(everything=True, restock=wanted), KEEP_FEES)

    assert [(back.quantity, back.restock) for back in by_piece.goods] == [(2, restocked)]
    assert [(back.quantity, back.restock) for back in all_of_it.goods] == [(3, restocked)]


def test_last_piece_ends_the_order_and_shipping_goes_back_as_the_policy_says() -> None:
    sold = goods_order("30", 3)
    sold = replace(sold, total=Decimal("34.50"), shipping=Decimal("4.50"))

    plans = [
        plan_refund(sold, of_goods(sold, 3), Policy(refund_fees=False, refund_shipping=refunded))
        for refunded in (True, False)
    ]

    assert [(plan.kind, plan.amount, plan.ends_order) for plan in plans] == [
        ("goods", Decimal("34.50"), True),
        ("goods", Decimal(30), True),
    ]
    assert [line["amount"] for line in plans[1].retained] == [Decimal("4.50")]
    partly = plan_refund(sold, of_goods(sold, 2), Policy(refund_fees=True, refund_shipping=True))
    assert (partly.amount, partly.ends_order) == (Decimal(20), False)


def test_amount_that_went_back_before_counts_for_pieces_too() -> None:
    sold = replace(goods_order("30", 3), given_back=Decimal(15), status=OrderStatus.PARTIALLY_REFUNDED)

    assert plan_refund(sold, of_goods(sold, 2), KEEP_FEES).amount == 10


def test_goods_of_another_order_are_not_found() -> None:
    with pytest.raises(NotFound):
        plan_refund(goods_order("30", 3), RefundSelection(goods=(GoodsSelection(uuid4(), 1),)), KEEP_FEES)
