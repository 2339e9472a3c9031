"""Opening Checkout Sessions: exactly the amount, once for each attempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from kassa.payments.providers.protocol import (
    ProviderRefused,
    ProviderUnreachable,
)
from tests.integrations.fake_stripe import Fault, fake_stripe
from tests.integrations.stripe_world import ORGANISERS_ACCOUNT, Shop, payment_request

CREATE = "POST /v1/checkout/sessions"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with fake_stripe() as stripe:
        yield Shop(stripe)


def test_open_asks_for_exactly_the_amount_of_the_order(shop: Shop) -> None:
    request = payment_request()

    opened = shop.open(request)

    session = shop.stripe.sessions[0]
    assert (opened.reference, opened.checkout_url) == (session["id"], session["url"])
    assert session["line_items_asked"] == [
        {
            "quantity": "1",
            "price_data": {
                "currency": "eur",
                "unit_amount": "4750",
                "product_data": {"name": "ORD-2026-00001", "description": "2 of Evening ticket"},
            },
        }
    ]
    assert session["client_reference_id"] == str(request.order_id)
    named = {
        "organization": str(shop.organization_id),
        "order": str(request.order_id),
        "attempt": str(request.key),
    }
    assert session["metadata"] == session["intent_asked"]["metadata"] == named
    assert (session["success_url"], session["cancel_url"]) == (request.return_url, request.cancel_url)
    assert session["customer_email"] == "buyer@example.org"


def test_a_buyer_without_an_address_is_asked_by_stripe(shop: Shop) -> None:
    shop.open(payment_request(customer_email="", description=""))

    assert shop.stripe.sessions[0]["customer_email"] is None


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (timedelta(minutes=5), timedelta(minutes=45)),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=3), timedelta(hours=23, minutes=55)),
        (None, timedelta(hours=23, minutes=55)),
    ],
)
def test_a_session_ends_with_the_hold_as_far_as_stripe_allows(
    shop: Shop, hold: timedelta | None, expected: timedelta
) -> None:
    now = datetime.now(UTC)

    opened = shop.open(payment_request(now=now, holds_until=now + hold if hold else None))

    assert opened.expires_at is not None
    assert abs(opened.expires_at - now - expected) < timedelta(seconds=5)


def test_the_same_key_opens_one_session_however_late_it_is_asked_again(shop: Shop) -> None:
    request = payment_request()

    first = shop.open(request)
    again = shop.open(replace(request, now=request.now + timedelta(minutes=10)))

    assert again == first
    assert len(shop.stripe.sessions) == 1


def test_a_dropped_answer_leaves_one_session(shop: Shop) -> None:
    request = payment_request()
    shop.stripe.break_calls(Fault.DROP_AFTER, path=CREATE)
    with pytest.raises(ProviderUnreachable):
        shop.open(request)

    opened = shop.open(request)

    assert [session["id"] for session in shop.stripe.sessions] == [opened.reference]


def test_an_order_that_changed_meanwhile_keeps_the_session_it_has(shop: Shop) -> None:
    request = payment_request()
    others = [shop.open() for _ in range(3)]
    shop.stripe.break_calls(Fault.DROP_AFTER, path=CREATE)
    with pytest.raises(ProviderUnreachable):
        shop.open(request)

    opened = shop.open(replace(request, description="3 of Evening ticket"))

    assert len(shop.stripe.sessions) == len(others) + 1
    assert opened.reference == shop.stripe.sessions[0]["id"]
    assert shop.stripe.sessions[0]["metadata"]["attempt"] == str(request.key)


def test_a_key_used_for_something_that_is_no_session_is_refused(shop: Shop) -> None:
    request = payment_request()
    shop.stripe.keys.begin(str(request.key), ("/v1/other", ""))
    shop.stripe.keys.keep(str(request.key), 200, {})

    with pytest.raises(ProviderRefused) as refusal:
        shop.open(request)

    assert refusal.value.code == "idempotency_error"
    assert shop.stripe.sessions == []


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_BEFORE, Fault.DROP_BEFORE, Fault.LIMIT, Fault.ERROR_AFTER, Fault.NONSENSE]
)
def test_an_answer_that_says_nothing_leaves_it_unknown(shop: Shop, fault: Fault) -> None:
    shop.stripe.break_calls(fault, path=CREATE)

    with pytest.raises(ProviderUnreachable):
        shop.open()


@pytest.mark.parametrize("fault", [Fault.ERROR_BEFORE, Fault.DROP_BEFORE, Fault.LIMIT])
def test_what_was_not_done_is_done_under_the_same_key(shop: Shop, fault: Fault) -> None:
    request = payment_request()
    shop.stripe.break_calls(fault, path=CREATE)
    with pytest.raises(ProviderUnreachable):
        shop.open(request)

    shop.open(request)

    assert len(shop.stripe.sessions) == 1


def test_what_stripe_does_not_sell_is_refused_in_its_words(shop: Shop) -> None:
    with pytest.raises(ProviderRefused, match=r"at least €0\.50") as refusal:
        shop.open(payment_request(amount=Decimal("0.30")))

    assert refusal.value.code == "amount_too_small"
    assert shop.stripe.sessions == []


def test_a_wrong_key_is_refused_without_being_shown(shop: Shop) -> None:
    credentials = replace(
        shop.credentials, secrets={**shop.credentials.secrets, "secret_key": "sk_test_wrong12345"}
    )

    with pytest.raises(ProviderRefused) as refusal:
        shop.provider.open(credentials, payment_request())

    assert refusal.value.code == "authentication_error"
    assert "wrong12345" not in refusal.value.message
    assert refusal.value.__cause__ is None


def test_a_platform_keeps_its_fee_and_passes_the_rest_on(shop: Shop) -> None:
    platform = replace(shop, connected_account=ORGANISERS_ACCOUNT)

    platform.paid(payment_request(platform_fee=Decimal("1.20")))

    asked = shop.stripe.sessions[0]["intent_asked"]
    assert asked["transfer_data"] == {"destination": ORGANISERS_ACCOUNT}
    assert [fee["amount"] for fee in shop.stripe.application_fees] == [120]


def test_without_a_connected_account_nothing_is_split(shop: Shop) -> None:
    shop.paid(payment_request(platform_fee=Decimal("1.20")))

    assert set(shop.stripe.sessions[0]["intent_asked"]) == {"metadata", "description"}
    assert shop.stripe.application_fees == []


def test_keys_of_other_versions_open_one_session_too(shop: Shop) -> None:
    request = payment_request(key=uuid4())

    first = shop.open(request)
    again = shop.open(replace(request, now=request.now + timedelta(minutes=2), holds_until=None))

    assert again.reference == first.reference
    assert len(shop.stripe.sessions) == 1
