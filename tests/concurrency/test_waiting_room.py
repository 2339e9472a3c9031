"""A crowd at the waiting room: no number twice, no entry twice, and the start in the middle of it all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, connections

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.waiting.domain import entries
from kassa.waiting.domain.entries import enter
from kassa.waiting.domain.join import join_line, take_numbers
from kassa.waiting.domain.kept import KeptRoom, kept_room
from kassa.waiting.domain.line import rank_of
from kassa.waiting.domain.passes import is_let_in
from kassa.waiting.domain.places import place_token
from kassa.waiting.errors import PlaceUsed
from kassa.waiting.models import ONE_ENTRY, Entry, WaitingRoom
from kassa.waiting.queries import line_of
from tests.support.factories import make_event, make_organization
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16
SECONDS = 60


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Let so many threads do something in the same moment, each on a connection of its own."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(SECONDS)
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count), timeout=SECONDS))


def fresh(room: WaitingRoom) -> KeptRoom:
    clear_caches()
    found = kept_room(room.organization_id, room.event_id, now=utc_now()).room
    assert found is not None
    return found


def called_room() -> tuple[KeptRoom, str]:
    """Return a room that lets its one buyer in, and their place."""
    now = utc_now()
    room = make_room(make_event(make_organization()), now=now, starts_at=now - timedelta(minutes=1))
    take_numbers(room.organization_id, room_id=room.id, count=1, now=now)
    WaitingRoom.objects.of(room.organization_id).update(served_millionths=1_000_000)
    return fresh(room), place_token(room.organization_id, room.id, 1)


def test_copied_place_is_one_entry() -> None:
    room, place = called_room()
    passes = [one.token for one in at_once(THREADS, lambda _: enter(room, token=place, now=utc_now()))]
    good = [one for one in passes if lets_by(room, one)]

    assert Entry.objects.of(room.organization_id).count() == 1
    assert len(set(passes)) == THREADS
    assert len(good) == 1


def test_copied_place_that_was_used_is_none() -> None:
    room, place = called_room()
    given = enter(room, token=place, now=utc_now())
    later = given.expires_at

    def again(_: int) -> str:
        try:
            return enter(room, token=place, now=later).token
        except PlaceUsed:
            return ""

    assert at_once(THREADS, again) == [""] * THREADS


def test_copied_place_is_many_entries_without_the_guard() -> None:
    """The control: the same race without the unique key that the statement leans on."""
    room, place = called_room()
    key = "(organization_id, room_id, number)"
    unguarded = entries.ENTER.replace(f"ON CONFLICT {key}", "ON CONFLICT (id, organization_id)")
    assert unguarded != entries.ENTER
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE waiting_entry DROP CONSTRAINT {ONE_ENTRY}")
    try:
        with patch.object(entries, "ENTER", unguarded):
            at_once(THREADS, lambda _: enter(room, token=place, now=utc_now()))
        assert Entry.objects.of(room.organization_id).count() == THREADS
    finally:
        Entry.objects.of(room.organization_id).delete()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE waiting_entry ADD CONSTRAINT {ONE_ENTRY} UNIQUE {key}")


def lets_by(room: KeptRoom, token: str) -> bool:
    return is_let_in(room.organization_id, event_ids=[room.event_id], tokens=[token], now=utc_now())


def test_joining_around_the_start() -> None:
    """The start falls into the middle of a crowd; every thread has its own idea of the time."""
    now = utc_now()
    room = make_room(make_event(make_organization()), now=now, starts_at=now + timedelta(hours=1))
    WaitingRoom.objects.of(room.organization_id).update(opens_at=now - timedelta(hours=1))
    start, found = room.starts_at, fresh(room)

    def join_around(thread: int) -> list[tuple[int, bool]]:
        given = []
        for turn in range(12):
            # From six seconds before the start to five after it, in a different order in each thread.
            moment = start + timedelta(seconds=(turn * 5 + thread) % 12 - 6)
            given.append((join_line(found, now=moment), moment < start))
        return given

    given = [one for share in at_once(THREADS, join_around) for one in share]
    room.refresh_from_db()
    numbers = sorted(number for number, _ in given)
    assert numbers == list(range(1, THREADS * 12 + 1))
    assert room.joined == len(numbers)
    assert room.drawn is not None
    line = line_of(room)
    ranks = {number: rank_of(line, found.seed, number) for number in numbers}
    assert sorted(rank or 0 for rank in ranks.values()) == numbers
    # Whoever came before the draw stands before all that came after it.
    assert {ranks[number] for number in range(1, room.drawn + 1)} == set(range(1, room.drawn + 1))
    # And nobody took part in it who came after the start.
    assert all(in_time for number, in_time in given if number <= room.drawn)


def test_crowd_is_counted_in_few_writes() -> None:
    """Those who wait for the same lock are counted by whoever holds it."""
    now = utc_now()
    room = make_room(make_event(make_organization()), now=now, starts_at=now)
    found = fresh(room)
    written: list[int] = []
    take = take_numbers

    def counting(*args: Any, **kwargs: Any) -> int:
        written.append(kwargs["count"])
        return take(*args, **kwargs)

    with patch("kassa.waiting.domain.join.take_numbers", counting):
        given = at_once(THREADS, lambda _: [join_line(found, now=utc_now()) for _ in range(8)])

    assert sorted(number for share in given for number in share) == list(range(1, THREADS * 8 + 1))
    assert sum(written) == THREADS * 8
    assert len(written) < THREADS * 8
