"""The payment page, as a browser sees it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank import views
from kassa.integrations.demo_bank.domain import pay
from kassa.integrations.demo_bank.errors import DemoPaymentOver
from kassa.integrations.demo_bank.models import DemoPayment
from tests.integrations.demo import CANCEL_URL, RETURN_URL, opened, told, webhooks
from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db

BROWSER = Client(raise_request_exception=False)


def page(payment: DemoPayment) -> str:
    return f"/demo-bank/pay/{payment.reference}"


def press(payment: DemoPayment, action: str, **choices: str) -> Any:
    return BROWSER.post(page(payment), {"action": action, **choices})


def status(payment: DemoPayment) -> str:
    return DemoPayment.objects.of(payment.organization_id).get(id=payment.id).status


def test_the_page_says_who_is_paid_what_for_and_that_it_is_a_demo() -> None:
    answer = BROWSER.get(page(opened(now=utc_now(), description="<b>Night</b> & Day")))

    text = answer.content.decode()
    assert answer.status_code == 200
    for shown in ("Harbour Hall", "Pay €45.00", "&lt;b&gt;Night&lt;/b&gt; &amp; Day", "ORD-2026-00001"):
        assert shown in text
    assert "No money moves." in text
    assert (answer["Cache-Control"].count("no-store"), answer["Referrer-Policy"]) == (1, "same-origin")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies


@pytest.mark.parametrize(
    ("action", "becomes", "goes_to"),
    [
        ("pay", "succeeded", RETURN_URL),
        ("decline", "failed", RETURN_URL),
        ("cancel", "cancelled", CANCEL_URL),
    ],
)
def test_each_button_moves_the_payment_and_goes_back_to_the_shop(
    action: str, becomes: str, goes_to: str
) -> None:
    payment = opened(now=utc_now())

    answer = press(payment, action)

    assert (answer.status_code, answer["Location"]) == (303, goes_to)
    assert status(payment) == becomes
    assert told(payment.organization_id) == [f"payment.{becomes}"]
    assert ProcrastinateJob.objects.filter(task_name="kassa.run_demo_bank").count() == 1


def test_the_choices_are_taken_to_heart() -> None:
    payment = opened(now=utc_now())

    press(payment, "pay", method="wallet", speed="slow", webhook="twice", refunds="pending")

    payment.refresh_from_db()
    assert (payment.status, payment.method) == ("processing", "wallet")
    assert (payment.webhook_mode, payment.refund_mode) == ("twice", "pending")
    assert webhooks(payment.organization_id)[0].sends_left == 2


@pytest.mark.parametrize(
    "form",
    [{}, {"action": "steal"}, {"action": "pay", "webhook": "thrice"}, {"action": "pay", "method": "\0"}],
)
def test_a_choice_that_is_not_on_the_page_does_nothing(form: dict[str, str]) -> None:
    payment = opened(now=utc_now())

    answer = BROWSER.post(page(payment), form)

    assert answer.status_code == 400
    assert "Nothing was done; choose again." in answer.content.decode()
    assert (status(payment), told(payment.organization_id)) == ("open", [])


def test_without_an_address_to_return_to_the_page_shows_what_happened() -> None:
    payment = opened(now=utc_now(), return_url="", cancel_url="")

    answer = press(payment, "pay")

    assert (answer.status_code, answer["Location"]) == (303, page(payment))
    text = BROWSER.get(answer["Location"]).content.decode()
    assert "It cannot be paid a second time." in text
    assert "<button" not in text
    assert "Back to" not in text


@pytest.mark.parametrize(
    ("action", "choices", "shown", "way_back"),
    [
        ("pay", {}, "Paid", "step=done"),
        ("pay", {"speed": "slow"}, "Your bank is working on it", "step=done"),
        ("decline", {}, "The payment was declined", "step=done"),
        ("cancel", {}, "The payment was cancelled", "step=back"),
    ],
)
def test_a_page_that_is_over_says_so_and_can_only_be_left(
    action: str, choices: dict[str, str], shown: str, way_back: str
) -> None:
    payment = opened(now=utc_now())
    press(payment, action, **choices)
    before = status(payment)

    again = press(payment, "pay")
    text = BROWSER.get(page(payment)).content.decode()

    assert (again.status_code, again["Location"]) == (303, page(payment))
    assert shown in text
    assert way_back in text
    assert "<button" not in text
    assert status(payment) == before
    assert len(told(payment.organization_id)) == 1


def test_an_expired_page_takes_no_payment() -> None:
    payment = opened(now=utc_now() - timedelta(hours=25))

    answer = press(payment, "pay")

    assert answer["Location"] == page(payment)
    assert "This page has expired" in BROWSER.get(page(payment)).content.decode()
    assert told(payment.organization_id) == []


@pytest.mark.parametrize(
    "reference", ["demo_x", "demo_" + "A" * 43, "%00", "%FF", "..%2f", "demo_" + "é" * 43]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_address_is_a_plain_page(reference: str, method: str) -> None:
    answer = getattr(BROWSER, method)(f"/demo-bank/pay/{reference}", {"action": "pay"})

    assert answer.status_code == 404
    assert "Traceback" not in answer.content.decode()


def test_a_payment_is_not_found_under_another_key_of_its_own() -> None:
    payment = pay(opened(now=utc_now()).reference, now=utc_now())

    assert BROWSER.get(f"/demo-bank/pay/{payment.payment_reference}").status_code == 404


def test_amounts_are_shown_as_their_currency_is() -> None:
    organization = make_organization()
    shown = [
        BROWSER.get(page(opened(organization, now=utc_now(), amount=amount, currency=currency)))
        for amount, currency in ((1250, "JPY"), (7, "KWD"))
    ]

    for text, answer in zip(("Pay ¥1,250<", "Pay KWD\N{NO-BREAK SPACE}7.000<"), shown, strict=True):
        assert text in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "zone", "until"),
    [
        ("fr", "Europe/Paris", "À payer avant le mardi 1er décembre 2026, 00:30 CET."),
        ("en", "Europe/Paris", "Can be paid until Tuesday 1 December 2026, 00:30 CET."),
        ("fr", "", "À payer avant le lundi 30 novembre 2026, 23:30 UTC."),
    ],
)
def test_end_of_the_page_is_written_on_the_clock_of_the_event(
    language: str, zone: str, until: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    begins_at = datetime(2026, 12, 5, 20, 0, tzinfo=ZoneInfo(zone)) if zone else None
    monkeypatch.setattr(views, "utc_now", lambda: opens)
    payment = opened(now=opens, begins_at=begins_at)

    assert until in BROWSER.get(f"{page(payment)}?lang={language}").content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_pay_at_once_one_does() -> None:
    payment = opened(now=utc_now())
    crowd = 6
    start = Barrier(crowd, timeout=20)

    def pay_it(_: int) -> str:
        start.wait()
        try:
            return pay(payment.reference, now=utc_now()).status
        except DemoPaymentOver as over:
            return f"over: {over.details['payment_status']}"
        finally:
            connection.close()

    with ThreadPoolExecutor(crowd) as threads:
        outcomes = Counter(threads.map(pay_it, range(crowd)))

    assert outcomes == {"succeeded": 1, "over: succeeded": crowd - 1}
    assert told(payment.organization_id) == ["payment.succeeded"]


@pytest.mark.parametrize(
    ("query", "headers", "sentence"),
    [
        ("?lang=fr", {"Accept-Language": "en"}, "Payer 45,00\N{NO-BREAK SPACE}€"),
        ("", {"Accept-Language": "fr-CH, en;q=0.5"}, "Payer 45,00\N{NO-BREAK SPACE}€"),
        ("?lang=en", {"Accept-Language": "fr"}, "Pay €45.00"),
        ("?lang=xx", {}, "Pay €45.00"),
    ],
    ids=["address", "browser", "address-first", "nonsense"],
)
def test_the_page_speaks_the_language_of_the_buyer(
    query: str, headers: dict[str, str], sentence: str
) -> None:
    payment = opened(now=utc_now())

    text = BROWSER.get(f"{page(payment)}{query}", headers=headers).content.decode()

    assert sentence in text
    assert ("Aucun argent ne circule." in text) == (sentence.startswith("Payer"))
    assert ("No money moves." in text) == (sentence.startswith("Pay "))


def test_a_payment_that_is_over_is_told_in_french() -> None:
    payment = opened(now=utc_now())
    press(payment, "pay")

    text = BROWSER.get(f"{page(payment)}?lang=fr").content.decode()

    assert "Le paiement a abouti." in text
    assert '<html lang="fr">' in text
