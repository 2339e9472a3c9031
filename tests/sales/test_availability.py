"""What is left: true, cheap, the same bytes for everybody, and never older than a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from kassa.catalog.models import TicketTypeQuota
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import clear_caches
from kassa.inventory.enums import QuotaKind
from kassa.sales.availability import availability_of
from tests.support.factories import line, make_event, make_quota, make_ticket_type
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)


def ask(world: World, *, seats: bool = False, after: timedelta = timedelta()) -> dict[str, Any]:
    """Return a fresh answer."""
    clear_caches()
    found = availability_of(world.organization.id, world.event.id, seats=seats, now=utc_now() + after)
    answer: dict[str, Any] = orjson.loads(found.body)
    assert found.left == {UUID(kind["id"]): kind["left"] for kind in answer["ticket_types"]}
    assert found.seats == answer.get("seats", "")
    return answer


def left(world: World, **more: Any) -> dict[str, int | None]:
    return {kind["id"]: kind["left"] for kind in ask(world, **more)["ticket_types"]}


def test_left_is_the_least_of_all_quotas(django_assert_num_queries: Any) -> None:
    world = World()
    event = world.event
    plain, endless = make_ticket_type(event, quantity=7), make_ticket_type(event, quantity=None)
    sharing = make_ticket_type(event, quantity=50)
    TicketTypeQuota.unscoped.create(
        organization=world.organization,
        ticket_type=sharing,
        quota=make_quota(world.organization, 3, QuotaKind.SHARED),
    )

    with django_assert_num_queries(1):
        found = left(world)

    assert found == {str(plain.id): 7, str(endless.id): 100, str(sharing.id): 3}


def test_left_is_null_without_any_limit() -> None:
    world = World()
    world.event = make_event(world.organization)
    endless = make_ticket_type(world.event, quantity=None)

    assert left(world) == {str(endless.id): None}


def test_hidden_and_deleted_ticket_types_are_left_out() -> None:
    world = World()
    make_ticket_type(world.event, is_hidden=True)
    make_ticket_type(world.event, deleted_at=utc_now())

    assert left(world) == {}


def test_held_places_are_free_again_at_the_moment_their_hold_is_over() -> None:
    world = World()
    order = world.place(line(world.standing, 4))
    assert order.expires_at is not None
    just_before = order.expires_at - utc_now() - timedelta(seconds=1)

    assert left(world, after=just_before) == {str(world.standing.id): 6}
    assert left(world, after=just_before + timedelta(seconds=2)) == {str(world.standing.id): 10}


def test_seats_are_one_letter_each_best_first() -> None:
    world = World()
    held, sold, blocked = (world.best_seat, world.seats[1], world.seats[2])
    world.place(line(world.seated, seat_ids=(held.id,)))
    type(sold).unscoped.filter(id=sold.id).update(status="sold")
    type(blocked).unscoped.filter(id=blocked.id).update(status="blocked")

    answer = ask(world, seats=True)

    assert answer["seats"] == "hsb" + "a" * (len(world.seats) - 3)


def test_answer_is_kept_for_a_moment_and_is_the_same_bytes() -> None:
    world = World()
    make_ticket_type(world.event)
    now = utc_now()
    first = availability_of(world.organization.id, world.event.id, seats=False, now=now)
    world.place(line(world.standing))

    again = availability_of(world.organization.id, world.event.id, seats=False, now=now)

    assert again is first


def test_unchanged_answer_is_an_empty_304(world_api: World) -> None:
    path = f"/api/v1/events/{world_api.event.id}/availability"
    first = world_api.api.get(path)

    again = world_api.api.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    clear_caches()
    world_api.place(line(world_api.standing))
    changed = world_api.api.get(path, HTTP_IF_NONE_MATCH=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed["ETag"] == first["ETag"]) == (200, False)


def test_event_that_is_not_there_is_not_found() -> None:
    world, theirs = World(), World()

    for event_id in (uuid4(), theirs.event.id):
        with pytest.raises(NotFound):
            availability_of(world.organization.id, event_id, seats=False, now=utc_now())


@pytest.fixture
def world_api() -> World:
    world = World()
    assert world.standing.event_id == world.event.id
    return world
