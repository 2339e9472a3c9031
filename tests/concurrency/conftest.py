"""Processes that buy, and databases to be spoiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import psycopg
import pytest
from django.db import connections

from kassa.sales.domain.request import OrderRequest
from tests.concurrency.buyers import Answer, at_the_desk, without_a_desk
from tests.concurrency.processes import Processes

CROWDS = 4
TEMPLATE = "kassa_migrated"

Crowd = Callable[[list[OrderRequest]], list[Answer]]


@pytest.fixture(scope="session")
def crowds(database_url: str, django_db_setup: None) -> Iterator[Processes]:
    """Four processes on the database of the tests."""
    processes = Processes(database_url, CROWDS)
    yield processes
    processes.close()


@pytest.fixture(params=[at_the_desk, without_a_desk], ids=["desk", "direct"])
def crowd(request: pytest.FixtureRequest, crowds: Processes, transactional_db: None) -> Crowd:
    """Place orders from four processes at once, through their desks or without."""
    return spread(crowds, request.param)


@pytest.fixture
def crowd_at_the_desk(crowds: Processes, transactional_db: None) -> Crowd:
    return spread(crowds, at_the_desk)


def spread(crowds: Processes, work: Callable[[list[OrderRequest]], list[Answer]]) -> Crowd:
    """Return a way to share requests among the processes, one for each in turn."""

    def place(requests: list[OrderRequest]) -> list[Answer]:
        shares = [(requests[start :: crowds.count],) for start in range(crowds.count)]
        return [answer for answers in crowds.call(work, shares) for answer in answers]

    return place


@pytest.fixture(scope="session")
def migrated(database_url: str, django_db_setup: None) -> str:
    """Copy the migrated database, empty of rows, for others to be made from; return the server's address."""
    server = database_url.replace("kassa@", "postgres@").rsplit("/", 1)[0] + "/postgres"
    connections["default"].close()
    connections["default"].close_pool()  # type: ignore[attr-defined]
    with psycopg.connect(server, autocommit=True) as connection:
        # Whoever is still connected to it are idle threads of these tests themselves.
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'kassa'")
        connection.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE kassa OWNER kassa")
    return server


@pytest.fixture(scope="session")
def spoiler(migrated: str, database_url: str) -> Iterator[Processes]:
    """A process whose guards may be taken away; it works on scratch databases only."""
    processes = Processes(database_url, 1)
    yield processes
    processes.close()


@pytest.fixture
def scratch(migrated: str, numbers: Iterator[int]) -> Iterator[str]:
    """A migrated database of the test's own; return its name."""
    name = f"scratch_{next(numbers)}"
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER kassa")
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def numbers() -> Any:
    return count(1)
