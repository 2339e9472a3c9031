"""Answers that are given once for an order are changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from kassa.catalog.domain.answers import AskedQuestion, asked_of_order, changed_answers, upload_ids
from kassa.catalog.errors import AnswerInvalid
from kassa.catalog.queries import questions_of_events
from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.events import publish_orders
from kassa.orders.domain.uploads import claim_for_order
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order, OrderItem


@command(Permission.TICKET_WRITE)
def change_order_answers(
    context: CommandContext, order_id: UUID, *, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Change some of an order's answers, or take them back with null; return the order.

    Told as ``order.answers_changed`` if anything is different then.

    Raises:
        NotFound: there is no such order.
        AnswerMissing: an answer that must be there would be taken back.
        AnswerInvalid: an answer does not fit, or nobody asks for it.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        database, _ = lock_orders(context, [order_id])
        rows = Order.objects.of(organization_id).filter(id=order_id)
        present = rows.values_list("answers", flat=True).first()
        if present is None:
            raise NotFound
        questions = _asked(organization_id, order_id)
        check_asked(questions, given, present)
        answers = changed_answers(questions, present, given)
        if answers != present:
            claim_files(organization_id, order_id, questions, {key: answers.get(key) for key in given})
            rows.update(answers=answers, updated_at=context.now)
            subject = ("order", order_id)
            record_activity(
                context,
                "order.answers_changed",
                subject,
                before=present,
                after=answers,
                concealed=answers | present,
            )
        name = "order.answers_changed" if answers != present else None
        return publish_orders(database, organization_id, [order_id], order_event_name=name, now=context.now)[
            order_id
        ]


def claim_files(
    organization_id: UUID, order_id: UUID, questions: Iterable[AskedQuestion], answers: Mapping[str, Any]
) -> None:
    """Give an order the files that checked answers, its own or one of its tickets', name.

    Call it in the transaction that writes the answers, with those that are changed.

    Raises:
        AnswerInvalid: the organisation has no such upload, or another order has it.
    """
    claim_for_order(organization_id, order_id, upload_ids(questions, answers))


def check_asked(questions: list[AskedQuestion], given: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    """Let answers pass that are asked for; one that is not asked for any more may be taken back.

    Raises:
        AnswerInvalid: nobody asks for one of them.
    """
    keys = {question.key for question in questions}
    for key in given:
        if key not in keys and not (given[key] is None and key in present):
            raise AnswerInvalid(f"This order is not asked '{key}'.", question=key)


def _asked(organization_id: UUID, order_id: UUID) -> list[AskedQuestion]:
    """Return what is asked once for an order, by what it has bought."""
    items = OrderItem.objects.of(organization_id).filter(order_id=order_id, ticket_type__isnull=False)
    bought = list(items.order_by("position").values_list("event_id", "ticket_type_id"))
    questions = questions_of_events(organization_id, {event_id for event_id, _ in bought if event_id})
    types = [type_id for _, type_id in bought if type_id]
    return [one for found in questions.values() for one in asked_of_order(found, types)]
