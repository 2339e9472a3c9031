"""A transfer under an invented address holds no more places than a small number, for days or otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from kassa.catalog.models import Event
from kassa.payments.models import PaymentAttempt
from kassa.tickets.domain.links import FIRST_GENERATION, order_token
from tests.attacks.test_holding import ADDRESS, Hall
from tests.attacks.test_rate_limits import signed_in
from tests.sales.carts import race
from tests.storefront.checkout.world import text_of, wrong_of
from tests.storefront.choose.stage import field
from tests.support.api_client import make_api_client
from tests.support.factories import enable_provider, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "To pay this order by “Bank transfer”, first confirm your e-mail address."
SENTENCE_FR = "Pour payer cette commande par « Virement bancaire », confirmez d’abord votre adresse e-mail."


@pytest.fixture
def hall(settings: Any) -> Hall:
    settings.RATES = {"carts": None, "orders": None}
    hall = Hall()
    for provider in ("demo", "manual"):
        enable_provider(hall.organization, provider)
    return hall


def order(
    hall: Hall,
    tickets: int,
    *,
    browser: Client | None = None,
    provider: str = "manual",
    beside: Mapping[str, str] | None = None,
) -> Any:
    """Choose tickets and order them under an invented address."""
    browser = browser or Client(raise_request_exception=False)
    chosen = hall.visit(tickets, browser=browser, beside=beside)
    assert chosen.status_code == 303, chosen.content
    typed = {"do": "order", "email": "nobody@example.com", "first_name": "No", "provider": provider}
    return browser.post(chosen["Location"], typed, REMOTE_ADDR=ADDRESS)


def transferred(hall: Hall) -> int:
    """Return how many tickets transfers hold."""
    attempts = PaymentAttempt.objects.of(hall.organization.id).filter(provider="manual", status="open")
    return sum(attempt.order.tickets.count() for attempt in attempts.select_related("order"))


def test_invented_addresses_hold_a_small_number(hall: Hall, settings: Any) -> None:
    answers = [order(hall, 2) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [303, 303, 422, 422, 422]
    assert SENTENCE in wrong_of(answers[2])
    assert "no longer available" not in text_of(answers[2])
    assert 'value="demo"' in answers[2].content.decode()  # another way on
    assert "/account/login/?next=/" in answers[2].content.decode()
    assert transferred(hall) == 4
    settings.UNPROVEN_TRANSFERS = 100  # the control
    assert order(hall, 2).status_code == 303
    assert transferred(hall) == 6


def test_sentence_is_french_too(hall: Hall) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="fr")
    refused = order(hall, 5, browser=browser)
    assert SENTENCE_FR in wrong_of(refused)
    assert "n’est plus" not in text_of(refused)


def test_proven_address_orders_more(hall: Hall) -> None:
    browser = Client(raise_request_exception=False)
    user = signed_in(browser)
    refused = order(hall, 6, browser=browser)
    assert refused.status_code == 422  # signed in, but the address is not proven

    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True})

    assert order(hall, 6, browser=browser).status_code == 303
    assert transferred(hall) == 6


def test_orders_that_were_to_be_paid_otherwise_are_counted_when_they_change(hall: Hall) -> None:
    """An order that was opened with a card is paid by transfer later, from its own page."""
    browser = Client(raise_request_exception=False)
    order(hall, 5, browser=browser, provider="demo")
    [attempt] = PaymentAttempt.objects.of(hall.organization.id)
    token = order_token(hall.organization.id, attempt.order_id, FIRST_GENERATION)

    typed = {"provider": "manual", "key": "page:2"}
    answer = browser.post(f"/orders/{token}/pay", typed, REMOTE_ADDR=ADDRESS)

    assert answer["Location"] == f"/orders/{token}/prove"
    told = browser.get(answer["Location"])
    assert told.status_code == 409
    assert "Sign in or sign up: we send you a code." in text_of(told)
    assert f"/account/login/?next=/orders/{token}" in told.content.decode()
    assert transferred(hall) == 0
    Event.unscoped.filter(id=hall.event.id).update(max_unproven_transfer=5)  # the control
    browser.post(f"/orders/{token}/pay", {"provider": "manual", "key": "page:2"}, REMOTE_ADDR=ADDRESS)
    assert transferred(hall) == 5


def test_many_orders_at_once(hall: Hall, settings: Any) -> None:
    def open_order(_: int) -> str:
        browser = Client(raise_request_exception=False)
        order(hall, 2, browser=browser, provider="demo")
        return str(browser.cookies)

    race(6, open_order)
    attempts = list(PaymentAttempt.objects.of(hall.organization.id))
    tokens = [order_token(hall.organization.id, one.order_id, FIRST_GENERATION) for one in attempts]

    def pay(nth: int) -> Any:
        typed = {"provider": "manual", "key": f"page:{nth}"}
        return Client().post(f"/orders/{tokens[nth]}/pay", typed, REMOTE_ADDR=ADDRESS)

    race(6, pay)
    assert transferred(hall) == 4

    settings.UNPROVEN_TRANSFERS = 100  # the control
    race(6, pay)
    assert transferred(hall) == 12


def test_organiser_sets_the_number(hall: Hall) -> None:
    api = make_api_client(hall.organization)
    path = f"/api/v1/events/{hall.event.id}"
    assert api.patch(path, {"max_unproven_transfer": 0}).json()["max_unproven_transfer"] == 0
    assert order(hall, 1).status_code == 422

    api.patch(path, {"max_unproven_transfer": 1})

    assert order(hall, 1).status_code == 303


def test_addons_are_not_counted(hall: Hall) -> None:
    bicycle = make_ticket_type(hall.event, name="Bicycle space", is_addon=True)

    assert order(hall, 3, beside={field(bicycle): "3"}).status_code == 303
    assert order(hall, 1, beside={field(bicycle): "1"}).status_code == 303
    # The control: tickets are counted as ever.
    assert order(hall, 1, beside={field(bicycle): "1"}).status_code == 422
    assert transferred(hall) == 8
