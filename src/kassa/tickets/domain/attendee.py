"""Who a ticket is for changes: a name was misspelt, a colleague comes instead, an answer was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.domain.answers import AskedQuestion, asked_of_ticket, changed_answers
from kassa.catalog.domain.attendee_names import find_missing_name
from kassa.catalog.errors import AttendeeNameMissing
from kassa.catalog.models import Event, TicketType
from kassa.catalog.queries import event_of, questions_of_events
from kassa.core.activity_log import record_activity
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.orders.domain.answers import claim_files
from kassa.orders.domain.ticket_changes import set_attendee
from kassa.orders.enums import LIVE_TICKETS, TicketStatus
from kassa.orders.models import Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.organizations.queries import organization_settings
from kassa.tickets.domain.events import publish_tickets
from kassa.tickets.domain.offers import is_holder, locked_ticket
from kassa.tickets.errors import AttendeeChangesClosed, TicketOver

NAME_COLUMNS = frozenset(["attendee_first_name", "attendee_last_name"])


@dataclass(frozen=True, slots=True)
class AttendeeChanges:
    """What is to be written on a ticket. None: that stays as it is."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    answers: Mapping[str, Any] | None = None
    """By the question's key; a null takes an answer away. Those not named stay."""


@command(Permission.TICKET_WRITE, or_kinds=[ActorKind.HOLDER])
def change_attendee(
    context: CommandContext,
    ticket_id: UUID,
    *,
    changes: AttendeeChanges,
    held_code: str | None = None,
    expected: datetime | None = None,
) -> Ticket:
    """Write another person, or other answers, on a ticket; its code and its links stay.

    Staff may as long as the ticket has its place, who holds it within the organisation's rules. What is
    written on it already is not told of.

    ``held_code``: the code that the link of the holder has who asks.

    Raises:
        NotFound: there is no such ticket, or not any more with the holder's code.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
        TicketOver: it has lost its place.
        AttendeeChangesClosed: whoever holds it may not change it, or not any more.
        AttendeeNameMissing: a name would be taken away that its ticket type needs.
        AnswerMissing, AnswerInvalid: an answer is not one that its question takes.
    """
    organization_id, by_holder = context.organization_id, is_holder(context)
    with transaction.atomic(), connection.wrap_database_errors:
        ticket = locked_ticket(context, ticket_id, held_code=held_code)
        if ticket.status not in LIVE_TICKETS:
            raise TicketOver(str(ticket.status))
        event = event_of(organization_id, ticket.event_id)
        settings = organization_settings(organization_id)
        if by_holder and not may_change(ticket, event, settings, now=context.now):
            raise AttendeeChangesClosed
        row = Ticket.objects.of(organization_id).get(id=ticket_id)
        require_version(row, expected)
        columns = _columns(row, changes)
        if columns.keys() & NAME_COLUMNS:
            check_names(
                organization_id,
                ticket.ticket_type_id,
                first_name=columns.get("attendee_first_name", row.attendee_first_name),
                last_name=columns.get("attendee_last_name", row.attendee_last_name),
            )
        if changes.answers:
            columns |= _answers(row, changes.answers, by_holder=by_holder)
        if columns:
            before = {name: getattr(row, name) for name in columns}
            set_attendee(organization_id, ticket_id, columns, now=context.now)
            row.refresh_from_db()
            names = [name.removeprefix("attendee_") for name in columns]
            told = {ticket_id: "ticket.attendee_changed"}
            publish_tickets(organization_id, told, now=context.now, changed=names)
            subject = ("ticket", ticket_id)
            record_activity(
                context, "ticket.changed", subject, before=before, after=columns, concealed=columns
            )
        return row


def check_names(organization_id: UUID, ticket_type_id: UUID, *, first_name: str, last_name: str) -> None:
    """Let a name pass that is enough for a ticket of this type.

    Raises:
        AttendeeNameMissing: the type needs a first and a last name, and one of them is missing.
    """
    missing = find_missing_name(first_name, last_name)
    if missing is None:
        return
    ticket_type = TicketType.objects.of(organization_id).get(id=ticket_type_id)
    if ticket_type.names_required:
        raise AttendeeNameMissing(name=ticket_type.name, missing=missing)


def may_change(ticket: Any, event: Event, settings: OrganizationSettings, *, now: datetime) -> bool:
    """Say whether who holds a ticket may change what is written on it."""
    is_live = ticket.status == TicketStatus.VALID and ticket.frozen_at is None and ticket.blocked_at is None
    return is_live and settings.attendee_changes_enabled and not _is_too_late(event, settings, now)


def _is_too_late(event: Event, settings: OrganizationSettings, now: datetime) -> bool:
    if event.starts_at is None:
        return False
    return event.starts_at - timedelta(hours=settings.attendee_changes_until_hours) <= now


def _columns(ticket: Ticket, changes: AttendeeChanges) -> dict[str, Any]:
    """Return the columns of a ticket that become something else."""
    wanted = {
        f"attendee_{field.name}": getattr(changes, field.name)
        for field in fields(changes)
        if field.name != "answers" and getattr(changes, field.name) is not None
    }
    return {name: value for name, value in wanted.items() if getattr(ticket, name) != value}


def _answers(ticket: Ticket, given: Mapping[str, Any], *, by_holder: bool) -> dict[str, Any]:
    """Return the column of a ticket's answers if they become others; files among them become the order's.

    Raises:
        AnswerMissing, AnswerInvalid: an answer is not one that its question takes.
        AttendeeChangesClosed: the holder may not change it.
    """
    questions = questions_of_ticket(ticket.organization_id, ticket)
    open_to_holder = {one.key for one in questions if one.is_changeable}
    if by_holder and not given.keys() <= open_to_holder:
        raise AttendeeChangesClosed
    changed = changed_answers(questions, ticket.attendee_fields, given)
    if changed == ticket.attendee_fields:
        return {}
    files = {key: changed.get(key) for key in given}
    claim_files(ticket.organization_id, ticket.order_id, questions, files)
    return {"attendee_fields": changed}


def questions_of_ticket(organization_id: UUID, ticket: Any) -> list[AskedQuestion]:
    """Return what is asked for a ticket now."""
    asked = questions_of_events(organization_id, [ticket.event_id]).get(ticket.event_id, ())
    return asked_of_ticket(asked, ticket.ticket_type_id)
