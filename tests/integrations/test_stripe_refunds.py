"""Giving money back: once, however often it is asked and whatever was heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from kassa.payments.providers.protocol import ProviderUnreachable, RefundState
from tests.integrations.fake_stripe import Fault, fake_stripe
from tests.integrations.stripe_world import ORGANISERS_ACCOUNT, Shop, payment_request, refund_request

CREATE = "POST /v1/refunds"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with fake_stripe() as stripe:
        yield Shop(stripe)


def given_back(shop: Shop) -> list[int]:
    return [refund["amount"] for refund in reversed(shop.stripe.refunds)]


def test_a_part_is_given_back(shop: Shop) -> None:
    request = refund_request(shop.paid())

    seen = shop.provider.refund(shop.credentials, request)

    refund = shop.stripe.refunds[0]
    assert (seen.state, seen.reference) == (RefundState.SUCCEEDED, refund["id"])
    assert (seen.key, seen.payment_reference) == (request.refund_part_id, request.payment_reference)
    assert (seen.amount, seen.currency, seen.error) == (Decimal("10.00"), "EUR", "")
    assert refund["metadata"] == {
        "organization": str(shop.organization_id),
        "refund_part": str(request.refund_part_id),
        "refund_key": request.key,
        "reason": "The buyer is ill.",
    }


def test_parts_add_up_to_the_payment_and_no_further(shop: Shop) -> None:
    payment = shop.paid()

    seen = [
        shop.provider.refund(shop.credentials, refund_request(payment, amount=Decimal(amount)))
        for amount in ("20.00", "27.50", "0.01")
    ]

    assert [refund.state for refund in seen] == [
        RefundState.SUCCEEDED,
        RefundState.SUCCEEDED,
        RefundState.REFUSED,
    ]
    assert "already been refunded" in seen[2].error
    assert given_back(shop) == [2000, 2750]


def test_more_than_was_paid_is_refused_and_nothing_given(shop: Shop) -> None:
    seen = shop.provider.refund(shop.credentials, refund_request(shop.paid(), amount=Decimal("47.51")))

    assert seen.state is RefundState.REFUSED
    assert "greater than unrefunded amount" in seen.error
    assert given_back(shop) == []


def test_a_payment_stripe_does_not_know_is_refused(shop: Shop) -> None:
    request = refund_request("pi_nothing")

    seen = shop.provider.refund(shop.credentials, request)

    assert (seen.state, seen.key) == (RefundState.REFUSED, request.refund_part_id)


def test_an_amount_stripe_cannot_move_is_refused(shop: Shop) -> None:
    payment = shop.paid(payment_request(amount=Decimal("5.120"), currency="KWD"))

    seen = shop.provider.refund(
        shop.credentials, refund_request(payment, amount=Decimal("1.005"), currency="KWD")
    )

    assert seen.state is RefundState.REFUSED
    assert given_back(shop) == []


def test_a_wrong_key_is_refused(shop: Shop) -> None:
    request = refund_request(shop.paid())
    credentials = replace(shop.credentials, secrets={"secret_key": "sk_test_wrong12345"})

    seen = shop.provider.refund(credentials, request)

    assert seen.state is RefundState.REFUSED
    assert "wrong12345" not in seen.error


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DROP_AFTER,
        Fault.DROP_BEFORE,
        Fault.ERROR_BEFORE,
        Fault.ERROR_AFTER,
        Fault.LIMIT,
        Fault.NONSENSE,
    ],
)
def test_an_unknown_outcome_repeated_gives_back_once(shop: Shop, fault: Fault) -> None:
    request = refund_request(shop.paid())
    shop.stripe.break_calls(fault, path=CREATE)
    with pytest.raises(ProviderUnreachable):
        shop.provider.refund(shop.credentials, request)

    seen = shop.provider.refund(shop.credentials, request)

    assert seen.state is RefundState.SUCCEEDED
    assert given_back(shop) == [1000]


def test_the_same_key_gives_back_once_even_after_stripe_forgot_it(shop: Shop) -> None:
    request = refund_request(shop.paid())
    first = shop.provider.refund(shop.credentials, request)
    shop.stripe.keys.forget_all()

    again = shop.provider.refund(shop.credentials, request)

    assert again == first
    assert given_back(shop) == [1000]


def test_the_same_key_is_found_among_many_refunds(shop: Shop) -> None:
    payment = shop.paid()
    request = refund_request(payment, amount=Decimal("1.00"))
    first = shop.provider.refund(shop.credentials, request)
    for _ in range(12):
        shop.provider.refund(shop.credentials, refund_request(payment, amount=Decimal("1.00")))
    shop.stripe.keys.forget_all()

    again = shop.provider.refund(shop.credentials, request)

    assert again == first
    assert given_back(shop) == [100] * 13


def test_two_at_once_under_one_key_give_back_once(shop: Shop) -> None:
    request = refund_request(shop.paid())
    # Both look before either sends, so that only the key is left to keep them apart.
    shop.stripe.break_calls(Fault.SLOW, times=2, path="GET /v1/payment_intents", seconds=0.5)

    def give_back(_: int) -> str:
        try:
            return shop.provider.refund(shop.credentials, request).state
        except ProviderUnreachable:
            return "unknown"

    with ThreadPoolExecutor(max_workers=2) as both:
        outcomes = set(both.map(give_back, range(2)))

    assert RefundState.SUCCEEDED in outcomes
    assert outcomes <= {RefundState.SUCCEEDED, "unknown"}
    assert given_back(shop) == [1000]


def test_two_keys_of_one_part_give_back_twice(shop: Shop) -> None:
    request = refund_request(shop.paid())
    shop.provider.refund(shop.credentials, request)

    shop.provider.refund(shop.credentials, replace(request, key=f"{request.key}-2"))

    assert given_back(shop) == [1000, 1000]


def test_a_pending_refund_is_told_and_looked_up(shop: Shop) -> None:
    shop.stripe.refund_status = "pending"
    seen = shop.provider.refund(shop.credentials, refund_request(shop.paid()))
    assert seen.state is RefundState.PENDING

    shop.stripe.finish_refund(seen.reference)

    looked_up = shop.provider.look_up_refund(shop.credentials, seen.reference)
    assert looked_up == replace(seen, state=RefundState.SUCCEEDED)


def test_a_refund_that_the_bank_sends_back_is_refused_with_the_reason(shop: Shop) -> None:
    shop.stripe.refund_status = "pending"
    seen = shop.provider.refund(shop.credentials, refund_request(shop.paid()))

    shop.stripe.finish_refund(seen.reference, failure="lost_or_stolen_card")

    looked_up = shop.provider.look_up_refund(shop.credentials, seen.reference)
    assert looked_up.state is RefundState.REFUSED
    assert looked_up.error == "Stripe could not give the money back: lost or stolen card."


def test_a_refund_stripe_never_heard_of_is_not_known(shop: Shop) -> None:
    with pytest.raises(ProviderUnreachable):
        shop.provider.look_up_refund(shop.credentials, "re_nothing")


def test_a_platform_takes_the_money_back_from_the_organiser_and_keeps_its_fee(shop: Shop) -> None:
    platform = replace(shop, connected_account=ORGANISERS_ACCOUNT)
    payment = platform.paid(payment_request(platform_fee=Decimal("4.75")))

    platform.provider.refund(platform.credentials, refund_request(payment, amount=Decimal("10.00")))

    assert shop.stripe.refunds[0]["reversed"] is True
    assert [fee["amount_refunded"] for fee in shop.stripe.application_fees] == [0]


def test_a_platform_without_a_fee_can_give_back_too(shop: Shop) -> None:
    platform = replace(shop, connected_account=ORGANISERS_ACCOUNT)

    seen = platform.provider.refund(platform.credentials, refund_request(platform.paid()))

    assert seen.state is RefundState.SUCCEEDED


def test_a_payment_is_given_back_as_it_was_made_not_as_the_account_is_now(shop: Shop) -> None:
    payment = shop.paid()
    platform = replace(shop, connected_account=ORGANISERS_ACCOUNT)

    seen = platform.provider.refund(platform.credentials, refund_request(payment))

    assert seen.state is RefundState.SUCCEEDED
    assert shop.stripe.refunds[0]["reversed"] is False
