"""Nobody holds an event for nothing: one visitor's carts and unpaid orders hold a share of its places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from kassa.catalog.models import Event, TicketType
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.identity.models import User
from kassa.sales.domain.holders import forget_holders
from kassa.sales.models import Cart, CartItem
from kassa.storefront.visitors.carts import cart_token, read_cart_token
from kassa.storefront.waiting.cookies import PASS
from kassa.waiting.domain.places import pass_token
from kassa.waiting.models import Entry
from tests.attacks.test_rate_limits import signed_in
from tests.sales.carts import a_cart, race
from tests.storefront.choose.stage import Stage, field
from tests.support.api_client import make_api_client
from tests.support.factories import enable_provider, line, make_ticket_type, places
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)

HALL = 194
ADDRESS = "203.0.113.7"
SENTENCE = "At most 20 unpaid tickets for “Night of Strings” can be held at a time"
SENTENCE_FR = "Au plus 20 billets non payés"


class Hall(Stage):
    """An event of 194 places; each visit comes from a browser of its own."""

    def __init__(self, *, quantity: int = HALL, **event: Any) -> None:
        super().__init__(**event)
        self.standing: TicketType = make_ticket_type(self.event, quantity=quantity)
        clear_caches()

    def visit(
        self,
        tickets: int = 4,
        *,
        address: str = ADDRESS,
        browser: Client | None = None,
        beside: Mapping[str, str] | None = None,
        **headers: Any,
    ) -> Any:
        browser = browser or Client(raise_request_exception=False)
        values = {field(self.standing): str(tickets), **(beside or {})}
        headers = {"REMOTE_ADDR": address, **headers}
        answer = browser.post(f"{self.path}/choose", values, **headers)
        if answer.status_code == 307:
            answer = browser.post(answer["Location"], values, **headers)
        return answer

    @property
    def taken(self) -> int:
        return places(self.standing.quota_id)[0]


@pytest.fixture
def hall(settings: Any) -> Iterator[Hall]:
    settings.RATES = {"carts": None, "orders": None}  # holding is limited however slowly one comes
    yield Hall()
    clear_caches()


def attack(hall: Hall, carts: int = 49) -> int:
    """Open carts of four, each without the cookies of the others; return how many places are held."""
    for _ in range(carts):
        hall.visit()
    return hall.taken


def test_one_client_with_49_carts_holds_its_share_alone(hall: Hall, settings: Any) -> None:
    assert attack(hall) == 20

    refused = hall.visit(1)
    assert refused.status_code == 409
    assert SENTENCE in refused.content.decode()
    assert "sign in" in refused.content.decode()
    assert SENTENCE_FR in hall.visit(1, HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert hall.visit(address="198.51.100.9").status_code == 303  # others go on
    settings.HELD_PER_ADDRESS = settings.HELD_PER_NETWORK = None  # the control
    assert attack(hall) == HALL - 2  # two places are too few for one more cart of four


def test_one_client_with_many_connections_at_once(hall: Hall, settings: Any) -> None:
    race(10, lambda _: hall.visit())
    assert hall.taken == 20

    settings.HELD_PER_ADDRESS = settings.HELD_PER_NETWORK = None  # the control
    race(10, lambda _: hall.visit())
    assert hall.taken == 60


def test_one_browser_from_many_addresses(hall: Hall, settings: Any) -> None:
    """Its carts are one, and orders that it leaves unpaid are counted with the next."""
    browser = Client(raise_request_exception=False)
    settings.TRUSTED_PROXIES, settings.UNPROVEN_TRANSFERS = 1, 100

    def order(number: int) -> None:
        answer = hall.visit(6, browser=browser, HTTP_X_FORWARDED_FOR=f"198.{number}.100.9")
        if answer.status_code == 303:
            browser.post(
                answer["Location"],
                {"do": "order", "email": f"a{number}@example.com", "first_name": "A", "provider": "manual"},
                HTTP_X_FORWARDED_FOR=f"198.{number}.100.9",
            )

    settings.UNPROVEN_TRANSFERS = 100
    enable_provider(hall.organization, "manual")
    for number in range(6):
        order(number)

    assert hall.taken == 18
    settings.HELD_PER_ADDRESS = None  # the control
    order(7)
    assert hall.taken == 24


def test_one_network_holds_its_share(hall: Hall, settings: Any) -> None:
    for number in range(20):
        hall.visit(address=f"203.0.113.{number}")
    assert hall.taken == 48  # a quarter of 194 is 49, but at least 50 are allowed

    assert hall.visit(2, address="203.0.113.77").status_code == 303
    assert hall.visit(1, address="203.0.113.78").status_code == 409
    assert hall.visit(address="192.0.2.1").status_code == 303
    settings.HELD_PER_NETWORK = None  # the control
    assert hall.visit(1, address="203.0.113.78").status_code == 303


def test_ipv6_is_counted_by_what_one_client_has(hall: Hall) -> None:
    for number in range(10):
        hall.visit(address=f"2001:db8:1:2::{number:x}")

    assert hall.taken == 20


def test_school_that_shares_an_address_signs_in(hall: Hall) -> None:
    attack(hall)
    pupil = Client(raise_request_exception=False)
    assert hall.visit(browser=pupil).status_code == 409

    signed_in(pupil)

    assert hall.visit(browser=pupil).status_code == 303
    assert hall.taken == 24


def visit_signed_in(hall: Hall, email: str, address: str) -> int:
    """Choose 10 tickets in a new browser, in the account of an e-mail address; return the status."""
    browser = Client(raise_request_exception=False)
    account = User.objects.filter(email=email).first()
    browser.force_login(account or User.objects.create_user(email, "a long password of mine"))
    return int(hall.visit(10, browser=browser, address=address).status_code)


def test_accounts_of_one_mailbox_are_one(hall: Hall) -> None:
    for number in range(12):
        visit_signed_in(hall, f"ada+{number}@example.com", f"198.51.{number}.7")
        domain = ("gmail.com", "googlemail.com")[number % 2]
        visit_signed_in(hall, f"b{'.' * (number % 3 > 1)}ob+{number}@{domain}", f"9.9.{number}.9")

    assert hall.taken == 100  # 50 each: a quarter of 194 would be less
    # The control: another mailbox has a share of its own.
    assert visit_signed_in(hall, "cleo@example.com", "198.51.100.7") == 303


def test_account_that_changes_its_address_is_the_same(hall: Hall) -> None:
    for number in range(7):
        User.objects.filter(email__startswith="ada").update(email=f"ada@{number}.example")
        visit_signed_in(hall, f"ada@{number}.example", f"198.51.{number}.7")

    assert hall.taken == 50


def test_accounts_of_one_network_hold_twice_its_share(hall: Hall, settings: Any) -> None:
    """One owner of a domain has as many mailboxes as they like; those who share a network still get on."""
    Event.unscoped.filter(id=hall.event.id).update(max_held_per_address=30, max_held_per_network=30)
    assert hall.visit(30).status_code == 303
    assert hall.visit(10).status_code == 409

    answers = [visit_signed_in(hall, f"ada@{number}.example", ADDRESS) for number in range(8)]
    assert answers == [303] * 6 + [409] * 2
    assert hall.taken == 90
    assert visit_signed_in(hall, "bob@example.com", "198.51.100.7") == 303  # others go on
    Event.unscoped.filter(id=hall.event.id).update(max_held_per_network=None)
    settings.HELD_PER_NETWORK = None  # the control
    assert visit_signed_in(hall, "ada@9.example", ADDRESS) == 303


def change_at_checkout(hall: Hall, browser: Client, path: str, quantity: int) -> int:
    """Type another quantity at a checkout with one item; return what it holds then."""
    cart_id = read_cart_token(hall.organization.id, path.rpartition("/")[2])
    [item] = CartItem.unscoped.filter(cart_id=cart_id)
    browser.post(path, {"do": "change", f"n-{item.id}": str(quantity)}, REMOTE_ADDR=ADDRESS)
    item.refresh_from_db()
    return item.quantity


def test_cart_that_exists_is_the_account_s_once_its_visitor_signs_in(hall: Hall) -> None:
    pupil = Client(raise_request_exception=False)
    hall.visit(browser=pupil)
    attack(hall)
    assert hall.visit(8, browser=pupil).status_code == 409  # the control

    signed_in(pupil)

    assert hall.visit(8, browser=pupil).status_code == 303
    assert hall.taken == 24
    attack(hall)  # the address has four places more
    assert hall.taken == 28


def test_cart_is_the_account_s_at_the_checkout_as_well(hall: Hall) -> None:
    pupil = Client(raise_request_exception=False)
    path = hall.visit(20, browser=pupil)["Location"]
    assert change_at_checkout(hall, pupil, path, 24) == 20  # the control

    signed_in(pupil)

    assert change_at_checkout(hall, pupil, path, 24) == 24


def test_account_takes_over_no_more_than_it_may_hold(hall: Hall) -> None:
    Event.unscoped.filter(id=hall.event.id).update(max_held_per_address=4, max_held_per_network=6)
    first, second = (Client(raise_request_exception=False) for _ in range(2))
    hall.visit(browser=first)
    user = signed_in(first)
    hall.visit(browser=first)
    assert hall.visit(browser=second).status_code == 303
    second.force_login(user)

    assert hall.visit(browser=second).status_code == 303  # it keeps what it holds, for the address
    assert hall.visit(1).status_code == 409

    Event.unscoped.filter(id=hall.event.id).update(max_held_per_network=8)  # the control
    assert hall.visit(browser=second).status_code == 303
    assert hall.visit(1).status_code == 303


def test_cart_of_the_organisation_is_counted_once_a_browser_adds_to_it(hall: Hall) -> None:
    Event.unscoped.filter(id=hall.event.id).update(max_held_per_address=4)
    cart_id = a_cart(hall.organization, line(hall.standing, 10), now=utc_now())
    browser = Client(raise_request_exception=False)
    path = f"/{hall.organization.slug}/checkout/{cart_token(hall.organization.id, cart_id)}"
    browser.get(path)
    assert hall.visit(1).status_code == 303  # the control: until then it is not

    assert hall.visit(11, browser=browser).status_code == 409
    assert change_at_checkout(hall, browser, path, 11) == 10
    assert hall.visit(10, browser=browser).status_code == 303  # what it holds it keeps
    assert change_at_checkout(hall, browser, path, 9) == 9
    assert hall.visit(1).status_code == 409


def test_visitor_who_gives_places_back_has_them_again(hall: Hall) -> None:
    browser = Client(raise_request_exception=False)
    assert hall.visit(20, browser=browser).status_code == 303
    assert hall.visit(21, browser=browser).status_code == 409
    assert hall.visit(12, browser=browser).status_code == 303
    assert hall.visit(20, browser=browser).status_code == 303

    Cart.unscoped.update(expires_at=utc_now() - timedelta(seconds=1))

    assert hall.visit(20).status_code == 303


def test_addons_take_no_places(hall: Hall) -> None:
    bicycle = make_ticket_type(hall.event, name="Bicycle space", is_addon=True)

    assert hall.visit(12, beside={field(bicycle): "12"}).status_code == 303
    assert hall.visit(8, beside={field(bicycle): "8"}).status_code == 303
    # The control: places are counted as ever.
    assert hall.visit(1, beside={field(bicycle): "1"}).status_code == 409
    assert hall.taken == 20


def test_places_that_are_held_already_are_never_refused(hall: Hall) -> None:
    """Numbers that were lowered meanwhile: whoever holds more may give some back, and keep the rest."""
    browser = Client(raise_request_exception=False)
    hall.visit(10, browser=browser)
    Event.unscoped.filter(id=hall.event.id).update(max_held_per_address=2)

    assert hall.visit(8, browser=browser).status_code == 303
    assert hall.visit(9, browser=browser).status_code == 409


def test_organiser_sets_the_numbers(hall: Hall) -> None:
    api = make_api_client(hall.organization)
    path = f"/api/v1/events/{hall.event.id}"
    changed = api.patch(path, {"max_held_per_address": 4, "max_held_per_network": 6})
    assert (changed.json()["max_held_per_address"], changed.json()["max_held_per_network"]) == (4, 6)

    assert [hall.visit().status_code for _ in range(2)] == [303, 409]
    assert hall.visit(2, address="203.0.113.8").status_code == 303
    assert hall.visit(1, address="203.0.113.9").status_code == 409

    api.patch(path, {"max_held_per_address": None, "max_held_per_network": None})  # the control
    assert hall.visit(address="203.0.113.9").status_code == 303


def test_small_and_unlimited_events(settings: Any) -> None:
    settings.RATES = {"carts": None}
    unlimited = Hall(quantity=20)
    TicketType.unscoped.filter(id=unlimited.standing.id).update(quota=None)

    for _ in range(10):
        assert unlimited.visit(10).status_code == 303


def test_carts_of_the_organisation_itself_are_not_counted(hall: Hall) -> None:
    for _ in range(4):
        a_cart(hall.organization, line(hall.standing, 10), now=utc_now())

    assert hall.taken == 40
    assert Cart.objects.of(hall.organization.id).exclude(holders=[]).count() == 0


@pytest.mark.unaudited
def test_carts_keep_no_address(hall: Hall) -> None:
    hall.visit()
    [cart] = Cart.objects.of(hall.organization.id)
    assert sorted(key.partition(":")[0] for key in cart.holders) == ["address", "browser", "network"]
    assert not any("203.0" in key for key in cart.holders)

    Cart.unscoped.update(status="converted")
    assert forget_holders(now=utc_now()) == 1
    cart.refresh_from_db()
    assert cart.holders == []


# Waiting rooms


def let_in(hall: Hall, number: int) -> str:
    """Return the pass of one place in the line."""
    room = make_room(hall.event, now=utc_now(), starts_at=utc_now() - timedelta(minutes=1), is_paused=True)
    now = utc_now()
    Entry.unscoped.create(
        organization=hall.organization,
        room=room,
        number=number,
        entered_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    clear_caches()
    return pass_token(hall.organization.id, room.id, number, 1)


def with_pass(hall: Hall, token: str) -> Client:
    browser = Client(raise_request_exception=False)
    browser.cookies[f"{PASS}{hall.event.id.hex}"] = token
    return browser


def held(hall: Hall) -> tuple[int, int]:
    """Return how many carts hold, and how many places."""
    carts = Cart.objects.of(hall.organization.id).filter(status="active")
    items = CartItem.objects.of(hall.organization.id).filter(cart__in=carts)
    return carts.count(), items.aggregate(all=Sum("quantity"))["all"] or 0


def test_one_pass_in_fifteen_browsers_opens_one_cart(hall: Hall, settings: Any) -> None:
    token = let_in(hall, 1)
    browsers = [with_pass(hall, token) for _ in range(15)]

    answers = [hall.visit(1, browser=one, address=f"198.51.{nth}.7") for nth, one in enumerate(browsers)]

    assert [answer.status_code for answer in answers] == [303, *[409] * 14]
    assert "Your place in the line is used for a cart in another browser." in answers[1].content.decode()
    assert held(hall) == (1, 1)
    assert hall.visit(2, browser=browsers[0], address="198.51.0.7").status_code == 303  # its own cart goes on
    settings.RATE_LIMITS = False  # the control
    assert hall.visit(1, browser=browsers[2], address="198.51.2.7").status_code == 303
    clear_caches()


@pytest.mark.parametrize("at_checkout", [False, True])
def test_pass_that_adds_to_a_cart_of_the_organisation_opens_no_other(
    hall: Hall, settings: Any, at_checkout: bool
) -> None:
    token = let_in(hall, 1)
    first, copy = with_pass(hall, token), with_pass(hall, token)
    cart_id = a_cart(hall.organization, line(hall.standing, 1), now=utc_now())
    path = f"/{hall.organization.slug}/checkout/{cart_token(hall.organization.id, cart_id)}"
    first.get(path)
    if at_checkout:
        assert change_at_checkout(hall, first, path, 2) == 2
    else:
        assert hall.visit(2, browser=first).status_code == 303

    assert hall.visit(1, browser=copy, address="198.51.100.9").status_code == 409
    assert held(hall) == (1, 2)
    settings.RATE_LIMITS = False  # the control
    assert hall.visit(1, browser=copy, address="198.51.100.9").status_code == 303
    clear_caches()


def test_one_pass_in_many_browsers_at_once(hall: Hall) -> None:
    token = let_in(hall, 1)
    browsers = [with_pass(hall, token) for _ in range(8)]

    race(8, lambda nth: hall.visit(1, browser=browsers[nth], address=f"198.51.{nth}.7"))

    assert held(hall) == (1, 1)
    clear_caches()
