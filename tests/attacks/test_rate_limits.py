"""Whoever does again and again what costs much, could be guessed or writes to others, has to wait.

Each attack has its control: with the limit switched off, the same requests go through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kassa.catalog.models import Event
from kassa.core.client_address import _warn_of_proxy
from kassa.core.rate_limits import clear_rate_limits
from kassa.core.ttl_cache import clear_caches
from kassa.identity.models import User
from kassa.sales.models import Cart
from kassa.tickets.models import Transfer
from kassa.waiting.models import WaitingRoom
from tests.storefront.checkout.world import Till, a_sale, text_of
from tests.storefront.choose.stage import Stage, field
from tests.storefront.pages import ticket_path
from tests.storefront.waiting.test_room import address, running_room
from tests.support.factories import line, make_coupon, make_key, make_organization, make_ticket_type
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)

TOO_OFTEN = "That was a lot in a short time. Please wait a few minutes and try again."
TOO_OFTEN_FR = "C’était beaucoup en peu de temps. Patientez quelques minutes, puis réessayez."
UNKNOWN_CODE = "There is no coupon with this code. Please check for typos."


def a_few(name: str, count: int) -> dict[str, tuple[int, int, int]]:
    """Return the setting of a limit that lets so many through, and then one an hour."""
    return {name: (1, 3600, count)}


def statuses(ask: Callable[[int], Any], tries: int) -> list[int]:
    return [ask(number).status_code for number in range(tries)]


def signed_in(browser: Client) -> User:
    user = User.objects.create_user("ada@example.com", "a long password of mine")
    browser.force_login(user)
    return user


def assert_says_when(answer: Any, limit: str) -> None:
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert answer["RateLimit"].startswith(f'"{limit}";r=0;t=')


# Carts and prices


def test_many_carts_of_one_address(settings: Any) -> None:
    stage = Stage()
    chosen = {field(make_ticket_type(stage.event)): "2"}
    settings.RATES = a_few("carts", 3)

    def open_one(_number: int = 0) -> Any:
        stage.browser.cookies.clear()
        return stage.choose(chosen)

    assert statuses(open_one, 3) == [303] * 3
    refused = open_one()
    assert_says_when(refused, "carts")
    assert TOO_OFTEN in text_of(refused)
    assert 'value="2"' in refused.content.decode()  # what was chosen is there still
    assert Cart.unscoped.count() == 3
    in_french = stage.choose(chosen, HTTP_ACCEPT_LANGUAGE="fr")
    assert TOO_OFTEN_FR in text_of(in_french)

    settings.TRUSTED_PROXIES = 1
    assert stage.choose(chosen, HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 303
    settings.TRUSTED_PROXIES = 0
    signed_in(stage.browser)
    assert stage.choose(chosen).status_code == 303  # the way on for people who share an address
    settings.RATES = {"carts": None}  # the control
    assert statuses(open_one, 3) == [303] * 3


def test_accounts_of_one_mailbox_are_one_visitor(settings: Any) -> None:
    stage = Stage()
    chosen = {field(make_ticket_type(stage.event)): "1"}
    settings.RATES = a_few("carts", 2)

    def come(email: str) -> int:
        browser = Client(raise_request_exception=False)
        browser.force_login(User.objects.create_user(email, "a long password of mine"))
        first = browser.post(f"{stage.path}/choose", chosen)  # gives the browser its name
        return int(browser.post(first["Location"], chosen).status_code)

    assert [come(f"ada+{number}@example.com") for number in range(3)] == [303, 303, 429]
    assert come("bob@example.com") == 303  # the control


def test_control_behind_a_proxy_that_nobody_has_told_of_all_visitors_are_not_one(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A shop whose operator forgot the setting stays open; only a private address may be that of a proxy."""
    stage = Stage()
    chosen = {field(make_ticket_type(stage.event)): "1"}
    settings.RATES = a_few("carts", 1)
    _warn_of_proxy.cache_clear()

    def come(_number: int = 0, peer: str = "10.0.0.2") -> Any:
        return stage.choose(chosen, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="198.51.100.7")

    assert statuses(come, 3) == [303] * 3
    assert caplog.text.count("KASSA_TRUSTED_PROXIES is 0") == 1
    from_outside = [come(peer="9.9.9.9").status_code for _ in range(3)]
    assert from_outside == [303, 429, 429]


