"""How a Checkout Session stands, and ending it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from kassa.payments.providers.protocol import PaymentState, ProviderUnreachable
from tests.integrations.fake_stripe import fake_stripe
from tests.integrations.stripe_world import ORGANISERS_ACCOUNT, Shop, payment_request


@pytest.fixture
def shop() -> Iterator[Shop]:
    with fake_stripe() as stripe:
        yield Shop(stripe)


def test_look_up_tells_the_payment_and_what_stripe_kept(shop: Shop) -> None:
    request = payment_request()
    opened = shop.open(request)
    intent = shop.stripe.pay(opened.reference)

    seen = shop.provider.look_up(shop.credentials, opened.reference)

    assert seen.state is PaymentState.SUCCEEDED
    assert (seen.reference, seen.key) == (opened.reference, request.key)
    assert seen.payment_reference == intent["id"]
    assert (seen.amount, seen.currency, seen.method) == (Decimal("47.50"), "EUR", "card")
    assert seen.gateway_fee == Decimal("0.96")


def test_look_up_does_not_count_the_platforms_fee_as_stripes(shop: Shop) -> None:
    opened = shop.open()
    intent = shop.stripe.pay(opened.reference)
    charge = shop.stripe.account.objects[intent["latest_charge"]]
    movement = shop.stripe.account.objects[charge["balance_transaction"]]
    movement["fee"] += 120
    movement["fee_details"].append({"type": "application_fee", "amount": 120, "currency": "eur"})

    assert shop.provider.look_up(shop.credentials, opened.reference).gateway_fee == Decimal("0.96")


def test_stripes_fee_is_the_platforms_where_the_money_is_passed_on(shop: Shop) -> None:
    platform = replace(shop, connected_account=ORGANISERS_ACCOUNT)
    opened = platform.open(payment_request(platform_fee=Decimal("1.20")))
    shop.stripe.pay(opened.reference)

    assert platform.provider.look_up(platform.credentials, opened.reference).gateway_fee == 0


def test_a_fee_in_another_currency_is_not_told(shop: Shop) -> None:
    opened = shop.open()
    intent = shop.stripe.pay(opened.reference)
    charge = shop.stripe.account.objects[intent["latest_charge"]]
    shop.stripe.account.objects[charge["balance_transaction"]]["currency"] = "usd"

    assert shop.provider.look_up(shop.credentials, opened.reference).gateway_fee is None


def test_look_up_follows_every_turn(shop: Shop) -> None:
    opened, later, failing = shop.open(), shop.open(), shop.open()

    def state(reference: str) -> PaymentState:
        return shop.provider.look_up(shop.credentials, reference).state

    assert state(opened.reference) is PaymentState.OPEN
    shop.stripe.expire(opened.reference)
    assert state(opened.reference) is PaymentState.EXPIRED
    shop.stripe.pay_later(later.reference)
    assert state(later.reference) is PaymentState.PROCESSING
    shop.stripe.settle_later(later.reference)
    assert state(later.reference) is PaymentState.SUCCEEDED
    shop.stripe.pay_later(failing.reference)
    shop.stripe.settle_later(failing.reference, succeeds=False)
    assert state(failing.reference) is PaymentState.FAILED


def test_a_declined_card_leaves_the_session_open_with_the_reason(shop: Shop) -> None:
    opened = shop.open()
    shop.stripe.decline(opened.reference)

    seen = shop.provider.look_up(shop.credentials, opened.reference)

    assert (seen.state, seen.error) == (PaymentState.OPEN, "Your card was declined.")


def test_a_session_stripe_never_heard_of_is_unknown(shop: Shop) -> None:
    for seen in (
        shop.provider.look_up(shop.credentials, "cs_test_nothing"),
        shop.provider.close(shop.credentials, "cs_test_nothing"),
    ):
        assert (seen.state, seen.reference) == (PaymentState.UNKNOWN, "cs_test_nothing")


def test_a_wrong_key_knows_nothing_of_a_session(shop: Shop) -> None:
    opened = shop.open()
    credentials = replace(
        shop.credentials, secrets={**shop.credentials.secrets, "secret_key": "sk_test_wrong12345"}
    )

    with pytest.raises(ProviderUnreachable):
        shop.provider.look_up(credentials, opened.reference)


def test_close_ends_the_page(shop: Shop) -> None:
    opened = shop.open()

    seen = shop.provider.close(shop.credentials, opened.reference)

    assert seen.state is PaymentState.EXPIRED
    assert shop.stripe.sessions[0]["status"] == "expired"


def test_close_tells_what_was_paid_meanwhile(shop: Shop) -> None:
    opened = shop.open()
    intent = shop.stripe.pay(opened.reference)

    seen = shop.provider.close(shop.credentials, opened.reference)

    assert (seen.state, seen.payment_reference) == (PaymentState.SUCCEEDED, intent["id"])


def test_close_twice_is_close_once(shop: Shop) -> None:
    opened = shop.open()

    states = [shop.provider.close(shop.credentials, opened.reference).state for _ in range(2)]

    assert states == [PaymentState.EXPIRED, PaymentState.EXPIRED]
