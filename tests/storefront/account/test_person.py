"""A person's own pages: orders, tickets, data; theirs, and nobody else's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.identity.models import User
from kassa.sales.domain.request import Customer
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, letters_to, make_person, signed_in
from tests.storefront.pages import text_of
from tests.support.factories import line
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"


@pytest.fixture
def holders() -> Holders:
    """Ada has bought two tickets as a guest."""
    return Holders()


def test_guest_orders_of_a_proven_address_are_listed(holders: Holders) -> None:
    page = signed_in(make_person()).get("/account/")

    assert holders.sold.number in text_of(page)
    assert "Your order is confirmed" in text_of(page)
    assert "/orders/" in page.content.decode()


def test_orders_of_others_are_not(holders: Holders) -> None:
    page = signed_in(make_person("eve@example.com")).get("/account/")

    assert "ORD-" not in text_of(page)
    assert "No orders yet" in text_of(page)


def test_tickets_to_come_lead_to_their_pages(holders: Holders) -> None:
    visitor = signed_in(make_person())

    page = visitor.get("/account/tickets/")
    past = visitor.get("/account/tickets/?past=1")

    assert page.content.decode().count("ticket.pdf") == 2
    assert "Night of Strings" in text_of(page)
    assert "Night of Strings" not in text_of(past)


def test_ticket_given_away_is_the_new_holders(holders: Holders) -> None:
    holders.accept(holders.offer(to="grace@example.com"))

    mine = signed_in(make_person()).get("/account/tickets/").content.decode()
    hers = signed_in(make_person("grace@example.com")).get("/account/tickets/").content.decode()

    assert (mine.count("ticket.pdf"), hers.count("ticket.pdf")) == (1, 1)


@pytest.mark.parametrize("path", ["/account/", "/account/tickets/"])
def test_lists_ask_as_often_for_many_as_for_one(path: str) -> None:
    visitor = signed_in(make_person())
    Holders()
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(path).status_code == 200
        asked.append(len(queries))
        for _n in range(2):
            Holders()

    assert asked[0] == asked[1]


def test_older_orders_are_on_the_next_page(holders: Holders) -> None:
    user = make_person()
    for _ in range(20):
        holders.place(line(holders.shirt, 1), customer=Customer(email=ADA, user_id=user.id))
        holders.shirt.quota.reserved = 0
        holders.shirt.quota.save()
    visitor = signed_in(user)

    first = visitor.get("/account/")
    older = first.context["older"]
    second = visitor.get(f"/account/?before={older}")

    assert holders.sold.number not in text_of(first)
    assert holders.sold.number in text_of(second)


@pytest.mark.parametrize("query", ["before=x", "before=", "before=%00", "past=1&before=x"])
def test_any_query_is_answered(query: str) -> None:
    visitor = signed_in(make_person())

    assert visitor.get(f"/account/?{query}").status_code == 200
    assert visitor.get(f"/account/tickets/?{query}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/account/", "/account/tickets/", "/account/data/", "/account/data/export", "/account/data/erase"],
)
def test_pages_of_a_person_want_to_know_who_it_is(path: str) -> None:
    answer = Visitor().get(path)

    assert answer.status_code == 302
    assert answer["Location"] == f"/account/login/?next={path}"


def test_name_and_language_are_changed() -> None:
    user = make_person()
    visitor = signed_in(user)

    page = visitor.send("/account/data/", name="Augusta Ada King", language="fr")

    user.refresh_from_db()
    assert (user.name, user.language) == ("Augusta Ada King", "fr")
    assert "Mes données" in text_of(page)


def test_data_is_downloaded(holders: Holders) -> None:
    visitor = signed_in(make_person())

    answer = visitor.post("/account/data/export")

    assert answer["Content-Disposition"] == 'attachment; filename="kassa-data.zip"'
    assert holders.sold.number in zipfile.ZipFile(io.BytesIO(answer.content)).read("data.json").decode()


def let_time_pass() -> None:
    """Make every signing in one of an hour ago."""
    for session in Session.objects.all():
        store = SessionStore(session.session_key)
        for record in store.get("account_authentication_methods", []):
            record["at"] -= 3600
        store.modified = True
        store.save()


def by_password(visitor: Visitor, then: str) -> Any:
    return visitor.send(f"/account/reauthenticate/?next={then}", password=PASSWORD)


def by_code(visitor: Visitor, then: str) -> Any:
    visitor.send(f"/account/confirm/?next={then}", do="send")
    return visitor.send(f"/account/confirm/?next={then}", do="confirm", code=code_for(ADA))


@pytest.mark.parametrize(
    ("password", "confirm"), [(PASSWORD, by_password), (None, by_code), (PASSWORD, by_code)]
)
def test_erasing_asks_once_more_who_it_is(
    password: str | None, confirm: Callable[[Visitor, str], Any]
) -> None:
    visitor = signed_in(make_person(password=password))
    let_time_pass()

    refused = visitor.send("/account/data/erase", sure="yes")
    assert "Is it you?" in text_of(refused)
    assert User.objects.exists()
    page = confirm(visitor, "/account/data/erase")
    assert "This cannot be undone" in text_of(page)
    unsure = visitor.send("/account/data/erase")
    assert User.objects.exists()
    done = visitor.send("/account/data/erase", sure="yes")

    assert "This cannot be undone" in text_of(unsure)
    assert "Your data has been erased" in text_of(done)
    assert not User.objects.exists()
    assert letters_to(ADA) == []
    assert not visitor.is_signed_in


def test_wrong_code_confirms_nothing() -> None:
    visitor = signed_in(make_person(password=None))
    let_time_pass()
    visitor.send("/account/confirm/", do="send")
    code = code_for(ADA)

    for _ in range(3):
        page = visitor.send("/account/confirm/", do="confirm", code="BBBB-BBBB")
    visitor.send("/account/confirm/", do="confirm", code=code)

    assert "That’s not the right code" in text_of(page)
    assert "Is it you?" in text_of(visitor.get("/account/data/erase", follow=True))


def test_unpaid_order_keeps_the_data(holders: Holders) -> None:
    visitor = signed_in(make_person())
    order = holders.place(line(holders.standing, 1))

    page = visitor.send("/account/data/erase", sure="yes")

    assert page.status_code == 409
    assert order.number in text_of(page)
    assert User.objects.exists()


def test_another_address_brings_its_orders(holders: Holders) -> None:
    visitor = signed_in(make_person("grace@example.com"))
    visitor.send("/account/email/", action_add="1", email=ADA)
    before = text_of(visitor.get("/account/"))

    visitor.send("/account/confirm-email/", code=code_for(ADA))

    assert holders.sold.number not in before
    assert holders.sold.number in text_of(visitor.get("/account/"))


def test_address_of_another_account_cannot_be_added() -> None:
    make_person()
    grace = make_person("grace@example.com")
    visitor = signed_in(grace)

    visitor.send("/account/email/", action_add="1", email=ADA)
    page = visitor.send("/account/confirm-email/", code=code_for(ADA))

    assert "There is already an account with this e-mail address." in text_of(page)
    assert not EmailAddress.objects.filter(user=grace, email=ADA, verified=True).exists()
