"""``/questions``: what an event's buyers are asked; and the answers of an order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.order_schemas import OrderOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.question_schemas import AnswersIn, QuestionChange, QuestionIn, QuestionOut, show_question
from kassa.api.requests import ApiRequest, command_context, json_of
from kassa.api.versions import expected_version, show_version
from kassa.catalog.domain.questions import change_question, create_question, delete_question
from kassa.catalog.errors import AnswerInvalid, AnswerMissing, TooManyQuestions
from kassa.catalog.models import Question
from kassa.catalog.queries import event_of, question_of, questions_of
from kassa.core.errors import AlreadyExists, ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.answers import change_order_answers

router = Router(tags=["Questions"])


@router.post(
    "/events/{event_id}/questions",
    response={201: QuestionOut},
    auth=Requires(create_question),
    openapi_extra=writing(NotFound, KeyReused, AlreadyExists, TooManyQuestions, version_status=201),
    summary="Ask an event's buyers something",
)
@decorate_view(repeatable)
def create(request: ApiRequest, event_id: UUID, payload: QuestionIn) -> Status[dict[str, Any]]:
    """Add a question; orders from now on answer it, and those before are not asked again."""
    fields, ticket_types = _parts(payload)
    made = create_question(
        command_context(request),
        event_id,
        fields=fields,
        ticket_type_ids=ticket_types or (),
    )
    return Status(201, _show(request, made))


@router.get(
    "/events/{event_id}/questions",
    response=Page[QuestionOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="List the questions of an event",
    description="Newest first; show them by `sort_order`, those alike by `id`.",
)
def list_all(request: ApiRequest, event_id: UUID, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    organization_id = request.auth.organization_id
    event = event_of(organization_id, event_id)
    return page_of(
        questions_of(organization_id, [event.id]),
        limit=limit,
        after=after,
        show=lambda questions: [show_question(question) for question in questions],
    )


@router.get(
    "/questions/{question_id}",
    response=QuestionOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a question",
)
def read(request: ApiRequest, question_id: UUID) -> dict[str, Any]:
    return _show(request, question_of(request.auth.organization_id, question_id))


@router.patch(
    "/questions/{question_id}",
    response=QuestionOut,
    auth=Requires(change_question),
    openapi_extra=writing(NotFound, ChangedMeanwhile),
    summary="Change a question",
    description="Answers already given stay as they are, even if the question would no longer accept them.",
)
def change(request: ApiRequest, question_id: UUID, payload: QuestionChange) -> dict[str, Any]:
    changes, ticket_types = _parts(payload)
    changed = change_question(
        command_context(request),
        question_id,
        changes=changes,
        ticket_type_ids=ticket_types,
        expected=expected_version(request),
    )
    return _show(request, changed)


@router.delete(
    "/questions/{question_id}",
    response={204: None},
    auth=Requires(delete_question),
    openapi_extra=writing(NotFound),
    summary="Ask a question no more",
)
def delete(request: ApiRequest, question_id: UUID) -> Status[None]:
    """Delete a question; what was answered so far stays with its tickets and orders."""
    delete_question(command_context(request), question_id)
    return Status(204, None)


@router.patch(
    "/orders/{order_id}/answers",
    response=OrderOut,
    auth=Requires(change_order_answers),
    openapi_extra=writing(NotFound, AnswerMissing, AnswerInvalid),
    summary="Change an order's answers",
)
def change_answers(request: ApiRequest, order_id: UUID, payload: AnswersIn) -> HttpResponse:
    """Change what was answered once for the order; each ticket's answers change with the ticket."""
    document = change_order_answers(command_context(request, None), order_id, given=payload.answers)
    return json_of(document)


def _show(request: ApiRequest, question: Question) -> dict[str, Any]:
    show_version(request, question)
    return show_question(question)


def _parts(payload: QuestionChange) -> tuple[dict[str, Any], list[UUID] | None]:
    """Return the columns of a payload, and whom it is asked of. Null: that is not said."""
    given = payload.model_dump(mode="json", exclude_unset=True)
    given.pop("ticket_types", None)
    return given, payload.ticket_types if "ticket_types" in payload.model_fields_set else None
