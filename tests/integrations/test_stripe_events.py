"""What Stripe's events tell of payments, refunds, disputes and payouts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from kassa.payments.providers.protocol import (
    DisputeSeen,
    DisputeState,
    PaymentSeen,
    PaymentState,
    PayoutSeen,
    PayoutState,
    RefundSeen,
    RefundState,
)
from tests.integrations.fake_stripe import fake_stripe
from tests.integrations.stripe_world import ORGANISERS_ACCOUNT, Shop, payment_request, refund_request


@pytest.fixture
def shop() -> Iterator[Shop]:
    with fake_stripe() as stripe:
        yield Shop(stripe)


def payment_told(shop: Shop, event_type: str) -> PaymentSeen:
    seen = shop.told_last(event_type).seen
    assert isinstance(seen, PaymentSeen)
    return seen


def refund_told(shop: Shop, event_type: str) -> RefundSeen:
    seen = shop.told_last(event_type).seen
    assert isinstance(seen, RefundSeen)
    return seen


def test_session_and_intent_tell_of_the_same_payment(shop: Shop) -> None:
    request = payment_request()
    opened = shop.open(request)
    intent = shop.stripe.pay(opened.reference)

    by_session = payment_told(shop, "checkout.session.completed")
    by_intent = payment_told(shop, "payment_intent.succeeded")

    assert by_session == PaymentSeen(
        state=PaymentState.SUCCEEDED,
        reference=opened.reference,
        key=request.key,
        payment_reference=intent["id"],
        amount=Decimal("47.50"),
        currency="EUR",
    )
    assert by_intent == replace(by_session, reference="")


def test_a_declined_card_does_not_end_the_attempt(shop: Shop) -> None:
    request = payment_request()
    opened = shop.open(request)
    intent = shop.stripe.decline(opened.reference)

    seen = payment_told(shop, "payment_intent.payment_failed")

    assert (seen.state, seen.key) == (PaymentState.OPEN, request.key)
    assert (seen.payment_reference, seen.error) == (intent["id"], "Your card was declined.")
    assert shop.stripe.pay(opened.reference)["id"] == intent["id"]
    assert payment_told(shop, "checkout.session.completed").state is PaymentState.SUCCEEDED


def test_a_debit_is_processing_until_the_bank_has_answered(shop: Shop) -> None:
    opened = shop.open()
    shop.stripe.pay_later(opened.reference)
    assert payment_told(shop, "checkout.session.completed").state is PaymentState.PROCESSING
    assert payment_told(shop, "payment_intent.processing").state is PaymentState.PROCESSING

    shop.stripe.settle_later(opened.reference)

    seen = payment_told(shop, "checkout.session.async_payment_succeeded")
    assert (seen.state, seen.reference) == (PaymentState.SUCCEEDED, opened.reference)
    assert payment_told(shop, "payment_intent.succeeded").payment_reference == seen.payment_reference


def test_a_debit_without_cover_fails(shop: Shop) -> None:
    opened = shop.open()
    shop.stripe.pay_later(opened.reference)
    shop.stripe.settle_later(opened.reference, succeeds=False)

    seen = payment_told(shop, "checkout.session.async_payment_failed")

    assert (seen.state, seen.reference) == (PaymentState.FAILED, opened.reference)


def test_a_session_that_ran_out_is_expired_by_both_its_events(shop: Shop) -> None:
    opened = shop.open()
    shop.stripe.decline(opened.reference)
    shop.stripe.expire(opened.reference)

    assert payment_told(shop, "checkout.session.expired").state is PaymentState.EXPIRED
    assert payment_told(shop, "payment_intent.canceled").state is PaymentState.EXPIRED


def test_an_intent_that_people_gave_up_is_cancelled(shop: Shop) -> None:
    opened = shop.open()
    shop.stripe.decline(opened.reference)
    shop.stripe.expire(opened.reference)
    event = shop.stripe.last_event("payment_intent.canceled")
    event["data"]["object"]["cancellation_reason"] = "requested_by_customer"

    assert payment_told(shop, "payment_intent.canceled").state is PaymentState.CANCELLED


def test_all_events_of_a_refund_tell_of_one_refund(shop: Shop) -> None:
    shop.stripe.refund_status = "pending"
    request = refund_request(shop.paid())
    sent = shop.provider.refund(shop.credentials, request)
    assert refund_told(shop, "refund.created") == sent
    assert shop.told_last("charge.refunded").seen is None

    shop.stripe.finish_refund(sent.reference)

    done = replace(sent, state=RefundState.SUCCEEDED)
    assert refund_told(shop, "refund.updated") == done
    assert refund_told(shop, "charge.refund.updated") == done


def test_a_refund_that_comes_back_is_told(shop: Shop) -> None:
    sent = shop.provider.refund(shop.credentials, refund_request(shop.paid()))
    shop.stripe.finish_refund(sent.reference, failure="expired_or_canceled_card")

    seen = refund_told(shop, "refund.failed")

    assert (seen.state, seen.key) == (RefundState.REFUSED, sent.key)
    assert "expired or canceled card" in seen.error


def test_a_refund_made_in_the_dashboard_is_told_without_a_key(shop: Shop) -> None:
    payment = shop.paid()
    shop.provider.refund(shop.credentials, refund_request(payment))
    shop.stripe.last_event("refund.created")["data"]["object"]["metadata"] = {}

    seen = refund_told(shop, "refund.created")

    assert (seen.key, seen.payment_reference, seen.amount) == (None, payment, Decimal("10.00"))


def test_a_dispute_is_told_from_its_opening_to_its_end(shop: Shop) -> None:
    payment = shop.paid()
    dispute = shop.stripe.dispute(payment)

    opened = shop.told_last("charge.dispute.created").seen
    assert opened == DisputeSeen(
        state=DisputeState.OPEN,
        reference=dispute["id"],
        payment_reference=payment,
        amount=Decimal("47.50"),
        currency="EUR",
        fee=Decimal("20.00"),
        reason="fraudulent",
    )
    assert shop.told_last("charge.dispute.funds_withdrawn").seen == opened

    shop.stripe.close_dispute(dispute["id"], "won")

    assert shop.told_last("charge.dispute.closed").seen == replace(opened, state=DisputeState.WON)
    assert shop.told_last("charge.dispute.funds_reinstated").seen == replace(opened, state=DisputeState.WON)


def test_a_lost_dispute_is_told(shop: Shop) -> None:
    dispute = shop.stripe.dispute(shop.paid(), amount=1000)
    shop.stripe.close_dispute(dispute["id"], "lost")

    seen = shop.told_last("charge.dispute.closed").seen

    assert isinstance(seen, DisputeSeen)
    assert (seen.state, seen.amount) == (DisputeState.LOST, Decimal("10.00"))


def test_an_inquiry_takes_no_money_and_ends_well(shop: Shop) -> None:
    inquiry = shop.stripe.dispute(shop.paid(), is_inquiry=True)
    assert shop.told_last("charge.dispute.created").seen is None

    shop.stripe.close_dispute(inquiry["id"], "warning_closed")

    seen = shop.told_last("charge.dispute.closed").seen
    assert isinstance(seen, DisputeSeen)
    assert (seen.state, seen.fee) == (DisputeState.WON, Decimal(0))


def test_payouts_are_told(shop: Shop) -> None:
    payout = shop.stripe.pay_out(123456)
    paid = PayoutSeen(PayoutState.PAID, payout["id"], Decimal("1234.56"), "EUR")
    assert shop.told_last("payout.paid").seen == paid

    shop.stripe.return_payout(payout["id"])

    assert shop.told_last("payout.failed").seen == replace(
        paid, state=PayoutState.FAILED, error="The bank account is closed."
    )


def test_an_organiser_hears_of_the_payouts_of_its_own_account_only(shop: Shop) -> None:
    organiser = replace(shop, connected_account=ORGANISERS_ACCOUNT)

    shop.stripe.pay_out(1000, connected=ORGANISERS_ACCOUNT)
    assert isinstance(organiser.told_last("payout.paid").seen, PayoutSeen)
    assert shop.told_last("payout.paid").seen is None

    shop.stripe.pay_out(1000)
    assert organiser.told_last("payout.paid").seen is None

    shop.stripe.pay_out(1000, connected="acct_1another")
    assert organiser.told_last("payout.paid").seen is None


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("500", "JPY", 500), ("5", "ISK", 500), ("12.34", "EUR", 1234), ("5.120", "KWD", 5120)],
)
def test_every_kind_of_currency_comes_back_as_it_went(
    shop: Shop, amount: str, currency: str, minor: int
) -> None:
    opened = shop.open(payment_request(amount=Decimal(amount), currency=currency))
    intent = shop.stripe.pay(opened.reference)
    request = refund_request(intent["id"], amount=Decimal(amount), currency=currency)

    given_back = shop.provider.refund(shop.credentials, request)

    assert intent["amount"] == minor
    seen = payment_told(shop, "checkout.session.completed")
    assert (str(seen.amount), seen.currency) == (amount, currency)
    assert (str(given_back.amount), given_back.currency) == (amount, currency)
