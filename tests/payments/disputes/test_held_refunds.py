"""A bank takes money that was promised back, and nobody gets it twice."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import IntegrityError, connection

from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment, DemoRefund
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.domain.refunds.retry import retry_refund
from kassa.payments.models import Dispute, Refund, RefundPart, WebhookEvent
from tests.payments import scales
from tests.payments.money import balances
from tests.payments.till import Till
from tests.support.books import assert_books_balance

migration = import_module("kassa.payments.migrations.0013_refunds_held_by_disputes")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def order(till: Till) -> Order:
    return till.paid(till.place())


def dispute(till: Till, share: str = "1") -> DemoDispute:
    opened = till.open_dispute(DemoPayment.objects.of(till.id).get(), Decimal(share))
    till.deliver_all()
    till.settle()
    return opened


def decide(till: Till, opened: DemoDispute, *, is_won: bool) -> None:
    till.decide_dispute(opened, is_won=is_won)
    till.deliver_all()
    till.settle()


def last_message(till: Till) -> tuple[str, str]:
    last = WebhookEvent.objects.of(till.id).order_by("id").last()
    assert last is not None
    return last.status, last.outcome


def send_and_count(till: Till) -> int:
    """Return how many refunds the bank has made, after a day in which it could have."""
    till.pass_time(hours=24)
    till.send_refunds()
    return DemoRefund.objects.of(till.id).count()


def share_back(till: Till, order: Order, share: str) -> None:
    till.refund_share(order, Decimal(share))


@pytest.mark.parametrize("share", ["0.5", "1"])
def test_what_is_promised_is_not_sent_while_a_bank_holds_it(till: Till, order: Order, share: str) -> None:
    share_back(till, order, share)

    dispute(till)

    assert last_message(till) == ("settled", "dispute_open")
    assert send_and_count(till) == 0
    retry_refund(CommandContext.system(till.id, now=till.now), order.id, Refund.objects.of(till.id).get().id)
    if share == "0.5":  # Of nothing left no dispute is opened: all of it is promised, and all tickets ended.
        assert Dispute.objects.of(till.id).get().amount == 45
        tickets = Ticket.objects.of(till.id).filter(order_id=order.id)
        assert all(ticket.frozen_at for ticket in tickets)
        assert send_and_count(till) == 0
    assert_books_balance(till.id)


@pytest.mark.parametrize("share", ["0.5", "1"])
def test_a_lost_dispute_has_paid_what_was_promised(till: Till, order: Order, share: str) -> None:
    share_back(till, order, share)

    decide(till, dispute(till), is_won=False)

    assert send_and_count(till) == 0
    assert Refund.objects.of(till.id).get().status == "succeeded"
    again = till.order(order.id)
    assert (again.status, again.payment_status, again.refunded_amount) == ("refunded", "refunded", 90)
    assert balances(till, order).keys() <= {"provider", "gateway_fees", "platform_fees"}
    assert scales.held_by_bank(till.id) == scales.held_by_ledger(till.id, "demo")
    assert_books_balance(till.id)


@pytest.mark.parametrize("share", ["0.5", "1"])
def test_a_won_dispute_lets_what_was_promised_be_sent(till: Till, order: Order, share: str) -> None:
    share_back(till, order, share)

    decide(till, dispute(till), is_won=True)

    assert send_and_count(till) == 1
    assert Refund.objects.of(till.id).get().status == "succeeded"
    till.bring_all_to_its_end()
    assert_books_balance(till.id)
    scales.assert_bank_agrees(till.id)
    scales.assert_nothing_is_under_way(till.id)


def test_staff_decide_where_a_dispute_takes_a_part_of_what_is_promised(till: Till, order: Order) -> None:
    share_back(till, order, "0.75")

    opened = dispute(till, "0.5")

    assert last_message(till) == ("dead", "dispute_too_large")
    assert Dispute.objects.of(till.id).get().amount == Decimal("22.5")
    assert send_and_count(till) == 0
    part = RefundPart.objects.of(till.id).get()
    assert (part.next_try_at, opened.reference in part.error) == (None, True)
    refund = Refund.objects.of(till.id).get()
    mark_refunded(till.context(now=till.now), order.id, refund.id, reference="")
    assert Refund.objects.of(till.id).get().status == "succeeded"
    assert_books_balance(till.id)


@pytest.mark.parametrize("is_won", [True, False])
def test_a_column_says_which_dispute_decides(till: Till, order: Order, is_won: bool) -> None:
    share_back(till, order, "0.5")
    parts = RefundPart.objects.of(till.id)

    opened = dispute(till)

    held = parts.get()
    assert (held.held_by_dispute, held.provider_reference) == (opened.reference, None)
    with pytest.raises(IntegrityError, match="payments_refundpart_held"):
        parts.update(provider_reference="re_1")
    assert parts.update(provider_reference="re_1", held_by_dispute=None) == 1  # the control
    parts.update(provider_reference=None, held_by_dispute=opened.reference)
    decide(till, opened, is_won=is_won)
    assert parts.get().held_by_dispute == (None if is_won else opened.reference)


@pytest.mark.parametrize("state", ["open", "lost", "won"])
def test_parts_held_in_earlier_versions_are_decided_as_well(till: Till, order: Order, state: str) -> None:
    share_back(till, order, "0.5")
    opened = dispute(till)
    parts = RefundPart.objects.of(till.id)
    if state == "lost":
        decide(till, opened, is_won=False)
    now = parts.values("held_by_dispute", "provider_reference", "status").get()
    reference = f"dispute:{opened.reference}:{parts.get().id}"
    parts.update(held_by_dispute=None, provider_reference=reference)

    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)

    assert parts.values("held_by_dispute", "provider_reference", "status").get() == now
    if state == "won":
        decide(till, opened, is_won=True)
        assert send_and_count(till) == 1
    assert_books_balance(till.id)


def test_references_of_providers_are_left_as_they_are(till: Till, order: Order) -> None:
    share_back(till, order, "0.5")
    assert send_and_count(till) == 1
    parts = RefundPart.objects.of(till.id)
    parts.update(provider_reference="dispute:of-another-kind")

    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)

    assert parts.filter(held_by_dispute=None, provider_reference="dispute:of-another-kind").exists()
