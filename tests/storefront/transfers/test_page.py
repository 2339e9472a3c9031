"""The page on which a ticket is accepted or declined."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.catalog.domain.questions import create_question
from kassa.catalog.models import Event, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.domain.codes import spaced
from tests.storefront.pages import BROWSER, actions_of, links_of, text_of, ticket_path, transfer_path
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db

ACCEPT = {"action": "accept", "first_name": "Grace", "last_name": "Hopper"}


@pytest.fixture
def holders() -> Holders:
    return Holders()


def test_it_tells_who_gives_what_and_not_the_code(holders: Holders) -> None:
    holders.write(first_name="Ada", by_holder=False)
    offer = holders.offer(message="Have <fun>!\nAda")

    answer = BROWSER.get(transfer_path(offer))

    text = text_of(answer)
    assert answer.status_code == 200
    for shown in (
        "Ada has sent you a ticket",
        "Night of Strings",
        "Have <fun>!",
        "Sent to grace@example.com",
    ):
        assert shown in text
    assert actions_of(answer) == {"accept", "decline"}
    assert 'value="Grace Brewster"' in answer.content.decode()
    for secret in (holders.ticket.code, spaced(holders.ticket.code), ticket_path(holders)):
        assert secret not in answer.content.decode()


def test_looking_at_it_changes_nothing(holders: Holders) -> None:
    offer = holders.offer()
    before = holders.state()

    BROWSER.get(transfer_path(offer))
    BROWSER.head(transfer_path(offer))

    assert holders.state() == before


def test_it_is_accepted_and_leads_to_the_new_ticket(holders: Holders) -> None:
    offer = holders.offer()
    path = transfer_path(offer)

    answer = BROWSER.post(path, ACCEPT)
    page = BROWSER.get(path)

    assert (answer.status_code, answer["Location"]) == (303, path)
    assert holders.ticket.attendee_first_name == "Grace"
    assert "The ticket is yours" in text_of(page)
    assert ticket_path(holders) in links_of(page)
    assert actions_of(page) == set()


def test_accepting_twice_leads_to_the_same_ticket(holders: Holders) -> None:
    path = transfer_path(holders.offer())
    BROWSER.post(path, ACCEPT)
    before = holders.state()

    again = BROWSER.post(path, {**ACCEPT, "first_name": "Somebody else"})

    assert (again.status_code, again["Location"]) == (303, path)
    assert holders.state() == before


def test_a_name_is_needed_and_what_was_typed_is_kept(holders: Holders) -> None:
    offer = holders.offer()
    before = holders.state()

    answer = BROWSER.post(transfer_path(offer), {**ACCEPT, "first_name": " ", "phone": "+1 555"})

    assert answer.status_code == 422
    assert "This field is required." in text_of(answer)
    assert 'value="+1 555"' in answer.content.decode()
    assert holders.state() == before


def test_the_new_person_is_asked_what_the_event_asks(holders: Holders) -> None:
    create_question(
        CommandContext.system(holders.id, now=utc_now()),
        holders.event.id,
        fields={"key": "born", "label": "Born on", "kind": "date", "is_required": True},
        ticket_type_ids=[],
    )
    path = transfer_path(holders.offer())

    answers = [BROWSER.post(path, {**ACCEPT, "answer-born": day}) for day in ("", "31 May", "1906-12-09")]

    assert [answer.status_code for answer in answers] == [422, 422, 303]
    assert holders.ticket.attendee_fields == {"born": "1906-12-09"}


def test_it_is_declined(holders: Holders) -> None:
    offer = holders.offer()

    answers = [BROWSER.post(transfer_path(offer), {"action": "decline"}) for _ in range(2)]
    late = BROWSER.post(transfer_path(offer), ACCEPT)

    assert [answer.status_code for answer in answers] == [303, 303]
    assert holders.transfer(offer).status == "declined"
    assert late.status_code == 303
    assert "The ticket was declined" in text_of(BROWSER.get(transfer_path(offer)))


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        (lambda holders, offer: holders.withdraw(offer), "The transfer was cancelled"),
        (lambda holders, _: holders.refund(), "The transfer was cancelled"),
        (lambda holders, _: holders.cancel(), "The transfer was cancelled"),
        (lambda holders, _: holders.reissue(), "The transfer was cancelled"),
    ],
)
def test_what_is_over_cannot_be_accepted(holders: Holders, end: Any, shown: str) -> None:
    offer = holders.offer()
    end(holders, offer)
    codes = holders.former()

    page = BROWSER.get(transfer_path(offer))
    answer = BROWSER.post(transfer_path(offer), ACCEPT)

    assert shown in text_of(page)
    assert actions_of(page) == set()
    assert (answer.status_code, answer["Location"]) == (303, transfer_path(offer))
    assert holders.former() == codes
    assert holders.ticket.attendee_first_name == ""


def test_an_offer_that_nobody_took_has_expired(holders: Holders) -> None:
    offer = holders.offer()
    type(offer).objects.of(holders.id).update(expires_at=utc_now() - timedelta(seconds=1))

    assert "The offer has expired" in text_of(BROWSER.get(transfer_path(offer)))


@pytest.mark.parametrize("column", ["frozen_at", "blocked_at"])
def test_a_ticket_that_is_kept_back_waits(holders: Holders, column: str) -> None:
    offer = holders.offer()
    holders.set_ticket(**{column: utc_now()})
    before = holders.state()

    page = BROWSER.get(transfer_path(offer))
    answer = BROWSER.post(transfer_path(offer), ACCEPT)

    assert actions_of(page) == set()
    assert answer.status_code == 409
    assert holders.state() == before


def test_a_cancelled_event_is_not_accepted(holders: Holders) -> None:
    offer = holders.offer()
    Event.objects.of(holders.id).update(status="cancelled")

    page = BROWSER.get(transfer_path(offer))

    assert "This event has been cancelled." in text_of(page)
    assert actions_of(page) == set()
    assert BROWSER.post(transfer_path(offer), ACCEPT).status_code == 409


@pytest.mark.parametrize(
    "then", [Holders.reissue, lambda holders: holders.accept(holders.offer("e@x.example"))]
)
def test_the_link_of_an_offer_opens_the_ticket_only_as_long_as_its_code_lives(
    holders: Holders, then: Any
) -> None:
    offer = holders.offer()
    BROWSER.post(transfer_path(offer), ACCEPT)
    then(holders)

    page = BROWSER.get(transfer_path(offer))

    assert [link for link in links_of(page) if link.startswith("/tickets/")] == []
    assert holders.ticket.code not in page.content.decode()


def test_it_speaks_the_language_it_was_offered_in(holders: Holders) -> None:
    offer = holders.offer(language="fr")

    assert "vous envoie un billet" in text_of(BROWSER.get(transfer_path(offer)))
    assert "has sent you a ticket" in text_of(BROWSER.get(f"{transfer_path(offer)}?lang=en"))


@pytest.mark.parametrize("form", [{}, {"action": "replace"}])
def test_what_is_not_on_the_page_does_nothing(holders: Holders, form: dict[str, str]) -> None:
    offer = holders.offer()
    before = holders.state()

    assert BROWSER.post(transfer_path(offer), form).status_code == 400
    assert holders.state() == before


def test_new_person_gives_both_names_that_the_ticket_needs(holders: Holders) -> None:
    TicketType.unscoped.filter(id=holders.ticket.ticket_type_id).update(names_required=True)
    code, path = holders.ticket.code, transfer_path(holders.offer())

    refused = BROWSER.post(path, {**ACCEPT, "last_name": ""})

    assert refused.status_code == 422
    assert 'id="last_name_error"' in refused.content.decode()
    assert holders.ticket.code == code
    assert BROWSER.post(path, ACCEPT).status_code == 303
    assert holders.ticket.attendee_last_name == "Hopper"
