from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from kassa.catalog.domain.event_moves import delete_event, move_event
from kassa.catalog.domain.ticket_types import create_ticket_type
from kassa.catalog.enums import EVENT_MOVES, EventStatus
from kassa.catalog.errors import EventMoveNotAllowed
from kassa.catalog.models import Event
from kassa.catalog.queries import event_of
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound, StillInUse
from kassa.inventory.domain.quotas import create_quota
from tests.api.shop import NOW, make_event, open_shop, take, ticket_type, types_of

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(("start", "to"), list(product(EventStatus, EventStatus)))
def test_an_event_moves_as_the_table_says(start: EventStatus, to: EventStatus) -> None:
    event = make_event(open_shop().organization_id)
    Event.unscoped.filter(id=event.id).update(status=start)
    if to in EVENT_MOVES[start]:
        moved = move_event(CommandContext.system(event.organization_id, now=LATER), event.id, to=to)
        assert (moved.status, moved.updated_at) == (to, LATER)
        return
    with pytest.raises(EventMoveNotAllowed) as caught:
        move_event(CommandContext.system(event.organization_id, now=LATER), event.id, to=to)
    assert caught.value.details["event_status"] == start
    unchanged = event_of(event.organization_id, event.id)
    assert (unchanged.status, unchanged.updated_at) == (start, NOW)


def test_another_organisations_event_does_not_move() -> None:
    event = make_event(open_shop().organization_id)
    with pytest.raises(NotFound):
        move_event(
            CommandContext.system(open_shop().organization_id, now=LATER), event.id, to=EventStatus.PUBLISHED
        )
    assert event_of(event.organization_id, event.id).status == EventStatus.DRAFT


def test_a_deleted_event_is_out_of_sight() -> None:
    event = make_event(open_shop().organization_id)
    delete_event(CommandContext.system(event.organization_id, now=LATER), event.id)
    with pytest.raises(NotFound):
        event_of(event.organization_id, event.id)
    with pytest.raises(NotFound):
        delete_event(CommandContext.system(event.organization_id, now=LATER), event.id)
    with pytest.raises(NotFound):
        create_ticket_type(
            CommandContext.system(event.organization_id, now=LATER), event.id, fields=ticket_type()
        )


@pytest.mark.parametrize("counter", ["reserved", "sold"])
def test_an_event_with_taken_places_is_not_deleted(counter: str) -> None:
    event = make_event(open_shop().organization_id)
    take(types_of(event)[0].quota_id, **{counter: 1})
    with pytest.raises(StillInUse):
        delete_event(CommandContext.system(event.organization_id, now=LATER), event.id)
    assert event_of(event.organization_id, event.id).deleted_at is None


def test_places_taken_of_a_shared_quota_keep_the_event_if_nothing_else_draws_on_it() -> None:
    organization_id = open_shop().organization_id
    room = create_quota(organization_id, name="Room", capacity=5, now=NOW)
    event = make_event(organization_id, ticket_type(shared_quotas=[room.id]))
    take(room.id, sold=1)
    with pytest.raises(StillInUse):
        delete_event(CommandContext.system(organization_id, now=LATER), event.id)
    make_event(organization_id, ticket_type(shared_quotas=[room.id]))
    delete_event(CommandContext.system(organization_id, now=LATER), event.id)
