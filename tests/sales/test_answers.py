"""An order is placed only with the answers its events ask for; a file belongs to one order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from kassa.catalog.domain.questions import delete_question
from kassa.catalog.errors import AnswerInvalid, AnswerMissing
from kassa.catalog.models import Event, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.database import Statements
from kassa.core.errors import KassaError
from kassa.orders.domain.uploads import CLAIM_UPLOADS
from kassa.orders.models import Order, Ticket, Upload
from kassa.organizations.models import Organization
from kassa.sales.domain import offers
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.place import place_orders
from tests.sales.carts import a_cart, convert, items_of, race, serialized_cart
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_product,
    make_question,
    make_ticket_type,
    make_upload,
    order_request,
    places,
)

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def standing(event: Event) -> TicketType:
    return make_ticket_type(event)


def place(organization: Organization, *lines: Any, **fields: Any) -> Outcome:
    request = order_request(make_actor(organization), *lines, **fields)
    return place_orders(organization.id, [request], now=utc_now())[0]


def refused(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, KassaError)
    assert (Order.unscoped.count(), Ticket.unscoped.count()) == (0, 0)
    return {"code": outcome.code, **outcome.details}


def answered(**fields: Any) -> dict[str, Any]:
    return {"first_name": "Ada", "fields": fields}


def test_answers_are_kept_as_their_questions_take_them(
    organization: Organization, standing: TicketType
) -> None:
    event = standing.event
    make_question(
        event, "size", kind="choice", options=["S", "M"], translations={"fr": {"options": ["P", "Moyen"]}}
    )
    make_question(event, "born", kind="date", is_required=True)
    make_question(event, "access", scope="order")
    lines = line(
        standing, 2, attendees=(answered(size="Moyen", born="1985-04-12", crm=7), answered(born="2001-01-01"))
    )

    outcome = place(organization, lines, answers={"access": "  A ramp\r\n"})

    assert isinstance(outcome, Placed)
    assert Order.unscoped.get().answers == {"access": "A ramp"}
    assert [ticket.attendee_fields for ticket in Ticket.unscoped.order_by("id")] == [
        {"size": "M", "born": "1985-04-12", "crm": 7},
        {"born": "2001-01-01"},
    ]
    assert b'"answers":{"access":"A ramp"}' in outcome.document


@pytest.mark.parametrize(("attendees", "missing"), [((), 0), (({},), 0), ((answered(born="1985-04-12"),), 1)])
def test_an_attendee_who_is_not_named_has_answered_nothing(
    organization: Organization, standing: TicketType, attendees: tuple[Any, ...], missing: int
) -> None:
    make_question(standing.event, "born", kind="date", is_required=True)
    outcome = place(organization, line(make_product(organization)), line(standing, 2, attendees=attendees))
    assert refused(outcome) == {
        "code": "answer_missing",
        "question": "born",
        "label": "Born",
        "line": 1,
        "attendee": missing,
    }
    assert places(standing.quota_id) == (0, 0)


def test_what_must_be_answered_once_is_missed_once(organization: Organization, standing: TicketType) -> None:
    make_question(standing.event, "access", scope="order", is_required=True)
    wanted = line(standing, 2)
    assert refused(place(organization, wanted)) == {
        "code": "answer_missing",
        "question": "access",
        "label": "Access",
    }
    assert isinstance(place(organization, wanted, answers={"access": "No"}), Placed)


def test_only_some_ticket_types_are_asked(
    organization: Organization, event: Event, standing: TicketType
) -> None:
    student = make_ticket_type(event, name="Student")
    make_question(event, "card", ticket_types=(student,), is_required=True)
    make_question(event, "school", ticket_types=(student,), is_required=True, scope="order")
    assert refused(place(organization, line(standing), line(student)))["line"] == 1
    both = (line(standing), line(student, attendees=(answered(card="17"),)))
    assert refused(place(organization, *both))["question"] == "school"
    assert isinstance(place(organization, line(standing)), Placed)


def test_an_order_answers_nothing_that_is_not_asked(organization: Organization, standing: TicketType) -> None:
    asked_elsewhere = {"access": "No"}
    assert refused(place(organization, line(standing), answers=asked_elsewhere))["code"] == "answer_invalid"
    make_question(standing.event)
    assert refused(place(organization, line(standing), answers=asked_elsewhere))["question"] == "access"
    goods = line(make_product(organization))
    assert refused(place(organization, goods, answers=asked_elsewhere))["code"] == "answer_invalid"


def test_questions_of_several_events_are_all_asked(organization: Organization, standing: TicketType) -> None:
    other = make_ticket_type(make_event(organization))
    make_question(other.event, "access", scope="order", is_required=True)
    make_question(standing.event, "size", is_required=True)
    lines = (line(standing, attendees=(answered(size="M"),)), line(other))
    assert refused(place(organization, *lines))["question"] == "access"
    assert isinstance(place(organization, *lines, answers={"access": "No"}), Placed)


def test_one_refusal_harms_no_neighbour(
    organization: Organization, event: Event, standing: TicketType
) -> None:
    asked_type = make_ticket_type(make_event(organization))
    make_question(asked_type.event, is_required=True)
    actor = make_actor(organization)
    requests = [
        order_request(actor, line(standing)),
        order_request(actor, line(asked_type)),
        order_request(actor, line(asked_type, attendees=(answered(access="x\x00"),))),
        order_request(actor, line(asked_type, attendees=(answered(access="No"),))),
    ]
    outcomes = place_orders(organization.id, requests, now=utc_now())
    assert [type(outcome) for outcome in outcomes] == [Placed, AnswerMissing, AnswerInvalid, Placed]


def test_a_repeated_order_is_answered_though_a_question_came_meanwhile(
    organization: Organization, standing: TicketType
) -> None:
    first = place(organization, line(standing), key="once")
    make_question(standing.event, is_required=True)
    again = place(organization, line(standing), key="once")
    assert isinstance(first, Placed)
    assert isinstance(again, Placed)
    assert (again.order_id, again.replayed) == (first.order_id, True)


def test_a_deleted_question_is_not_asked(organization: Organization, standing: TicketType) -> None:
    question = make_question(standing.event, is_required=True)
    delete_question(CommandContext.system(organization.id, now=utc_now()), question.id)
    assert isinstance(place(organization, line(standing)), Placed)


def test_questions_cost_one_statement_a_batch(
    organization: Organization, standing: TicketType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    queue = Statements.queue

    def counting(self: Statements, sql: str, *given: Any, **named: Any) -> Any:
        asked.append(sql)
        return queue(self, sql, *given, **named)

    monkeypatch.setattr(Statements, "queue", counting)
    actor = make_actor(organization)
    place_orders(organization.id, [order_request(actor, line(standing)) for _ in range(5)], now=utc_now())
    assert [sql for sql in asked if "catalog_question" in sql or "upload" in sql] == [offers.QUESTIONS_SQL]


# Carts


def test_a_cart_is_asked_when_it_is_ordered(
    organization: Organization, standing: TicketType, now: datetime
) -> None:
    make_question(standing.event, "born", kind="date", is_required=True)
    make_question(standing.event, "access", scope="order", is_required=True)
    cart_id = a_cart(organization, line(standing, 2), now=now)
    assert serialized_cart(organization.id, cart_id, now=now)["problem"] is None
    actor, item = make_actor(organization), items_of(cart_id)[0].id
    assert refused(convert(actor, cart_id, now=now))["attendee"] == 0
    named = {item: (answered(born="1985-04-12"), answered(born="2001-01-01"))}
    assert refused(convert(actor, cart_id, now=now, attendees=named))["question"] == "access"
    placed = convert(actor, cart_id, now=now, attendees=named, answers={"access": "No"})
    assert isinstance(placed, Placed)
    assert Order.unscoped.get().answers == {"access": "No"}


# Files


@pytest.fixture
def card(standing: TicketType) -> TicketType:
    make_question(standing.event, "card", kind="file", is_required=True)
    return standing


def with_card(card: TicketType, *upload_ids: UUID) -> Any:
    return line(card, len(upload_ids), attendees=tuple(answered(card=str(one)) for one in upload_ids))


def test_an_order_claims_its_files(organization: Organization, card: TicketType) -> None:
    first, second = make_upload(organization), make_upload(organization)
    make_question(card.event, "form", kind="file", scope="order")
    left = make_upload(organization)
    outcome = place(
        organization, with_card(card, first.id, second.id, first.id), answers={"form": str(second.id)}
    )
    assert isinstance(outcome, Placed)
    claimed = dict(Upload.unscoped.values_list("id", "order_id"))
    assert claimed == {first.id: outcome.order_id, second.id: outcome.order_id, left.id: None}


def test_a_file_that_is_not_there_is_refused(organization: Organization, card: TicketType) -> None:
    mine = make_upload(organization)
    theirs = make_upload(make_organization())
    for wrong in (theirs.id, uuid4()):
        assert refused(place(organization, with_card(card, mine.id, wrong))) == {
            "code": "answer_invalid",
            "question": "card",
            "line": 0,
            "attendee": 1,
        }
    assert set(Upload.unscoped.values_list("order_id", flat=True)) == {None}


def test_a_file_belongs_to_the_first_order_that_names_it(
    organization: Organization, card: TicketType
) -> None:
    upload, actor = make_upload(organization), make_actor(organization)
    requests = [order_request(actor, with_card(card, upload.id)) for _ in range(2)]
    outcomes = place_orders(organization.id, requests, now=utc_now())
    assert [type(outcome) for outcome in outcomes] == [Placed, AnswerInvalid]
    assert isinstance(place(organization, with_card(card, upload.id)), AnswerInvalid)
    assert Order.unscoped.count() == 1


def file_race(organization: Organization, card: TicketType) -> list[str]:
    upload, actor = make_upload(organization), make_actor(organization)
    requests = [order_request(actor, with_card(card, upload.id)) for _ in range(8)]
    results = race(8, lambda nth: place_orders(organization.id, [requests[nth]], now=utc_now())[0])
    return sorted(type(result).__name__ for result in results)


def test_of_eight_orders_at_once_one_gets_the_file(organization: Organization, card: TicketType) -> None:
    assert file_race(organization, card) == ["AnswerInvalid"] * 7 + ["Placed"]
    assert Upload.unscoped.get().order_id == Order.unscoped.get().id


def test_without_the_claim_several_orders_get_the_file(
    organization: Organization, card: TicketType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what is proved above is the claim's doing."""
    monkeypatch.setattr("kassa.orders.domain.uploads.CLAIM_UPLOADS", f"{CLAIM_UPLOADS} AND false")
    assert file_race(organization, card) == ["Placed"] * 8
