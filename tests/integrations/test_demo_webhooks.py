"""The demo bank's webhooks: what is signed, and when and how often it is sent."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.domain import cancel, deliver_webhooks, open_dispute, pay
from kassa.integrations.demo_bank.domain.deliver import MOST_TRIES
from kassa.integrations.demo_bank.enums import WebhookMode
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.integrations.demo_bank.signing import HEADER, sign
from kassa.organizations.models import Organization
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.models import WebhookEvent
from kassa.payments.providers.protocol import DisputeSeen, PaymentSeen, PaymentState, WebhookRefused
from tests.integrations.demo import NOW, PROVIDER, SECOND, credentials, opened, told, webhooks
from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Organization:
    """An organisation that takes demo payments."""
    organization = make_organization()
    configure_provider(
        CommandContext.system(organization.id, now=NOW), "demo", configuration={}, secrets={}, is_enabled=True
    )
    return organization


def paid(organization: Organization, webhook: WebhookMode = WebhookMode.AT_ONCE) -> DemoPayment:
    return pay(opened(organization).reference, webhook=webhook, now=NOW)


def arrived(organization_id: UUID) -> int:
    return WebhookEvent.objects.of(organization_id).count()


def test_a_webhook_is_read_as_it_was_meant() -> None:
    organization = make_organization()
    payment = paid(organization)
    body = webhooks(organization.id)[0].body.encode()
    headers = {HEADER: sign(organization.id, body, now=NOW)}

    event = PROVIDER.verify_webhook(credentials(organization), headers=headers, body=body, now=NOW)

    assert PROVIDER.organization_of(body) == organization.id
    assert event == PROVIDER.read_webhook(credentials(organization), body)
    assert (event.type, event.occurred_at) == ("payment.succeeded", NOW)
    assert isinstance(event.seen, PaymentSeen)
    assert (event.seen.state, event.seen.key, event.seen.amount) == (
        PaymentState.SUCCEEDED,
        payment.key,
        payment.amount,
    )


def test_a_dispute_is_told_even_where_webhooks_are_not() -> None:
    organization = make_organization()
    payment = paid(organization, WebhookMode.NEVER)
    assert payment.payment_reference is not None
    open_dispute(payment.payment_reference, payment.amount, NOW)

    event = PROVIDER.read_webhook(credentials(organization), webhooks(organization.id)[0].body.encode())

    assert told(organization.id) == ["dispute.open"]
    assert isinstance(event.seen, DisputeSeen)
    assert (event.seen.payment_reference, event.seen.amount) == (payment.payment_reference, payment.amount)


@pytest.mark.parametrize("age", [timedelta(minutes=5), -timedelta(minutes=5)])
def test_five_minutes_either_way_are_accepted_and_no_more(age: timedelta) -> None:
    organization = make_organization()
    paid(organization)
    body = webhooks(organization.id)[0].body.encode()
    headers = {HEADER: sign(organization.id, body, now=NOW)}
    beyond = NOW + age + (SECOND if age > timedelta(0) else -SECOND)

    PROVIDER.verify_webhook(credentials(organization), headers=headers, body=body, now=NOW + age)
    with pytest.raises(WebhookRefused):
        PROVIDER.verify_webhook(credentials(organization), headers=headers, body=body, now=beyond)


def test_what_is_not_signed_for_the_organisation_is_refused() -> None:
    organization, other = make_organization(), make_organization()
    paid(organization)
    body = webhooks(organization.id)[0].body.encode()
    good = sign(organization.id, body, now=NOW)
    forged = {
        "no header": (None, body),
        "no signature": (good.split(",")[0], body),
        "another body": (good, body.replace(b"45.00", b"54.00")),
        "another time": (good.replace("t=1", "t=2"), body),
        "another digest": (good[:-1] + ("0" if good[-1] != "0" else "1"), body),
        "another's secret": (sign(other.id, body, now=NOW), body),
        "another's body": (sign(organization.id, other_body := b"{}", now=NOW), other_body),
        "upper case": (good.upper(), body),
    }

    for header, sent in forged.values():
        headers = {} if header is None else {HEADER: header}
        with pytest.raises(WebhookRefused):
            PROVIDER.verify_webhook(credentials(organization), headers=headers, body=sent, now=NOW)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"7", b"[" * 100_000, b'{"organization": 7}'])
def test_what_cannot_be_read_names_nobody(body: bytes) -> None:
    organization = make_organization()

    assert PROVIDER.organization_of(body) is None
    with pytest.raises(ValueError):
        PROVIDER.read_webhook(credentials(organization), body)


def test_at_once_arrives_once(shop: Organization) -> None:
    paid(shop)

    assert (deliver_webhooks(now=NOW), deliver_webhooks(now=NOW + timedelta(days=1))) == (1, 0)

    webhook = webhooks(shop.id)[0]
    assert (webhook.send_at, webhook.delivered_at, webhook.sends_left) == (None, NOW, 0)
    event = WebhookEvent.objects.of(shop.id).get()
    assert (event.provider, event.provider_event_id) == ("demo", webhook.event_id)
    assert json.loads(event.body) == json.loads(webhook.body)


def test_twice_arrives_twice_and_is_stored_once(shop: Organization) -> None:
    paid(shop, WebhookMode.TWICE)

    assert deliver_webhooks(now=NOW) == 2
    assert arrived(shop.id) == 1


def test_late_arrives_thirty_seconds_later(shop: Organization) -> None:
    paid(shop, WebhookMode.LATE)

    assert deliver_webhooks(now=NOW + 29 * SECOND) == 0
    assert deliver_webhooks(now=NOW + 30 * SECOND) == 1
    assert arrived(shop.id) == 1


def test_never_is_never(shop: Organization) -> None:
    paid(shop, WebhookMode.NEVER)
    cancel(opened(shop).reference, webhook=WebhookMode.NEVER, now=NOW)

    assert deliver_webhooks(now=NOW + timedelta(days=1)) == 0
    assert told(shop.id) == []


def test_what_is_refused_is_sent_again_until_it_arrives_or_is_given_up() -> None:
    """An organisation without an account at the demo bank accepts none of its webhooks."""
    organization = make_organization()
    paid(organization)
    now = NOW

    assert (deliver_webhooks(now=now), deliver_webhooks(now=now)) == (0, 0)
    first = webhooks(organization.id)[0]
    assert (first.tries, first.send_at, first.delivered_at) == (1, now + 5 * SECOND, None)
    assert first.error

    configure_provider(
        CommandContext.system(organization.id, now=now), "demo", configuration={}, secrets={}, is_enabled=True
    )
    assert deliver_webhooks(now=now + 5 * SECOND) == 1


def test_a_webhook_that_never_arrives_is_given_up() -> None:
    organization = make_organization()
    paid(organization)
    now = NOW
    for _ in range(MOST_TRIES):
        deliver_webhooks(now=now)
        now += timedelta(minutes=10)

    assert deliver_webhooks(now=now) == 0
    webhook = webhooks(organization.id)[0]
    assert (webhook.tries, webhook.send_at) == (MOST_TRIES, None)
