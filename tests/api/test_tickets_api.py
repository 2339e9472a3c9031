"""Tickets over HTTP: found, changed, given away, replaced, kept back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kassa.core.clock import utc_now
from kassa.tickets.domain.links import ticket_token
from tests.support.factories import line
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db
OFFER = {"to_email": "grace@example.com", "to_name": "Grace Hopper", "message": "Enjoy!"}


@pytest.fixture
def holders() -> Holders:
    return Holders()


def url(holders: Holders, rest: str = "") -> str:
    return f"/api/v1/tickets/{holders.ticket_id}{rest}"


def found(holders: Holders, **question: Any) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in question.items())
    answer = holders.api.get(f"/api/v1/tickets?{query}")
    assert answer.status_code == 200, answer.content
    return [ticket["id"] for ticket in answer.json()["items"]]


def test_a_ticket_is_whole(holders: Holders) -> None:
    holders.write(first_name="Ada", answers={"size": "M"}, by_holder=False)
    ticket = holders.ticket

    shown = holders.api.get(url(holders)).json()

    assert (shown["code"], shown["status"]) == (ticket.code, "valid")
    assert (shown["order"], shown["order_number"]) == (str(holders.sold.id), holders.sold.number)
    assert (shown["event_title"], shown["ticket_type_name"]) == ("Night of Strings", "Standing")
    assert shown["attendee"]["fields"] == {"size": "M"}
    assert shown["qr_code"].startswith("KASSA:")
    assert shown["transfers"] == []
    assert shown["links"]["page"].endswith(ticket_token(holders.id, ticket.id, 0, ticket.code))


@pytest.mark.parametrize("status", ["reserved", "cancelled", "expired", "refunded"])
def test_what_lets_nobody_in_has_no_qr_code_and_no_page(holders: Holders, status: str) -> None:
    holders.set_ticket(status=status)

    shown = holders.api.get(url(holders)).json()

    assert (shown["status"], shown["qr_code"]) == (status, None)
    assert (shown["links"]["page"], shown["links"]["pdf"]) == (None, None)


def test_tickets_are_found(holders: Holders) -> None:
    ids = [str(ticket.id) for ticket in holders.tickets_of(holders.sold)][::-1]
    first, code = ids[1], holders.ticket.code
    unpaid = holders.place(line(holders.standing), email="bob@example.com")
    other = str(holders.tickets_of(unpaid)[0].id)
    holders.accept(holders.offer("Grace@Example.com"))

    assert found(holders) == [other, *ids]
    assert found(holders, order=holders.sold.id, event=holders.event.id) == ids
    assert found(holders, ticket_type=holders.standing.id, limit=1) == [other]
    assert found(holders, status="valid") == ids
    assert found(holders, status="reserved") == [other]
    assert found(holders, code=holders.ticket.code) == [first]
    assert found(holders, code=f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()) == [first]
    assert found(holders, email="grace@example.com") == [first]
    assert found(holders, email="ADA@example.com") == ids
    assert found(holders, code="NOSUCHCODE22") == []


def test_a_ticket_whose_hold_is_over_counts_as_expired(holders: Holders) -> None:
    unpaid = holders.place(line(holders.standing))
    ticket = str(holders.tickets_of(unpaid)[0].id)
    type(unpaid).objects.of(holders.id).filter(id=unpaid.id).update(expires_at=utc_now())

    assert found(holders, status="expired") == [ticket]
    assert found(holders, status="reserved") == []
    assert holders.api.get(f"/api/v1/tickets/{ticket}").json()["status"] == "expired"


def test_pages_of_tickets_go_on(holders: Holders) -> None:
    ids = found(holders)
    page = holders.api.get("/api/v1/tickets?limit=1").json()

    following = holders.api.get(f"/api/v1/tickets?limit=1&after={page['next']}").json()

    assert [page["items"][0]["id"], following["items"][0]["id"]] == ids
    assert following["next"] is None


def test_staff_change_who_it_is_for(holders: Holders) -> None:
    answer = holders.api.patch(url(holders), {"first_name": "Grace", "fields": {"size": "M"}})

    assert answer.status_code == 200
    assert answer.json()["attendee"] == {
        "first_name": "Grace",
        "last_name": "",
        "email": "",
        "phone": "",
        "fields": {"size": "M"},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"first_name": "x" * 121},
        {"email": "nonsense"},
        {"first_name": "a\x00b"},
        {"fields": {"size": ["M"]}},
        {"nickname": "G"},
        [],
        None,
    ],
)
def test_what_cannot_be_written_is_refused(holders: Holders, body: Any) -> None:
    before = holders.state()

    assert holders.api.patch(url(holders), body).status_code == 422
    assert holders.state() == before


def test_a_ticket_goes_its_way_over_http(holders: Holders) -> None:
    code = holders.ticket.code
    offered = holders.api.post(url(holders, "/transfers"), OFFER, key="once")
    again = holders.api.post(url(holders, "/transfers"), OFFER, key="once")
    made = offered.json()
    way = f"/api/v1/transfers/{made['id']}"

    assert (offered.status_code, made["status"], made["to_name"]) == (201, "offered", "Grace Hopper")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, made, "true")
    assert holders.api.get(way).json() == made
    assert holders.api.post(url(holders, "/transfers"), OFFER).json()["code"] == "transfer_open"

    taken = holders.api.post(f"{way}/accept", {"first_name": "Grace", "last_name": "Hopper"})

    assert (taken.status_code, taken.json()["status"]) == (200, "accepted")
    shown = holders.api.get(url(holders)).json()
    assert shown["code"] != code
    assert shown["attendee"]["email"] == shown["transferred_to"] == "grace@example.com"
    assert shown["transfers"] == holders.api.get(url(holders, "/transfers")).json() == [taken.json()]
    assert holders.api.post(f"{way}/accept").json() == taken.json()
    refused = holders.api.post(f"{way}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (410, "transfer_over")
    assert refused.json()["transfer_status"] == "accepted"


def test_an_offer_is_declined_and_another_withdrawn(holders: Holders) -> None:
    for end, status in (("decline", "declined"), ("withdraw", "withdrawn")):
        made = holders.api.post(url(holders, "/transfers"), OFFER).json()
        answer = holders.api.post(f"/api/v1/transfers/{made['id']}/{end}")
        assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_no_answer_about_an_offer_has_its_link(holders: Holders) -> None:
    made = holders.api.post(url(holders, "/transfers"), OFFER)

    assert b"/transfers/" not in made.content.replace(b"/api/v1/", b"")


def test_a_lost_ticket_is_replaced_once_for_a_key(holders: Holders) -> None:
    code = holders.ticket.code

    first = holders.api.post(url(holders, "/reissue"), {"reason": "Lost."}, key="lost")
    again = holders.api.post(url(holders, "/reissue"), {"reason": "Lost."}, key="lost")

    assert first.status_code == again.status_code == 200
    assert first.json()["code"] == again.json()["code"] == holders.ticket.code != code
    assert holders.former() == [(code, "reissued")]
    assert Client().get(f"/tickets/{ticket_token(holders.id, holders.ticket_id, 0, code)}").status_code == 410


def test_a_ticket_is_blocked_and_unblocked(holders: Holders) -> None:
    blocked = holders.api.post(url(holders, "/block"), {"reason": "Stolen."}).json()
    unblocked = holders.api.post(url(holders, "/unblock")).json()

    assert (blocked["status"], blocked["block_reason"]) == ("valid", "Stolen.")
    assert blocked["blocked_at"] is not None
    assert (unblocked["blocked_at"], unblocked["block_reason"]) == (None, "")


def test_what_is_over_is_a_conflict(holders: Holders) -> None:
    holders.refund()
    before = holders.state()

    for rest, body in (("/reissue", {}), ("/block", {}), ("/transfers", OFFER)):
        answer = holders.api.post(url(holders, rest), body)
        assert answer.status_code == 409
        assert answer.json()["ticket_status"] == "refunded"
    assert holders.api.patch(url(holders), {"first_name": "Eve"}).json()["code"] == "ticket_over"
    assert holders.state() == before


@pytest.mark.parametrize(
    "question", ["status=nothing", "event=1", "limit=0", "after=x", "code=", "email=" + "x" * 300, "code=%00"]
)
def test_a_question_that_makes_no_sense_is_refused(holders: Holders, question: str) -> None:
    assert holders.api.get(f"/api/v1/tickets?{question}").status_code == 422
