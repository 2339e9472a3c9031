"""The horizon: how far can be read, whatever is open, rolled back, killed or copied to another server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from kassa.cli.commands import doctor
from kassa.core import outbox_horizon
from kassa.core.clock import utc_now
from kassa.core.feed import start_reader
from kassa.core.models import OutboxHorizon
from kassa.core.outbox_horizon import Hole, advance_horizon, find_holding_session, walk
from kassa.organizations.models import Organization
from tests.core.outbox_world import READER, read, write
from tests.support.factories import make_organization


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    start_reader(READER, now=utc_now())
    return make_organization()


@contextmanager
def two(database_url: str) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    with psycopg.connect(database_url) as first, psycopg.connect(database_url) as second:
        yield first, second


def holes() -> list[list[int]]:
    return [hole[:2] for hole in OutboxHorizon.objects.get().holes]


def leave_a_hole(
    organization: Organization, lower: psycopg.Connection[Any], higher: psycopg.Connection[Any]
) -> int:
    """Let one transaction have a position and stay open, and the next be committed; return the position."""
    position = write(lower, organization.id, "lower")
    write(higher, organization.id, "higher")
    higher.commit()
    return position


def test_a_hole_is_waited_for_and_noted(organization: Organization, database_url: str) -> None:
    with two(database_url) as (lower, higher):
        position = leave_a_hole(organization, lower, higher)

        before = [read(), read()]
        noted = holes()
        lower.commit()

    assert before == [[], []]
    assert noted == [[position, position]]
    assert [read(), read()] == [["lower", "higher"], []]
    assert holes() == []


def test_a_hole_whose_transaction_is_rolled_back_is_passed(
    organization: Organization, database_url: str
) -> None:
    with two(database_url) as (lower, higher):
        leave_a_hole(organization, lower, higher)
        before = read()
        lower.rollback()

    assert [before, read(), read()] == [[], ["higher"], []]


def test_whoever_began_earlier_may_have_a_higher_number_than_all_that_have_ended(
    organization: Organization, database_url: str
) -> None:
    """The server names as next the number behind the last that has ended: one that is taken already."""
    with two(database_url) as (later, earlier):
        earlier.execute("SELECT pg_current_xact_id()")
        write(later, organization.id, "lower")
        write(earlier, organization.id, "higher")
        earlier.commit()

        before = [read(), read()]
        later.commit()

    assert [*before, read()] == [[], [], ["lower", "higher"]]


def test_control_by_the_snapshots_own_bound_an_event_is_lost(
    organization: Organization, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    monkeypatch.setattr(outbox_horizon, "OWN_NUMBER", bound)
    with two(database_url) as (later, earlier):
        earlier.execute("SELECT pg_current_xact_id()")
        write(later, organization.id, "lower")
        write(earlier, organization.id, "higher")
        earlier.commit()

        before = [read(), read()]
        later.commit()

    assert [*before, read()] == [["higher"], [], []]


def test_a_position_is_given_to_whoever_has_a_number(organization: Organization, database_url: str) -> None:
    with psycopg.connect(database_url) as other:
        row = other.execute("SELECT core_outbox_place(), pg_current_xact_id_if_assigned()").fetchone()

    assert row is not None
    assert None not in row


def test_within_a_transaction_that_has_a_number_nothing_is_noted(
    organization: Organization, database_url: str
) -> None:
    """It may have got its number before whoever has the position."""
    with two(database_url) as (lower, higher):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")
            leave_a_hole(organization, lower, higher)
            advance_horizon()
            within = holes()
        advance_horizon()

        assert (within, len(holes())) == ([], 1)


def test_an_open_transaction_elsewhere_delays_only_what_lies_behind_a_hole(
    organization: Organization, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = database_url.rpartition("/")[0] + "/postgres"
    with psycopg.connect(elsewhere) as other, two(database_url) as (lower, higher):
        other.execute("SELECT pg_current_xact_id()")
        write(higher, organization.id, "before")
        higher.commit()
        position = leave_a_hole(organization, lower, higher)
        lower.rollback()
        seen = [read(), read()]
        holding = find_holding_session()
        backend = other.info.backend_pid
        patience = [finding.problem for finding in doctor._outbox()]
        monkeypatch.setattr(doctor, "LONGEST_TRANSACTION", timedelta(0))
        [named] = [finding.problem for finding in doctor._outbox()]

    assert seen == [["before"], []]
    assert holding is not None
    assert (holding.position, holding.pid, holding.database) == (position, backend, "postgres")
    assert holding.age > timedelta(0)
    assert patience == [None]
    assert named is not None
    assert f"from position {position} on wait for a transaction that process {backend} of" in named
    assert [read(), find_holding_session()] == [["higher"], None]


def test_after_a_copy_to_another_server_old_notes_count_for_nothing(
    organization: Organization, database_url: str
) -> None:
    """There transactions are counted from the start, so what was noted would hold readers up for years."""
    with two(database_url) as (lower, higher):
        position = leave_a_hole(organization, lower, higher)
        lower.rollback()
    OutboxHorizon.objects.update(holes=[[position, position, 9_999_999_999]])

    assert [read(), read()] == [["higher"], []]


def test_positions_that_a_killed_server_leaves_out_are_passed(
    organization: Organization, database_url: str
) -> None:
    with psycopg.connect(database_url) as other:
        write(other, organization.id, "before")
        other.commit()
        other.execute("SELECT setval('core_outbox_position', last_value + 32) FROM core_outbox_position")
        write(other, organization.id, "after")
        other.commit()

    assert [read(), read()] == [["before", "after"], []]


def test_without_its_row_everything_is_read_once(organization: Organization, database_url: str) -> None:
    with psycopg.connect(database_url) as other:
        write(other, organization.id, "one")
        other.execute("DELETE FROM core_outboxhorizon")
        other.commit()

    assert [read(), read()] == [["one"], []]


def test_more_than_a_window_is_read_at_once(
    organization: Organization, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_horizon, "WINDOW", 2)
    with psycopg.connect(database_url) as other:
        for number in range(5):
            write(other, organization.id, str(number))
        other.commit()

    assert [read(), read()] == [["0", "1", "2", "3", "4"], []]


def test_of_two_that_move_it_one_counts(organization: Organization, database_url: str) -> None:
    """Whoever comes second leaves it alone and does not wait."""
    with psycopg.connect(database_url) as other:
        write(other, organization.id, "one")
        other.commit()
        other.execute("SELECT FROM core_outboxhorizon FOR UPDATE")

        meanwhile = read()
        other.rollback()

    assert [meanwhile, read()] == [[], ["one"]]


def test_the_horizon_has_one_row(organization: Organization) -> None:
    with pytest.raises(Exception, match="core_outboxhorizon_only_one"):
        OutboxHorizon.objects.create(id=2)


POSITIONS = st.sets(st.integers(1, 40))


@given(present=POSITIONS, noted=st.lists(st.tuples(POSITIONS, st.integers(1, 20))), xmin=st.integers(1, 20))
def test_walking_is_as_asking_for_each_position(
    present: set[int], noted: list[tuple[set[int], int]], xmin: int
) -> None:
    bounds = {position: bound for positions, bound in noted for position in positions}
    ranges = [Hole(position, position, bound) for position, bound in sorted(bounds.items())]
    top = 40

    reached, holes = walk(0, ranges, sorted(present), top=top, xmin=xmin)

    waiting = [p for p in range(1, top + 1) if p not in present and bounds.get(p, xmin + 1) > xmin]
    assert reached == (waiting[0] - 1 if waiting else top)
    assert {p: hole.bound for hole in holes for p in range(hole.first, hole.last + 1)} == {
        p: bounds.get(p) for p in range(reached + 1, top + 1) if p not in present
    }
    assert holes == sorted(holes, key=lambda hole: hole.first)


def test_a_noted_range_is_split_by_what_is_seen() -> None:
    assert walk(0, [Hole(1, 9, 7)], [1, 5], top=12, xmin=5) == (
        1,
        [Hole(2, 4, 7), Hole(6, 9, 7), Hole(10, 12, None)],
    )
