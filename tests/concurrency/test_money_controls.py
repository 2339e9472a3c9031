"""The controls of the races about money: without the guards they go wrong, else they would prove nothing."""

from __future__ import annotations

import pytest

from tests.concurrency.processes import Processes
from tests.concurrency.tellers import DONE
from tests.concurrency.unguarded_money import refund_unguarded, settle_after_cancelling

LAST_WORD = {
    "ticket": ("payments_refundedticket_once",),
    "goods": ("orders_orderitem_refunded",),
    "amount": ("payments_payment_within_amount", "orders_order_refunded"),
}
"""The constraints that refuse the second of two refunds of a kind, if no lock does."""
ONCE = {"ticket": 45, "goods": 60, "amount": 70}
TWICE = {"ticket": 90, "goods": 120, "amount": 130}
by_wish = pytest.mark.parametrize("wish", LAST_WORD)


@by_wish
def test_database_alone_refuses_a_second_refund_where_no_lock_does(
    spoiler: Processes, scratch: str, wish: str
) -> None:
    [(told, given_back, _)] = spoiler.call(refund_unguarded, [(wish, scratch, ())])

    assert told.count(DONE) == 1
    assert any(constraint in "".join(told) for constraint in LAST_WORD[wish])
    assert given_back == ONCE[wish]


@by_wish
def test_control_without_guards_gives_too_much_back(spoiler: Processes, scratch: str, wish: str) -> None:
    [(told, given_back, imbalance)] = spoiler.call(refund_unguarded, [(wish, scratch, LAST_WORD[wish])])

    assert told == [DONE, DONE]
    assert given_back == TWICE[wish]
    assert imbalance


def test_control_without_locks_confirms_what_was_cancelled(spoiler: Processes, scratch: str) -> None:
    [imbalance] = spoiler.call(settle_after_cancelling, [(scratch,)])

    assert imbalance