def test_changes_of_a_cart_count_as_well(settings: Any) -> None:
    till = a_sale(2)
    settings.RATES = a_few("carts", 2)
    [item] = till.items()

    def change(number: int) -> Any:
        return till.post("change", **{f"n-{item.id}": str(number + 1)})

    assert statuses(change, 2) == [200, 200]
    refused = change(4)
    assert_says_when(refused, "carts")
    assert TOO_OFTEN in text_of(refused)
    assert [each.quantity for each in till.items()] == [2]
    settings.RATES = {"carts": None}
    assert change(4).status_code == 200


def test_many_questions_for_prices(settings: Any) -> None:
    stage = Stage()
    chosen = {field(make_ticket_type(stage.event)): "1"}
    settings.RATES = a_few("prices", 2)

    def ask(_number: int = 0) -> Any:
        return stage.browser.post(f"{stage.path}/price", chosen)

    assert statuses(ask, 2) == [200, 200]
    refused = ask()
    assert_says_when(refused, "prices")
    assert refused.json() == {"sum": "", "total": "", "problems": {"form": TOO_OFTEN}}
    settings.RATES = {"prices": None}
    assert ask().json()["problems"] == {}


# Coupons


def test_guessing_coupons_by_the_price(settings: Any) -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)
    make_coupon(stage.organization, code="SECRET")
    settings.RATES = a_few("coupons", 3)

    def guess(code: str) -> Any:
        return stage.browser.post(f"{stage.path}/price", {field(standing): "1", "coupon": code})

    assert guess("SECRET").json()["problems"] == {}  # a right code costs nothing
    wrong = [guess(f"GUESS{number}").json()["problems"]["coupon"] for number in range(3)]
    assert wrong == [UNKNOWN_CODE] * 3
    for code in ("GUESS4", "SECRET"):  # nothing tells which of them is right
        answer = guess(code)
        assert answer.status_code == 200
        assert answer.json()["problems"] == {"coupon": TOO_OFTEN}
        assert "1 ticket" in answer.json()["total"]  # the price without it
    settings.RATES = {"coupons": None}
    assert guess("SECRET").json()["problems"] == {}


def test_guessing_coupons_with_a_choice_or_at_the_checkout(settings: Any) -> None:
    till = a_sale()
    other = Stage()
    standing = make_ticket_type(other.event)
    settings.RATES = a_few("coupons", 3)

    assert [till.post("coupon", coupon=f"G{number}").status_code for number in range(2)] == [409, 409]
    assert other.choose({field(standing): "1", "coupon": "G2"}).status_code == 409
    at_checkout = till.post("coupon", coupon="G3")
    assert_says_when(at_checkout, "coupons")
    assert TOO_OFTEN in text_of(at_checkout)
    with_choice = other.choose({field(standing): "1", "coupon": "G3"})
    assert_says_when(with_choice, "coupons")
    assert other.choose({field(standing): "1"}).status_code == 303  # without a code one goes on
    settings.RATES = {"coupons": None}
    assert UNKNOWN_CODE in text_of(till.post("coupon", coupon="G3"))


def test_guessing_coupons_from_many_addresses(settings: Any) -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)
    settings.TRUSTED_PROXIES = 1
    settings.RATES = a_few("coupons_organization", 3)

    def guess(number: int) -> str:
        values = {field(standing): "1", "coupon": f"GUESS{number}"}
        comes_from = f"198.51.{number}.7"
        answer = stage.browser.post(f"{stage.path}/price", values, HTTP_X_FORWARDED_FOR=comes_from)
        return str(answer.json()["problems"]["coupon"])

    assert [guess(number) for number in range(5)] == [UNKNOWN_CODE] * 3 + [TOO_OFTEN] * 2
    elsewhere = Stage()  # another shop's visitors type theirs
    wanted = {field(make_ticket_type(elsewhere.event)): "1", "coupon": "X"}
    answer = elsewhere.browser.post(f"{elsewhere.path}/price", wanted, HTTP_X_FORWARDED_FOR="198.51.9.7")
    assert answer.json()["problems"]["coupon"] == UNKNOWN_CODE
    signed_in(stage.browser)
    assert guess(6) == UNKNOWN_CODE
    stage.browser.cookies.clear()
    settings.RATES = {"coupons_organization": None}
    assert guess(7) == UNKNOWN_CODE


