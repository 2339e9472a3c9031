"""The lock under which an event and all that belongs to it is changed, and who may take it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kassa.catalog.models import Event
from kassa.catalog.queries import locked_event
from kassa.core.command_context import CommandContext


def locked_event_for(context: CommandContext, event_id: UUID) -> Event:
    """Return one event, its row locked for a change by an actor who may know of it.

    Raises:
        NotFound: the organisation has no such event, or the actor is limited to others.
    """
    context.actor.require_event(event_id)
    return locked_event(context.organization_id, event_id)


def changed_by(context: CommandContext) -> dict[str, Any]:
    """Return the columns that say who has changed an event, and when."""
    actor = context.actor
    return {
        "updated_by": actor.id,
        "updated_by_kind": None if actor.id is None else actor.kind,
        "updated_at": context.now,
    }
