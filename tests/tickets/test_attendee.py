"""What is written on a ticket changes, by staff and by who holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kassa.catalog.domain.questions import create_question
from kassa.catalog.errors import AnswerInvalid, AnswerMissing
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError, NotFound
from kassa.tickets.domain.attendee import AttendeeChanges, change_attendee
from kassa.tickets.domain.transfer import NewHolder
from kassa.tickets.errors import AttendeeChangesClosed, TicketOver
from tests.support.factories import make_upload
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders() -> Holders:
    return Holders()


def ask(holders: Holders, key: str = "size", **fields: Any) -> None:
    """Let the event ask a question of each ticket."""
    create_question(
        CommandContext.system(holders.id, now=utc_now()),
        holders.event.id,
        fields={"key": key, "label": key.title(), **fields},
        ticket_type_ids=[],
    )


SIZE: dict[str, Any] = {"kind": "choice", "options": ["S", "M"], "is_required": True}


def refused(holders: Holders, error: type[KassaError], act: Callable[..., Any], **given: Any) -> None:
    before = holders.state()
    with pytest.raises(error):
        act(**given)
    assert holders.state() == before


def test_its_holder_writes_another_name_on_it(holders: Holders) -> None:
    code = holders.ticket.code

    holders.write(first_name="Grace", last_name="Hopper", email="grace@example.com", phone="1")

    ticket = holders.ticket
    assert (ticket.attendee_first_name, ticket.attendee_last_name) == ("Grace", "Hopper")
    assert (ticket.attendee_email, ticket.attendee_phone) == ("grace@example.com", "1")
    assert (ticket.code, ticket.transferred_at, holders.former()) == (code, None, [])
    event = holders.last_event()
    assert event["type"] == "ticket.attendee_changed"
    assert event["data"]["changed"] == ["first_name", "last_name", "email", "phone"]


def test_what_is_not_named_stays_and_an_empty_name_is_one(holders: Holders) -> None:
    holders.write(first_name="Grace", last_name="Hopper")

    holders.write(last_name="")

    assert (holders.ticket.attendee_first_name, holders.ticket.attendee_last_name) == ("Grace", "")


def test_what_is_written_already_is_not_told_of(holders: Holders) -> None:
    holders.write(first_name="Grace")
    before = holders.state()

    holders.write(first_name="Grace")

    assert holders.state() == before


def test_answers_are_changed_one_by_one(holders: Holders) -> None:
    ask(holders, **SIZE)
    ask(holders, "diet")
    holders.write(answers={"size": "S", "diet": "vegan"})

    holders.write(answers={"size": "M", "diet": None})

    assert holders.ticket.attendee_fields == {"size": "M"}
    assert holders.last_event()["data"]["changed"] == ["fields"]


@pytest.mark.parametrize(
    ("answer", "error"), [("XXL", AnswerInvalid), (None, AnswerMissing), ("", AnswerMissing)]
)
def test_an_answer_must_be_one(holders: Holders, answer: str | None, error: type[KassaError]) -> None:
    ask(holders, **SIZE)
    holders.write(answers={"size": "S"})

    for by_holder in (True, False):
        refused(holders, error, holders.write, answers={"size": answer}, by_holder=by_holder)


def test_a_file_answers_for_one_order_alone(holders: Holders) -> None:
    ask(holders, "card", kind="file")
    upload = make_upload(holders.organization)

    refused(holders, AnswerInvalid, holders.write, answers={"card": str(uuid4())}, by_holder=False)
    holders.write(answers={"card": str(upload.id)}, by_holder=False)

    upload.refresh_from_db()
    assert upload.order_id == holders.sold.id
    assert holders.ticket.attendee_fields == {"card": str(upload.id)}


def test_its_holder_answers_only_what_may_change(holders: Holders) -> None:
    ask(holders, is_changeable=False)

    refused(holders, AttendeeChangesClosed, holders.write, answers={"size": "M"})
    refused(holders, AttendeeChangesClosed, holders.write, answers={"shoe": "43"})

    holders.write(answers={"size": "M", "shoe": "43"}, by_holder=False)
    assert holders.ticket.attendee_fields == {"size": "M", "shoe": "43"}


@pytest.mark.parametrize("columns", [{"status": "used"}, {"frozen_at": utc_now()}, {"blocked_at": utc_now()}])
def test_its_holder_changes_a_valid_ticket_only_and_staff_any_live_one(
    holders: Holders, columns: dict[str, Any]
) -> None:
    holders.set_ticket(**columns)

    refused(holders, AttendeeChangesClosed, holders.write, first_name="Grace")
    assert holders.write(first_name="Grace", by_holder=False).attendee_first_name == "Grace"


@pytest.mark.parametrize("status", ["cancelled", "expired", "refunded"])
def test_nobody_changes_what_is_over(holders: Holders, status: str) -> None:
    holders.set_ticket(status=status)

    for by_holder in (True, False):
        refused(holders, TicketOver, holders.write, first_name="Grace", by_holder=by_holder)


def test_the_organisation_may_keep_it_to_its_staff() -> None:
    holders = Holders(attendee_changes_enabled=False)

    refused(holders, AttendeeChangesClosed, holders.write, first_name="Grace")
    assert holders.write(first_name="Grace", by_holder=False).attendee_first_name == "Grace"


def test_after_the_deadline_only_staff_change_it() -> None:
    holders = Holders(attendee_changes_until_hours=24)
    holders.later = timedelta(days=28)
    holders.write(first_name="Grace")
    holders.later = timedelta(days=29, minutes=1)

    refused(holders, AttendeeChangesClosed, holders.write, first_name="Edsger")
    assert holders.write(first_name="Edsger", by_holder=False).attendee_first_name == "Edsger"


def test_the_new_person_answers_for_themselves(holders: Holders) -> None:
    ask(holders, **SIZE)
    ask(holders, "diet")
    holders.write(answers={"size": "S", "diet": "vegan"})
    transfer = holders.offer()
    wrong = NewHolder("Grace", answers={"size": "XXL"})
    refused(holders, AnswerInvalid, lambda: holders.accept(transfer, wrong))

    holders.accept(transfer, NewHolder("Grace", answers={"size": "M", "diet": None}))

    assert holders.ticket.attendee_fields == {"size": "M"}


def test_a_ticket_of_another_organisation_is_not_there(holders: Holders) -> None:
    other = Holders()
    before = other.state()

    with pytest.raises(NotFound):
        change_attendee(holders.by_staff(), other.ticket_id, changes=AttendeeChanges(first_name="Eve"))

    assert other.state() == before
