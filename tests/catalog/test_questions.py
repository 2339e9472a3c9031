from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from kassa.catalog.domain.questions import MOST_QUESTIONS, change_question, create_question, delete_question
from kassa.catalog.errors import TooManyQuestions
from kassa.catalog.models import Event, Question, QuestionTicketType
from kassa.catalog.queries import asked, question_of, questions_of_events
from kassa.core.command_context import CommandContext
from kassa.core.errors import AlreadyExists, InvalidInput, NotFound
from tests.api.shop import NOW, make_event, open_shop, ticket_type, types_of

pytestmark = pytest.mark.django_db

SIZE: dict[str, Any] = {
    "key": "size",
    "label": "T-shirt size",
    "kind": "choice",
    "options": ["S", "M"],
    "translations": {"fr": {"label": "Taille", "options": ["P", "M"]}},
}


@pytest.fixture
def event(db: None) -> Event:
    return make_event(open_shop().organization_id, ticket_type("Adult"), ticket_type("Student"))


def ask(event: Event, *ticket_types: UUID, **fields: Any) -> Question:
    return create_question(
        CommandContext.system(event.organization_id, now=NOW),
        event.id,
        fields={"key": "access", "label": "Any access needs?", **fields},
        ticket_type_ids=ticket_types,
    )


def change(question: Question, ticket_types: list[UUID] | None = None, **changes: Any) -> Question:
    return change_question(
        CommandContext.system(question.organization_id, now=NOW),
        question.id,
        changes=changes,
        ticket_type_ids=ticket_types,
    )


def test_questions_are_read_as_they_are_asked(event: Event, django_assert_num_queries: Any) -> None:
    adult, student = types_of(event)
    other = make_event(event.organization_id, ticket_type())
    last = ask(event, sort_order=5)
    first = ask(event, student.id, **SIZE, sort_order=1)
    elsewhere = ask(other)
    with django_assert_num_queries(1):
        found = questions_of_events(event.organization_id, [event.id, other.id])
    assert {one: [q.id for q in questions] for one, questions in found.items()} == {
        event.id: [first.id, last.id],
        other.id: [elsewhere.id],
    }
    size, access = found[event.id]
    assert (size.options, size.ticket_type_ids) == (("S", "M"), frozenset({student.id}))
    assert size.label_in("fr") == "Taille"
    assert access.is_asked_of(adult.id)


def test_a_question_changes_but_for_its_key(event: Event) -> None:
    adult, student = types_of(event)
    question = ask(event, adult.id, **SIZE)
    changed = change(question, [student.id], options=["S", "L"], is_required=True)
    assert (changed.options, changed.is_required) == (["S", "L"], True)
    assert asked(changed).ticket_type_ids == {student.id}
    assert asked(change(question, label="Size")).ticket_type_ids == {student.id}
    assert asked(change(question, [])).ticket_type_ids == frozenset()
    assert change(question, kind="text", options=[], translations={}).kind == "text"
    with pytest.raises(InvalidInput):
        change(question, key="other")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"key": "Size"}, "key"),
        ({"key": "1st"}, "key"),
        ({"key": "a" * 61}, "key"),
        ({"key": "taille_é"}, "key"),
        ({"label": " "}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"help_text": "x" * 501}, "help_text"),
        ({"kind": "number"}, "kind"),
        ({"scope": "event"}, "scope"),
        ({"max_length": 0}, "max_length"),
        ({"max_length": 5001}, "max_length"),
        ({"kind": "choice"}, "options"),
        ({"options": ["S"]}, "options"),
        ({"kind": "choice", "options": ["S", "S"]}, "options"),
        ({"kind": "choice", "options": ["S", " "]}, "options"),
        ({"kind": "choice", "options": ["S", "M "]}, "options"),
        ({"kind": "choice", "options": [f"{n}" for n in range(201)]}, "options"),
        ({"translations": {"tlh": {"label": "nuq"}}}, "translations.tlh"),
        ({"translations": {"fr": {"title": "x"}}}, "translations.fr.title"),
        ({"translations": {"fr": {"options": ["P"]}}}, "translations.fr.options"),
        ({**SIZE, "translations": {"fr": {"options": ["P"]}}}, "translations.fr.options"),
        ({**SIZE, "translations": {"fr": {"options": ["P", "P"]}}}, "translations.fr.options"),
        ({"id": uuid4()}, "id"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(event: Event, fields: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(event, **fields)
    assert caught.value.details["errors"][0]["field"] == place
    assert Question.unscoped.count() == 0


def test_a_key_is_one_questions_of_an_event(event: Event) -> None:
    question = ask(event)
    ask(make_event(event.organization_id, ticket_type()))
    with pytest.raises(AlreadyExists):
        ask(event)
    delete_question(CommandContext.system(event.organization_id, now=NOW), question.id)
    assert ask(event).id != question.id


def test_only_ticket_types_of_the_event_are_asked(event: Event) -> None:
    stranger = types_of(make_event(open_shop().organization_id, ticket_type()))[0]
    neighbour = types_of(make_event(event.organization_id, ticket_type()))[0]
    question = ask(event)
    for wrong in (stranger.id, neighbour.id, uuid4()):
        with pytest.raises(InvalidInput):
            ask(event, wrong, key="other")
        with pytest.raises(InvalidInput):
            change(question, [wrong])
    assert Question.unscoped.count() == 1
    assert QuestionTicketType.unscoped.count() == 0


def test_an_event_asks_only_so_many(event: Event) -> None:
    for number in range(MOST_QUESTIONS):
        ask(event, key=f"q{number}")
    with pytest.raises(TooManyQuestions):
        ask(event, key="one_more")


def test_questions_of_others_are_not_there(event: Event) -> None:
    question, stranger = ask(event), open_shop().organization_id
    for attempt in (
        lambda: question_of(stranger, question.id),
        lambda: change_question(
            CommandContext.system(stranger, now=NOW), question.id, changes={"label": "X"}
        ),
        lambda: delete_question(CommandContext.system(stranger, now=NOW), question.id),
        lambda: create_question(
            CommandContext.system(stranger, now=NOW), event.id, fields={"key": "a", "label": "A"}
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert question_of(event.organization_id, question.id).label == "Any access needs?"
    assert questions_of_events(stranger, [event.id]) == {}


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "number"},
        {"scope": "event"},
        {"kind": "choice"},
        {"options": ["a"]},
        {"max_length": 0},
        {"max_length": 5001},
    ],
)
def test_the_database_keeps_the_rules(event: Event, columns: dict[str, Any]) -> None:
    question = ask(event)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.of(event.organization_id).filter(id=question.id).update(**columns)


def test_the_database_keeps_tenants_apart(event: Event) -> None:
    question, stranger = ask(event), make_event(open_shop().organization_id, ticket_type())
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.of(event.organization_id).filter(id=question.id).update(event_id=stranger.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionTicketType.unscoped.create(
            organization_id=event.organization_id,
            question_id=question.id,
            ticket_type_id=types_of(stranger)[0].id,
        )
