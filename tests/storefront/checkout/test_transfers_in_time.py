"""A buyer reads why a transfer is not offered: it would arrive after the coach has left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.tickets.domain.links import FIRST_GENERATION, order_token
from tests.storefront.checkout.world import Till, a_sale, error_of, text_of, wrong_of
from tests.support.api_client import make_api_client
from tests.support.factories import line, make_event, make_ticket_type

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]

TRANSFER = 'value="manual"'
REFUSED = {
    "en": "Bank transfer is no longer possible: it takes 2 days to arrive, and this starts on ",
    "fr": "« Virement bancaire » n’est plus proposé : il faut 2 jours à l’argent pour arriver",
}
NOT_OFFERED = {
    "en": "This payment method is no longer available.",
    "fr": "Ce moyen de paiement n’est plus proposé.",
}
NO_OTHER = {
    "en": "There is no other way to pay here. Please contact the organiser.",
    "fr": "Il n’y a pas d’autre moyen de paiement ici. Écrivez à l’organisateur.",
}


def a_coach(after: timedelta, *providers: str) -> Till:
    departs = utc_now() + after
    trip = {
        "kind": "trip",
        "origin": "Paris",
        "destination": "Lille",
        "starts_at": departs,
        "ends_at": departs + timedelta(hours=3),
        "time_zone": "Europe/Paris",
    }
    return a_sale(providers=providers, event=trip)


def body_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_coach_that_leaves_tomorrow_is_not_paid_by_transfer(language: str) -> None:
    till = a_coach(timedelta(days=1), "demo", "manual")
    till.language = language

    page = till.get()

    assert REFUSED[language] in text_of(page)
    assert TRANSFER not in body_of(page)
    assert 'value="demo"' in body_of(page)
    refused = till.order(provider="manual")
    assert refused.status_code == 422
    assert REFUSED[language] in wrong_of(refused)
    assert NOT_OFFERED[language] not in text_of(refused)
    assert text_of(refused).count(REFUSED[language]) == 2  # above all, and where it is chosen
    assert '<p class="error" id="provider_error" data-refused-way>' in body_of(refused)
    assert till.orders() == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_way_that_the_shop_does_not_take_is_not_offered_any_more(language: str) -> None:
    till = a_coach(timedelta(days=1), "demo", "manual")
    till.language = language

    refused = till.order(provider="stripe")

    assert refused.status_code == 422
    assert NOT_OFFERED[language] in wrong_of(refused)
    assert error_of(refused, "provider") is not None
    assert REFUSED[language] not in wrong_of(refused)
    assert REFUSED[language] in text_of(refused)


def test_time_that_has_come_meanwhile_is_the_reason() -> None:
    till = a_coach(timedelta(days=2, hours=12), "demo", "manual")
    assert TRANSFER in body_of(till.get())
    type(till.event).unscoped.filter(id=till.event.id).update(starts_at=utc_now() + timedelta(days=1))

    assert REFUSED["en"] in wrong_of(till.order(provider="manual"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_buyer_without_another_way_is_sent_to_the_organiser(language: str) -> None:
    till = a_coach(timedelta(days=1), "manual")
    till.language = language

    page = till.get()

    assert REFUSED[language] in text_of(page)
    assert NO_OTHER[language] in text_of(page)
    assert 'id="order"' not in body_of(page)
    assert REFUSED[language] in wrong_of(till.order(provider=""))  # sent by a key: there is no choice
    refused = till.order(provider="manual")
    assert REFUSED[language] in wrong_of(refused)
    assert 'href="#provider"' in body_of(refused)
    assert body_of(refused).count('id="provider"') == 1  # where the list leads


def test_coach_that_leaves_later_is_paid_before() -> None:
    """The control: the same shop offers the transfer for a coach next week, due two days before."""
    till = a_coach(timedelta(days=6), "manual")

    page = till.get()

    assert TRANSFER in body_of(page)
    assert "data-refused-way" not in body_of(page)
    assert "so that it arrives before the start" in text_of(page)
    till.order()
    shown = till.get(f"/orders/{order_token(till.organization.id, till.orders()[0].id, FIRST_GENERATION)}")
    assert "Please pay by" in text_of(shown)


def test_earliest_of_several_events_counts() -> None:
    till = a_coach(timedelta(days=60), "manual")
    assert TRANSFER in body_of(till.get())
    soon = make_event(till.organization, starts_at=utc_now() + timedelta(days=1))

    till.fill(line(make_ticket_type(till.event)), line(make_ticket_type(soon)))

    assert TRANSFER not in body_of(till.get())


def test_order_that_waited_too_long_is_told_on_its_page() -> None:
    till = a_coach(timedelta(days=2, hours=12), "demo", "manual")
    till.order(provider="demo")
    order = till.orders()[0]
    type(till.event).unscoped.filter(id=till.event.id).update(starts_at=utc_now() + timedelta(days=1))
    token = order_token(till.organization.id, order.id, FIRST_GENERATION)

    assert REFUSED["en"] in text_of(till.get(f"/orders/{token}"))

    till.post("pay", f"/orders/{token}/pay", provider="manual", key="page:2")
    assert [attempt.provider for attempt in till.attempts()] == ["demo"]


def test_api_refuses_it_by_code() -> None:
    till = a_coach(timedelta(days=1), "demo", "manual")
    till.order(provider="demo")
    api = make_api_client(till.organization)

    answer = api.post(f"/api/v1/orders/{till.orders()[0].id}/payments", {"provider": "manual"})

    assert answer.status_code == 409
    refusal = answer.json()
    assert refusal["code"] == "payment_too_slow"
    assert refusal["days"] == 2
    assert "demo" in refusal["providers"]
    assert "manual" not in refusal["providers"]
