"""Sending what was promised: what goes wrong with one part is no trouble of the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.models import Order
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.models import ProviderAccount, RefundPart
from kassa.payments.providers.protocol import (
    Credentials,
    ProviderRefused,
    RefundRequest,
    RefundSeen,
    RefundState,
)
from tests.payments.cashier import Cashier
from tests.payments.money import give_back, receipt_for, receive
from tests.payments.providers import Killed, MemoryProvider, OtherProvider
from tests.support.books import assert_books_balance

MEMORY_REFUND = MemoryProvider.refund


def promised(cashier: Cashier, *providers: str) -> list[Order]:
    """Return an order for each provider that was paid there and is to be given back."""
    orders = [cashier.place() for _ in providers]
    for order, provider in zip(orders, providers, strict=True):
        receive(cashier, receipt_for(order, provider=provider))
        give_back(cashier, cashier.order(order.id), everything=True)
    return orders


def send(cashier: Cashier) -> None:
    send_due_refunds(cashier.id, now=cashier.now + timedelta(seconds=1))


def parts(cashier: Cashier) -> list[tuple[str, str, str]]:
    """Return provider, status and error of all parts, in the order in which they were promised."""
    found = RefundPart.objects.of(cashier.id).order_by("id")
    return list(found.values_list("provider", "status", "error"))


def refuse(self: MemoryProvider, credentials: Credentials, request: RefundRequest) -> RefundSeen:
    raise ProviderRefused("Not today.")


def test_a_refund_reaches_a_provider_that_is_switched_off(cashier: Cashier) -> None:
    [order] = promised(cashier, "memory")
    configuration = {"account": "acct_1"}
    configure_provider(
        CommandContext.system(cashier.id, now=cashier.now),
        "memory",
        configuration=configuration,
        secrets={},
        is_enabled=False,
    )

    send(cashier)

    assert parts(cashier) == [("memory", "succeeded", "")]
    assert cashier.states(order) == ("refunded", "refunded")
    assert_books_balance()


def test_what_was_refused_once_is_sent_again_within_minutes(
    cashier: Cashier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ever more rarely, as long as the answer is no."""
    [order] = promised(cashier, "memory")
    monkeypatch.setattr(MemoryProvider, "refund", lambda *_: RefundSeen(RefundState.REFUSED, ""))
    rests, due = [], cashier.now + timedelta(seconds=1)
    for _ in range(5):
        send_due_refunds(cashier.id, now=due)
        [part] = RefundPart.objects.of(cashier.id)
        assert part.next_try_at is not None
        due = part.next_try_at
        rests.append(round((due - utc_now()) / timedelta(minutes=1)))
    monkeypatch.undo()

    send_due_refunds(cashier.id, now=due)

    assert rests == [2, 5, 15, 60, 60]
    assert parts(cashier) == [("memory", "succeeded", "")]
    assert cashier.states(order) == ("refunded", "refunded")
    assert_books_balance()


def test_a_part_whose_secrets_cannot_be_read_waits_and_the_others_go(cashier: Cashier) -> None:
    promised(cashier, "memory", "other")
    ProviderAccount.objects.of(cashier.id).filter(provider="memory").update(secrets="not to be read")

    send(cashier)

    [lost, sent] = parts(cashier)
    assert lost[:2] == ("memory", "pending")
    assert "Set it up" in lost[2]
    assert sent == ("other", "succeeded", "")


def test_a_provider_that_breaks_the_protocol_keeps_no_others(
    cashier: Cashier, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised(cashier, "memory", "other")
    monkeypatch.setattr(MemoryProvider, "refund", refuse)
    monkeypatch.setattr(OtherProvider, "refund", MEMORY_REFUND, raising=False)

    send(cashier)

    assert parts(cashier) == [("memory", "pending", "Not today."), ("other", "succeeded", "")]


def test_what_was_given_back_is_noted_whatever_happens_next(
    cashier: Cashier, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised(cashier, "memory", "other")

    def fail(*arguments: Any) -> None:
        raise Killed

    monkeypatch.setattr(OtherProvider, "refund", fail, raising=False)

    with pytest.raises(Killed):
        send(cashier)

    assert parts(cashier) == [("memory", "succeeded", ""), ("other", "pending", "")]
    assert_books_balance()


def test_what_is_claimed_late_in_a_turn_is_held_as_long(
    cashier: Cashier, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised(cashier, "memory")
    monkeypatch.setattr(MemoryProvider, "refund", refuse)
    began = cashier.now - timedelta(minutes=30)
    RefundPart.objects.of(cashier.id).update(next_try_at=began)

    send_due_refunds(cashier.id, now=began)

    [part] = RefundPart.objects.of(cashier.id)
    assert part.next_try_at is not None
    assert part.next_try_at > cashier.now
