"""Lists are narrowed by several values at once, sent one by one or with commas between."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.sales.domain.place import place_orders
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
    order_request,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


def listed(api: ApiClient, path: str) -> set[str]:
    answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return {one.get("number") or one.get("title") or one.get("name") for one in answer.json()["items"]}


@pytest.fixture
def orders(organization: Organization) -> dict[str, str]:
    """Orders by what they are called here: their numbers."""
    actor, standing = make_actor(organization), make_ticket_type(make_event(organization))
    kinds: dict[str, dict[str, Any]] = {
        "held": {},
        "tried": {"status": "pending", "payment_attempts": 2},
        "exhausted": {"status": "pending", "payment_attempts": 3},
        "overdue": {"expires_at": utc_now() - timedelta(minutes=1)},
        "paid": {"status": "confirmed", "payment_status": "paid", "expires_at": None},
        "cancelled": {"status": "cancelled", "payment_status": "cancelled", "expires_at": None},
    }
    numbers = {}
    for name, values in kinds.items():
        place_orders(organization.id, [order_request(actor, line(standing))], now=utc_now())
        order = Order.unscoped.latest("created_at")
        for column in ("status", "payment_status"):
            if column in values:
                Order.unscoped.filter(id=order.id).update(**{column: values[column]})
        rest = {key: value for key, value in values.items() if key not in ("status", "payment_status")}
        Order.unscoped.filter(id=order.id).update(**rest) if rest else None
        numbers[name] = order.number
    return numbers


@pytest.mark.parametrize(("sign", "written"), [("-", str.upper), ("\u2013", str.lower), (" - ", str.upper)])
def test_order_is_found_by_its_number_as_people_write_it(
    api: ApiClient, orders: dict[str, str], sign: str, written: Any
) -> None:
    number = written(orders["paid"]).replace("-", sign)

    assert names(
        orders, {one["number"] for one in api.get(f"/api/v1/orders?number={number}").json()["items"]}
    ) == {"paid"}


def names(orders: dict[str, str], found: set[str]) -> set[str]:
    return {name for name, number in orders.items() if number in found}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=draft", {"held"}),
        ("status=draft&status=confirmed", {"held", "paid"}),
        ("status=draft,confirmed", {"held", "paid"}),
        ("status=draft,confirmed&status=pending", {"held", "paid", "tried", "exhausted"}),
        ("status=expired", {"overdue"}),
        ("status=expired,cancelled", {"overdue", "cancelled"}),
        ("payment_status=pending", {"held", "tried", "exhausted"}),
        ("payment_status=cancelled", {"overdue", "cancelled"}),
        ("payment_status=paid,cancelled", {"paid", "overdue", "cancelled"}),
        ("can_retry=true", {"held", "tried"}),
        ("can_retry=false", {"exhausted", "overdue", "paid", "cancelled"}),
        ("can_retry=true&status=pending", {"tried"}),
    ],
)
def test_orders_by_several_statuses(
    api: ApiClient, orders: dict[str, str], query: str, expected: set[str]
) -> None:
    assert names(orders, listed(api, f"orders?{query}")) == expected


def test_filter_says_what_the_orders_say(api: ApiClient, orders: dict[str, str]) -> None:
    for wanted in (True, False):
        answer = api.get(f"/api/v1/orders?can_retry={str(wanted).lower()}").json()
        assert {one["can_retry_payment"] for one in answer["items"]} == {wanted}


@pytest.mark.parametrize("query", ["status=nonsense", "status=", "status=draft,", "status=draft;confirmed"])
def test_status_there_is_none_is_refused(api: ApiClient, query: str) -> None:
    answer = api.get(f"/api/v1/orders?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("status")


@pytest.mark.parametrize(
    "path",
    [
        "carts?status=active,expired",
        "tickets?status=valid&status=used",
        "messages?status=sent,kept",
        "transactions?status=completed",
        "webhook-events?status=settled,dead",
    ],
)
def test_other_lists_take_several_too(api: ApiClient, path: str) -> None:
    assert listed(api, path) == set()


def test_products_and_seats_by_several_statuses(organization: Organization, api: ApiClient) -> None:
    make_product(organization, name="Poster")
    make_product(organization, name="Shirt", status="inactive")
    assert listed(api, "products?status=active,inactive") == {"Poster", "Shirt"}
    assert listed(api, "products?status=inactive") == {"Shirt"}
    event = make_event(organization)
    for query in ("status=available,blocked", "status=held&status=sold"):
        assert api.get(f"/api/v1/events/{event.id}/seats?{query}").status_code == 200


@pytest.fixture
def tagged(organization: Organization) -> list[Event]:
    return [
        make_event(organization, title="Organ at Night", tags=["Organ", "Bach"]),
        make_event(organization, title="Bach for Children", tags=["bach", "family"], status="draft"),
        make_event(organization, title="Family Day", tags=['it\'s, "quoted" {x}']),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag=bach", {"Organ at Night", "Bach for Children"}),
        ("tag=BACH&tag=family", {"Bach for Children"}),
        ("tag=bach,organ", {"Organ at Night"}),
        ("tag=bac", set()),
        ("q=family", {"Family Day", "Bach for Children"}),
        ("q=organ", {"Organ at Night"}),
        ("q=organ\u2013at", {"Organ at Night"}),
        ("q=bach f\u00d6r", {"Bach for Children"}),
        ("q=\u2019", set()),
        ("tag=B\u00e4ch", {"Organ at Night", "Bach for Children"}),
        ("tag=bach&status=published,draft", {"Organ at Night", "Bach for Children"}),
        ("status=draft", {"Bach for Children"}),
    ],
)
def test_events_by_tag(api: ApiClient, tagged: list[Event], query: str, expected: set[str]) -> None:
    assert listed(api, f"events?{query}") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("price_from=20", {"Gala", "Night"}),
        ("price_to=20", {"Night", "Free"}),
        ("price_from=10&price_to=20", {"Night"}),
        ("price_to=0", {"Free"}),
        ("price_from=5&price_to=9.99", set()),
        ("price_from=20&q=gala", {"Gala"}),
    ],
)
def test_events_by_price(organization: Organization, api: ApiClient, query: str, expected: set[str]) -> None:
    for title, prices in (("Gala", [80]), ("Night", [20, 45]), ("Free", [0]), ("Nothing to buy", [])):
        event = make_event(organization, title=title)
        for price in prices:
            make_ticket_type(event, price=Decimal(price))
        make_ticket_type(event, price=Decimal(7), is_hidden=True)
        make_ticket_type(event, price=Decimal(8), deleted_at=event.created_at)
    make_ticket_type(make_event(make_organization(), title="A stranger's"), price=Decimal(20))

    assert listed(api, f"events?{query}") == expected


@pytest.mark.parametrize("query", ["price_from=-1", "price_to=dear", "price_from=1e20"])
def test_what_is_no_price(api: ApiClient, query: str) -> None:
    assert api.get(f"/api/v1/events?{query}").status_code == 422