def test_guessing_coupons_with_a_key(settings: Any) -> None:
    till = a_sale()
    standing = make_ticket_type(till.event)
    make_coupon(till.organization, code="SECRET")
    secret = make_key(till.organization)
    settings.RATES = a_few("api_coupons", 3)

    def send(path: str, code: str, method: str = "post") -> Any:
        body: dict[str, Any] = {"coupon": code}
        if method == "post":
            body["lines"] = [{"ticket_type": str(standing.id), "quantity": 1}]
        if path == "orders":
            body["customer"] = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}
        return by_key(secret, path, body, method)

    cart = f"carts/{till.cart_id}/coupon"
    codes = [
        send("orders", "G1").json()["code"],
        send("carts", "G2").json()["code"],
        send(cart, "G3", "put").json()["code"],
    ]
    assert codes == ["coupon_unknown"] * 3
    for refused in (send("orders", "SECRET"), send("carts", "SECRET"), send(cart, "SECRET", "put")):
        assert_says_when(refused, "api_coupons")
        assert refused.json()["code"] == "too_many_requests"
    settings.RATES = {"api_coupons": None}
    assert send(cart, "SECRET", "put").status_code == 200
    assert send("orders", "SECRET").status_code == 201


# Orders and mails


def fresh(till: Till) -> Till:
    """Return another browser at the same address with a cart of its own."""
    other = Till(till.organization, till.event)
    other.fill(*(line(item.ticket_type) for item in till.items() if item.ticket_type))
    return other


def test_many_orders_of_one_address(settings: Any) -> None:
    first = a_sale()
    tills = [fresh(first) for _ in range(4)]
    settings.RATES = a_few("orders", 2)

    answers = [till.order(email=f"ada{nth}@example.com") for nth, till in enumerate(tills)]
    assert [answer.status_code for answer in answers] == [303, 303, 429, 429]
    assert_says_when(answers[-1], "orders")
    assert TOO_OFTEN in text_of(answers[-1])
    assert 'value="ada3@example.com"' in answers[-1].content.decode()  # what was typed is there still
    assert len(first.orders()) == 2
    settings.RATES = {"orders": None}
    assert tills[-1].order(email="ada3@example.com").status_code == 303


def test_filling_the_mailbox_of_somebody_with_guest_orders(settings: Any) -> None:
    first = a_sale()
    tills = [fresh(first) for _ in range(5)]
    settings.RATES = a_few("mails_to", 2)
    spellings = ["victim@example.com", "Victim+1@Example.com", "victim+2@example.com", "VICTIM@example.com"]

    answers = [till.order(email=email) for till, email in zip(tills, spellings, strict=False)]
    assert [answer.status_code for answer in answers] == [303, 303, 429, 429]
    assert_says_when(answers[-1], "mails_to")
    assert len(first.orders()) == 2
    assert tills[4].order(email="somebody@example.com").status_code == 303
    user = signed_in(tills[3].client)
    User.objects.filter(id=user.id).update(email="victim@example.com")
    assert tills[3].order(email="victim@example.com").status_code == 303  # their own account is their own
    settings.RATES = {"mails_to": None}
    assert tills[2].order(email="victim@example.com").status_code == 303


def test_refused_orders_use_up_nothing_of_what_somebody_may_get(settings: Any) -> None:
    first = a_sale()
    tills = [fresh(first) for _ in range(3)]
    settings.RATES = a_few("mails_to", 2)

    def order(till: Till) -> int:
        clear_rate_limits()  # another process: the limit is shared
        return int(till.order(email="victim@example.com").status_code)

    Event.unscoped.filter(id=first.event.id).update(status="cancelled")
    assert [order(first) for _ in range(3)] == [409] * 3
    assert first.orders() == []
    Event.unscoped.filter(id=first.event.id).update(status=first.event.status)
    assert [order(till) for till in tills] == [303, 303, 429]  # the control: those placed do
    assert len(first.orders()) == 2


@pytest.mark.parametrize("limit", ["mails", "mails_to"])
def test_writing_to_somebody_with_offers_of_many_tickets(settings: Any, limit: str) -> None:
    holders = [Holders() for _ in range(4)]
    settings.RATES = a_few(limit, 2)
    offer = {"action": "offer", "offer-to_email": "victim@example.com", "offer-to_name": "Grace"}
    browser = Client()

    answers = [browser.post(ticket_path(each), offer) for each in holders]
    assert [answer.status_code for answer in answers] == [303, 303, 429, 429]
    assert_says_when(answers[-1], limit)
    assert TOO_OFTEN in text_of(answers[-1])
    assert Transfer.unscoped.filter(to_email="victim@example.com").count() == 2
    settings.RATES = {limit: None}
    assert browser.post(ticket_path(holders[-1]), offer).status_code == 303


