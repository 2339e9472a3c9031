"""Stripe's events: who sent them, when, and what they tell."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.ids import new_id
from kassa.integrations.stripe.provider import StripeProvider
from kassa.payments.providers.protocol import Credentials, WebhookRefused
from tests.integrations.fake_stripe import fake_stripe
from tests.integrations.fake_stripe.delivery import signed
from tests.integrations.stripe_world import Shop

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "whsec_0123456789abcdef"
CREDENTIALS = Credentials(
    organization_id=new_id(),
    configuration={},
    secrets={"secret_key": "sk_test_0123456789", "webhook_secret": SECRET},
)
EVENT = {"id": "evt_1", "object": "event", "type": "customer.created", "created": 1, "data": {"object": {}}}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with fake_stripe() as stripe:
        yield Shop(stripe)


def verify(headers: dict[str, str], body: bytes, *, now: datetime = NOW, secret: str = SECRET) -> str:
    credentials = replace(CREDENTIALS, secrets={**CREDENTIALS.secrets, "webhook_secret": secret})
    return StripeProvider().verify_webhook(credentials, headers=headers, body=body, now=now).id


def test_a_signed_event_is_read() -> None:
    headers, body = signed(EVENT, secret=SECRET, at=NOW.timestamp())

    event = StripeProvider().verify_webhook(CREDENTIALS, headers=headers, body=body, now=NOW)

    assert (event.id, event.type, event.seen) == ("evt_1", "customer.created", None)
    assert event.occurred_at == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_the_clock_may_differ_by_five_minutes(seconds: int) -> None:
    headers, body = signed(EVENT, secret=SECRET, at=NOW.timestamp() + seconds)

    assert verify(headers, body) == "evt_1"


@pytest.mark.parametrize("seconds", [-301, -86400, 301, 86400])
def test_an_event_from_long_ago_or_from_the_future_is_refused(seconds: int) -> None:
    headers, body = signed(EVENT, secret=SECRET, at=NOW.timestamp() + seconds)

    with pytest.raises(WebhookRefused, match="five minutes"):
        verify(headers, body)


def test_the_clock_that_counts_is_the_one_passed_in() -> None:
    headers, body = signed(EVENT, secret=SECRET, at=time.time())

    with pytest.raises(WebhookRefused):
        verify(headers, body, now=datetime.now(UTC) + timedelta(hours=1))


def test_a_moment_that_was_not_signed_does_not_count() -> None:
    headers, body = signed(EVENT, secret=SECRET, at=NOW.timestamp() - 3600)
    fresh = f"t={int(NOW.timestamp())}"
    stamp, mark = headers["stripe-signature"].split(",")

    for header in (f"{fresh},{mark}", f"{fresh},{stamp},{mark}", f"{stamp},{fresh},{mark}"):
        with pytest.raises(WebhookRefused):
            verify({"stripe-signature": header}, body)


def test_an_altered_body_is_refused() -> None:
    headers, body = signed(EVENT, secret=SECRET, at=NOW.timestamp())

    with pytest.raises(WebhookRefused):
        verify(headers, body.replace(b"evt_1", b"evt_2"))


def test_a_wrong_secret_is_refused() -> None:
    headers, body = signed(EVENT, secret="whsec_another", at=NOW.timestamp())

    with pytest.raises(WebhookRefused):
        verify(headers, body)


def test_no_secret_accepts_nothing() -> None:
    headers, body = signed(EVENT, secret="", at=NOW.timestamp())

    for secret in ("", " "):
        with pytest.raises(WebhookRefused):
            verify(headers, body, secret=secret)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "nonsense"},
        {"stripe-signature": "t=now,v1=abc"},
        {"stripe-signature": "t=1"},
        {"stripe-signature": "v1=abc"},
        {"stripe-signature": "t=1,v1=ümlaut"},
        {"stripe-signature": "t=" + "9" * 5000 + ",v1=abc"},
    ],
)
def test_a_missing_or_broken_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused):
        verify(headers, b"{}")


def test_one_right_signature_of_several_is_enough() -> None:
    headers, body = signed(EVENT, secret=SECRET, at=NOW.timestamp())
    stamp, mark = headers["stripe-signature"].split(",")

    assert verify({"stripe-signature": f"{stamp},v0=1,v1=00,{mark}"}, body) == "evt_1"


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    for secret in (SECRET, "whsec_next"):
        headers, body = signed(EVENT, secret=secret, at=NOW.timestamp())
        assert verify(headers, body, secret=f"{SECRET} whsec_next") == "evt_1"


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b"[" * 100_000,
    b'{"id": "evt_1"}',
    b'{"id": "evt_1", "type": 5}',
    b'{"id": "evt\\u0000", "type": "payout.paid"}',
    b'{"id": {"id": 1}, "type": "payout.paid"}',
    b'{"id": "evt_1", "type": "payout.paid", "data": 7}',
    b'{"id": "evt_1", "type": "payout.paid", "data": {"object": {"id": "po_1", "amount": 1e999}}}',
    b'{"id": "evt_1", "type": "payout.paid", "data": {"object": {"id": "po_1", "amount": NaN}}}',
    b'{"id": "evt_1", "type": "payout.paid", "created": 1e999}',
    b'{"id": "evt_1", "type": "customer.created", "created": ' + b"9" * 400 + b"}",
    b'{"id": "evt_1", "type": "customer.created", "created": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_body_is_refused_plainly(body: bytes) -> None:
    provider = StripeProvider()
    headers, _ = signed(body, secret=SECRET, at=NOW.timestamp())

    assert provider.organization_of(body) is None
    with pytest.raises(ValueError):
        provider.read_webhook(CREDENTIALS, body)
    with pytest.raises(WebhookRefused):
        provider.verify_webhook(CREDENTIALS, headers=headers, body=body, now=NOW)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("eur")
WORDS = ["id", "metadata", "payment_intent", "latest_charge", "amount", "amount_total", "currency", "status"]
WORDS += ["payment_status", "balance_transactions", "attempt", "payment_method_types", "last_payment_error"]
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)
TYPES = ["checkout.session.completed", "payment_intent.payment_failed", "payment_intent.canceled"]
TYPES += ["refund.updated", "charge.dispute.closed", "payout.failed", "checkout.session.expired"]


@given(event_type=st.sampled_from(TYPES), subject=VALUES, has_attempt=st.booleans())
def test_no_object_raises_anything_but_a_value_error(
    event_type: str, subject: Any, *, has_attempt: bool
) -> None:
    if has_attempt and isinstance(subject, dict):
        subject = {**subject, "metadata": {"attempt": str(new_id())}}
    body = json.dumps({"id": "evt_1", "type": event_type, "data": {"object": subject}}).encode()

    try:
        event = StripeProvider().read_webhook(CREDENTIALS, body)
    except ValueError:
        return
    assert event.type == event_type


@given(body=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        verify({"stripe-signature": body.decode("latin-1")}, body)
    assert StripeProvider().organization_of(body) is None


def test_an_event_names_its_organisation(shop: Shop) -> None:
    shop.stripe.pay(shop.open().reference)
    shop.stripe.pay_out(1000)

    def named(event_type: str) -> Any:
        return shop.provider.organization_of(shop.stripe.signed(shop.stripe.last_event(event_type))[1])

    assert named("checkout.session.completed") == shop.organization_id
    assert named("payment_intent.succeeded") == shop.organization_id
    assert named("payout.paid") is None


def test_an_event_of_another_organisation_tells_nothing(shop: Shop) -> None:
    neighbour = replace(shop, organization_id=new_id())
    shop.stripe.pay(neighbour.open().reference)

    assert shop.told_last("checkout.session.completed").seen is None
    assert shop.told_last("payment_intent.succeeded").seen is None
    assert neighbour.told_last("checkout.session.completed").seen is not None


def test_a_payment_that_kassa_did_not_ask_for_tells_nothing(shop: Shop) -> None:
    shop.stripe.pay(shop.open().reference)
    for event_type in ("checkout.session.completed", "payment_intent.succeeded"):
        event = shop.stripe.last_event(event_type)
        event["data"]["object"]["metadata"] = {"note": "sold at the bar"}
        assert shop.told(event).seen is None


@pytest.mark.parametrize(
    "event_type",
    ["charge.succeeded", "charge.refunded", "customer.created", "checkout.session.new_thing", "a"],
)
def test_what_kassa_does_not_act_on_is_ignored(shop: Shop, event_type: str) -> None:
    shop.stripe.pay(shop.open().reference)
    event = shop.stripe.last_event("checkout.session.completed")

    assert shop.told({**event, "type": event_type}).seen is None
