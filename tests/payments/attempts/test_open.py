"""Opening attempts: what may be paid, how often, and what becomes of the order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kassa.orders.models import Order
from kassa.payments.domain.documents import attempt_document
from kassa.payments.errors import (
    AttemptKeyReused,
    AttemptsExhausted,
    NothingToPay,
    PaymentRefused,
    PaymentUnderWay,
    ProviderDoesNotAnswer,
)
from kassa.payments.providers.protocol import PaymentState
from tests.payments.cashier import BACK, CANCEL, Cashier
from tests.payments.providers import Bank
from tests.support.books import assert_books_balance
from tests.support.factories import make_organization, places


def test_opening_makes_a_draft_pending_and_says_where_to_pay(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()

    attempt = cashier.open(order)

    assert (attempt.status, attempt.number, attempt.amount) == ("open", 1, Decimal(90))
    assert attempt.checkout_url == f"https://pay.example/session-{attempt.id}"
    assert cashier.states(order) == ("pending", "pending")
    present = cashier.order(order.id)
    assert (present.payment_attempts, present.last_payment_attempt_at) == (1, attempt.created_at)
    assert bank.opened == [attempt.id]
    assert cashier.payment_events() == ["payment.opened"]
    assert cashier.last_event() == attempt_document(attempt)
    assert cashier.history(order)[-1].changed_by == cashier.actor.id


def test_the_provider_is_told_what_it_needs(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()

    attempt = cashier.open(order)

    request = bank.requests[f"session-{attempt.id}"]
    assert (request.order_number, request.amount, request.currency) == (order.number, Decimal(90), "EUR")
    assert (request.return_url, request.cancel_url) == (BACK, CANCEL)
    assert (request.customer_email, request.holds_until) == ("ada@example.com", order.expires_at)


def test_a_double_click_opens_one(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()

    first, second = cashier.open(order), cashier.open(order)

    assert first.id == second.id
    assert bank.opened == [first.id]
    assert cashier.order(order.id).payment_attempts == 1


def test_the_same_key_is_the_same_attempt_whatever_became_of_it(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    first = cashier.open(order, idempotency_key="one")
    cashier.cancel(first)

    again = cashier.open(order, idempotency_key="one")

    assert (again.id, again.status) == (first.id, "cancelled")
    assert bank.opened == [first.id]


@pytest.mark.parametrize("other", [{"provider": "other"}, {"return_url": "https://elsewhere.example"}])
def test_a_key_belongs_to_one_request(cashier: Cashier, bank: Bank, other: dict[str, str]) -> None:
    order = cashier.place()
    first = cashier.open(order, idempotency_key="one")

    with pytest.raises(AttemptKeyReused):
        cashier.open(order, **{"idempotency_key": "one", **other})

    assert bank.opened == [first.id]
    assert cashier.statuses(order) == ["open"]


def test_the_same_key_of_another_order_is_another_attempt(cashier: Cashier) -> None:
    first, second = cashier.place(), cashier.place()

    attempts = [cashier.open(order, idempotency_key="one") for order in (first, second)]

    assert [attempt.order_id for attempt in attempts] == [first.id, second.id]


@pytest.mark.parametrize(
    "other", [{"provider": "other"}, {"cancel_url": "https://x.example"}, {"idempotency_key": "two"}]
)
def test_another_way_to_pay_ends_the_one_before_at_the_provider(
    cashier: Cashier, bank: Bank, other: dict[str, str]
) -> None:
    order = cashier.place()
    first = cashier.open(order)

    second = cashier.open(order, **other)

    assert cashier.statuses(order) == ["cancelled", "open"]
    assert bank.closed == [first.provider_reference]
    assert bank.opened == [first.id, second.id]
    assert cashier.states(order) == ("pending", "pending")
    assert cashier.payment_events() == ["payment.opened", "payment.cancelled", "payment.opened"]


def test_one_that_was_paid_meanwhile_is_received_and_no_other_opened(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    first = cashier.open(order)
    bank.pay(f"session-{first.id}")

    with pytest.raises(NothingToPay):
        cashier.open(order, "other")

    assert cashier.statuses(order) == ["succeeded"]
    assert cashier.states(order) == ("confirmed", "paid")
    assert bank.opened == [first.id]
    assert_books_balance()


def test_one_that_the_bank_decides_about_is_not_paid_beside(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    first = cashier.open(order)
    bank.tell(f"session-{first.id}", PaymentState.PROCESSING)

    with pytest.raises(PaymentUnderWay):
        cashier.open(order, "other")

    assert cashier.statuses(order) == ["processing"]
    assert bank.opened == [first.id]


def test_three_attempts_and_no_fourth(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    for _ in range(3):
        cashier.cancel(cashier.open(order))

    with pytest.raises(AttemptsExhausted):
        cashier.open(order)

    assert cashier.statuses(order) == ["cancelled"] * 3
    assert len(bank.opened) == 3
    assert cashier.states(order) == ("pending", "failed")
    assert places(cashier.standing.quota_id) == (2, 0)


def test_the_third_attempt_is_not_ended_for_a_fourth_that_may_not_be(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    for key in ("one", "two", "three"):
        last = cashier.open(order, idempotency_key=key)

    with pytest.raises(AttemptsExhausted):
        cashier.open(order, "other")

    assert cashier.statuses(order) == ["cancelled", "cancelled", "open"]
    assert f"session-{last.id}" not in bank.closed


def test_how_many_attempts_is_a_setting(bank: Bank, transactional_db: None) -> None:
    cashier = Cashier(make_organization(max_payment_attempts=1))
    order = cashier.place()
    cashier.cancel(cashier.open(order))

    with pytest.raises(AttemptsExhausted):
        cashier.open(order)


def test_a_refused_attempt_has_failed_and_says_why(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.refuses = "amount_too_small"

    with pytest.raises(PaymentRefused) as refusal:
        cashier.open(order)

    assert refusal.value.details == {"provider": "memory", "provider_code": "amount_too_small"}
    [attempt] = cashier.attempts(order)
    assert (attempt.status, attempt.check_at) == ("failed", None)
    assert "amount_too_small" in attempt.error
    assert cashier.states(order) == ("pending", "failed")
    assert cashier.payment_events() == ["payment.failed"]


def test_a_provider_that_does_not_answer_is_asked_again_under_the_same_key(
    cashier: Cashier, bank: Bank
) -> None:
    order = cashier.place()
    bank.loses_answers = True
    with pytest.raises(ProviderDoesNotAnswer):
        cashier.open(order, idempotency_key="one")
    assert cashier.statuses(order) == ["opening"]

    bank.loses_answers = False
    attempt = cashier.open(order, idempotency_key="one")

    assert attempt.status == "open"
    assert bank.opened == [attempt.id, attempt.id]
    assert len(bank.sessions) == 1
    assert cashier.order(order.id).payment_attempts == 1


def test_who_waits_for_a_dead_provider_may_pay_elsewhere(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.dead_for.add(cashier.id)
    with pytest.raises(ProviderDoesNotAnswer):
        cashier.open(order)

    attempt = cashier.open(order, "manual")

    assert attempt.status == "open"
    assert cashier.statuses(order) == ["cancelled", "open"]


def test_what_somebody_may_be_paying_is_not_set_aside(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)
    bank.dead_for.add(cashier.id)

    with pytest.raises(ProviderDoesNotAnswer):
        cashier.open(order, "manual")

    assert cashier.statuses(order) == ["open"]


def test_an_answer_that_comes_after_paying_elsewhere_hands_out_no_page(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.loses_answers = True
    with pytest.raises(ProviderDoesNotAnswer):
        cashier.open(order, idempotency_key="one")
    cashier.open(order, "manual")
    bank.loses_answers = False

    again = cashier.open(order, idempotency_key="one")

    assert (again.status, again.checkout_url) == ("cancelled", "")
    assert cashier.statuses(order) == ["cancelled", "open"]


def free_order(cashier: Cashier) -> Order:
    """Return an order that holds its places and costs nothing, as when everything was taken off its price."""
    order = cashier.place()
    Order.unscoped.filter(id=order.id).update(subtotal=0, total=0)
    return cashier.order(order.id)


def test_an_order_that_costs_nothing_is_confirmed_without_money(cashier: Cashier, bank: Bank) -> None:
    order = free_order(cashier)

    attempt = cashier.open(order, "free")

    assert (attempt.status, attempt.provider_reference) == ("succeeded", f"free-{attempt.id}")
    assert cashier.states(order) == ("confirmed", "paid")
    assert cashier.tickets(order) == ["valid", "valid"]
    assert places(cashier.standing.quota_id) == (0, 2)


def test_what_costs_something_is_not_free_and_what_is_free_is_not_sold(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    with pytest.raises(PaymentRefused):
        cashier.open(order, "free")
    with pytest.raises(NothingToPay):
        cashier.open(free_order(cashier), "memory")
    assert cashier.states(order) == ("pending", "failed")
