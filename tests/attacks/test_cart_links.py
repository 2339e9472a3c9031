"""A cart link is not an identity: it opens no order, shows nobody's name, and replaces no cart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.sales.domain.cart_content import customer_column
from kassa.sales.domain.request import Customer
from kassa.sales.models import Cart
from kassa.storefront.visitors.browsers import browser_token
from kassa.tickets.domain.links import FIRST_GENERATION, order_token
from tests.sales.carts import race
from tests.storefront.checkout.world import ADA, Till, a_sale, text_of, value_of
from tests.storefront.choose.stage import Stage, field
from tests.support.factories import enable_provider, line, make_organization, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

PLACED = "This order has been placed"
EMPTY = "Your cart is empty"


def stranger(till: Till) -> Till:
    """Return another browser that knows the link of the cart, and has looked at it."""
    other = Till(till.organization, till.event, cart_id=till.cart_id)
    other.get()
    return other


def leaks(answer: Any) -> bool:
    """Say whether an answer gives the order away, by its link, its number or the buyer's name."""
    body = answer.content.decode() + answer.get("Location", "")
    return any(secret in body for secret in ("/orders/", "ada@example.com", "Lovelace"))


@pytest.fixture
def till() -> Till:
    """A browser at the checkout of a cart whose link somebody else knows."""
    till = a_sale(2)
    till.get()
    return till


