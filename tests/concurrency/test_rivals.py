"""Two that want to move the same order in different ways: one of them wins, and the books balance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.core.clock import utc_now
from kassa.orders.models import Order
from tests.concurrency.buyers import move_each
from tests.concurrency.processes import Processes
from tests.concurrency.unguarded import confirm_after
from tests.support.books import assert_books_balance
from tests.support.factories import line
from tests.support.sale_world import World

ORDERS = 10
SIDES = 2


def test_expiry_and_confirmation_have_one_winner(crowds: Processes, transactional_db: None) -> None:
    world = World()
    orders = [world.place(line(world.standing), line(world.shirt)).id for _ in range(ORDERS)]
    before, after = utc_now(), utc_now() + timedelta(hours=1)
    organization_id = world.organization.id

    answers = crowds.call(
        move_each,
        [("confirm", organization_id, orders, before), ("expire", organization_id, orders, after)] * SIDES,
    )

    for order in Order.objects.of(organization_id):
        said = {answers[side][order.id] for side in (0, 2)}
        assert said == {"confirmed" if order.status == "confirmed" else "order_expired"}
    expired = Order.objects.of(organization_id).filter(status="expired").count()
    assert sum(int(count) for side in (1, 3) for count in answers[side].values()) == expired
    assert expired + Order.objects.of(organization_id).filter(status="confirmed").count() == ORDERS
    assert_books_balance()


def test_cancellation_and_confirmation_leave_one_legal_history(
    crowds: Processes, transactional_db: None
) -> None:
    world = World()
    orders = [
        world.place(line(world.standing), coupon_code=world.coupon.code, email=f"{n}@example.com").id
        for n in range(ORDERS)
    ]
    now, organization_id = utc_now(), world.organization.id

    answers = crowds.call(
        move_each, [(kind, organization_id, orders, now) for kind in ("confirm", "cancel") * SIDES]
    )

    for order in Order.objects.of(organization_id):
        confirmed, cancelled = ({answers[side][order.id] for side in sides} for sides in ((0, 2), (1, 3)))
        moves = world.moves(order)[1:]
        assert cancelled == {"cancelled"}
        if moves == [("draft", "cancelled")]:
            assert confirmed == {"illegal_move"}
        else:
            assert moves == [("draft", "confirmed"), ("confirmed", "cancelled")]
            assert confirmed <= {"confirmed", "illegal_move"}
            assert "confirmed" in confirmed
    assert_books_balance()


@pytest.mark.parametrize("kind", ["confirm", "cancel", "expire"])
def test_same_move_by_everybody_happens_once(crowds: Processes, transactional_db: None, kind: str) -> None:
    world = World()
    orders = [world.place(line(world.standing)).id for _ in range(ORDERS)]
    now = utc_now() + timedelta(minutes=60 if kind == "expire" else 0)

    crowds.call(move_each, [(kind, world.organization.id, orders, now)] * crowds.count)

    assert [len(world.moves(world.order(order))) for order in orders] == [2] * ORDERS
    assert_books_balance()


@pytest.mark.parametrize("rival", ["expire", "cancel"])
def test_control_without_locks_upsets_the_books(spoiler: Processes, scratch: str, rival: str) -> None:
    [imbalance] = spoiler.call(confirm_after, [(rival, scratch)])

    assert "quotas do not count what orders and carts hold" in imbalance
