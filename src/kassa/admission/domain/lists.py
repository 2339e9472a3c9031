"""Check-in lists: made, changed, put away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from kassa.admission.enums import ENTRANCE
from kassa.admission.errors import ListInUse
from kassa.admission.models import CheckinList, CheckinListTicketType
from kassa.admission.queries import list_of, scans_of
from kassa.catalog.models import TicketType
from kassa.catalog.queries import event_of
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version


@command(Permission.CHECKIN_WRITE)
def create_list(
    context: CommandContext,
    event_id: UUID,
    *,
    fields: Mapping[str, Any],
    ticket_type_ids: Iterable[UUID] = (),
) -> CheckinList:
    """Make a list of an event; without ticket types it lets in all of them.

    Raises:
        NotFound: the organisation has no such event, or the event no such ticket type.
        InvalidInput: the doors close before they open.
    """
    organization_id, now = context.organization_id, context.now
    context.actor.require_event(event_id)
    with transaction.atomic():
        event = event_of(organization_id, event_id)
        made = CheckinList(
            organization_id=organization_id, event=event, created_at=now, updated_at=now, **fields
        )
        _check(made)
        made.save(force_insert=True)
        after = {**snapshot(made), "ticket_types": _set_ticket_types(made, ticket_type_ids)}
        record_activity(context, "checkin_list.created", made, after=after)
        return made


@command(Permission.CHECKIN_WRITE)
def change_list(
    context: CommandContext,
    list_id: UUID,
    *,
    changes: Mapping[str, Any],
    ticket_type_ids: Iterable[UUID] | None = None,
    expected: datetime | None = None,
) -> CheckinList:
    """Change a list; ``ticket_type_ids`` of None leaves its ticket types as they are.

    Raises:
        NotFound: there is no such list, or its event has no such ticket type.
        InvalidInput: the doors close before they open.
        ListInUse: something was scanned for it, so that its area cannot change.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        found = _locked(context, list_id)
        require_version(found, expected)
        before = snapshot(found)
        moves = "area" in changes and (changes["area"] or ENTRANCE) != found.area
        for name, value in changes.items():
            setattr(found, name, value)
        _check(found)
        if moves and scans_of(organization_id).filter(checkin_list_id=list_id).exists():
            raise ListInUse(found.name)
        found.updated_at = context.now
        found.save()
        after = snapshot(found)
        if ticket_type_ids is not None:
            links = CheckinListTicketType.objects.of(organization_id).filter(checkin_list_id=list_id)
            before["ticket_types"] = sorted(links.values_list("ticket_type_id", flat=True))
            links.delete()
            after["ticket_types"] = _set_ticket_types(found, ticket_type_ids)
        record_activity(context, "checkin_list.changed", found, before=before, after=after)
        return found


@command(Permission.CHECKIN_WRITE)
def delete_list(context: CommandContext, list_id: UUID) -> None:
    """Put a list away; what was scanned for it stays, and its area keeps who is in.

    Raises:
        NotFound: there is no such list.
    """
    with transaction.atomic():
        found = _locked(context, list_id)
        lists = CheckinList.objects.of(context.organization_id).filter(id=list_id)
        lists.update(deleted_at=context.now, updated_at=context.now)
        record_activity(context, "checkin_list.deleted", found)


def _locked(context: CommandContext, list_id: UUID) -> CheckinList:
    """Return a list, its row locked for a change by an actor who may know of its event."""
    organization_id = context.organization_id
    CheckinList.objects.of(organization_id).select_for_update(no_key=True).filter(id=list_id).first()
    found = list_of(organization_id, list_id)
    context.actor.require_event(found.event_id)
    return found


def _check(checkin_list: CheckinList) -> None:
    checkin_list.area = checkin_list.area or ENTRANCE
    opens, closes = checkin_list.doors_open_at, checkin_list.doors_close_at
    if opens is not None and closes is not None and closes <= opens:
        raise InvalidInput("The doors close before they open.", field="doors_close_at")


def _set_ticket_types(checkin_list: CheckinList, ticket_type_ids: Iterable[UUID]) -> list[UUID]:
    """Write which ticket types a list without any lets in, and return them in the order of their ids."""
    wanted = list(dict.fromkeys(ticket_type_ids))
    if not wanted:
        return []
    organization_id = checkin_list.organization_id
    known = TicketType.objects.of(organization_id).filter(
        event_id=checkin_list.event_id, deleted_at=None, id__in=wanted
    )
    if known.count() != len(wanted):
        raise NotFound("The event has no such ticket type.")
    CheckinListTicketType.unscoped.bulk_create(
        CheckinListTicketType(
            organization_id=organization_id, checkin_list=checkin_list, ticket_type_id=ticket_type_id
        )
        for ticket_type_id in wanted
    )
    return sorted(wanted)
