"""The money of imported orders: what was paid there stands in the books here, and what went back does too."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.payments.models import LedgerEntry, Payment, Refund, RefundedTicket, RefundPart, Transaction
from tests.importers.old_system import OldSystem
from tests.support.books import assert_books_balance

MOMENT = datetime(2024, 5, 31, 18, 30, tzinfo=UTC)


def of(old: OldSystem, model: Any) -> Any:
    """Return the rows of the organisation."""
    return model.objects.of(old.organization.id)


def balances(old: OldSystem) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for account, amount in of(old, LedgerEntry).values_list("account", "amount"):
        sums[account] = sums.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in sums.items() if amount}


def test_paid_booking_is_a_payment_with_its_stripe_reference(old: OldSystem) -> None:
    old.import_rows("bookings", old.booking())

    payment = of(old, Payment).get()
    assert (payment.order_id, payment.provider, payment.method) == (old.order.id, "imported", "stripe")
    assert (payment.provider_reference, payment.amount, payment.currency) == ("pi_1", Decimal(99), "USD")
    assert payment.received_at == MOMENT
    assert (old.order.payment_id, old.order.payment_method) == (payment.id, "stripe")
    movement = of(old, Transaction).get()
    assert (movement.type, movement.status, movement.payment_id) == ("purchase", "completed", payment.id)
    assert (movement.amount, movement.payment_intent_id, movement.created_at) == (99, "pi_1", MOMENT)
    assert balances(old) == {"provider": 99, "sales": -99}


def test_payment_goes_by_the_purchase_or_else_by_the_order_number(old: OldSystem) -> None:
    old.import_rows("tickets", old.ticket("T1"), old.ticket("T2", purchase_reference=""))
    old.import_rows("orders", old.item("ORD-2024-00003"))

    references = of(old, Payment).order_by("order__number").values_list("provider_reference", flat=True)
    assert list(references) == ["P1", "ORD-2024-00002", "ORD-2024-00003"]


def test_one_reference_of_two_orders_stands_for_one_payment(old: OldSystem) -> None:
    old.import_rows("bookings", old.booking("ada"), old.booking("bob"))
    old.import_rows(
        "bookings",
        old.booking("ada"),
        old.booking("eve"),
        system="more",
    )

    numbers = [order.number for order in old.orders]
    references = of(old, Payment).order_by("order__number").values_list("provider_reference", flat=True)
    assert list(references) == ["pi_1", *numbers[1:]]


def test_refunded_ticket_of_an_order_is_given_back_alone(old: OldSystem) -> None:
    old.import_rows("tickets", old.ticket("T1"), old.ticket("T2", status="refunded", price="30.00"))

    refund = of(old, Refund).get()
    ticket = next(ticket for ticket in old.tickets if ticket.status == "refunded")
    assert (refund.kind, refund.status, refund.amount) == ("tickets", "succeeded", Decimal(30))
    label = f"Standing {ticket.code}"
    assert refund.lines == [{"what": "ticket", "ticket": str(ticket.id), "label": label, "amount": "30.00"}]
    assert refund.reason == "Given back in tickets."
    assert of(old, RefundedTicket).get().ticket_id == ticket.id
    assert of(old, RefundPart).get().amount == Decimal(30)
    movements = of(old, Transaction).order_by("type").values_list("type", "status", "amount")
    assert list(movements) == [("purchase", "completed", 75), ("refund", "completed", 30)]
    assert of(old, Payment).get().refunded_amount == Decimal(30)
    assert balances(old) == {"provider": 45, "sales": -45}


@pytest.mark.parametrize(
    ("kind", "row", "amount"),
    [("bookings", {"payment_status": "REFUNDED"}, 99), ("orders", {"status": "REFUNDED"}, 30)],
)
def test_refunded_order_has_given_everything_back(
    old: OldSystem, kind: str, row: dict[str, str], amount: int
) -> None:
    old.import_rows(kind, old.booking(**row) if kind == "bookings" else old.item(**row))

    refund = of(old, Refund).get()
    assert (refund.kind, refund.amount) == ("everything", amount)
    assert sum(Decimal(line["amount"]) for line in refund.lines) == amount
    assert balances(old) == {}


def test_refunded_free_ticket_moves_no_money(old: OldSystem) -> None:
    old.import_rows("tickets", old.ticket("T1", status="refunded", price="0"))

    assert (of(old, Refund).get().amount, of(old, RefundedTicket).count()) == (0, 1)
    assert not of(old, Payment).exists()
    assert not of(old, LedgerEntry).exists()


@pytest.mark.parametrize("status", ["draft", "expired", "cancelled"])
def test_unpaid_orders_have_no_money(old: OldSystem, status: str) -> None:
    old.import_rows("tickets", old.ticket("T1", status=status))

    assert not of(old, Payment).exists()
    assert not of(old, Refund).exists()


def test_imported_ticket_can_be_given_back_here_by_hand(transactional_db: None, tmp_path: Path) -> None:
    old = OldSystem(tmp_path)
    old.import_rows("tickets", old.ticket("T1"), old.ticket("T2", status="refunded"))
    live = next(ticket for ticket in old.tickets if ticket.status == "valid")

    refund_order(
        CommandContext(actor=Actor.system(old.organization.id), now=utc_now(), reason=""),
        old.order.id,
        command=RefundCommand(RefundSelection(tickets=(live.id,))),
    )

    part = of(old, RefundPart).get(status="pending")
    assert (part.provider, part.amount, part.next_try_at) == ("imported", 45, None)
    assert old.order.status == "refunded"
    assert_books_balance()
