"""Visitors who prove an address without an account: they see what was bought under it, and nothing else."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session

from kassa.identity.models import User
from kassa.sales.domain.request import Customer
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, make_person
from tests.storefront.pages import text_of
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"


@pytest.fixture
def holders() -> Holders:
    """Ada has bought two tickets as a guest."""
    return Holders()


def come_by_code(email: str = ADA) -> Visitor:
    visitor = Visitor()
    visitor.send("/account/login/code/", email=email)
    visitor.send("/account/login/code/confirm/", code=code_for(email))
    return visitor


def test_code_leads_a_guest_to_their_orders(holders: Holders) -> None:
    visitor = Visitor()
    visitor.send("/account/login/code/", email=ADA.upper())

    page = visitor.send("/account/login/code/confirm/", code=code_for(ADA))

    assert page.request["PATH_INFO"] == "/account/"
    assert holders.sold.number in text_of(page)
    assert "Bought with ada@example.com." in text_of(page)
    assert not User.objects.exists()
    assert "Night of Strings" in text_of(visitor.get("/account/tickets/"))


def test_ticket_that_was_made_out_to_a_guest_is_found(holders: Holders) -> None:
    holders.accept(holders.offer(to="grace@example.com"))

    page = come_by_code("grace@example.com").get("/account/tickets/")

    assert page.content.decode().count("ticket.pdf") == 1


def test_orders_of_an_account_are_not_a_guests(holders: Holders) -> None:
    """What was bought signed in belongs to the account, whatever address was typed there."""
    other = make_person("other@example.com")
    holders.place(customer=Customer(email=ADA, user_id=other.id))

    page = come_by_code().get("/account/")

    assert text_of(page).count("ORD-") == 1
    assert holders.sold.number in text_of(page)


@pytest.mark.parametrize(
    "path",
    [
        "/account/data/",
        "/account/data/export",
        "/account/data/erase",
        "/account/email/",
        "/account/2fa/",
        "/account/sessions/",
        "/account/activity/",
        "/account/organizations/",
    ],
)
def test_guest_has_no_account(holders: Holders, path: str) -> None:
    answer = come_by_code().get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_guest_sees_nothing_of_others(holders: Holders) -> None:
    grace = Holders()
    grace.place(customer=Customer(email="grace@example.com"))

    page = come_by_code("grace@example.com").get("/account/")

    assert holders.sold.number not in text_of(page)
    assert text_of(page).count("ORD-") == 1


def test_guest_leaves(holders: Holders) -> None:
    visitor = come_by_code()

    assert "Sign out" in text_of(visitor.get("/account/logout/"))
    visitor.post("/account/logout/")

    assert visitor.get("/account/").status_code == 302


def test_guest_is_forgotten_after_half_a_day(holders: Holders, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = come_by_code()
    assert visitor.get("/account/").status_code == 200
    later = time.time() + 12 * 3600 + 1

    monkeypatch.setattr("kassa.storefront.account.guest.time.time", lambda: later)

    assert visitor.get("/account/").status_code == 302


def test_session_is_another_one_once_the_address_is_proven(holders: Holders) -> None:
    visitor = Visitor()
    visitor.send("/account/login/code/", email=ADA)
    before = visitor.cookies["kassa_session"].value

    visitor.send("/account/login/code/confirm/", code=code_for(ADA))

    assert visitor.cookies["kassa_session"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_guest_who_signs_up_is_a_person(holders: Holders) -> None:
    visitor = come_by_code()
    visitor.send("/account/signup/", name="Ada", email=ADA, password1=PASSWORD)
    visitor.send("/account/confirm-email/", code=code_for(ADA))

    page = visitor.get("/account/")

    assert visitor.get("/account/data/").status_code == 200
    assert holders.sold.number in text_of(page)
    assert "Bought with" not in text_of(page)


def test_wrong_code_shows_nothing(holders: Holders) -> None:
    visitor = Visitor()
    visitor.send("/account/login/code/", email=ADA)

    page = visitor.send("/account/login/code/confirm/", code="BBBB-BBBB")

    assert "That’s not the right code" in text_of(page)
    assert visitor.get("/account/").status_code == 302
