"""Refunds of every kind mixed with every move of an order: goods only go on, and stock is never made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kassa.core.errors import KassaError
from kassa.orders.domain.moves import allowed_moves
from kassa.orders.enums import HOLDING, STAFF_MOVES, FulfilmentStatus, OrderStatus
from kassa.orders.models import Order, OrderItem
from kassa.payments.domain.manual_status import change_status
from tests.payments import scales
from tests.payments.money import receipt_for, receive
from tests.payments.till import Till
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_product, make_ticket_type, places
from tests.support.sale_world import ADDRESS

ANY = st.integers(0, 99)
STEPS = [str(step) for step in FulfilmentStatus]
STOCK = 6
MOMENTS = ("shipped_at", "delivered_at", "completed_at")


class FulfilmentMachine(RuleBasedStateMachine):
    """Keeps the furthest that each order's goods have been, and what of them is in stock."""

    def __init__(self) -> None:
        super().__init__()
        self.till = Till(shipping_fee=Decimal("4.50"))
        self.book = make_product(
            self.till.organization, stock=STOCK, price=Decimal("9.99"), is_shippable=True
        )
        self.badge = make_product(self.till.organization, stock=STOCK, price=Decimal("3.33"))
        self.standing = make_ticket_type(self.till.event, quantity=20, price=Decimal("19.99"))
        self.furthest: dict[UUID, int] = {}
        self.moments: dict[UUID, dict[str, datetime]] = {}
        self.has_failed = False

    def order(self, nth: int) -> Order:
        found = list(Order.objects.of(self.till.id).order_by("id"))
        return found[nth % len(found)]

    def attempt(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> str | None:
        """Do something that may be refused; return the code of the refusal."""
        try:
            act(*arguments, **more)
        except KassaError as error:
            return error.code
        return None

    @property
    def has_orders(self) -> bool:
        return Order.objects.of(self.till.id).exists()

    @rule(books=st.integers(0, 2), badges=st.integers(0, 2), tickets=st.integers(0, 2), is_paid=st.booleans())
    def buy(self, books: int, badges: int, tickets: int, is_paid: bool) -> None:
        wanted: list[tuple[Any, int]] = [(self.book, books), (self.badge, badges), (self.standing, tickets)]
        lines = [line(item, count) for item, count in wanted if count]
        if not lines:
            return
        order = self.till.try_to_place(lines, shipping_address=ADDRESS)
        if order is not None and is_paid:
            receive(self.till, receipt_for(order))

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, to_status=st.sampled_from(sorted(STAFF_MOVES)))
    def move(self, nth: int, to_status: OrderStatus) -> None:
        order = self.order(nth)
        self._move(order, to_status)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY)
    def carry_on(self, nth: int) -> None:
        """Take the next step that there is, so that runs come far."""
        order = self.order(nth)
        ahead = STEPS[STEPS.index(order.fulfilment_status) + 1 :]
        if ahead:
            self._move(order, OrderStatus(ahead[0]))

    def _move(self, order: Order, to_status: OrderStatus) -> None:
        before = FulfilmentStatus(order.fulfilment_status)
        where = str(before)
        may = allowed_moves(OrderStatus(order.status), before, has_goods_to_ship=self._has_goods(order))
        refused = self.attempt(
            change_status,
            self.till.context(now=self.till.now),
            order.id,
            to_status=to_status,
        )
        is_there = to_status == order.status or (
            order.status == OrderStatus.PARTIALLY_REFUNDED and to_status.value == where
        )
        if refused != "order_expired":
            assert (refused is None) == (is_there or to_status in may), (order.status, to_status, refused)
        if refused is not None or is_there:
            after = self.till.order(order.id)
            assert (after.status, after.fulfilment_status) == (order.status, order.fulfilment_status)

    def _has_goods(self, order: Order) -> bool:
        items = OrderItem.objects.of(self.till.id).filter(order_id=order.id, is_shippable=True)
        return any(item.quantity > item.refunded_quantity for item in items)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY)
    def cancel(self, nth: int) -> None:
        order = self.order(nth)
        refused = self.attempt(self.till.cancel_order, order)
        if order.fulfilment_status in ("shipped", "delivered", "completed"):
            assert refused in ("already_shipped", "illegal_move")

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, which=ANY, restock=st.booleans())
    def put_back_and_cancel(self, nth: int, which: int, restock: bool) -> None:
        """Cancel what is left after a refund, so that runs come to it while nothing has been shipped."""
        order = self.order(nth)
        self.attempt(self.till.refund_goods, order, which, 1, restock=restock)
        self._move(self.till.order(order.id), OrderStatus.PROCESSING)
        self.attempt(self.till.cancel_order, order)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, which=st.integers(1, 3))
    def refund_tickets(self, nth: int, which: int) -> None:
        self.attempt(self.till.refund_some, self.order(nth), which)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, which=ANY, quantity=st.integers(1, 3), restock=st.none() | st.booleans())
    def refund_goods(self, nth: int, which: int, quantity: int, restock: bool | None) -> None:
        order = self.order(nth)
        before = self._pieces(order)
        refused = self.attempt(self.till.refund_goods, order, which, quantity, restock=restock)
        after = self._pieces(order)
        if refused is not None:
            assert before == after
            return
        for item_id, (bought, refunded, restocked) in after.items():
            _, refunded_before, restocked_before = before[item_id]
            assert refunded <= bought
            if refunded != refunded_before and restock is not None:
                assert restocked - restocked_before == (refunded - refunded_before if restock else 0)

    def _pieces(self, order: Order) -> dict[UUID, tuple[int, int, int]]:
        items = OrderItem.objects.of(self.till.id).filter(order_id=order.id, kind="merchandise")
        return {item.id: (item.quantity, item.refunded_quantity, item.restocked_quantity) for item in items}

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, share=st.sampled_from([Decimal("0.1"), Decimal("0.5"), Decimal(1)]))
    def refund_amount(self, nth: int, share: Decimal) -> None:
        self.attempt(self.till.refund_share, self.order(nth), share)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY)
    def refund_everything(self, nth: int) -> None:
        self.attempt(self.till.refund_all, self.order(nth))

    @rule()
    def send_refunds(self) -> None:
        self.till.send_back_by_hand()
        self.till.send_refunds()

    @rule()
    def let_time_pass(self) -> None:
        self.till.later += timedelta(minutes=31)
        self.till.expire()

    @invariant()
    def goods_only_go_on(self) -> None:
        for order in Order.objects.of(self.till.id):
            step = STEPS.index(order.fulfilment_status)
            assert step >= self.furthest.get(order.id, 0), order.number
            self.furthest[order.id] = step
            if order.status in STEPS:
                assert order.status == order.fulfilment_status
            if order.status == "cancelled":
                assert step < STEPS.index("shipped"), order.number
            if step >= STEPS.index("shipped") and order.fulfilment_status != "completed":
                assert OrderItem.objects.of(self.till.id).filter(order=order, is_shippable=True).exists()
            known = self.moments.setdefault(order.id, {})
            for name in MOMENTS:
                moment = getattr(order, name)
                assert known.setdefault(name, moment) == moment if moment else name not in known

    @invariant()
    def stock_is_what_is_not_sold(self) -> None:
        """What orders have is out of stock, unless a refund has put it there again: exactly that, of each."""
        for product in (self.book, self.badge):
            counted = {True: 0, False: 0}
            items = OrderItem.objects.of(self.till.id).filter(product=product)
            for item in items.exclude(order__status__in=["cancelled", "expired"]).select_related("order"):
                counted[item.order.status in HOLDING] += item.quantity - item.restocked_quantity
            assert places(product.quota_id) == (counted[True], counted[False]), product.name

    @invariant()
    def books_balance(self) -> None:
        try:
            assert_books_balance(self.till.id)
            scales.assert_accounts_say_what_is_open(self.till.id)
        except AssertionError:
            self.has_failed = True
            raise

    def teardown(self) -> None:
        if not self.has_failed:
            self.till.bring_all_to_its_end()
            self.books_balance()


def test_goods_only_go_on_and_stock_is_never_made_up(transactional_db: None) -> None:
    run_state_machine_as_test(
        FulfilmentMachine,
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
