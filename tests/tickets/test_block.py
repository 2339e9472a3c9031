"""Staff keep a ticket back, and let it go again."""

from __future__ import annotations

import pytest

from kassa.core.errors import NotFound
from kassa.tickets.domain.block import block_ticket, unblock_ticket
from kassa.tickets.errors import TicketOver
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders() -> Holders:
    return Holders()


@pytest.mark.parametrize("status", ["reserved", "valid", "used"])
def test_a_blocked_ticket_keeps_its_status_and_its_code(holders: Holders, status: str) -> None:
    holders.set_ticket(status=status)
    code = holders.ticket.code

    ticket = holders.block("Stolen.")

    assert (ticket.status, ticket.code, ticket.block_reason) == (status, code, "Stolen.")
    assert ticket.blocked_at is not None
    event = holders.last_event()
    assert (event["type"], event["data"]["reason"]) == ("ticket.blocked", "Stolen.")


def test_blocking_again_changes_the_reason_alone(holders: Holders) -> None:
    since = holders.block("Stolen.").blocked_at
    before = holders.state()
    assert holders.block("Stolen.").blocked_at == since
    assert holders.state() == before

    ticket = holders.block("Found with a tout.")

    assert (ticket.blocked_at, ticket.block_reason) == (since, "Found with a tout.")
    assert holders.told_of_ticket() == ["ticket.blocked"]


def test_unblocking_lets_it_be_what_it_is_once(holders: Holders) -> None:
    holders.block()
    ticket = holders.unblock()
    before = holders.state()

    holders.unblock()

    assert (ticket.blocked_at, ticket.block_reason, ticket.status) == (None, "", "valid")
    assert holders.told_of_ticket() == ["ticket.blocked", "ticket.unblocked"]
    assert holders.state() == before


@pytest.mark.parametrize("status", ["cancelled", "expired", "refunded"])
def test_what_lets_nobody_in_anyhow_is_not_blocked(holders: Holders, status: str) -> None:
    holders.set_ticket(status=status)
    before = holders.state()

    with pytest.raises(TicketOver):
        holders.block()

    assert holders.state() == before


def test_a_ticket_of_another_organisation_is_not_there(holders: Holders) -> None:
    other = Holders()
    before = other.state()

    with pytest.raises(NotFound):
        block_ticket(holders.by_staff(), other.ticket_id, reason="")
    with pytest.raises(NotFound):
        unblock_ticket(holders.by_staff(), other.ticket_id)

    assert other.state() == before
