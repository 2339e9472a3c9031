"""Two tabs and the door: a ticket goes back once, or lets somebody in; an invoice is issued once."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from kassa.audit.run import run_audit
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.invoices.domain.issue import credit_note_of_refund, invoice_of_order
from kassa.invoices.models import Invoice
from kassa.payments.domain.refunds.buyer_refund import return_tickets
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.models import Refund
from tests.concurrency.tellers import DONE, Act, at_once
from tests.concurrency.test_ticket_transfers import check_in
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("turn", range(3))


@pytest.fixture
def holders(transactional_db: None) -> Holders:
    return Holders(buyer_refunds_enabled=True)


def give_back(holders: Holders, *which: int) -> Act:
    tickets = holders.tickets_of(holders.sold)
    return partial(
        return_tickets,
        CommandContext(Actor.buyer(holders.id), holders.now),
        holders.sold.id,
        ticket_ids=[tickets[one].id for one in which],
        agreed=Decimal(45) * len(which),
    )


def refunded(holders: Holders) -> list[Decimal]:
    refunds = Refund.objects.of(holders.id).order_by("id")
    return list(refunds.values_list("amount", flat=True))


@rounds
def test_two_tabs_give_the_same_ticket_back_once(holders: Holders, turn: int) -> None:
    answers = at_once(*(give_back(holders, 0) for _ in range(4)))

    assert answers == [DONE] * 4
    assert refunded(holders) == [Decimal(45)]
    assert run_audit(holders.id).findings == []


@rounds
def test_two_tabs_that_share_a_ticket_give_it_back_once(holders: Holders, turn: int) -> None:
    answers = at_once(give_back(holders, 0), give_back(holders, 0, 1))

    assert sorted(answers) == [DONE, "return_refused"]
    assert refunded(holders) == [Decimal(45) if answers[0] == DONE else Decimal(90)]
    assert run_audit(holders.id).findings == []


@rounds
def test_the_door_against_giving_back(holders: Holders, turn: int) -> None:
    answers = at_once(partial(check_in, holders), give_back(holders, 0))

    assert sorted(answers, key=len) in ([DONE, "not_valid"], [DONE, "return_refused"])
    assert (holders.ticket.status == "used") == (answers[0] == DONE)
    assert refunded(holders) == ([] if answers[0] == DONE else [Decimal(45)])


@rounds
def test_all_who_ask_at_once_get_the_same_invoice(holders: Holders, turn: int) -> None:
    give_back(holders, 0)()
    refund = Refund.objects.of(holders.id).get()
    mark_refunded(holders.by_staff(), holders.sold.id, refund.id, reference="")
    ask = partial(invoice_of_order, holders.id, holders.sold.id, now=holders.now)
    credit = partial(credit_note_of_refund, holders.id, holders.sold.id, refund.id, now=holders.now)

    assert at_once(ask, credit, ask, credit, ask, credit) == [DONE] * 6

    assert Invoice.objects.of(holders.id).count() == 2
    assert run_audit(holders.id).findings == []
