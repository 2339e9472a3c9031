"""An event is changed by an actor who may know of it, and says who that was."""

from __future__ import annotations

from uuid import UUID

import pytest

from kassa.catalog.domain.events import change_event
from kassa.catalog.queries import event_of
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from tests.api.shop import NOW, make_event, open_shop

pytestmark = pytest.mark.django_db

SOMEBODY = UUID(int=7)


def limited_to(organization_id: UUID, *event_ids: UUID) -> CommandContext:
    rights = frozenset({Permission.OFFER_WRITE})
    actor = Actor.member(organization_id, SOMEBODY, rights, event_ids=frozenset(event_ids))
    return CommandContext(actor, NOW)


def test_a_member_limited_to_an_event_changes_it_in_their_own_name() -> None:
    event = make_event(open_shop().organization_id)

    changed = change_event(limited_to(event.organization_id, event.id), event.id, changes={"title": "Hamlet"})

    assert (changed.title, changed.updated_by, changed.updated_by_kind) == ("Hamlet", SOMEBODY, "user")


def test_a_member_limited_to_another_event_does_not_know_of_it() -> None:
    organization_id = open_shop().organization_id
    event, other = make_event(organization_id), make_event(organization_id)

    with pytest.raises(NotFound):
        change_event(limited_to(organization_id, other.id), event.id, changes={"title": "Hamlet"})
    assert event_of(organization_id, event.id).title == event.title


def test_kassa_itself_is_named_as_nobody() -> None:
    event = make_event(open_shop().organization_id)
    context = CommandContext.system(event.organization_id, now=NOW)

    changed = change_event(context, event.id, changes={"title": "Hamlet"})

    assert (changed.updated_by, changed.updated_by_kind) == (None, None)
