"""The controls: the same races in a process whose locks are taken away, on a database of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection, connections

from kassa.core.clock import utc_now
from kassa.coupons import locks as coupon_locks
from kassa.inventory import locks as quota_locks
from kassa.orders import locks as order_locks
from kassa.orders.domain import numbers
from kassa.payments.domain.receipts import record_payments as receive
from kassa.sales.domain import batch
from kassa.sales.domain.request import OrderRequest
from kassa.seating import locks as seat_locks
from tests.concurrency import buyers
from tests.concurrency.buyers import Answer
from tests.concurrency.races import Finish, imbalance
from tests.support.sale_world import World

FOR_UPDATE = "FOR NO KEY UPDATE"
SECONDS = 30.0
LOCKS = (
    (quota_locks, "LOCK_QUOTAS"),
    (seat_locks, "LOCK_SEATS"),
    (coupon_locks, "LOCK_COUPONS"),
    (order_locks, "LOCK_ORDERS"),
)


def run_unguarded(
    race: Callable[..., Finish], database: str, dropped: Sequence[str], racers: int, scarce: int
) -> Finish:
    """Run a race without row locks and without the constraints that are dropped.

    Every racer has read what is left before the first of them writes, so that what can go wrong does.
    """
    with on_database(database):
        drop(dropped)
        return race(_without_locks, buyers=racers, scarce=scarce)


def confirm_after(rival: str, database: str) -> str:
    """Let an order be expired or cancelled between another's reading and confirming it, without locks.

    Return what the audit of the books found.
    """
    with on_database(database), no_locks():
        world = World()
        # Another order's places, so that no counter goes below zero and gives the mistake away.
        world.place()
        order = world.place(now=utc_now() - timedelta(minutes=29))
        organization_id = world.organization.id
        now = utc_now()
        has_read, rival_is_done = threading.Event(), threading.Event()
        read = order_locks.lock_orders

        def read_and_wait(*args: Any, **kwargs: Any) -> Any:
            found = read(*args, **kwargs)
            if threading.current_thread() is confirming:
                has_read.set()
                assert rival_is_done.wait(SECONDS)
            return found

        def confirm() -> None:
            buyers.confirm(organization_id, order.id, now)
            connections.close_all()

        confirming = threading.Thread(target=confirm, daemon=True)
        with patch.object(receive, "lock_orders", read_and_wait):
            confirming.start()
            assert has_read.wait(SECONDS)
            if rival == "expire":
                assert buyers.expire(organization_id, order.id, now + timedelta(minutes=2)) == "1"
            else:
                assert buyers.cancel(organization_id, order.id, now) == "cancelled"
            rival_is_done.set()
            confirming.join(SECONDS)
        return imbalance(organization_id)


def _without_locks(requests: list[OrderRequest]) -> list[Answer]:
    all_have_read = threading.Barrier(len(requests))
    has_waited = threading.local()
    take_numbers = numbers.take_numbers

    def write_after_all_have_read(*args: Any, **kwargs: Any) -> list[str]:
        # Once for each racer: who is refused by a constraint and tries again has nobody to wait for.
        if not getattr(has_waited, "yes", False):
            has_waited.yes = True
            all_have_read.wait(SECONDS)
        return take_numbers(*args, **kwargs)

    with no_locks(), patch.object(batch, "take_numbers", write_after_all_have_read):
        return buyers.without_a_desk(requests)


@contextmanager
def no_locks() -> Iterator[None]:
    """Replace every locking read by one that does not lock."""
    replaced: list[Any] = []
    try:
        for module, name in LOCKS:
            statement = getattr(module, name)
            assert FOR_UPDATE in statement
            replacement = patch.object(module, name, statement.replace(FOR_UPDATE, ""))
            replacement.start()
            replaced.append(replacement)
        # The second look at the best seats, which were chosen without a lock.
        second_look = patch.object(batch, "lock_seats", lambda *_: ())
        second_look.start()
        replaced.append(second_look)
        yield
    finally:
        for replacement in replaced:
            replacement.stop()


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Let this process work on another database of the same server."""
    database = connections.settings["default"]
    previous = database["NAME"]
    _forget_connections()
    database["NAME"] = name
    connections["default"].settings_dict["NAME"] = name
    try:
        yield
    finally:
        _forget_connections()
        database["NAME"] = previous
        connections["default"].settings_dict["NAME"] = previous


def _forget_connections() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def drop(constraints: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for name in constraints:
            cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = %s", [name])
            found = cursor.fetchone()
            cursor.execute(
                f"ALTER TABLE {found[0]} DROP CONSTRAINT {name}" if found else f"DROP INDEX {name}"
            )
