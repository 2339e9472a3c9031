"""The controls for money: the same races on a database of their own, without locks and constraints."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from django.db import connections

from kassa.orders import locks as order_locks
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.domain.receipts import record_payments as receive
from kassa.payments.domain.refunds import refund
from kassa.payments.domain.refunds import refund_intent as promise
from kassa.payments.domain.refunds.plan import GoodsSelection, RefundSelection
from kassa.payments.models import Payment
from tests.concurrency.races import imbalance
from tests.concurrency.tellers import ask_back, at_once
from tests.concurrency.unguarded import drop, no_locks, on_database
from tests.payments.money import paid_order, receipt_for
from tests.payments.money import receive as receive_sums
from tests.payments.till import Till
from tests.support.factories import line, make_product

SECONDS = 30.0


def refund_unguarded(kind: str, database: str, dropped: Sequence[str]) -> tuple[list[str], Decimal, str]:
    """Ask for the same refund twice, both having read what is left before one writes.

    Return what they were told, what was given back of it, and what the audit found.
    """
    with on_database(database), no_locks():
        drop(dropped)
        till = Till()
        order, wish = _sell(till, kind)
        have_read = threading.Barrier(2)
        module, name = (promise, "_write") if kind == "amount" else (refund, "apply_refunds")
        write = getattr(module, name)

        def write_after_both_have_read(*args: Any, **kwargs: Any) -> Any:
            have_read.wait(SECONDS)
            return write(*args, **kwargs)

        with patch.object(module, name, write_after_both_have_read):
            act = ask_back(till.id, order.id, wish, till.now)
            told = at_once(act, act)
        given_back = Payment.objects.of(till.id).get(order_id=order.id).refunded_amount
        return told, given_back, imbalance(till.id)


def _sell(till: Till, kind: str) -> tuple[Order, RefundSelection]:
    """Sell tickets for 90, or six pieces for 120; return the order and what is asked for twice."""
    if kind == "goods":
        shirt = make_product(till.organization, stock=9, price=Decimal(15))
        order = paid_order(till, line(shirt, 6), line(till.standing))
        [item] = OrderItem.objects.of(till.id).filter(order_id=order.id, kind="merchandise")
        # Others have some too: neither the stock nor the money gives the mistake away.
        paid_order(till, line(shirt, 3), email="bob@example.com")
        return order, RefundSelection(goods=(GoodsSelection(item.id, 4),))
    order = paid_order(till)
    if kind == "amount":
        till.refund(
            order, RefundSelection(amount=Decimal(10))
        )  # Only the first refund moves the order itself.
        return order, RefundSelection(amount=Decimal(60))
    first = Ticket.objects.of(till.id).filter(order_id=order.id).order_by("id")[0]
    return order, RefundSelection(tickets=(first.id,))


def settle_after_cancelling(database: str) -> str:
    """Let an order be cancelled between another's reading it and confirming it as paid, without locks.

    Return what the audit of the books found.
    """
    with on_database(database), no_locks():
        till = Till()
        till.place()  # so that no counter goes below zero and gives the mistake away
        order = till.place()
        has_read, is_cancelled = threading.Event(), threading.Event()
        read = order_locks.lock_orders

        def read_and_wait(*args: Any, **kwargs: Any) -> Any:
            found = read(*args, **kwargs)
            has_read.set()
            assert is_cancelled.wait(SECONDS)
            return found

        def settle() -> None:
            receive_sums(till, receipt_for(order))
            connections.close_all()

        settling = threading.Thread(target=settle, daemon=True)
        with patch.object(receive, "lock_orders", read_and_wait):
            settling.start()
            assert has_read.wait(SECONDS)
            till.cancel_order(order)
            is_cancelled.set()
            settling.join(SECONDS)
        return imbalance(till.id)