# The line of a waiting room


@pytest.mark.parametrize(("limit", "last"), [("joins", "198.51.100.7"), ("joins_network", "198.51.100.9")])
def test_many_places_in_a_line(settings: Any, limit: str, last: str) -> None:
    clear_caches()
    room: WaitingRoom = running_room()
    settings.TRUSTED_PROXIES = 1
    settings.RATES = a_few(limit, 3)

    def join(comes_from: str = "198.51.100.7", **headers: Any) -> Any:
        return Client().post(address(room, "/place"), HTTP_X_FORWARDED_FOR=comes_from, **headers)

    assert [join().status_code for _ in range(3)] == [303] * 3
    by_script = join(last, HTTP_ACCEPT="application/json")
    assert_says_when(by_script, limit)
    assert by_script.json() == {}
    page = join(last, HTTP_ACCEPT_LANGUAGE="fr")
    assert_says_when(page, limit)
    assert "Vous avez fait cela trop souvent en peu de temps." in text_of(page)
    room.refresh_from_db()
    assert room.joined == 3
    assert join("203.0.113.7").status_code == 303
    settings.RATES = {limit: None}
    assert join(last).status_code == 303


def test_control_a_browser_that_has_a_place_may_ask_for_it_again(settings: Any) -> None:
    clear_caches()
    room, browser = running_room(), Client()
    settings.RATES = a_few("joins", 1)
    assert [browser.post(address(room, "/place")).status_code for _ in range(4)] == [303] * 4


# Keys


def by_key(secret: str, path: str, body: Any = None, method: str = "get") -> Any:
    send = getattr(Client(), method)
    given = {} if body is None else {"data": body, "content_type": "application/json"}
    return send(f"/api/v1/{path}", **given, HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_a_key_that_asks_all_the_time(settings: Any) -> None:
    organization = make_organization()
    secret, other = make_key(organization), make_key(organization)
    settings.RATES = a_few("api_key", 3)

    assert statuses(lambda _: by_key(secret, "events"), 3) == [200] * 3
    refused = by_key(secret, "orders")
    assert_says_when(refused, "api_key")
    assert refused.json()["code"] == "too_many_requests"
    assert by_key(other, "events").status_code == 200
    settings.RATES = {"api_key": None}
    assert by_key(secret, "orders").status_code == 200


def test_an_organisation_gets_no_more_by_more_keys(settings: Any) -> None:
    organization = make_organization()
    settings.RATES = a_few("api_organization", 3)

    asked = [by_key(make_key(organization), "events") for _ in range(5)]
    assert [answer.status_code for answer in asked] == [200] * 3 + [429] * 2
    assert_says_when(asked[-1], "api_organization")
    assert by_key(make_key(make_organization()), "events").status_code == 200
    settings.RATES = {"api_organization": None}
    assert by_key(make_key(organization), "events").status_code == 200


def test_orders_of_a_key_are_counted_apart(settings: Any) -> None:
    till = a_sale()
    standing = make_ticket_type(till.event)
    secret = make_key(till.organization)
    settings.RATES = {**a_few("api_orders", 2), **a_few("api_key", 1)}
    body = {
        "lines": [{"ticket_type": str(standing.id), "quantity": 1}],
        "customer": {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"},
    }

    placed = [by_key(secret, "orders", body, "post") for _ in range(3)]
    assert [answer.status_code for answer in placed] == [201, 201, 429]
    assert_says_when(placed[-1], "api_orders")
    assert by_key(secret, "events").status_code == 200
    settings.RATES = {"api_orders": None}
    assert by_key(secret, "orders", body, "post").status_code == 201


def test_keys_that_are_guessed(settings: Any) -> None:
    secret = make_key(make_organization())
    settings.RATES = a_few("api_invalid_keys", 3)
    guesses = [by_key(f"kassa_0123456789_guess{nth}", "events") for nth in range(3)]
    guesses += [by_key("kassa_0123456789_guess4", "events/x/availability"), by_key("", "events")]

    assert [answer.status_code for answer in guesses] == [401] * 3 + [429] * 2
    assert_says_when(guesses[-1], "api_invalid_keys")
    assert by_key(secret, "events").status_code == 200  # a valid key is never limited by its address
    settings.RATES = {"api_invalid_keys": None}
    assert by_key("kassa_0123456789_guess5", "events").status_code == 401
