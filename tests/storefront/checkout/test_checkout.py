"""The checkout page, with the real sale behind it: from a cart to an order that is being paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kassa.catalog.models import TaxRule
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.identity.models import User
from kassa.orders.models import Ticket
from kassa.sales.domain.cart_order import order_cart
from kassa.storefront.formatting import amount_text
from kassa.storefront.visitors.carts import cart_token
from tests.sales.carts import ADA as ADA_KNOWN
from tests.sales.carts import checkout, seated, seats_of
from tests.storefront.checkout.world import ADA, a_sale, a_till, error_of, text_of, value_of
from tests.support.factories import (
    enable_provider,
    line,
    make_actor,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_question,
    make_ticket_type,
)

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = {
    "shipping__name": "Ada Lovelace",
    "shipping__line1": "12 Harbour Street",
    "shipping__postal_code": "BS1 4DJ",
    "shipping__city": "Bristol",
    "shipping__country": "GB",
}


def test_page_shows_lines_sums_and_what_is_in_them() -> None:
    till = a_till(service_fee_fixed=Decimal("1.50"), shipping_fee=Decimal("4.90"))
    vat = TaxRule.unscoped.create(organization=till.organization, name="VAT", rate=Decimal(20), included=True)
    standing = make_ticket_type(till.event, tax_rule=vat)
    poster = make_product(till.organization, is_shippable=True)
    front = seated(till.event, name="Front")
    seat = seats_of(till.event)[0]
    till.fill(
        line(standing, 2),
        line(front, seat_ids=(seat.id,)),
        line(poster),
        coupon_code=make_coupon(till.organization, events=(till.event,)).code,
    )

    shown = text_of(till.get())

    for part in (
        "Night of Strings",
        "€45.00",
        "€90.00",
        "Subtotal €147.50",
        "\N{MINUS SIGN}€13.50",
        "Fees €1.50",
        "Shipping €4.90",
        "Total €140.40",
        "Includes VAT 20% €13.65",
        "Pay €140.40",
        "Bank transfer",
    ):
        assert part in shown, shown


def test_order_is_placed_and_paid_by_transfer() -> None:
    till = a_sale(2)

    answer = till.order(phone="+44 1", notes="At the door, please.", marketing="on")

    [order] = till.orders()
    assert (answer.status_code, answer["Location"]) == (303, _order_path(answer))
    assert (order.customer_email, order.customer_first_name, order.customer_phone) == (
        "ada@example.com",
        "Ada",
        "+44 1",
    )
    assert (order.customer_marketing, order.customer_language, order.notes) == (
        True,
        "en",
        "At the door, please.",
    )
    assert order.placed_by_kind == "buyer"
    [attempt] = till.attempts()
    assert (attempt.provider, attempt.status, attempt.amount) == ("manual", "open", Decimal("90.00"))
    page = till.client.get(answer["Location"])
    assert "DE89 3704 0044 0532 0130 00" in text_of(page)
    assert order.number in text_of(page)
    assert till.get(f"/{till.organization.slug}/cart").status_code == 200  # it is empty again


def _order_path(answer: object) -> str:
    location: str = answer["Location"]  # type: ignore[index]
    assert location.startswith("/orders/")
    return location


def test_free_order_is_confirmed_without_a_way_to_pay() -> None:
    till = a_sale(fields={"price": 0, "is_free": True}, providers=())

    shown = till.get()
    assert "Complete free order" in text_of(shown)
    assert 'name="provider"' not in shown.content.decode()
    answer = till.post("order", **ADA)

    assert answer.status_code == 303
    assert [order.status for order in till.orders()] == ["confirmed"]
    assert till.attempts() == []


def test_places_that_need_approval_are_requested() -> None:
    till = a_sale(fields={"requires_approval": True})

    assert "You don’t pay anything now." in text_of(till.get())
    answer = till.post("order", **ADA)

    assert answer.status_code == 303
    assert [order.approval for order in till.orders()] == ["awaited"]
    assert till.attempts() == []
    assert 'name="provider"' not in till.client.get(answer["Location"]).content.decode()


def test_shop_without_a_way_to_be_paid_says_so() -> None:
    till = a_sale(providers=())

    shown = till.get()

    assert "can’t take payments right now" in text_of(shown)
    assert 'id="order"' not in shown.content.decode()
    assert till.post("order", **ADA).status_code == 422
    assert till.orders() == []


def test_address_is_asked_only_if_something_is_sent() -> None:
    till = a_sale()
    assert value_of(till.get(), "shipping-line1") is None
    till.fill(line(make_product(till.organization, is_shippable=True)))

    refused = till.order(shipping__country="GB")
    assert refused.status_code == 422
    assert error_of(refused, "shipping-line1") == "Please fill this in."
    assert error_of(refused, "shipping-postal_code") == "Please fill this in."
    assert till.orders() == []
    assert error_of(till.order(shipping__country="IE"), "shipping-postal_code") is None
    answer = till.order(**ADDRESS)

    assert answer.status_code == 303
    assert till.orders()[0].shipping_address == {
        "name": "Ada Lovelace",
        "line1": "12 Harbour Street",
        "postal_code": "BS1 4DJ",
        "city": "Bristol",
        "country": "GB",
    }


def test_invoice_for_a_company_is_all_or_nothing() -> None:
    till = a_sale()

    half = till.order(invoice__company="Engines Ltd", invoice__country="GB")
    assert half.status_code == 422
    assert error_of(half, "invoice-line1") == "Please fill this in."
    answer = till.order(
        invoice__company="Engines Ltd",
        invoice__tax_number="GB 123",
        invoice__line1="1 Mill Lane",
        invoice__postal_code="N1",
        invoice__city="London",
        invoice__country="GB",
    )

    assert answer.status_code == 303
    assert till.orders()[0].billing_address == {
        "company": "Engines Ltd",
        "tax_number": "GB 123",
        "line1": "1 Mill Lane",
        "postal_code": "N1",
        "city": "London",
        "country": "GB",
    }


def test_country_alone_asks_for_no_invoice() -> None:
    till = a_sale()

    assert till.order(invoice__country="GB").status_code == 303
    assert till.orders()[0].billing_address is None


def test_attendees_and_answers_come_with_their_tickets() -> None:
    till = a_till()
    adult, child = make_ticket_type(till.event, name="Adult"), make_ticket_type(till.event, name="Child")
    make_question(till.event, "meal", kind="choice", options=["Fish", "Soup"], ticket_types=(adult,))
    make_question(till.event, "born", kind="date", ticket_types=(child,), is_required=True)
    make_question(till.event, "access", scope="order")
    till.fill(line(adult, 2), line(child))

    refused = till.order(**{f"t-{child.id}-0-answer-born": "2020-02-31"})
    assert error_of(refused, f"t-{child.id}-0-answer-born") == "This answer isn’t valid."
    answer = till.order(
        **{
            f"t-{adult.id}-0-mine": "on",
            f"t-{adult.id}-0-answer-meal": "Fish",
            f"t-{adult.id}-1-first_name": "Bea",
            f"t-{child.id}-0-answer-born": "2020-02-28",
            "q-answer-access": "A ramp",
        }
    )

    assert answer.status_code == 303
    [order] = till.orders()
    assert order.answers == {"access": "A ramp"}
    tickets = Ticket.objects.of(till.organization.id).filter(order_id=order.id).order_by("id")
    assert [(one.attendee_first_name, one.attendee_last_name, one.attendee_fields) for one in tickets] == [
        ("Ada", "Lovelace", {"meal": "Fish"}),
        ("Bea", "", {}),
        ("", "", {"born": "2020-02-28"}),
    ]


def test_consent_is_asked_where_there_is_something_to_consent_to() -> None:
    till = a_sale(terms_of_service_url="https://hall.example/terms")

    shown = till.get().content.decode()
    assert 'href="https://hall.example/terms"' in shown
    assert 'name="marketing" id="marketing">' in shown  # not ticked
    refused = till.order()
    assert error_of(refused, "terms") == "Please agree so that we can take your order."
    assert till.orders() == []

    assert till.order(terms="on").status_code == 303


def test_signed_in_buyer_is_known() -> None:
    till = a_sale()
    ada = User.objects.create_user("ada@example.com", name="Ada King Lovelace")
    till.client.force_login(ada)

    shown = till.get()
    assert value_of(shown, "email") == "ada@example.com"
    assert (value_of(shown, "first_name"), value_of(shown, "last_name")) == ("Ada", "King Lovelace")
    assert till.order().status_code == 303

    assert till.orders()[0].user_id == ada.id


def test_shop_without_guests_sends_to_sign_in_and_keeps_the_cart() -> None:
    till = a_sale(allow_guest_checkout=False)

    answer = till.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/account/login/?next={till.path}")
    assert till.order()["Location"] == answer["Location"]
    assert till.orders() == []
    ada = User.objects.create_user("ada@example.com", name="Ada")
    till.client.force_login(ada)

    assert till.order().status_code == 303
    assert len(till.orders()) == 1


def test_cart_page_leads_to_the_cart_or_says_that_there_is_none() -> None:
    till = a_sale()
    cart = f"/{till.organization.slug}/cart"

    assert "Your cart is empty" in text_of(till.get(cart))
    till.get()
    answer = till.get(cart)

    assert (answer.status_code, answer["Location"]) == (303, till.path)


def test_tokens_of_others_open_nothing() -> None:
    till, other = a_sale(), a_till()
    good = cart_token(till.organization.id, till.cart_id)
    forged = f"{good[:30]}{'A' if good[30] != 'A' else 'B'}{good[31:]}"
    bad = [
        f"/{till.organization.slug}/checkout/{token}" for token in ("x", good[:-2], forged, "%00", "a" * 500)
    ]
    foreign = f"/{other.organization.slug}/checkout/{good}"

    assert [till.get(path).status_code for path in [*bad, foreign]] == [404] * 6
    assert till.post("order", path=foreign, **ADA).status_code == 404
    assert till.orders() == []


def test_form_of_another_site_does_nothing() -> None:
    till = a_sale()

    answer = Client(headers={"Origin": "https://evil.example"}).post(till.path, {"do": "order", **ADA})

    assert answer.status_code == 403
    assert till.orders() == []


@pytest.mark.parametrize("do", ["", "dance", "remove:x", "unseat:1:2", "add:", "change", "remove"])
def test_what_nobody_asks_for_does_nothing(do: str) -> None:
    till = a_sale(2)

    answer = till.post(do, email="ada@exam")

    assert answer.status_code == 200
    assert value_of(answer, "email") == "ada@exam"
    assert [item.quantity for item in till.items()] == [2]


def test_odd_input_is_never_our_fault() -> None:
    till = a_sale()
    odd = "\x00\ud7ff" * 50

    answers = [
        till.order(email=odd),
        till.order(first_name=odd),
        till.order(notes="x" * 3000),
        till.order(**{"invoice-line1": odd}),
        till.post("coupon", coupon=odd),
        till.post("change", **{f"n-{till.items()[0].id}": "9" * 400}),
        till.post("order", total=odd, **ADA),
        till.post(odd),
    ]

    assert [answer.status_code // 100 for answer in answers[:7]] == [4] * 7
    assert till.orders() == []


def test_order_of_the_api_takes_the_cart_with_it() -> None:
    till = a_sale()
    order_cart(
        CommandContext(make_actor(till.organization), utc_now()),
        till.cart_id,
        checkout(customer=ADA_KNOWN),
    )

    for answer in (till.get(), till.order(last_name="")):
        assert "This order has been placed" in text_of(answer)
        assert "/orders/" not in answer.content.decode()
    assert len(till.orders()) == 1


def test_empty_cart_is_shown_as_such() -> None:
    till = a_till()
    till.fill()

    assert "Your cart is empty" in text_of(till.get())
    assert "Your cart is empty" in text_of(till.order())


@pytest.mark.parametrize("how", ["get", "order"])
def test_page_reads_as_much_for_one_line_as_for_many(how: str) -> None:
    def queries(types: int) -> int:
        till = a_till()
        kinds = [make_ticket_type(till.event, name=f"T{nth}") for nth in range(types)]
        make_question(till.event, "meal", is_required=True)
        till.fill(*(line(kind, 2) for kind in kinds))
        with CaptureQueriesContext(connection) as seen:
            answer = till.get() if how == "get" else till.order()
        assert answer.status_code == (200 if how == "get" else 422)
        return len(seen)

    few, many = queries(1), queries(6)

    assert many == few
    assert few <= 26


def test_page_speaks_french() -> None:
    till = a_sale(2)
    till.language = "fr"

    shown = text_of(till.get())
    refused = till.post("order", provider="manual")

    assert "Votre commande" in shown
    with override("fr"):
        assert f"Payer {' '.join(amount_text(Decimal(90), 'EUR').split())}" in shown
    assert error_of(refused, "email") == "Veuillez remplir ce champ."
    assert till.order().status_code == 303
    assert till.orders()[0].customer_language == "fr"


def test_events_of_others_and_other_currencies_stay_apart() -> None:
    till = a_sale()
    other = make_organization()
    enable_provider(other, "manual")
    poster = make_product(other, event=make_event(other))

    till.post(f"add:{poster.id}")

    assert [item.product_id for item in till.items()] == [None]


def test_buyer_is_told_who_sees_the_card_and_what_can_be_returned() -> None:
    rules: dict[str, Any] = {
        "buyer_refunds_enabled": True,
        "buyer_refund_until_hours": 48,
        "buyer_refund_fee_percentage": 10,
    }
    till = a_sale(providers=("demo", "manual"), refund_policy="Come as you are.", **rules)

    shown = text_of(till.get())
    till.language = "fr"
    french = till.get().content.decode()

    assert "Neither Harbour Hall nor this site ever sees them." in shown
    assert "You can return tickets yourself until 2 days before the event starts" in shown
    assert "a cancellation fee of 10% applies." in shown
    assert '<span lang="en">Come as you are.' in french
    only_transfer = text_of(a_sale(providers=("manual",)).get())
    assert "ever sees them" not in only_transfer
    assert "You can return tickets" not in only_transfer
