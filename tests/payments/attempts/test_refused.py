"""What may not be paid, and that trying changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.ids import new_id
from kassa.integrations.stripe.provider import StripeProvider
from kassa.orders.domain.change import mark_cancelled
from kassa.orders.errors import ApprovalAwaited, OrderExpired
from kassa.orders.models import Order
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.domain.attempts.open import open_attempt
from kassa.payments.errors import (
    NothingToPay,
    ProviderNotOffered,
    ProviderUnknown,
)
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.manual import ManualProvider
from tests.payments.cashier import Cashier, enable_memory
from tests.payments.providers import Bank, MemoryProvider
from tests.support.factories import line, make_ticket_type


def refused(cashier: Cashier, order: Order, error: type[Exception], provider: str = "memory") -> None:
    """Check that nothing can be opened, and that trying changes nothing."""
    before = Order.unscoped.filter(id=order.id).values().get()
    with pytest.raises(error):
        cashier.open(order, provider)
    assert Order.unscoped.filter(id=order.id).values().get() == before
    assert not PaymentAttempt.objects.of(cashier.id).exists()


def test_an_order_whose_hold_is_over_is_not_paid(cashier: Cashier, bank: Bank) -> None:
    refused(cashier, cashier.place(now=cashier.now - timedelta(hours=1)), OrderExpired)


def test_a_cancelled_order_is_not_paid(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    mark_cancelled(cashier.context(), order.id)

    refused(cashier, order, NothingToPay)


def test_an_order_that_awaits_approval_is_not_paid(cashier: Cashier, bank: Bank) -> None:
    ticket_type = make_ticket_type(cashier.event, requires_approval=True)

    refused(cashier, cashier.place(line(ticket_type)), ApprovalAwaited)


def test_a_provider_that_is_not_set_up_or_off_or_unknown_is_refused(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    configure_provider(
        CommandContext.system(cashier.id, now=cashier.now),
        "other",
        configuration={"account": "a"},
        secrets={},
        is_enabled=False,
    )

    refused(cashier, order, ProviderNotOffered, "other")
    refused(cashier, order, ProviderUnknown, "nobody")


def test_an_order_of_another_organisation_is_not_seen(cashier: Cashier, bank: Bank) -> None:
    other = Cashier()
    order = other.place()

    with pytest.raises(NotFound):
        cashier.open(order)
    with pytest.raises(NotFound):
        open_attempt(cashier.context(), new_id(), request=cashier.request())

    assert bank.opened == []
    assert other.states(order) == ("draft", "pending")


def test_an_account_that_is_switched_off_still_looks_after_what_is_under_way(
    cashier: Cashier, bank: Bank
) -> None:
    order = cashier.place()
    first = cashier.open(order)
    configure_provider(
        CommandContext.system(cashier.id, now=cashier.now),
        "memory",
        configuration={"account": "a"},
        secrets={},
        is_enabled=False,
    )
    bank.pay(f"session-{first.id}")
    cashier.later = timedelta(minutes=2)

    cashier.reconcile()

    assert cashier.states(order) == ("confirmed", "paid")
    enable_memory(cashier.organization, "memory")


@pytest.mark.parametrize("missing", ["return_url", "cancel_url"])
def test_an_address_that_the_provider_needs_costs_no_attempt(
    cashier: Cashier, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    order = cashier.place()
    live = cashier.open(order, "other")
    monkeypatch.setattr(MemoryProvider, "needs_urls", True)

    with pytest.raises(InvalidInput) as refusal:
        cashier.open(order, **{missing: ""})

    assert refusal.value.details["errors"][0]["field"] == missing
    assert cashier.statuses(order) == ["open"]
    assert cashier.attempts(order)[0].id == live.id
    assert cashier.order(order.id).payment_attempts == 1


def test_stripe_needs_addresses_and_transfers_do_not() -> None:
    assert StripeProvider.needs_urls
    assert not ManualProvider.needs_urls
