"""A lost ticket is replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.errors import KassaError, NotFound
from kassa.tickets.domain.reissue import MOST_BY_HOLDER_A_DAY, reissue_ticket
from kassa.tickets.errors import TicketNotTransferable, TicketOver, TooManyReplacements
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders() -> Holders:
    return Holders()


def refused(holders: Holders, error: type[KassaError], act: Callable[..., Any], *given: Any) -> None:
    before = holders.state()
    with pytest.raises(error):
        act(*given)
    assert holders.state() == before


def test_the_old_code_is_no_ticket_any_more(holders: Holders) -> None:
    before = holders.ticket

    ticket = holders.reissue()

    assert ticket.code == holders.ticket.code != before.code
    assert holders.former() == [(before.code, "reissued")]
    assert (ticket.status, ticket.attendee_email) == (before.status, before.attendee_email)
    assert (ticket.transferred_at, ticket.seat_id) == (None, before.seat_id)
    event = holders.last_event()
    assert event["type"] == "ticket.reissued"
    assert event["data"]["ticket"]["code"].endswith(ticket.code[-4:])
    assert ticket.code not in str(event)


def test_a_ticket_can_be_lost_again_and_again(holders: Holders) -> None:
    codes = [holders.ticket.code, *(holders.reissue().code for _ in range(3))]

    assert len(set(codes)) == 4
    assert holders.former() == [(code, "reissued") for code in codes[:-1]]


def test_staff_replace_the_ticket_of_somebody_who_is_in(holders: Holders) -> None:
    holders.set_ticket(status="used", checked_in_at=utc_now())

    assert holders.reissue().status == "used"


@pytest.mark.parametrize("status", ["reserved", "cancelled", "expired", "refunded"])
def test_what_is_no_ticket_is_not_replaced(holders: Holders, status: str) -> None:
    holders.set_ticket(status=status)

    refused(holders, TicketOver, holders.reissue)
    refused(holders, TicketOver, holders.reissue, holders.ticket.code)


def test_a_ticket_that_is_kept_back_stays_kept_back(holders: Holders) -> None:
    holders.block("Stolen.")

    ticket = holders.reissue()

    assert (ticket.blocked_at is not None, ticket.block_reason) == (True, "Stolen.")


@pytest.mark.parametrize("column", ["frozen_at", "blocked_at"])
def test_its_holder_does_not_replace_what_is_kept_back(holders: Holders, column: str) -> None:
    holders.set_ticket(**{column: utc_now()})

    refused(holders, TicketNotTransferable, holders.reissue, holders.ticket.code)


def test_its_holder_does_not_replace_what_has_let_them_in(holders: Holders) -> None:
    holders.set_ticket(status="used")

    refused(holders, TicketOver, holders.reissue, holders.ticket.code)


def test_its_holder_replaces_it_once_with_one_link(holders: Holders) -> None:
    held = holders.ticket.code
    holders.reissue(held)

    refused(holders, NotFound, holders.reissue, held)


def test_nobody_is_flooded_with_new_tickets(holders: Holders) -> None:
    for _ in range(MOST_BY_HOLDER_A_DAY):
        holders.reissue(holders.ticket.code)

    refused(holders, TooManyReplacements, holders.reissue, holders.ticket.code)
    holders.reissue()  # staff may

    holders.later = timedelta(days=1, minutes=1)
    held = holders.ticket.code
    changed = reissue_ticket(holders.by_holder(), holders.ticket_id, held_code=held)
    assert changed.code != held


def test_an_open_offer_ends_as_the_finder_may_have_made_it(holders: Holders) -> None:
    transfer = holders.offer("thief@example.com")

    holders.reissue()

    assert holders.transfer(transfer).status == "withdrawn"
    assert holders.told_of_ticket() == [
        "ticket.transfer_offered",
        "ticket.transfer_withdrawn",
        "ticket.reissued",
    ]


def test_a_ticket_of_another_organisation_is_not_there(holders: Holders) -> None:
    other = Holders()

    def of_another() -> None:
        reissue_ticket(holders.by_staff(), other.ticket_id)

    refused(other, NotFound, of_another)
