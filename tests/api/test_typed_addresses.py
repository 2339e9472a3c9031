"""What cannot be written to, or read, is refused wherever it is typed; spellings of one address are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kassa.catalog.models import TicketType
from kassa.orders.models import Order
from tests.support.factories import make_coupon, make_event, make_question, make_ticket_type
from tests.support.sale_world import World, sale_state
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
UNWRITABLE = (
    "eve,ada@kassa-sink.net",
    "<ada@kassa-sink.net>",
    "ada@kassa-sink..net",
    "ąda@kassa-sink.net",
    '"x"@kassa-sink.net',
    "ada@localhost",
)
PUNYCODE, LETTERS = "ada@xn--bcher-shop-9db.example", "ada@bücher-shop.example"
SPELLINGS = (
    PUNYCODE,
    LETTERS,
    "ada@bu\u0308cher-shop.example",
    f"{LETTERS}\u200b",
    f"{LETTERS}.",
    "ADA" + LETTERS[3:],
)
UNSEEN = "\u200b\u2060"
PERSIAN = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
"""A name that is written with a joiner."""


def free_ticket(world: World, **event: Any) -> TicketType:
    return make_ticket_type(make_event(world.organization, **event), price=0, quantity=50)


def an_order(world: World, **customer: Any) -> Any:
    return world.api.order(
        {"ticket_type": str(world.standing.id)}, customer={"email": "ada@example.com", **customer}
    )


def an_attendee(world: World, **attendee: Any) -> Any:
    return world.api.order({"ticket_type": str(world.standing.id), "attendees": [attendee]})


def a_cart(world: World, **customer: Any) -> Any:
    return world.api.post("/api/v1/carts", {"customer": {"email": "ada@example.com", **customer}})


def a_transfer(world: World, *, to_email: str = "grace@example.com", to_name: str = "") -> Any:
    holders = Holders()
    body = {"to_email": to_email, "to_name": to_name}
    return holders.api.post(f"/api/v1/tickets/{holders.ticket_id}/transfers", body)


def a_holder(world: World, **attendee: Any) -> Any:
    holders = Holders()
    return holders.api.patch(f"/api/v1/tickets/{holders.ticket_id}", attendee)


def an_organization(world: World, **changes: Any) -> Any:
    return world.api.patch("/api/v1/organization", changes)


def a_member(world: World, **member: Any) -> Any:
    return world.api.post("/api/v1/members", {"email": "eve@example.com", "role": "support", **member})


def an_event(world: World, **event: Any) -> Any:
    return world.api.post(
        "/api/v1/events", {"title": "A night", "starts_at": "2999-01-01T18:00:00Z", **event}
    )


EMAILS: dict[str, Callable[[World, str], Any]] = {
    "customer.email": lambda world, email: an_order(world, email=email),
    "lines.0.attendees.0.email": lambda world, email: an_attendee(world, email=email),
    "customer.email (cart)": lambda world, email: a_cart(world, email=email),
    "to_email": lambda world, email: a_transfer(world, to_email=email),
    "email (holder)": lambda world, email: a_holder(world, email=email),
    "email (organisation)": lambda world, email: an_organization(world, email=email),
    "email (member)": lambda world, email: a_member(world, email=email),
}
NAMES: dict[str, Callable[[World, str], Any]] = {
    "customer.first_name": lambda world, name: an_order(world, first_name=name),
    "customer.last_name": lambda world, name: an_order(world, last_name=name),
    "lines.0.attendees.0.first_name": lambda world, name: an_attendee(world, first_name=name),
    "customer.first_name (cart)": lambda world, name: a_cart(world, first_name=name),
    "to_name": lambda world, name: a_transfer(world, to_name=name),
    "last_name (holder)": lambda world, name: a_holder(world, last_name=name),
    "name (organisation)": lambda world, name: an_organization(world, name=name),
    "name (member)": lambda world, name: a_member(world, name=name),
    "title": lambda world, name: an_event(world, title=name),
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("email", UNWRITABLE)
@pytest.mark.parametrize("place", EMAILS)
def test_address_that_cannot_be_written_to_is_refused_where_it_is_typed(
    world: World, place: str, email: str
) -> None:
    refused = EMAILS[place](world, email)

    assert refused.status_code == 422, refused.content
    [error] = refused.json()["errors"]
    assert error["field"] == place.partition(" ")[0]
    assert "@" in error["message"] or "mail" in error["message"]


@pytest.mark.parametrize("place", EMAILS)
def test_address_that_can_be_written_to_is_taken_in_its_form(world: World, place: str) -> None:
    taken = EMAILS[place](world, "grace@bücher-shop.example.")

    assert taken.status_code in (200, 201, 202), taken.content
    assert "grace@xn--bcher-shop-9db.example" in taken.content.decode()


def test_refused_order_leaves_nothing_behind(world: World) -> None:
    assert world.standing.quota_id
    before = sale_state()

    assert an_order(world, email=UNWRITABLE[0]).status_code == 422
    assert sale_state() == before


@pytest.mark.parametrize("place", NAMES)
def test_name_that_nobody_can_see_is_refused_where_it_is_typed(world: World, place: str) -> None:
    refused = NAMES[place](world, UNSEEN)

    assert refused.status_code == 422, refused.content
    assert [error["field"] for error in refused.json()["errors"]] == [place.partition(" ")[0]]
    assert NAMES[place](world, PERSIAN).status_code in (200, 201, 202)


@pytest.mark.parametrize("second", SPELLINGS)
def test_one_mailbox_in_two_spellings_is_one_customer(world: World, second: str) -> None:
    ticket_type, coupon = free_ticket(world, one_per_customer=True), make_coupon(world.organization)
    booked = [
        world.api.order({"ticket_type": str(ticket_type.id)}, customer={"email": email})
        for email in (LETTERS, second)
    ]
    used = [
        world.api.order(
            {"ticket_type": str(world.standing.id)}, customer={"email": email}, coupon=coupon.code
        )
        for email in (LETTERS, second)
    ]

    assert [answer.status_code for answer in (*booked, *used)] == [201, 409, 201, 409]
    assert (booked[1].json()["code"], used[1].json()["code"]) == ("already_booked", "coupon_used")
    assert set(Order.unscoped.values_list("customer_email", flat=True)) == {PUNYCODE}


@pytest.mark.parametrize("asked", SPELLINGS)
def test_lists_find_all_spellings(world: World, asked: str) -> None:
    placed = [an_order(world, email=email).json()["id"] for email in (LETTERS, PUNYCODE)]
    an_order(world)
    orders = world.api.get(f"/api/v1/orders?email={asked}").json()["items"]
    found = world.api.get(f"/api/v1/tickets?email={asked}").json()["items"]

    assert [order["id"] for order in orders] == placed[::-1]
    assert [ticket["order"] for ticket in found] == placed[::-1]
    assert world.api.get("/api/v1/orders?email=b@xn--bcher-shop-9db.example").json()["items"] == []


@pytest.mark.parametrize("country", ["XX", "ZZ", "de", "UK"])
def test_countries_are_those_of_the_standard(world: World, country: str) -> None:
    refused = [
        an_order(world, address={"country": country}),
        an_event(world, country=country),
        an_organization(world, address={"country": country}),
    ]

    assert [answer.status_code for answer in refused] == [422] * 3
    assert an_order(world, address={"country": "XK"}).status_code == 201
    assert an_event(world, country="DE").status_code == 201


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules", "Mars/Base"])
def test_time_zones_are_those_of_the_database(world: World, zone: str) -> None:
    refused = an_event(world, time_zone=zone)

    assert refused.status_code == 422
    assert "is not a time zone" in refused.json()["detail"]


def test_answer_that_nobody_can_see_is_none(world: World) -> None:
    make_question(world.event, "size", is_required=True)

    refused = an_attendee(world, fields={"size": UNSEEN})

    assert (refused.status_code, refused.json()["code"]) == (409, "answer_missing")
