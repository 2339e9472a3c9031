"""Questions are made, changed and deleted here. What was answered so far stays as it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.catalog.domain.event_locks import locked_event_for
from kassa.catalog.domain.question_rules import (
    CHANGEABLE_QUESTION_FIELDS,
    QUESTION_FIELDS,
    check_question,
)
from kassa.catalog.errors import TooManyQuestions, refusal_of
from kassa.catalog.models import Question, QuestionTicketType
from kassa.catalog.queries import question_of, questions_of, ticket_types_of
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput
from kassa.core.permissions import Permission
from kassa.core.versions import require_version

MOST_QUESTIONS = 50
"""Of one event: more than that nobody answers."""


@command(Permission.OFFER_WRITE)
def create_question(
    context: CommandContext,
    event_id: UUID,
    *,
    fields: Mapping[str, Any],
    ticket_type_ids: Sequence[UUID] = (),
) -> Question:
    """Add a question to an event, asked of these ticket types or, if there are none, of all.

    Orders placed before are not asked again.

    Raises:
        NotFound: the organisation has no such event.
        InvalidInput: the values are not valid, or name a ticket type that the event does not have.
        AlreadyExists: the event has a question with this key.
        TooManyQuestions: it asks as many as it may.
    """
    organization_id, now = context.organization_id, context.now
    unknown = sorted(set(fields) - QUESTION_FIELDS)
    if unknown:
        raise InvalidInput(f"A question has no field '{unknown[0]}'.", field=unknown[0])
    check_question(fields)
    try:
        with transaction.atomic():
            event = locked_event_for(context, event_id)
            _require_room(organization_id, event.id)
            made = Question(
                organization_id=organization_id,
                event_id=event.id,
                created_at=now,
                updated_at=now,
                **fields,
            )
            made.save(force_insert=True)
            _ask_of(made, ticket_type_ids)
            after = {**snapshot(made), "ticket_types": list(ticket_type_ids)}
            record_activity(context, "question.created", made, after=after)
            return question_of(organization_id, made.id)
    except IntegrityError as error:
        raise refusal_of(error) from error


@command(Permission.OFFER_WRITE)
def change_question(
    context: CommandContext,
    question_id: UUID,
    *,
    changes: Mapping[str, Any],
    ticket_type_ids: Sequence[UUID] | None = None,
    expected: datetime | None = None,
) -> Question:
    """Change a question; what is not named stays, and so does every answer given so far.

    An answer that the changed question would not take is looked at again only when it is
    changed. ``ticket_type_ids`` null leaves alone whom it is asked of.

    Raises:
        NotFound: the organisation has no such question.
        InvalidInput: the values are not valid together, or name a ticket type that the event does not have.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    unknown = sorted(set(changes) - CHANGEABLE_QUESTION_FIELDS)
    if unknown:
        raise InvalidInput(f"'{unknown[0]}' of a question cannot be changed.", field=unknown[0])
    try:
        with transaction.atomic():
            locked_event_for(context, question_of(organization_id, question_id).event_id)
            question = question_of(organization_id, question_id)
            require_version(question, expected)
            before = snapshot(question)
            check_question({**{field: getattr(question, field) for field in QUESTION_FIELDS}, **changes})
            if ticket_type_ids is not None:
                asked = QuestionTicketType.objects.of(organization_id).filter(question_id=question_id)
                before["ticket_types"] = list(asked.order_by("id").values_list("ticket_type_id", flat=True))
                asked.delete()
                _ask_of(question, ticket_type_ids)
            Question.objects.of(organization_id).filter(id=question_id).update(**changes, updated_at=now)
            changed = question_of(organization_id, question_id)
            asked_of = {} if ticket_type_ids is None else {"ticket_types": list(ticket_type_ids)}
            after = {**snapshot(changed), **asked_of}
            record_activity(context, "question.changed", changed, before=before, after=after)
            return changed
    except IntegrityError as error:
        raise refusal_of(error) from error


@command(Permission.OFFER_WRITE)
def delete_question(context: CommandContext, question_id: UUID) -> None:
    """Ask it no more; its key is free again, and the answers given so far stay.

    Raises:
        NotFound: the organisation has no such question.
    """
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        question = question_of(organization_id, question_id)
        context.actor.require_event(question.event_id)
        Question.objects.of(organization_id).filter(id=question.id).update(deleted_at=now, updated_at=now)
        record_activity(context, "question.deleted", question)


def _require_room(organization_id: UUID, event_id: UUID) -> None:
    if questions_of(organization_id, [event_id]).count() >= MOST_QUESTIONS:
        raise TooManyQuestions(MOST_QUESTIONS)


def _ask_of(question: Question, ticket_type_ids: Sequence[UUID]) -> None:
    """Write whom a question is asked of."""
    wanted = list(dict.fromkeys(ticket_type_ids))
    types = ticket_types_of(question.organization_id, [question.event_id]).filter(id__in=wanted)
    if wanted and types.count() != len(wanted):
        raise InvalidInput("There is no such ticket type in this event.", field="ticket_types")
    QuestionTicketType.unscoped.bulk_create(
        QuestionTicketType(
            organization_id=question.organization_id, question_id=question.id, ticket_type_id=type_id
        )
        for type_id in wanted
    )
