"""Reading the outbox: every event once to each reader, whatever commits when and whoever is killed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.db import connection, transaction

from kassa.core.clock import format_moment, utc_now
from kassa.core.database import statements
from kassa.core.feed import read_feed, start_reader
from kassa.core.ids import new_id
from kassa.core.outbox import DomainEvent, write_events
from kassa.organizations.models import Organization
from tests.support.factories import make_organization

READER = "a reader"
TYPE = "order.created"
INSERT = """
INSERT INTO core_outboxevent (id, organization_id, type, subject, key, envelope, created_at)
VALUES (%s, %s, %s, %s, %s, %s, now())
"""


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    start_reader(READER, now=utc_now())
    return make_organization()


@contextmanager
def another(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own; what is written on it is there once it commits."""
    with psycopg.connect(database_url) as other:
        yield other


def tell(other: psycopg.Connection[Any], organization: Organization, name: str, kind: str = TYPE) -> None:
    envelope = {"time": format_moment(utc_now()), "data": {"name": name}}
    values = (new_id(), organization.id, kind, f"things/{name}", new_id(), orjson.dumps(envelope).decode())
    other.execute(INSERT, values)


def tell_here(organization: Organization, *names: str) -> None:
    with transaction.atomic():
        events = [
            DomainEvent(TYPE, f"things/{name}", new_id(), orjson.dumps({"name": name})) for name in names
        ]
        write_events(statements(), organization.id, events, now=utc_now())


def read(limit: int = 100, types: tuple[str, ...] = (TYPE,), reader: str = READER) -> list[str] | None:
    """Read once, and commit; null if another is reading."""
    with transaction.atomic():
        reading = read_feed(reader, types, limit=limit, now=utc_now())
    return None if reading is None else [event.data["name"] for event in reading.events]


def read_and_die() -> None:
    with transaction.atomic():
        reading = read_feed(READER, (TYPE,), limit=10, now=utc_now())
        assert reading is not None
        assert [event.data["name"] for event in reading.events] == ["one"]
        raise InterruptedError


def test_an_event_is_read_once(organization: Organization) -> None:
    tell_here(organization, "one", "two")

    assert [read(), read()] == [["one", "two"], []]


def test_what_commits_late_is_neither_passed_by_nor_read_twice(
    organization: Organization, database_url: str
) -> None:
    with another(database_url) as late:
        tell(late, organization, "early bird that commits late")
        tell_here(organization, "later one")

        before = read()
        late.commit()

    assert before == []
    assert [read(), read()] == [["early bird that commits late", "later one"], []]


def test_what_is_rolled_back_is_never_read(organization: Organization, database_url: str) -> None:
    with another(database_url) as other:
        tell(other, organization, "never")
        other.rollback()
    tell_here(organization, "ever")

    assert [read(), read()] == [["ever"], []]


def test_a_reader_that_is_killed_leaves_everything_unread(organization: Organization) -> None:
    tell_here(organization, "one")

    with pytest.raises(InterruptedError):
        read_and_die()

    assert [read(), read()] == [["one"], []]


def test_of_two_at_once_under_one_name_one_reads(organization: Organization) -> None:
    tell_here(organization, "one")
    has_read, may_commit = Flag(), Flag()

    def read_slowly() -> list[str]:
        try:
            with transaction.atomic():
                reading = read_feed(READER, (TYPE,), limit=10, now=utc_now())
                assert reading is not None
                has_read.set()
                assert may_commit.wait(30)
            return [event.data["name"] for event in reading.events]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(read_slowly)
        assert has_read.wait(30)
        second = read()
        may_commit.set()

        assert (first.result(30), second, read()) == (["one"], None, [])


def test_each_name_reads_for_itself(organization: Organization) -> None:
    start_reader("another", now=utc_now())
    tell_here(organization, "one")

    assert [read(), read(reader="another"), read(reader="another")] == [["one"], ["one"], []]


def test_a_full_turn_goes_on_where_it_stopped(organization: Organization) -> None:
    tell_here(organization, "1", "2", "3")
    tell_here(organization, "4")

    assert [read(limit=2), read(limit=2), read(limit=2)] == [["1", "2"], ["3", "4"], []]


def test_other_types_are_left_out(organization: Organization, database_url: str) -> None:
    with another(database_url) as other:
        tell(other, organization, "not asked for", "order.shipped")
        other.commit()
    tell_here(organization, "asked for")

    assert [read(), read(types=(TYPE, "order.shipped"))] == [["asked for"], []]


def test_a_new_reader_begins_with_what_happens_from_then_on(organization: Organization) -> None:
    tell_here(organization, "long past")

    begun = read(reader="new")
    tell_here(organization, "new")

    assert (begun, read(reader="new")) == (None, ["new"])


def test_a_copy_on_another_server_is_read_from_now_on(organization: Organization) -> None:
    """There transactions are counted from the start, so the reader's place lies in the future."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_outboxreader SET transaction_id = '9999999999'")

    first = read()
    tell_here(organization, "after the move")

    assert (first, read(), read()) == ([], ["after the move"], [])


def test_order_is_that_of_numbers(organization: Organization, database_url: str) -> None:
    """Transactions are read as numbers: the thousandth comes after the one before it."""
    with another(database_url) as other:
        for number in (9, 10, 99, 100):
            tell(other, organization, str(number))
        other.execute("UPDATE core_outboxreader SET transaction_id = '1'")
        other.execute(
            "UPDATE core_outboxevent SET transaction_id = substr(subject, 8)::text::xid8 WHERE type = %s",
            [TYPE],
        )
        other.commit()

    assert [read(limit=2), read(limit=2)] == [["9", "10"], ["99", "100"]]


def test_reading_outside_a_transaction_is_refused(organization: Organization) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        read_feed(READER, (TYPE,), limit=1, now=utc_now())


def test_many_writers_and_two_readers_at_once(organization: Organization, database_url: str) -> None:
    """Whatever is committed between two statements of a reader is read exactly once in the end."""
    writers, rounds = 4, 60
    is_over = Flag()

    def write(writer: int) -> None:
        with psycopg.connect(database_url) as other:
            for number in range(rounds):
                tell(other, organization, f"{writer}-{number}-a")
                tell(other, organization, f"{writer}-{number}-b")
                other.commit()

    def read_on() -> list[str]:
        found: list[str] = []
        try:
            while True:
                was_over = is_over.is_set()
                names = read(limit=7)
                found += names or []
                if was_over and names == []:
                    return found
        finally:
            connection.close()

    with ThreadPoolExecutor(writers + 2) as pool:
        readers = [pool.submit(read_on) for _ in range(2)]
        for writing in [pool.submit(write, number) for number in range(writers)]:
            writing.result(60)
        is_over.set()
        found = [name for reading in readers for name in reading.result(60)]

    expected = {f"{w}-{n}-{half}" for w in range(writers) for n in range(rounds) for half in "ab"}
    assert (len(found), set(found)) == (len(expected), expected)


def test_the_subject_and_organisation_come_along(organization: Organization) -> None:
    tell_here(organization, "one")

    with transaction.atomic():
        reading = read_feed(READER, (TYPE,), limit=10, now=utc_now())

    assert reading is not None
    [event] = reading.events
    assert (event.organization_id, event.type, event.subject) == (organization.id, TYPE, "things/one")
    assert isinstance(event.id, UUID)
