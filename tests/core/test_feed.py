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

from kassa.core.clock import utc_now
from kassa.core.database import statements
from kassa.core.feed import poll_outbox, start_reader
from kassa.core.ids import new_id
from kassa.core.outbox import DomainEvent, write_events
from kassa.core.outbox_horizon import advance_horizon
from kassa.organizations.models import Organization
from tests.core.outbox_world import READER, TYPE, read, write
from tests.support.factories import make_organization


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    start_reader(READER, now=utc_now())
    return make_organization()


@contextmanager
def another(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own; what is written on it is there once it commits."""
    with psycopg.connect(database_url) as other:
        yield other


def tell_here(organization: Organization, *names: str) -> None:
    with transaction.atomic():
        events = [
            DomainEvent(TYPE, f"things/{name}", new_id(), orjson.dumps({"name": name})) for name in names
        ]
        write_events(statements(), organization.id, events, now=utc_now())


def read_and_die() -> None:
    advance_horizon()
    with transaction.atomic():
        batch = poll_outbox(READER, (TYPE,), limit=10, now=utc_now())
        assert batch is not None
        assert [event.data["name"] for event in batch.events] == ["one"]
        raise InterruptedError


def test_an_event_is_read_once(organization: Organization) -> None:
    tell_here(organization, "one", "two")

    assert [read(), read()] == [["one", "two"], []]


def test_what_commits_late_is_neither_passed_by_nor_read_twice(
    organization: Organization, database_url: str
) -> None:
    with another(database_url) as late:
        write(late, organization.id, "early bird that commits late")
        tell_here(organization, "later one")

        before = read()
        late.commit()

    assert before == []
    assert [read(), read()] == [["early bird that commits late", "later one"], []]


def test_what_is_rolled_back_is_never_read(organization: Organization, database_url: str) -> None:
    with another(database_url) as other:
        write(other, organization.id, "never")
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
            advance_horizon()
            with transaction.atomic():
                batch = poll_outbox(READER, (TYPE,), limit=10, now=utc_now())
                assert batch is not None
                has_read.set()
                assert may_commit.wait(30)
            return [event.data["name"] for event in batch.events]
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
        write(other, organization.id, "not asked for", "order.shipped")
        other.commit()
    tell_here(organization, "asked for")

    assert [read(), read(types=(TYPE, "order.shipped"))] == [["asked for"], []]


def test_a_new_reader_begins_with_what_happens_from_then_on(organization: Organization) -> None:
    tell_here(organization, "long past")

    begun = read(reader="new")
    tell_here(organization, "new")

    assert (begun, read(reader="new")) == (None, ["new"])


def test_reading_outside_a_transaction_is_refused(organization: Organization) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        poll_outbox(READER, (TYPE,), limit=1, now=utc_now())


def test_many_writers_and_two_readers_at_once(organization: Organization, database_url: str) -> None:
    """Whatever is committed between two statements of a reader is read exactly once in the end."""
    writers, rounds = 4, 60
    is_over = Flag()

    def write_on(writer: int) -> None:
        with psycopg.connect(database_url) as other:
            for number in range(rounds):
                write(other, organization.id, f"{writer}-{number}-a")
                write(other, organization.id, f"{writer}-{number}-b")
                other.commit()
                write(other, organization.id, "never")
                other.rollback()

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
        for writing in [pool.submit(write_on, number) for number in range(writers)]:
            writing.result(60)
        is_over.set()
        found = [name for reading in readers for name in reading.result(60)]
    # Either may have been held up by the other one's last look.
    while names := read():
        found += names

    expected = {f"{w}-{n}-{half}" for w in range(writers) for n in range(rounds) for half in "ab"}
    assert (len(found), set(found)) == (len(expected), expected)


def test_the_subject_and_organisation_come_along(organization: Organization) -> None:
    tell_here(organization, "one")

    advance_horizon()
    with transaction.atomic():
        batch = poll_outbox(READER, (TYPE,), limit=10, now=utc_now())

    assert batch is not None
    [event] = batch.events
    assert (event.organization_id, event.type, event.subject) == (organization.id, TYPE, "things/one")
    assert isinstance(event.id, UUID)


def test_the_sequence_is_the_position_as_twenty_digits(organization: Organization) -> None:
    tell_here(organization, "one")

    advance_horizon()
    with transaction.atomic():
        batch = poll_outbox(READER, (TYPE,), limit=10, now=utc_now())

    assert batch is not None
    [event] = batch.events
    envelope = orjson.loads(event.envelope)
    assert envelope["sequence"] == str(event.position).rjust(20, "0")
    assert (envelope["partitionkey"], envelope["data"]) == (str(event.key), {"name": "one"})
