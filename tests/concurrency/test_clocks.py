"""Processes follow the clock of their database while they sell, and `kassa doctor` says how far it is off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.support.books import assert_books_balance
from tests.support.conditions import wait_until
from tests.support.kassa_process import ROOT, KassaProcess
from tests.support.order_load import OrderLoad

# Looked for before PostgreSQL's own, it makes the whole database tell another time.
DRIFT = """
CREATE SCHEMA IF NOT EXISTS drifting;
GRANT USAGE ON SCHEMA drifting TO kassa;
CREATE OR REPLACE FUNCTION drifting.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT pg_catalog.clock_timestamp() + interval '{seconds} s' $$;
ALTER DATABASE kassa SET search_path = drifting, pg_catalog, public
"""
DISCONNECT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = 'kassa' AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
AGES_OF_NEWEST = """
SELECT extract(epoch FROM {clock}.clock_timestamp() - created_at)
FROM orders_order ORDER BY number DESC LIMIT 20
"""
"""Enough that every process has placed some of them."""


@pytest.fixture(scope="module")
def kassa() -> Iterator[KassaProcess]:
    kassa = KassaProcess()
    try:
        kassa.start()
        yield kassa
    finally:
        kassa.stop()


@pytest.fixture(scope="module")
def seeded(kassa: KassaProcess) -> dict[str, str]:
    return kassa.seed()


def ages_of_newest_orders(kassa: KassaProcess, *, clock: str) -> list[float]:
    """Return by how many seconds the newest orders are older than the present, by a clock."""
    with psycopg.connect(kassa.url) as connection:
        rows = connection.execute(AGES_OF_NEWEST.format(clock=clock)).fetchall()
    return [abs(float(age)) for (age,) in rows]


@pytest.mark.parametrize("seconds", [5, -2])
def test_processes_follow_the_database_while_they_sell(
    kassa: KassaProcess, seeded: dict[str, str], seconds: int
) -> None:
    """Behind a database that is five seconds ahead, a machine is five seconds behind."""
    with OrderLoad(kassa.port, seeded) as load:
        load.wait_for_more(10)
        with psycopg.connect(kassa.url.replace("kassa@", "postgres@"), autocommit=True) as connection:
            connection.execute(DRIFT.format(seconds=seconds))
            connection.execute(DISCONNECT)
        # Until each has measured again the processes go by the clock that they knew.
        wait_until(lambda: max(ages_of_newest_orders(kassa, clock="drifting")) < 1)
        assert min(ages_of_newest_orders(kassa, clock="pg_catalog")) > 1  # the control: by the machine's own
        load.wait_for_more(10)

    said = subprocess.run(
        [sys.executable, "-m", "kassa", "doctor"],
        env=kassa.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout
    [clock] = [line for line in said.splitlines() if line.split()[1] == "clock:"]
    assert ("behind" if seconds > 0 else "ahead of") in clock
    assert clock.startswith("problem")
    assert_books_balance(url=kassa.url)
