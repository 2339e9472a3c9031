"""Whoever has the link of one ticket does nothing with another, not even one of the same order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound, PermissionMissing
from kassa.orders.models import Ticket
from kassa.tickets.domain.attendee import AttendeeChanges, change_attendee
from kassa.tickets.domain.block import block_ticket, unblock_ticket
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.domain.revoke_links import revoke_order_links, revoke_ticket_links
from kassa.tickets.domain.transfer import (
    Offer,
    accept_transfer,
    decline_transfer,
    offer_ticket,
    withdraw_transfer,
)
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)

OFFER = Offer("thief@example.com")


@pytest.fixture
def holders(transactional_db: None) -> Holders:
    return Holders()


def other_ticket(holders: Holders) -> Ticket:
    return next(one for one in holders.tickets_of(holders.sold) if one.id != holders.ticket_id)


ACTS: dict[str, Callable[[CommandContext, Ticket], Any]] = {
    "change": lambda by, ticket: change_attendee(
        by, ticket.id, changes=AttendeeChanges(first_name="Eve"), held_code=ticket.code
    ),
    "offer": lambda by, ticket: offer_ticket(by, ticket.id, offer=OFFER, held_code=ticket.code),
    "replace": lambda by, ticket: reissue_ticket(by, ticket.id, held_code=ticket.code),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_holder_acts_on_their_own_ticket_alone(holders: Holders, name: str) -> None:
    """Even one who knows the code of the other ticket."""
    act, victim = ACTS[name], other_ticket(holders)
    before = holders.state()

    with pytest.raises(NotFound):
        act(holders.by_holder(), victim)
    assert holders.state() == before

    act(holders.by_holder(victim.id), victim)  # the control: its own holder may
    assert holders.state() != before


@pytest.mark.parametrize("name", ACTS)
def test_a_holder_acts_only_while_their_link_has_the_ticket_s_code(holders: Holders, name: str) -> None:
    act, stale = ACTS[name], holders.ticket
    holders.reissue()
    before = holders.state()

    with pytest.raises(NotFound):
        act(holders.by_holder(), stale)
    assert holders.state() == before

    act(holders.by_holder(), holders.ticket)
    assert holders.state() != before


@pytest.mark.parametrize("end", [accept_transfer, decline_transfer, withdraw_transfer])
def test_a_holder_ends_no_offer_of_another_ticket(holders: Holders, end: Any) -> None:
    transfer = holders.offer()
    before = holders.state()

    with pytest.raises(NotFound):
        end(holders.by_holder(other_ticket(holders).id), transfer.id)
    assert holders.state() == before

    end(holders.by_holder(), transfer.id)
    assert holders.transfer(transfer).status != "offered"


def test_a_holder_has_none_of_the_rights_of_staff(holders: Holders) -> None:
    own = holders.by_holder()
    before = holders.state()

    for act in (
        lambda by: block_ticket(by, holders.ticket_id, reason="Mine"),
        lambda by: unblock_ticket(by, holders.ticket_id),
        lambda by: revoke_ticket_links(by, holders.ticket_id),
        lambda by: revoke_order_links(by, holders.sold.id),
    ):
        with pytest.raises(PermissionMissing):
            act(own)
    assert holders.state() == before

    block_ticket(holders.by_staff(), holders.ticket_id, reason="Stolen")
    assert holders.state() != before


def test_a_buyer_does_not_act_as_a_holder(holders: Holders) -> None:
    buyer = CommandContext(Actor.buyer(holders.id), holders.now)
    before = holders.state()

    with pytest.raises(PermissionMissing):
        offer_ticket(buyer, holders.ticket_id, offer=OFFER, held_code=holders.ticket.code)
    assert holders.state() == before

    offer_ticket(holders.by_holder(), holders.ticket_id, offer=OFFER, held_code=holders.ticket.code)
    assert holders.state() != before
