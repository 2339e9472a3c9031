"""Killed in the middle of a sale: it comes back, and whatever was answered is in the books, once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from tests.support.books import assert_books_balance
from tests.support.conditions import wait_until
from tests.support.kassa_process import KassaProcess
from tests.support.order_load import OrderLoad

ENOUGH = 20
"""Orders before and after the kill, at least."""


@pytest.fixture(scope="module")
def kassa() -> Iterator[KassaProcess]:
    """One Kassa for all the tests of this file: it has to survive them all."""
    kassa = KassaProcess()
    try:
        kassa.start()
        yield kassa
    finally:
        kassa.stop()


@pytest.fixture(scope="module")
def seeded(kassa: KassaProcess) -> dict[str, str]:
    return kassa.seed()


def orders_by_key(kassa: KassaProcess, keys: list[str]) -> dict[str, UUID]:
    """Return the orders of keys; there is never more than one."""
    with psycopg.connect(kassa.url) as connection:
        rows = connection.execute(
            "SELECT idempotency_key, id FROM orders_order WHERE idempotency_key = ANY(%s)", [keys]
        ).fetchall()
    assert len(rows) == len({key for key, _ in rows})
    return dict(rows)


def assert_nothing_is_lost(kassa: KassaProcess, load: OrderLoad) -> None:
    """Check that each answer is in the books, and that each repetition makes one order."""
    before = orders_by_key(kassa, load.keys)
    assert {key: before.get(key) for key in load.answered} == load.answered

    load.repeat_unanswered()

    after = orders_by_key(kassa, load.keys)
    assert after == load.answered
    assert {key: after[key] for key in before} == before
    assert_books_balance(url=kassa.url)
    with psycopg.connect(kassa.url) as connection:
        failed = connection.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'failed'")
        assert failed.fetchall() == []


def test_killed_web_process_is_replaced_and_loses_nothing(
    kassa: KassaProcess, seeded: dict[str, str]
) -> None:
    workers = kassa.web_workers()
    with OrderLoad(kassa.port, seeded) as load:
        load.wait_for_more(ENOUGH)

        os.kill(workers[0], signal.SIGKILL)

        load.wait_for_more(ENOUGH)
        wait_until(lambda: len(set(kassa.web_workers()) - {workers[0]}) == len(workers))
        load.wait_for_more(ENOUGH)

    assert_nothing_is_lost(kassa, load)


def test_killed_worker_is_replaced_and_releases_holds_again(
    kassa: KassaProcess, seeded: dict[str, str]
) -> None:
    first = kassa.child("worker")
    assert first is not None
    with OrderLoad(kassa.port, seeded) as load:
        load.wait_for_more(ENOUGH)
        overdue = next(iter(load.answered.values()))

        os.kill(first, signal.SIGKILL)

        load.wait_for_more(ENOUGH)
        wait_until(lambda: kassa.child("worker") not in (None, first))
    with psycopg.connect(kassa.url, autocommit=True) as connection:
        connection.execute("UPDATE orders_order SET expires_at = now() WHERE id = %s", [overdue])
        asking = "SELECT status FROM orders_order WHERE id = %s"
        wait_until(lambda: connection.execute(asking, [overdue]).fetchone() == ("expired",))
    assert_nothing_is_lost(kassa, load)


def test_killed_database_is_started_again_and_loses_nothing(
    kassa: KassaProcess, seeded: dict[str, str]
) -> None:
    first = kassa.postmaster()
    assert first is not None
    with OrderLoad(kassa.port, seeded) as load:
        load.wait_for_more(ENOUGH)

        os.kill(first, signal.SIGKILL)

        wait_until(lambda: kassa.postmaster() not in (None, first))
        load.wait_for_more(ENOUGH)

    assert_nothing_is_lost(kassa, load)


def test_killed_as_a_whole_it_is_started_again_and_loses_nothing(
    kassa: KassaProcess, seeded: dict[str, str]
) -> None:
    with OrderLoad(kassa.port, seeded) as load:
        load.wait_for_more(ENOUGH)

        kassa.kill_everything()

        kassa.start()
        load.wait_for_more(ENOUGH)

    assert load.unanswered
    assert_nothing_is_lost(kassa, load)
