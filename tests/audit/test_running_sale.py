"""An audit in the middle of a sale: what is only half done elsewhere is never seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, connections

from kassa.audit.run import run_audit
from kassa.core.clock import utc_now
from kassa.payments.domain.manual_status import cancel_order
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.sales.domain.expire import release_overdue
from tests.payments.money import give_back, paid_order, receipt_for, receive
from tests.support.factories import line, make_ticket_type
from tests.support.sale_world import World

ROUNDS = 8
PATIENCE = 120

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    world = World()
    world.standing = make_ticket_type(world.event, quantity=100)
    assert world.actor
    assert world.shirt
    return world


def buy_and_give_back(world: World) -> None:
    order = paid_order(world, line(world.standing, 2), email=f"{uuid4().hex}@example.com")
    give_back(world, order, amount=Decimal(1))
    refund = give_back(world, order, everything=True)
    mark_refunded(world.context(), order.id, refund.id, reference="")


def buy_and_cancel(world: World) -> None:
    order = world.place(line(world.standing), line(world.shirt))
    receive(world, receipt_for(order), receipt_for(order))
    cancel_order(world.context(), order.id)


def let_expire_and_pay(world: World) -> None:
    order = world.place(line(world.standing), now=utc_now() - timedelta(hours=1))
    release_overdue(world.organization.id, now=utc_now())
    receive(world, receipt_for(order))


def test_running_sale_is_never_reported(world: World) -> None:
    problems: list[BaseException] = []

    def go_on(step: Callable[[World], None]) -> None:
        try:
            for _ in range(ROUNDS):
                step(world)
        except BaseException as problem:  # told by the test itself
            problems.append(problem)
            raise
        finally:
            connections.close_all()

    sellers = [
        threading.Thread(target=go_on, args=(step,), daemon=True)
        for step in (buy_and_give_back, buy_and_cancel, let_expire_and_pay)
    ]
    for seller in sellers:
        seller.start()
    reports = []
    deadline = utc_now() + timedelta(seconds=PATIENCE)
    while any(seller.is_alive() for seller in sellers) and utc_now() < deadline:
        reports.append(run_audit(None))
    for seller in sellers:
        seller.join(timeout=PATIENCE)
    reports.append(run_audit(None))

    assert problems == []
    assert [finding for report in reports for finding in report.findings] == []
    assert reports[-1].orders == 3 * ROUNDS
    # It looked while they sold: some of it was there and some was not.
    assert any(0 < report.orders < 3 * ROUNDS for report in reports)


def test_audit_sees_one_moment_and_changes_nothing(world: World) -> None:
    sold: list[object] = []

    def sell() -> None:
        sold.append(paid_order(world, line(world.standing)))
        connections.close_all()

    def meanwhile(_: object) -> None:
        if not sold:
            seller = threading.Thread(target=sell, daemon=True)
            seller.start()
            seller.join(timeout=PATIENCE)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM orders_order")
                assert cursor.fetchone() == (0,)
                cursor.execute(
                    "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout')"
                )
                assert cursor.fetchone() == ("on", "0")

    report = run_audit(world.organization.id, progress=meanwhile)

    assert len(sold) == 1
    assert (report.orders, report.findings) == (0, [])
    assert run_audit(world.organization.id).orders == 1
