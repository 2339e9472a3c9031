"""The desk: who waits at the same moment is served together, in turn, and never for ever."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from kassa.orders.models import Order
from kassa.sales.desk import SalesDesk
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.request import OrderRequest
from kassa.sales.errors import DeskBusy, SoldOut
from tests.support.books import assert_books_balance
from tests.support.conditions import wait_until
from tests.support.factories import line, order_request, places
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def _enough_connections(django_db_setup: None) -> None:
    """Let the pool be large enough for all the desks of this file: their writers keep their connections."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connections.settings["default"]["OPTIONS"]["pool"]["max_size"] = 40


def make_desk(**limits: Any) -> SalesDesk:
    return SalesDesk(**{"batch_size": 64, "writers": 1, "queue_limit": 100, "wait_seconds": 20.0, **limits})


class Queue:
    """Buyers who wait at a desk, each in a thread."""

    def __init__(self, desk: SalesDesk) -> None:
        self.desk = desk
        self._threads: list[threading.Thread] = []
        self.outcomes: dict[str, Outcome] = {}

    def join(self, *requests: OrderRequest) -> None:
        for request in requests:
            thread = threading.Thread(target=self._wait, args=(request,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _wait(self, request: OrderRequest) -> None:
        try:
            self.outcomes[request.idempotency_key] = self.desk.place(request)
        except DeskBusy as busy:
            self.outcomes[request.idempotency_key] = busy

    def finish(self) -> list[Outcome]:
        for thread in self._threads:
            thread.join(30)
        return list(self.outcomes.values())


class Holder:
    """Holds the places' lock, so that the desk's writer has to wait."""

    def __init__(self, holding: psycopg.Connection[Any], watching: psycopg.Connection[Any]) -> None:
        self._pid = holding.info.backend_pid
        self._watching = watching

    def wait_for_the_writer(self) -> None:
        """Wait until somebody waits for the lock."""
        wait_until(lambda: self._ask("count(*)"))

    def break_off_the_writer(self) -> None:
        """End the connection of whoever waits for the lock."""
        self._ask("count(pg_terminate_backend(pid))")

    def _ask(self, what: str) -> int:
        """Ask something about those who wait for the lock."""
        sql = f"SELECT {what} FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
        row = self._watching.execute(sql, (self._pid,)).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def busy_quota(url: str, world: World) -> Iterator[Holder]:
    """Hold the lock of the places for as long as this lasts."""
    with psycopg.connect(url) as holding, psycopg.connect(url, autocommit=True) as watching:
        holding.execute("SELECT FROM inventory_quota WHERE id = %s FOR UPDATE", (world.standing.quota_id,))
        yield Holder(holding, watching)


def test_lone_order_is_placed() -> None:
    world = World()

    outcome = make_desk().place(order_request(world.actor, line(world.standing)))

    assert isinstance(outcome, Placed)
    assert places(world.standing.quota_id) == (1, 0)


def test_refusal_is_an_answer_like_any_other() -> None:
    world = World()

    outcome = make_desk().place(order_request(world.actor, line(world.standing, 11)))

    assert isinstance(outcome, SoldOut)


def test_all_who_wait_are_served_in_one_transaction(database_url: str) -> None:
    world = World()
    requests = [order_request(world.actor, line(world.standing)) for _ in range(6)]
    queue = Queue(make_desk())
    with busy_quota(database_url, world) as other:
        queue.join(requests[0])
        other.wait_for_the_writer()
        queue.join(*requests[1:])
        wait_until(lambda: queue.desk._waiting == 5)

    outcomes = queue.finish()

    assert [type(outcome) for outcome in outcomes] == [Placed] * 6
    # Orders of one batch are of one moment; the first was on its own while the others came.
    moments = Counter(Order.objects.of(world.organization.id).values_list("created_at", flat=True))
    assert sorted(moments.values()) == [1, 5]
    assert_books_balance()


def test_one_organisation_does_not_wait_for_another(database_url: str) -> None:
    slow, quick = World(), World()
    desk = make_desk(writers=2)
    queue = Queue(desk)
    with busy_quota(database_url, slow) as other:
        queue.join(order_request(slow.actor, line(slow.standing)))
        other.wait_for_the_writer()

        outcome = desk.place(order_request(quick.actor, line(quick.standing)))

        assert isinstance(outcome, Placed)
        assert queue.outcomes == {}
    assert [type(outcome) for outcome in queue.finish()] == [Placed]


def test_full_desk_turns_the_next_away_and_places_nothing_for_them(database_url: str) -> None:
    world = World()
    desk = make_desk(queue_limit=2)
    queue = Queue(desk)
    with busy_quota(database_url, world) as other:
        queue.join(order_request(world.actor, line(world.standing)))
        other.wait_for_the_writer()
        # One is being placed; so many more may wait, and one too many is turned away at once.
        queue.join(*(order_request(world.actor, line(world.standing)) for _ in range(3)))
        wait_until(lambda: queue.outcomes)

    outcomes = queue.finish()
    turned_away = [outcome for outcome in outcomes if isinstance(outcome, DeskBusy)]

    assert sum(isinstance(outcome, Placed) for outcome in outcomes) == 3
    assert [(busy.status, busy.code, busy.retry_after) for busy in turned_away] == [(503, "desk_busy", 1)]
    assert places(world.standing.quota_id) == (3, 0)


def test_order_that_gives_up_waiting_is_taken_out_of_the_line(database_url: str) -> None:
    world = World()
    desk = make_desk(wait_seconds=0.2)
    queue = Queue(desk)
    first = order_request(world.actor, line(world.standing), key="first")
    second = order_request(world.actor, line(world.standing), key="second")
    with busy_quota(database_url, world) as other:
        queue.join(first)
        other.wait_for_the_writer()
        queue.join(second)
        queue.finish()
        assert {key: type(outcome) for key, outcome in queue.outcomes.items()} == {
            "first": DeskBusy,
            "second": DeskBusy,
        }

    patient = make_desk()
    again = [patient.place(request) for request in (first, second)]

    # The first was being placed and stands, its answer only came too late; the second never was.
    assert [isinstance(outcome, Placed) for outcome in again] == [True, True]
    assert Order.objects.of(world.organization.id).count() == 2
    assert places(world.standing.quota_id) == (2, 0)
    assert_books_balance()


def test_lost_connection_is_renewed_and_the_order_placed_once(database_url: str) -> None:
    world = World()
    queue = Queue(make_desk())
    with busy_quota(database_url, world) as other:
        queue.join(order_request(world.actor, line(world.standing)))
        other.wait_for_the_writer()
        other.break_off_the_writer()

    assert [type(outcome) for outcome in queue.finish()] == [Placed]

    assert places(world.standing.quota_id) == (1, 0)
    assert_books_balance()


def test_bad_order_does_not_harm_those_who_wait_with_it(database_url: str) -> None:
    world = World()
    queue = Queue(make_desk())
    good = [order_request(world.actor, line(world.standing), key=f"good-{n}") for n in range(3)]
    bad = order_request(world.actor, line(world.standing), key="bad", email="x" * 255)
    with busy_quota(database_url, world) as other:
        queue.join(good[0])
        other.wait_for_the_writer()
        queue.join(*good[1:], bad)
    queue.finish()

    codes = {key: getattr(outcome, "code", "placed") for key, outcome in queue.outcomes.items()}
    assert codes == {"good-0": "placed", "good-1": "placed", "good-2": "placed", "bad": "invalid_input"}
    assert_books_balance()
