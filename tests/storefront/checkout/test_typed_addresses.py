"""Addresses and names as they are typed at the checkout: refused, asked about, and shown."""

from __future__ import annotations

import pytest

from kassa.orders.models import Order
from tests.storefront.checkout.world import a_sale, error_of, text_of, value_of

pytestmark = pytest.mark.django_db(transaction=True)
N, A = "\N{NO-BREAK SPACE}", "\N{RIGHT SINGLE QUOTATION MARK}"


@pytest.mark.parametrize(
    ("email", "english", "french"),
    [
        ("ada", "This is not a complete e-mail address.", "Cette adresse e-mail est incomplète."),
        ('"x"@kassa-sink.net', "The part before the @ cannot be right.", "La partie avant le @"),
        ("ąda@kassa-sink.net", "E-mail does not take letters such as é", "Une adresse e-mail ne peut pas"),
        ("ada@kassa-sink..net", "The part after the @ cannot be right.", "La partie après le @"),
        (
            "x" * 65 + "@example.com",
            "This e-mail address is too long.",
            "Cette adresse e-mail est trop longue.",
        ),
    ],
)
def test_address_that_cannot_be_written_to_is_refused_beside_its_field(
    email: str, english: str, french: str
) -> None:
    till = a_sale()

    for language, sentence in (("en", english), ("fr", french)):
        till.language = language
        answer = till.order(email=email)
        assert answer.status_code == 422
        assert (error_of(answer, "email") or "").startswith(sentence)
        assert value_of(answer, "email") == email
    assert till.orders() == []


def test_address_is_kept_in_the_form_of_mail_servers_and_shown_in_that_of_readers() -> None:
    till = a_sale()

    answer = till.order(email="ada@bücher-shop.example\u200b")

    [order] = till.orders()
    assert order.customer_email == "ada@xn--bcher-shop-9db.example"
    assert "Bought by ada@bücher-shop.example." in text_of(till.client.get(answer["Location"]))


@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_name_that_nobody_can_see_is_refused(field: str) -> None:
    till = a_sale()

    answer = till.order(**{field: "\u200b"})

    assert answer.status_code == 422
    assert error_of(answer, field) == "Please write a name that can be read."
    assert till.orders() == []


def test_likely_typing_mistake_is_asked_about_once() -> None:
    till = a_sale()

    asked = till.order(email="ada@gmial.com")

    assert asked.status_code == 422
    assert error_of(asked, "email") == "Did you mean ada@gmail.com?"
    assert (value_of(asked, "email"), value_of(asked, "email-asked")) == ("ada@gmial.com",) * 2
    assert value_of(asked, "email-use") == "ada@gmail.com"
    assert till.orders() == []

    assert till.order(email="ada@gmial.com", email__asked="ada@gmial.com").status_code == 303
    assert [order.customer_email for order in till.orders()] == ["ada@gmial.com"]


def test_suggestion_is_taken_with_one_tick() -> None:
    till = a_sale()
    till.language = "fr"

    asked = till.order(email="ada@gmial.com")
    assert error_of(asked, "email") == f"Vouliez-vous dire ada@gmail.com{N}?"
    assert "Oui, utiliser ada@gmail.com" in text_of(asked)
    answer = till.order(email="ada@gmial.com", email__asked="ada@gmial.com", email__use="ada@gmail.com")

    assert answer.status_code == 303
    assert [order.customer_email for order in till.orders()] == ["ada@gmail.com"]


def test_another_mistake_is_another_question() -> None:
    till = a_sale()

    again = till.order(email="ada@gmai.com", email__asked="ada@gmial.com")

    assert error_of(again, "email") == "Did you mean ada@gmail.com?"
    assert value_of(again, "email-asked") == "ada@gmai.com"


def test_nothing_is_asked_before_it_is_sent() -> None:
    till = a_sale()

    answer = till.post("coupon", email="ada@gmial.com", coupon="")

    assert error_of(answer, "email") is None
    assert value_of(answer, "email-asked") is None
    assert Order.unscoped.count() == 0
