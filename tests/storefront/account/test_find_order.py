"""Somebody who has lost the mail with their order asks for its link by e-mail address alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from kassa.core.personal_data import NOBODY
from kassa.identity.domain.account_mail import AccountLetter
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.sales.domain.request import Customer
from kassa.storefront.account import order_links
from tests.storefront.account.lost_orders import answer_requests, forget_requests
from tests.storefront.account.visitor import Visitor, letters_to, make_person
from tests.storefront.pages import text_of
from tests.support.factories import make_organization, prove_domain
from tests.support.sale_world import World
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"
ANYWHERE = "/account/find-order/"
SENTENCE = "If you’ve ordered with this address, the links to your orders are on their way."


@pytest.fixture
def holders() -> Holders:
    """Ada has bought two tickets as a guest."""
    return Holders()


@pytest.fixture(autouse=True)
def _no_requests_of_before() -> None:
    forget_requests()


def ask(email: str = ADA, path: str = ANYWHERE, **headers: str) -> str:
    """Ask for the links, and return what the page says then."""
    page = Visitor(**headers).send(path, email=email)
    answer_requests()
    return text_of(page)


def in_shop(organization: Organization) -> str:
    return f"/{organization.slug}/find-order"


def mail_to(email: str = ADA) -> AccountLetter:
    return letters_to(email)[0]


def test_mail_has_the_links_of_all_orders(holders: Holders) -> None:
    bakery = World(make_organization())
    second = bakery.place(customer=Customer(email=ADA))

    said = ask(ADA.upper())

    assert SENTENCE in said
    assert (len(letters_to(ADA)), mail_to().subject, mail_to().sender_name) == (1, "Your orders", "")
    links = re.findall(r"/orders/\S+", mail_to().text)
    pages = [text_of(Client().get(link)) for link in links]
    assert [second.number in pages[0], holders.sold.number in pages[1]] == [True, True]
    assert all(link in mail_to().html for link in links)
    assert "Night of Strings" in mail_to().text
    assert "Night of Strings" in mail_to().html


def test_day_of_an_order_is_that_of_its_place(holders: Holders) -> None:
    """Bought half an hour after midnight in Leipzig, where UTC still has the day before."""
    holders.event.time_zone = "Europe/Berlin"
    holders.event.save()
    Order.unscoped.filter(id=holders.sold.id).update(created_at=datetime(2026, 11, 30, 23, 31, tzinfo=UTC))

    ask()

    assert "1 December 2026" in mail_to().text
    assert "30 November" not in mail_to().text + mail_to().html


def test_from_a_shop_only_its_own_orders_are_sent(holders: Holders) -> None:
    World(make_organization()).place(customer=Customer(email=ADA))

    said = ask(path=in_shop(holders.organization))

    assert SENTENCE in said
    assert mail_to().subject == "Your orders at Harbour Hall"
    assert len(re.findall(r"/orders/\S+", mail_to().text)) == 1
    assert (mail_to().sender_name, mail_to().reply_to) == ("Harbour Hall", "office@harbour.example")


def test_address_without_orders_gets_a_mail_that_says_so(holders: Holders) -> None:
    said = ask("zoe@example.com", path=in_shop(holders.organization))

    assert SENTENCE in said
    assert mail_to("zoe@example.com").subject == "We found no orders at Harbour Hall"
    assert "/orders/" not in mail_to("zoe@example.com").text


def test_order_that_was_placed_signed_in_is_found_too(holders: Holders) -> None:
    user = make_person("other@example.com")
    placed = holders.place(customer=Customer(email="grace@example.com", user_id=user.id))

    ask("grace@example.com")

    assert placed.number in mail_to("grace@example.com").text


def test_ticket_that_was_made_out_to_somebody_is_found(holders: Holders) -> None:
    holders.accept(holders.offer(to="grace@example.com"))

    ask("grace@example.com")

    link = re.findall(r"/tickets/\S+", mail_to("grace@example.com").text)[0]
    assert "Night of Strings" in text_of(Client().get(link))


def test_mail_and_page_are_in_french(holders: Holders) -> None:
    visitor = Visitor()
    page = visitor.get(f"{in_shop(holders.organization)}?lang=fr")
    assert "Retrouver ma commande" in text_of(page)

    visitor.send(in_shop(holders.organization), email=ADA)
    answer_requests()

    assert mail_to().subject == "Vos commandes chez Harbour Hall"
    assert "Ouvrir cette commande" in mail_to().html


def test_on_a_domain_of_its_own(holders: Holders) -> None:
    prove_domain(holders.organization, "tickets.harbour.example")
    client = Client(HTTP_HOST="tickets.harbour.example")
    assert 'href="/find-order"' in client.get("/").content.decode()

    answer = client.post("/find-order", {"email": "zoe@example.com"})
    answer_requests()

    assert answer["Location"] == "/find-order?sent=1"
    assert "https://tickets.harbour.example/find-order" in mail_to("zoe@example.com").text


def test_many_orders_are_cut_off_and_said_to_be(holders: Holders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_links, "MOST_ORDERS", 1)
    newest = holders.place(customer=Customer(email=ADA))

    ask()

    assert (newest.number in mail_to().text, holders.sold.number in mail_to().text) == (True, False)
    assert "These are the newest." in mail_to().text


def test_text_of_the_mail_is_not_read_as_html(holders: Holders) -> None:
    Organization.objects.filter(id=holders.organization.id).update(name="Tom & <b>Jerry</b>")

    ask()

    assert "Tom & <b>Jerry</b>" in mail_to().text
    assert "<b>Jerry" not in mail_to().html


def test_orders_of_the_erased_are_sent_to_nobody(holders: Holders) -> None:
    ask(NOBODY)

    assert letters_to(NOBODY) == []


def test_address_that_is_none_is_refused_beside_the_field(holders: Holders) -> None:
    for path in (ANYWHERE, in_shop(holders.organization)):
        said = ask("ada@", path=path)
        assert "This is not a complete e-mail address." in said
        assert SENTENCE not in said


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/", ANYWHERE),
        ("/account/login/", ANYWHERE),
        ("/nobody/nothing/here", ANYWHERE),
        ("/orders/nobody-has-this-link", ANYWHERE),
        ("/{slug}/", "/{slug}/find-order"),
        ("/{slug}/cart", "/{slug}/find-order"),
        ("/{slug}/nothing-here", "/{slug}/find-order"),
    ],
)
def test_it_is_linked_to_where_one_looks_for_it(holders: Holders, path: str, link: str) -> None:
    slug = holders.organization.slug
    page = Client(HTTP_ACCEPT="text/html").get(path.format(slug=slug))

    assert f'href="{link.format(slug=slug)}"' in page.content.decode()
