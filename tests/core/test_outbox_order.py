"""The order of reading is that of happening: of two events about one order, the later one is read later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kassa.core.clock import utc_now
from kassa.core.feed import start_reader
from kassa.core.ids import new_id
from kassa.orders.models import Order
from tests.core.outbox_world import READER, ReaderByTransaction, read, write
from tests.support.factories import make_organization
from tests.support.sale_world import World

LOCK = "SELECT FROM orders_order WHERE organization_id = %s AND id = %s FOR UPDATE"


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def change_twice(world: World, database_url: str, *, between: Callable[[], object] = lambda: None) -> None:
    """A batch locks order B and wants A; staff change A, and the batch changes it after them."""
    order_a, order_b = world.place(), world.place()
    start_reader(READER, now=utc_now())
    with psycopg.connect(database_url) as batch, psycopg.connect(database_url) as staff:
        lock(batch, order_b)
        between()
        lock(staff, order_a)
        write(staff, world.organization.id, "FIRST", key=order_a.id)
        staff.commit()
        lock(batch, order_a)
        write(batch, world.organization.id, "SECOND", key=order_a.id)
        batch.commit()


def lock(other: psycopg.Connection[Any], order: Order) -> None:
    other.execute(LOCK, (order.organization_id, order.id))


@contextmanager
def open_transaction(database_url: str) -> Iterator[Callable[[], object]]:
    """A transaction that has nothing to do with any order and stays open once it has been given a number."""
    with psycopg.connect(database_url) as other:
        yield lambda: other.execute("SELECT pg_current_xact_id()")


def test_a_later_change_of_an_order_is_read_later(world: World, database_url: str) -> None:
    change_twice(world, database_url)

    assert [read(), read()] == [["FIRST", "SECOND"], []]


def test_control_by_transaction_the_later_change_comes_first(world: World, database_url: str) -> None:
    control = ReaderByTransaction()

    change_twice(world, database_url)

    assert [control.read(), control.read()] == [["SECOND", "FIRST"], []]


def test_an_open_transaction_between_changes_nothing(world: World, database_url: str) -> None:
    with open_transaction(database_url) as begin:
        change_twice(world, database_url, between=begin)

        assert read() == ["FIRST", "SECOND"]
    assert read() == []


def test_control_by_transaction_an_open_one_between_parts_them(world: World, database_url: str) -> None:
    control = ReaderByTransaction()

    with open_transaction(database_url) as begin:
        change_twice(world, database_url, between=begin)
        before = control.read()

    assert [before, control.read()] == [["SECOND"], ["FIRST"]]


def test_a_transaction_in_another_database_holds_nothing_up(world: World, database_url: str) -> None:
    elsewhere = database_url.rpartition("/")[0] + "/postgres"
    start_reader(READER, now=utc_now())
    control = ReaderByTransaction()

    with open_transaction(elsewhere) as begin:
        begin()
        change_twice(world, database_url)

        assert control.read() == []  # the control
        assert [read(), read()] == [["FIRST", "SECOND"], []]


WRITERS, KEYS = 4, 2
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["number", "commit", "roll back", "kill"]), st.integers(0, WRITERS - 1)),
        st.tuples(
            st.just("write"),
            st.tuples(st.integers(0, WRITERS - 1), st.integers(0, KEYS - 1)),
        ),
        st.tuples(st.just("read"), st.integers(0, 1)),
        st.tuples(st.just("jump"), st.integers(1, 32)),
    ),
    min_size=12,
    max_size=40,
)
REVERSED = [
    ("number", 0),
    ("write", (1, 0)),
    ("commit", 1),
    ("write", (0, 0)),
    ("commit", 0),
    ("read", 0),
]
"""The shortest way to a wrong order: whoever began first comes second to what both change."""


class Writers:
    """Connections that change two things, each under its lock, and write an event for each version."""

    def __init__(self, url: str, stack: ExitStack, organization_id: UUID) -> None:
        self._url = url
        self._stack = stack
        self._organization_id = organization_id
        self._keys = [new_id() for _ in range(KEYS)]
        self._connections = [self._connect() for _ in range(WRITERS)]
        self._held: list[dict[int, int]] = [{} for _ in range(WRITERS)]
        self.committed = [0] * KEYS

    def do(self, step: str, argument: Any) -> None:
        if step == "number":
            self._connections[argument].execute("SELECT pg_current_xact_id()")
        elif step == "write":
            self._write(*argument)
        elif step == "commit":
            self._connections[argument].commit()
            for key, versions in self._held[argument].items():
                self.committed[key] += versions
            self._held[argument].clear()
        elif step == "roll back":
            self._connections[argument].rollback()
            self._held[argument].clear()
        elif step == "kill":
            self._kill(argument)
        else:  # a server that is killed leaves up to 32 positions out
            with psycopg.connect(self._url) as other:
                other.execute(
                    "SELECT setval('core_outbox_position', last_value + %s) FROM core_outbox_position",
                    [argument],
                )

    def commit_all(self) -> None:
        for writer in range(WRITERS):
            self.do("commit", writer)

    def _connect(self) -> psycopg.Connection[Any]:
        return self._stack.enter_context(psycopg.connect(self._url))

    def _write(self, writer: int, key: int) -> None:
        """Take the lock of a key, unless another has it, and write the next version."""
        if any(key in held for other, held in enumerate(self._held) if other != writer):
            return
        held = self._held[writer]
        held[key] = held.get(key, 0) + 1
        name = f"{key}:{self.committed[key] + held[key]}"
        write(self._connections[writer], self._organization_id, name, key=self._keys[key])

    def _kill(self, writer: int) -> None:
        victim = self._connections[writer]
        with psycopg.connect(self._url) as other:
            # Waits until it has ended, so that what it held is free.
            other.execute("SELECT pg_terminate_backend(%s, 30000)", [victim.info.backend_pid])
        victim.close()
        self._held[writer].clear()
        self._connections[writer] = self._connect()


def play(url: str, steps: list[Any], readers: list[Callable[[], list[str] | None]]) -> list[list[list[int]]]:
    """Do the steps, commit what is open and read to the end; return the versions of each key.

    First those that were committed, then those that each reader read.
    """
    found: list[list[str]] = [[] for _ in readers]
    with ExitStack() as stack:
        writers = Writers(url, stack, make_organization().id)
        for step, argument in steps:
            if step != "read":
                writers.do(step, argument)
            elif argument < len(readers):
                found[argument] += readers[argument]() or []
        writers.commit_all()
        for number, reader in enumerate(readers):
            while names := reader():
                found[number] += names
    expected = [list(range(1, count + 1)) for count in writers.committed]
    return [expected, *(versions(names) for names in found)]


def versions(names: list[str]) -> list[list[int]]:
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for name in names:
        key, _, version = name.partition(":")
        by_key[key].append(int(version))
    return [by_key[str(key)] for key in range(KEYS)]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whoever_ends_how_each_reader_reads_all_in_order(
    transactional_db: None, database_url: str, steps: list[Any]
) -> None:
    names = (new_id().hex, new_id().hex)
    for name in names:
        start_reader(name, now=utc_now())

    expected, *seen = play(database_url, steps, [partial(read, 3, reader=name) for name in names])

    assert seen == [expected, expected]


def test_control_by_transaction_the_order_is_lost(transactional_db: None, database_url: str) -> None:
    start_reader(READER, now=utc_now())

    expected, seen = play(database_url, REVERSED, [read])
    by_transaction = play(database_url, REVERSED, [ReaderByTransaction().read])

    assert seen == expected == [[1, 2], []]
    assert by_transaction == [[[1, 2], []], [[2, 1], []]]
