"""A place lets one browser in, once; its pass lets it by for a while, and copies of it die."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kassa.core.ids import new_id
from kassa.waiting.domain.entries import PASS_TIME, Pass, enter
from kassa.waiting.domain.join import join_line, take_numbers
from kassa.waiting.domain.passes import (
    LONGEST_STAY,
    UNDER_WAY,
    extend_pass,
    is_let_in,
    require_pass,
    use_up_passes,
)
from kassa.waiting.domain.places import place_token
from kassa.waiting.errors import (
    NotServedYet,
    NotWaiting,
    PassOver,
    PlaceUnknown,
    PlaceUsed,
    WaitingRoomClosed,
)
from kassa.waiting.models import Entry, WaitingRoom
from tests.support.factories import make_event, make_organization
from tests.waiting.factories import MINUTE, START, kept, make_room

pytestmark = pytest.mark.django_db
NOW = START + MINUTE
SECOND = timedelta(seconds=1)


@pytest.fixture
def room() -> WaitingRoom:
    """A room in which one buyer has been called."""
    made = make_room()
    join_line(kept(made, START), now=START)
    return made


def place(room: WaitingRoom, number: int = 1) -> str:
    return place_token(room.organization_id, room.id, number)


def go_in(room: WaitingRoom, now: datetime = NOW) -> Pass:
    return enter(kept(room, now), token=place(room), now=now)


def lets_by(room: WaitingRoom, *tokens: str, now: datetime = NOW) -> bool:
    kept(room, now)
    return is_let_in(room.organization_id, event_ids=[room.event_id], tokens=tokens, now=now)


def test_pass_lets_by_until_its_time_is_up(room: WaitingRoom) -> None:
    given = go_in(room)

    assert given.expires_at == NOW + PASS_TIME
    assert lets_by(room, given.token)
    assert lets_by(room, given.token, now=given.expires_at - SECOND)
    assert not lets_by(room, given.token, now=given.expires_at)
    assert not lets_by(room)
    assert not lets_by(room, place(room), "nonsense", "")


def test_refusal_says_where_to_wait(room: WaitingRoom) -> None:
    found = kept(room, NOW)
    with pytest.raises(WaitingRoomClosed) as refused:
        require_pass(room.organization_id, event_ids=[room.event_id], tokens=[], now=NOW)

    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (409, "waiting_room", 5)
    assert refused.value.details == {"event": str(room.event_id), "wait_at": found.wait_at}
    assert found.wait_at.endswith(f"/waiting/{found.slug}/{room.event_id}")


def test_nobody_is_held_up_where_no_room_stands(room: WaitingRoom) -> None:
    other = make_event(make_organization())

    assert is_let_in(other.organization_id, event_ids=[other.id], tokens=[], now=NOW)
    assert is_let_in(room.organization_id, event_ids=[], tokens=[], now=NOW)
    later = make_room()
    assert lets_by(later, now=later.opens_at - SECOND)
    assert not lets_by(later, now=later.opens_at)


def test_room_that_is_over_holds_nobody_up(room: WaitingRoom) -> None:
    make_room(room.event, now=NOW, ends_at=NOW + MINUTE)

    assert not lets_by(room, now=NOW)
    assert lets_by(room, now=NOW + MINUTE)
    with pytest.raises(NotWaiting):
        go_in(room, NOW + MINUTE)


def test_each_event_with_a_room_needs_its_own_pass(room: WaitingRoom) -> None:
    other = make_room(make_event(room.event.organization))
    events = [room.event_id, other.event_id]
    given = go_in(room).token
    join_line(kept(other, NOW), now=NOW)
    second = enter(kept(other, NOW), token=place_token(other.organization_id, other.id, 1), now=NOW).token

    assert not is_let_in(room.organization_id, event_ids=events, tokens=[given], now=NOW)
    assert is_let_in(room.organization_id, event_ids=events, tokens=[given, second], now=NOW)


def test_who_is_not_called_stays_out() -> None:
    room = make_room()
    take_numbers(room.organization_id, room_id=room.id, count=100, now=START)
    with pytest.raises(NotServedYet) as refused:
        enter(kept(room, START), token=place(room, 99), now=START)

    assert (refused.value.details["rank"], refused.value.details["serving"]) == (99, 0)
    assert not Entry.objects.of(room.organization_id).exists()


def test_nobody_goes_in_before_the_start() -> None:
    room = make_room()
    join_line(kept(room, START - MINUTE), now=START - MINUTE)
    with pytest.raises(NotServedYet):
        go_in(room, START - SECOND)


def test_place_of_another_room_or_organisation_is_none(room: WaitingRoom) -> None:
    neighbour, stranger = make_room(make_event(room.event.organization)), make_room()
    for token in (
        place(neighbour),
        place(stranger),
        place_token(room.organization_id, new_id(), 1),
        place(room)[:-1],
        "",
    ):
        with pytest.raises(PlaceUnknown):
            enter(kept(room, NOW), token=token, now=NOW)
    assert not Entry.objects.of(room.organization_id).exists()


def test_same_place_again_ends_the_pass_before(room: WaitingRoom) -> None:
    """A lost answer costs nobody their turn, and a copied place lets one browser in at a time."""
    first, second = go_in(room), go_in(room, NOW + SECOND)

    assert second.expires_at == first.expires_at
    assert not lets_by(room, first.token)
    assert lets_by(room, second.token)
    assert Entry.objects.of(room.organization_id).count() == 1


def test_place_is_used_when_its_time_is_over(room: WaitingRoom) -> None:
    given = go_in(room)
    with pytest.raises(PlaceUsed):
        go_in(room, given.expires_at)


def test_place_is_used_when_its_buyer_has_bought(room: WaitingRoom) -> None:
    given = go_in(room)

    assert use_up_passes(room.organization_id, event_ids=[room.event_id], tokens=[given.token], now=NOW) == 1
    assert use_up_passes(room.organization_id, event_ids=[room.event_id], tokens=[given.token], now=NOW) == 0
    assert not lets_by(room, given.token)
    with pytest.raises(PlaceUsed):
        go_in(room)


def test_pass_is_extended_late_and_the_one_before_dies(room: WaitingRoom) -> None:
    given = go_in(room)
    assert extend_pass(room.organization_id, token=given.token, now=NOW + MINUTE) is None
    late = given.expires_at - MINUTE
    longer = extend_pass(room.organization_id, token=given.token, now=late)

    assert longer is not None
    assert longer.expires_at == late + PASS_TIME
    assert lets_by(room, given.token, longer.token, now=late)
    assert lets_by(room, given.token, now=late + UNDER_WAY - SECOND)
    assert not lets_by(room, given.token, now=late + UNDER_WAY)
    assert lets_by(room, longer.token, now=late + UNDER_WAY)
    assert extend_pass(room.organization_id, token=given.token, now=late) is None
    with pytest.raises(PassOver):
        extend_pass(room.organization_id, token=given.token, now=late + UNDER_WAY)


def test_nobody_stays_for_ever(room: WaitingRoom) -> None:
    given = go_in(room)
    now = NOW
    while given.expires_at < NOW + LONGEST_STAY:
        now = given.expires_at - MINUTE
        longer = extend_pass(room.organization_id, token=given.token, now=now)
        assert longer is not None
        given = longer

    assert given.expires_at == NOW + LONGEST_STAY
    assert not lets_by(room, given.token, now=given.expires_at)


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_what_is_no_pass_is_not_extended(room: WaitingRoom, token: str) -> None:
    with pytest.raises(PassOver):
        extend_pass(room.organization_id, token=token, now=NOW)
