"""An add-on goes with another ticket of its event, in orders, carts and choices alike."""

from __future__ import annotations

from datetime import datetime

import pytest

from kassa.catalog.models import Event, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.database import statements
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_content import read_content
from kassa.sales.domain.cart_items import remove_item
from kassa.sales.domain.cart_price import price_carts
from kassa.sales.domain.choice_price import price_choice
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import RequestedLine
from kassa.sales.errors import AddonAlone
from tests.sales.carts import a_cart, items_of, put
from tests.support.api_client import make_api_client
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_product,
    make_ticket_type,
    order_request,
    places,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def a_bicycle(event: Event) -> TicketType:
    return make_ticket_type(event, name="Bicycle space", is_addon=True, quantity=4)


def place(organization: Organization, *lines: RequestedLine) -> Outcome:
    [outcome] = place_orders(
        organization.id, [order_request(make_actor(organization), *lines)], now=utc_now()
    )
    return outcome


def test_addon_alone_is_refused_and_takes_nothing(organization: Organization, event: Event) -> None:
    bicycle = a_bicycle(event)

    outcome = place(organization, line(bicycle))

    assert isinstance(outcome, AddonAlone)
    assert outcome.details == {"line": 0, "item": str(bicycle.id)}
    assert places(bicycle.quota_id) == (0, 0)


def test_addon_goes_with_a_ticket_of_its_own_event(organization: Organization, event: Event) -> None:
    bicycle, adult = a_bicycle(event), make_ticket_type(event)
    elsewhere = make_ticket_type(make_event(organization))
    poster = make_product(organization, event=event)

    outcomes = [
        place(organization, line(bicycle), line(adult)),
        place(organization, line(adult), line(bicycle, 2)),
        place(organization, line(elsewhere), line(bicycle)),
        place(organization, line(poster), line(bicycle)),
    ]

    assert [type(outcome) for outcome in outcomes] == [Placed, Placed, AddonAlone, AddonAlone]
    assert places(bicycle.quota_id) == (3, 0)


def test_addon_is_no_second_booking_of_one_customer(organization: Organization) -> None:
    course = make_event(organization, one_per_customer=True)
    lunch, seat = make_ticket_type(course, is_addon=True), make_ticket_type(course)

    assert isinstance(place(organization, line(seat), line(lunch, 2)), Placed)


def test_cart_takes_an_addon_only_beside_a_ticket(
    organization: Organization, event: Event, now: datetime
) -> None:
    bicycle, adult = a_bicycle(event), make_ticket_type(event)
    with pytest.raises(AddonAlone):
        a_cart(organization, line(bicycle), now=now)

    cart_id = a_cart(organization, line(adult), now=now)
    put(organization, cart_id, line(bicycle), now=now)
    ticket = next(item for item in items_of(cart_id) if item.ticket_type_id == adult.id)
    remove_item(CommandContext.system(organization.id, now=now), cart_id, ticket.id)

    price = price_carts(statements(), organization.id, [read_content(organization.id, cart_id)], now=now)
    assert isinstance(price[cart_id].problem, AddonAlone)
    assert price[cart_id].lines.keys() == {item.id for item in items_of(cart_id)}


def test_choice_of_an_addon_says_what_is_missing(
    organization: Organization, event: Event, now: datetime
) -> None:
    found = price_choice(organization.id, [line(a_bicycle(event))], coupon_code=None, now=now)

    assert isinstance(found.problem, AddonAlone)


def test_api_makes_an_addon_and_refuses_it_alone(organization: Organization, event: Event) -> None:
    api = make_api_client(organization)
    bicycle = api.post(
        f"/api/v1/events/{event.id}/ticket-types",
        {"name": "Bicycle space", "price": "5.00", "is_addon": True, "is_reduced": False},
    ).json()

    answer = api.order({"ticket_type": bicycle["id"], "quantity": 1}, key="bicycle")

    assert (bicycle["is_addon"], bicycle["is_reduced"]) == (True, False)
    assert (answer.status_code, answer.json()["code"]) == (409, "addon_alone")
    changed = api.patch(f"/api/v1/ticket-types/{bicycle['id']}", {"is_addon": False}).json()
    assert changed["is_addon"] is False
    assert api.order({"ticket_type": bicycle["id"], "quantity": 1}, key="bicycle").status_code == 201
