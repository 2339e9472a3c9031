"""The demo bank as Kassa sees it: through the protocol of providers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from kassa.core.clock import utc_now
from kassa.core.errors import InvalidInput
from kassa.integrations.demo_bank.domain import cancel, decline, move_on, pay
from kassa.integrations.demo_bank.domain.fees import gateway_fee
from kassa.integrations.demo_bank.enums import Speed
from kassa.integrations.demo_bank.errors import DemoPaymentOver
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.payments.providers.protocol import PaymentState, Provider, ProviderRefused, ProviderUnreachable
from tests.integrations.demo import NOW, PROVIDER, SECOND, credentials, opened, payment_request, told
from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db


def test_it_fits_the_protocol() -> None:
    provider: Provider = PROVIDER

    assert (provider.name, provider.needs_account, provider.can_refund) == ("demo", True, True)


def test_one_key_opens_one_page() -> None:
    organization = make_organization()
    request = payment_request()

    first = PROVIDER.open(credentials(organization), request)
    second = PROVIDER.open(credentials(organization), request)

    assert first == second
    assert first.checkout_url.endswith(f"/demo-bank/pay/{first.reference}")
    assert first.expires_at == NOW + timedelta(hours=24)
    assert DemoPayment.objects.of(organization.id).count() == 1


def test_the_page_is_opened_in_the_language_of_the_buyer() -> None:
    opened = PROVIDER.open(credentials(make_organization()), payment_request(language="fr"))

    assert opened.checkout_url.endswith(f"/demo-bank/pay/{opened.reference}?lang=fr")


def test_one_key_never_opens_another_amount() -> None:
    organization = make_organization()
    request = payment_request()
    PROVIDER.open(credentials(organization), request)

    with pytest.raises(ProviderRefused):
        PROVIDER.open(credentials(organization), payment_request(key=request.key, amount=Decimal("1.00")))

    assert DemoPayment.objects.of(organization.id).get().amount == 45


def test_the_same_key_of_two_organisations_opens_two_pages() -> None:
    request = payment_request()
    references = {
        PROVIDER.open(credentials(make_organization()), request).reference,
        PROVIDER.open(credentials(make_organization()), request).reference,
    }

    assert len(references) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": Decimal(0)},
        {"return_url": "javascript:alert(1)"},
        {"cancel_url": "/orders/1"},
        {"return_url": "https://shop.example/" + "a" * 2000},
    ],
)
def test_what_cannot_be_opened_is_refused(fields: dict[str, object]) -> None:
    organization = make_organization()

    with pytest.raises(ProviderRefused):
        PROVIDER.open(credentials(organization), payment_request(**fields))

    assert not DemoPayment.objects.of(organization.id).exists()


def test_a_dead_bank_does_nothing_and_one_that_loses_its_answer_does_it() -> None:
    organization = make_organization()
    request = payment_request()

    with pytest.raises(ProviderUnreachable):
        PROVIDER.open(credentials(organization, open="dead"), request)
    assert not DemoPayment.objects.of(organization.id).exists()

    with pytest.raises(ProviderUnreachable):
        PROVIDER.open(credentials(organization, open="lost"), request)
    known = DemoPayment.objects.of(organization.id).get()
    assert PROVIDER.open(credentials(organization), request).reference == known.reference


def test_only_known_ways_to_answer_are_configured() -> None:
    organization = make_organization()

    PROVIDER.check_configuration(credentials(organization))
    PROVIDER.check_configuration(credentials(organization, open="slow", refund="dead"))
    with pytest.raises(InvalidInput) as refused:
        PROVIDER.check_configuration(credentials(organization, open="sometimes"))

    assert refused.value.details["errors"][0]["field"] == "open"


def test_a_payment_is_looked_up_as_it_stands() -> None:
    payment = opened(now=utc_now())
    account = credentials(payment.organization)
    before = PROVIDER.look_up(account, payment.reference)
    paid = pay(payment.reference, now=utc_now())

    after = PROVIDER.look_up(account, payment.reference)

    assert (before.state, before.key, before.payment_reference) == (PaymentState.OPEN, payment.key, None)
    assert (after.state, after.payment_reference) == (PaymentState.SUCCEEDED, paid.payment_reference)
    assert (after.amount, after.currency, after.gateway_fee) == (Decimal(45), "EUR", Decimal("0.88"))


def test_another_organisations_payment_is_unknown() -> None:
    payment = opened(now=utc_now())
    stranger = credentials(make_organization())

    assert PROVIDER.look_up(stranger, payment.reference).state is PaymentState.UNKNOWN
    assert PROVIDER.close(stranger, payment.reference).state is PaymentState.UNKNOWN
    assert PROVIDER.look_up(credentials(payment.organization), "demo_x").state is PaymentState.UNKNOWN
    assert PROVIDER.look_up(credentials(payment.organization), payment.reference).state is PaymentState.OPEN


def test_closing_ends_a_page_but_not_a_payment() -> None:
    organization = make_organization()
    account = credentials(organization)
    page, money, slow = (opened(organization, now=utc_now()) for _ in range(3))
    pay(money.reference, now=utc_now())
    pay(slow.reference, speed=Speed.SLOW, now=utc_now())

    states = [PROVIDER.close(account, payment.reference).state for payment in (page, money, slow)]

    assert states == [PaymentState.CANCELLED, PaymentState.SUCCEEDED, PaymentState.PROCESSING]
    with pytest.raises(DemoPaymentOver):
        pay(page.reference, now=utc_now())
    assert told(organization.id) == ["payment.succeeded", "payment.processing"]


def test_a_page_runs_out_and_says_so_once() -> None:
    payment = opened()
    later = NOW + timedelta(hours=24)

    assert (
        PROVIDER.look_up(credentials(payment.organization), payment.reference).state is PaymentState.EXPIRED
    )
    with pytest.raises(DemoPaymentOver):
        pay(payment.reference, now=later)
    assert (move_on(now=later), move_on(now=later)) == (1, 0)

    assert told(payment.organization_id) == ["payment.expired"]


@pytest.mark.parametrize(("act", "state"), [(pay, "succeeded"), (decline, "failed")])
def test_a_slow_payment_is_processing_first(act: object, state: str) -> None:
    payment = opened()
    act(payment.reference, speed=Speed.SLOW, now=NOW)  # type: ignore[operator]
    account = credentials(payment.organization)

    assert PROVIDER.look_up(account, payment.reference).state is PaymentState.PROCESSING
    assert move_on(now=NOW + 9 * SECOND) == 0
    assert move_on(now=NOW + 10 * SECOND) == 1
    assert PROVIDER.look_up(account, payment.reference).state == state
    assert told(payment.organization_id) == ["payment.processing", f"payment.{state}"]


def test_a_payment_that_is_over_stays_as_it_is() -> None:
    payment = opened()
    decline(payment.reference, now=NOW)

    for act in (pay, decline, cancel):
        with pytest.raises(DemoPaymentOver):
            act(payment.reference, now=NOW)

    payment.refresh_from_db()
    assert (payment.status, payment.error) == ("failed", "The bank declined the payment.")
    assert told(payment.organization_id) == ["payment.failed"]


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [
        ("45.00", "EUR", "0.88"),
        ("100.00", "EUR", "1.65"),
        ("0.20", "EUR", "0.20"),
        ("1000", "JPY", "14"),
        ("10.000", "KWD", "0.390"),
    ],
)
def test_the_fee_is_rounded_to_its_currency_and_never_more_than_all(
    amount: str, currency: str, fee: str
) -> None:
    assert gateway_fee(Decimal(amount), currency) == Decimal(fee)


def test_references_cannot_be_guessed() -> None:
    organization = make_organization()
    references = {
        PROVIDER.open(credentials(organization), payment_request(key=uuid4())).reference for _ in range(20)
    }

    assert len({reference[-21:] for reference in references}) == 20
