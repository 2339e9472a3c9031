"""A waiting room is off by default, can be turned while it runs, and is gone when it is taken away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kassa.catalog.models import Event
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import ChangedMeanwhile, InvalidInput, NotFound
from kassa.core.ids import new_id
from kassa.core.models import LogEntry
from kassa.core.permissions import Permission
from kassa.core.ttl_cache import clear_caches
from kassa.waiting.domain.entries import enter
from kassa.waiting.domain.figures import figures_of
from kassa.waiting.domain.join import join_line, take_numbers
from kassa.waiting.domain.kept import kept_room
from kassa.waiting.domain.line import rank_of, serving
from kassa.waiting.domain.places import place_token
from kassa.waiting.domain.rooms import set_up_room, take_room_away
from kassa.waiting.enums import RoomState
from kassa.waiting.errors import NotWaiting, WaitingRoomDrawn
from kassa.waiting.models import Entry, WaitingRoom
from kassa.waiting.queries import line_of
from tests.support.factories import make_event, make_organization
from tests.waiting.factories import MINUTE, OPENING, START, kept, make_room

pytestmark = pytest.mark.django_db


def joined(room: WaitingRoom, count: int, now: Any) -> list[int]:
    return [join_line(kept(room, now), now=now) for _ in range(count)]


def test_event_has_none_unless_it_is_given_one() -> None:
    event = make_event(make_organization())

    assert kept_room(event.organization_id, event.id, now=START).room is None
    assert kept_room(event.organization_id, event.id, now=START).body == b'{"state":"over"}'


def test_new_room_starts_with_the_sale_and_opens_half_an_hour_before() -> None:
    event = make_event(make_organization(), sales_start_at=START)
    room = set_up_room(
        CommandContext.system(event.organization_id, now=OPENING - MINUTE), event.id, changes={}
    )

    assert (room.opens_at, room.starts_at, room.ends_at) == (START - 30 * MINUTE, START, None)
    assert (room.rate_per_minute, room.is_paused, room.joined, room.drawn) == (60, False, 0, None)


def test_room_needs_a_start() -> None:
    event = make_event(make_organization())
    with pytest.raises(InvalidInput) as refused:
        set_up_room(CommandContext.system(event.organization_id, now=START), event.id, changes={})

    assert refused.value.details["errors"][0]["field"] == "starts_at"
    assert not WaitingRoom.objects.of(event.organization_id).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"opens_at": START + MINUTE}, "opens_at"),
        ({"ends_at": START}, "ends_at"),
        ({"rate_per_minute": 0}, "rate_per_minute"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_values_that_do_not_fit_are_refused(changes: dict[str, Any], field: str) -> None:
    room = make_room()
    with pytest.raises(InvalidInput) as refused:
        make_room(room.event, **changes)

    assert refused.value.details["errors"][0]["field"] == field
    room.refresh_from_db()
    assert (room.opens_at, room.ends_at, room.rate_per_minute) == (OPENING, None, 60)


def test_room_is_of_an_event_of_the_organisation() -> None:
    event = make_event(make_organization())
    for organization_id, event_id in ((new_id(), event.id), (event.organization_id, new_id())):
        with pytest.raises(NotFound):
            set_up_room(
                CommandContext.system(organization_id, now=START), event_id, changes={"starts_at": START}
            )


def test_opening_moves_with_the_start() -> None:
    room = make_room(make_room().event, starts_at=START + 60 * MINUTE)

    assert room.opens_at == OPENING + 60 * MINUTE
    assert room.served_since == START + 60 * MINUTE


def test_times_stay_once_the_places_are_drawn() -> None:
    room = make_room()
    kept(room, START)
    for changes in ({"starts_at": START + MINUTE}, {"opens_at": OPENING - MINUTE}):
        with pytest.raises(WaitingRoomDrawn):
            set_up_room(
                CommandContext.system(room.organization_id, now=START), room.event_id, changes=changes
            )
    changed = make_room(room.event, now=START, rate_per_minute=7, ends_at=START + MINUTE)

    assert (changed.starts_at, changed.rate_per_minute) == (START, 7)


def test_nobody_joins_before_it_opens_or_after_it_ends() -> None:
    room = make_room(ends_at=START + MINUTE)
    for now in (OPENING - timedelta(microseconds=1), START + MINUTE):
        with pytest.raises(NotWaiting):
            join_line(kept(room, now), now=now)

    room.refresh_from_db()
    assert room.joined == 0


def test_all_before_the_start_stand_before_all_after_it() -> None:
    room = make_room()
    before = joined(room, 6, START - MINUTE)
    after = joined(room, 3, START)
    found = kept(room, START)
    ranks = [rank_of(found.line, found.seed, number) for number in before]

    assert sorted(rank or 0 for rank in ranks) == [1, 2, 3, 4, 5, 6]
    assert [rank_of(found.line, found.seed, number) for number in after] == [7, 8, 9]


def test_who_reads_first_after_the_start_closes_the_draw() -> None:
    room = make_room()
    joined(room, 4, START - MINUTE)
    found = kept(room, START + MINUTE)

    assert found.line.drawn == 4
    assert serving(found.line, START + MINUTE) == 4
    room.refresh_from_db()
    assert room.drawn == 4


def test_waiting_costs_one_query_a_second(django_assert_num_queries: Any) -> None:
    room = make_room()
    kept(room, START)
    clear_caches()
    with django_assert_num_queries(1):
        for _ in range(50):
            kept_room(room.organization_id, room.event_id, now=START)


def test_rate_is_turned_without_losing_anyone() -> None:
    room = make_room()
    take_numbers(room.organization_id, room_id=room.id, count=500, now=START - MINUTE)
    kept(room, START)
    make_room(room.event, now=START + MINUTE, rate_per_minute=120)
    make_room(room.event, now=START + 2 * MINUTE, is_paused=True)
    make_room(room.event, now=START + 5 * MINUTE, is_paused=False)
    room.refresh_from_db()

    assert serving(line_of(room), START + 6 * MINUTE) == 60 + 120 + 120


def test_room_that_starts_in_the_past_calls_nobody_at_once() -> None:
    room = make_room(now=START + 60 * MINUTE)
    take_numbers(room.organization_id, room_id=room.id, count=100, now=START + 60 * MINUTE)
    found = kept(room, START + 61 * MINUTE)

    assert (found.line.drawn, serving(found.line, START + 61 * MINUTE)) == (0, 60)


def test_room_goes_with_all_that_entered() -> None:
    room = make_room()
    (number,) = joined(room, 1, START)
    later = START + MINUTE
    enter(kept(room, later), token=place_token(room.organization_id, room.id, number), now=later)
    take_room_away(CommandContext.system(room.organization_id, now=utc_now()), room.event_id)

    assert not Entry.objects.of(room.organization_id).exists()
    assert kept_room(room.organization_id, room.event_id, now=later).room is None
    with pytest.raises(NotFound):
        take_room_away(CommandContext.system(room.organization_id, now=utc_now()), room.event_id)


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"deleted_at": START}])
def test_event_that_is_not_there_has_no_room(changes: dict[str, Any]) -> None:
    room = make_room()
    Event.objects.of(room.organization_id).filter(id=room.event_id).update(**changes)
    clear_caches()

    assert kept_room(room.organization_id, room.event_id, now=START).room is None


def test_figures_add_up() -> None:
    room = make_room()
    take_numbers(room.organization_id, room_id=room.id, count=200, now=START - MINUTE)
    now = START + MINUTE
    called = kept(room, now)
    inside = [n for n in range(1, 201) if (rank_of(called.line, called.seed, n) or 0) <= 60][:3]
    for number in inside:
        enter(called, token=place_token(room.organization_id, room.id, number), now=now)
    found = figures_of(room.organization_id, event_id=room.event_id, now=now)

    assert (found.state, found.joined, found.served, found.waiting) == (RoomState.RUNNING, 200, 60, 140)
    assert (found.entered, found.inside, found.rate_per_minute) == (3, 3, 60)
    assert found.estimate_seconds == 141
    later = figures_of(room.organization_id, event_id=room.event_id, now=now + 11 * MINUTE)
    assert (later.entered, later.inside, later.waiting) == (3, 0, 0)


def test_the_log_says_who_put_changed_and_took_away_a_room() -> None:
    event = make_event(make_organization())
    context = CommandContext.system(event.organization_id, now=OPENING)
    room = set_up_room(context, event.id, changes={"starts_at": START})
    set_up_room(context, event.id, changes={"rate_per_minute": 30})
    joined(room, 3, START)
    take_room_away(context, event.id)

    entries = LogEntry.objects.of(event.organization_id).filter(subject_id=room.id).order_by("id")
    created, changed, deleted = entries
    assert created.action == "waiting_room.created"
    assert created.changes["rate_per_minute"] == [None, 60]
    assert (changed.action, changed.changes) == ("waiting_room.changed", {"rate_per_minute": [60, 30]})
    assert deleted.action == "waiting_room.deleted"
    assert deleted.changes["rate_per_minute"] == [30, None]


def test_people_who_join_do_not_change_the_version_that_staff_have_read() -> None:
    room = make_room()
    joined(room, 3, START)

    context = CommandContext.system(room.organization_id, now=START + MINUTE)
    changed = set_up_room(context, room.event_id, changes={"is_paused": True}, expected=room.updated_at)

    assert (changed.is_paused, changed.joined) == (True, 3)
    with pytest.raises(ChangedMeanwhile) as refused:
        set_up_room(context, room.event_id, changes={"is_paused": False}, expected=room.updated_at)
    assert refused.value.current.is_paused


def test_a_room_that_was_taken_away_is_not_put_back_by_whoever_has_read_it() -> None:
    room = make_room()
    context = CommandContext.system(room.organization_id, now=OPENING)
    take_room_away(context, room.event_id)

    with pytest.raises(ChangedMeanwhile):
        set_up_room(context, room.event_id, changes={"starts_at": START}, expected=room.updated_at)

    assert not WaitingRoom.objects.of(room.organization_id).exists()


def test_a_member_who_is_limited_to_other_events_knows_of_no_room() -> None:
    room = make_room()
    rights = frozenset({Permission.OFFER_WRITE})
    limited = Actor.member(room.organization_id, uuid4(), rights, event_ids=frozenset({uuid4()}))
    context = CommandContext(limited, OPENING)

    with pytest.raises(NotFound):
        set_up_room(context, room.event_id, changes={"rate_per_minute": 1})
    with pytest.raises(NotFound):
        take_room_away(context, room.event_id)

    own = Actor.member(room.organization_id, uuid4(), rights, event_ids=frozenset({room.event_id}))
    changed = set_up_room(CommandContext(own, OPENING), room.event_id, changes={"rate_per_minute": 1})
    assert changed.rate_per_minute == 1