def test_name_of_the_buyer_does_not_open_the_order(till: Till) -> None:
    mallory = stranger(till)
    placed = till.order()

    answers = [
        mallory.get(),
        mallory.post("order", **ADA),
        mallory.post("order", **ADA, provider="manual"),
        mallory.post("change", **ADA),
        mallory.post("again", **ADA),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert all(PLACED in text_of(answer) for answer in answers)
    assert "look in your e-mail" in text_of(answers[0])
    assert not any(leaks(answer) for answer in answers)
    # The control: the browser that ordered is led to it by each of them.
    for answer in (till.get(), till.post("order", **ADA, provider="manual"), till.post("again")):
        assert (answer.status_code, answer["Location"]) == (303, placed["Location"])
    assert (len(till.orders()), len(till.attempts())) == (1, 1)


def test_stranger_in_french_reads_where_the_buyer_looks(till: Till) -> None:
    till.order()
    mallory = stranger(till)
    mallory.language = "fr"

    assert "consultez vos e-mails" in text_of(mallory.get())


@pytest.mark.parametrize("forged", ["", "A" * 22, f"{'A' * 22}.{'0' * 32}", f"{'A' * 22}.{'g' * 32}", "."])
def test_name_of_a_browser_cannot_be_made(till: Till, forged: str) -> None:
    till.order()
    mallory = stranger(till)
    cookie = f"kassa_browser_{till.organization.id.hex}"
    mine = till.client.cookies[cookie].value
    mallory.client.cookies[cookie] = forged

    assert not leaks(mallory.post("order", **ADA, browser=forged))

    mallory.client.cookies[cookie] = mine  # the control: what it opens
    assert mallory.get().status_code == 303


def test_name_given_by_one_organisation_is_none_at_another(till: Till, rf: Any) -> None:
    token = browser_token(rf.get("/"), make_organization().id)
    till.client.cookies[f"kassa_browser_{till.organization.id.hex}"] = token

    till.get()

    assert till.client.cookies[f"kassa_browser_{till.organization.id.hex}"].value != token


def test_browser_without_cookies_comes_to_its_order_by_its_form(till: Till) -> None:
    """A shop in a frame of another site keeps no cookies; its form sent twice is still one order."""
    page = Client().get(till.path)
    typed = {"do": "order", "provider": "manual", "browser": value_of(page, "browser"), **ADA}

    first, second = (Client().post(till.path, typed) for _ in range(2))
    others = Client().post(till.path, {**typed, "browser": ""})

    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert others.status_code == 200
    assert not leaks(others)


def test_of_two_browsers_at_once_one_orders_and_the_other_learns_nothing(till: Till) -> None:
    both = [till, stranger(till)]

    answers = race(2, lambda nth: both[nth].order())

    assert sorted(answer.status_code for answer in answers) == [200, 303]
    [refused] = [answer for answer in answers if answer.status_code == 200]
    assert PLACED in text_of(refused)
    assert not leaks(refused)
    assert len(till.orders()) == 1


def a_chosen_cart(stage: Stage, **fields: Any) -> Till:
    """Let a browser choose two places; its cart knows the buyer, as one that repeats an order does."""
    standing = make_ticket_type(stage.event)
    assert stage.choose({field(standing): "2"}).status_code == 303
    [cart] = Cart.objects.of(stage.organization.id)
    ada = Customer(email=ADA["email"], first_name=ADA["first_name"], last_name=ADA["last_name"])
    Cart.unscoped.filter(id=cart.id).update(customer=customer_column(ada))
    return Till(stage.organization, stage.event, client=stage.browser, cart_id=cart.id)


def test_name_of_the_buyer_is_not_shown_to_others() -> None:
    till = a_chosen_cart(Stage())
    mallory = stranger(till)

    assert value_of(mallory.get(), "email") == ""
    assert not leaks(mallory.get())
    till.expire()
    repeated = mallory.post("again")
    assert not leaks(mallory.get(repeated["Location"]) if repeated.status_code == 303 else repeated)
    copies = Cart.objects.of(till.organization.id).exclude(id=till.cart_id)
    assert [copy.customer for copy in copies] == [None]

    # The control: its own browser finds the name again, in both.
    assert value_of(till.get(), "email") == "ada@example.com"
    till.post("again")
    assert Cart.objects.of(till.organization.id).filter(customer__email="ada@example.com").count() == 2


def test_foreign_link_replaces_no_cart() -> None:
    stage = Stage()
    mallory = a_chosen_cart(stage)
    victim = Stage()
    victim.organization, victim.event = stage.organization, stage.event
    other = make_ticket_type(stage.event, name="Balcony")
    victim.choose({field(other): "1"})
    cookie = f"kassa_cart_{stage.organization.id.hex}"
    own = victim.browser.cookies[cookie].value

    assert victim.browser.get(mallory.path).status_code == 200

    assert victim.browser.cookies[cookie].value == own
    victim.choose({field(other): "3"})  # goes into the own cart
    assert sorted(stage.held()) == [("Balcony", 3, 0), ("Standing", 2, 0)]
    # The control: the own link is remembered, and so is the attacker's by the attacker.
    assert mallory.client.get(mallory.path).cookies[cookie].value == mallory.path.rpartition("/")[2]


def test_maker_of_a_cart_that_another_browser_ordered_is_told_once_and_buys_anew() -> None:
    stage = Stage()
    enable_provider(stage.organization, "manual")
    maker = a_chosen_cart(stage)
    stranger(maker).order()
    icon = f"/{stage.organization.slug}/cart"

    told = maker.client.get(icon, follow=True)

    assert PLACED in text_of(told)
    assert not leaks(told)
    assert EMPTY in text_of(maker.client.get(icon))
    other = make_ticket_type(stage.event, name="Balcony")
    chosen = stage.choose({field(other): "1"})
    assert chosen["Location"] != maker.path
    assert "/orders/" in maker.post("order", chosen["Location"], **ADA, provider="manual")["Location"]
    assert len(maker.orders()) == 2
    # The control: whoever remembers another cart keeps it.
    stage.choose({field(other): "1"})
    assert PLACED in text_of(maker.get())
    assert "Balcony" in text_of(maker.client.get(icon, follow=True))


def test_browser_that_never_read_the_answer_to_its_order_finds_an_empty_cart_after_the_order() -> None:
    stage = Stage()
    enable_provider(stage.organization, "manual")
    till = a_chosen_cart(stage)
    cookie = f"kassa_cart_{stage.organization.id.hex}"
    remembered = till.get().cookies[cookie].value
    till.order()
    till.client.cookies[cookie] = remembered
    icon = f"/{stage.organization.slug}/cart"

    assert "/orders/" in till.client.get(icon, follow=True).redirect_chain[-1][0]

    assert EMPTY in text_of(till.client.get(icon))


def test_visitor_without_a_cart_gets_none_by_a_foreign_link() -> None:
    """Otherwise what the visitor chooses next would lie in a cart that the sender sees and empties."""
    stage = Stage()
    mallory = a_chosen_cart(stage)
    visitor = Client()

    assert f"kassa_cart_{stage.organization.id.hex}" not in visitor.get(mallory.path).cookies


def test_link_that_the_organisation_gave_out_is_remembered_once() -> None:
    """A cart opened through the API is of no browser: the organisation sends the buyer there."""
    till = a_sale()
    cookie = f"kassa_cart_{till.organization.id.hex}"
    first = till.get().cookies[cookie].value
    till.fill(line(make_ticket_type(till.event, name="Balcony")), now=utc_now())

    assert cookie not in till.get().cookies
    assert till.client.cookies[cookie].value == first


@pytest.mark.parametrize(
    "sent",
    [
        {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "null"},
    ],
)
def test_form_of_another_site_gives_a_visitor_no_cart_of_its_author(till: Till, sent: Any) -> None:
    """Its author would open that cart's checkout later and be led to what the visitor has ordered there."""
    till.order()
    [order] = till.orders()
    Order.unscoped.filter(id=order.id).update(expires_at=utc_now() - timedelta(seconds=1))
    path = f"/orders/{order_token(till.organization.id, order.id, FIRST_GENERATION)}/again"
    cart, name = (f"kassa_{kind}_{till.organization.id.hex}" for kind in ("cart", "browser"))
    typed = {"browser": till.client.cookies[name].value}
    victim = Client(raise_request_exception=False)

    refused = victim.post(path, typed, **sent)

    assert refused.status_code == 403
    assert not {cart, name} & set(victim.cookies)
    # The control: the form of the order's own page is taken, even where an extension hides its origin ...
    taken = victim.post(path, typed, HTTP_SEC_FETCH_SITE="same-origin", HTTP_ORIGIN="null")
    assert taken.status_code == 303
    assert victim.cookies[cart].value == taken["Location"].rpartition("/")[2]
    # ... and names nobody after its author, whom the cart's address leads to no order.
    assert victim.cookies[name].value != typed["browser"]
    typed = {"do": "order", "provider": "manual", **ADA, "email": "victim@example.com"}
    assert "/orders/" in victim.post(taken["Location"], typed)["Location"]
    assert "/orders/" not in till.get(taken["Location"]).get("Location", "")
    assert "/orders/" in victim.get(taken["Location"])["Location"]
