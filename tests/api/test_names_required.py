"""Tickets that need the names of their attendees: through orders, carts, changes and transfers."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.catalog.models import TicketType
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import Organization
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type, places

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"first_name": "Ada", "last_name": "Lovelace"}
GRACE = {"first_name": "Grace", "last_name": "Hopper"}
UNNAMED: list[tuple[list[dict[str, Any]], int, str]] = [
    ([], 0, "first_name"),
    ([ADA], 1, "first_name"),
    ([ADA, {"last_name": "Hopper"}], 1, "first_name"),
    ([ADA, {"first_name": "Grace"}], 1, "last_name"),
    ([{"first_name": "Ada", "last_name": ""}, GRACE], 0, "last_name"),
    ([{"first_name": None, "last_name": "Lovelace"}, GRACE], 0, "first_name"),
    ([{"email": "ada@example.com"}, GRACE], 0, "first_name"),
]


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


@pytest.fixture
def named(organization: Organization) -> TicketType:
    return make_ticket_type(make_event(organization), name="Coach", names_required=True)


def of(ticket_type: TicketType, *attendees: dict[str, Any], quantity: int = 2) -> dict[str, Any]:
    return {"ticket_type": str(ticket_type.id), "quantity": quantity, "attendees": list(attendees)}


def problem_of(answer: Any) -> tuple[Any, ...]:
    problem = answer.json()
    return (
        answer.status_code,
        problem["code"],
        problem.get("line"),
        problem.get("attendee"),
        problem.get("missing"),
    )


@pytest.mark.parametrize(("attendees", "nth", "missing"), UNNAMED)
def test_order_without_a_name_is_refused(
    api: ApiClient, named: TicketType, attendees: Any, nth: int, missing: str
) -> None:
    poster = {"product": str(make_product(named.organization).id)}

    answer = api.order(poster, of(named, *attendees))

    assert problem_of(answer) == (409, "attendee_name_missing", 1, nth, missing)
    assert "'Coach'" in answer.json()["detail"]
    assert not Order.unscoped.exists()
    assert places(named.quota_id) == (0, 0)


def test_order_with_all_names_is_placed(api: ApiClient, named: TicketType) -> None:
    order = api.order(of(named, ADA, GRACE)).json()

    assert [ticket["attendee"]["last_name"] for ticket in order["tickets"]] == ["Lovelace", "Hopper"]


def test_control_other_tickets_need_no_names(api: ApiClient, organization: Organization) -> None:
    standing = make_ticket_type(make_event(organization))

    assert api.order(of(standing)).status_code == 201


@pytest.mark.parametrize(("attendees", "nth", "missing"), UNNAMED)
def test_cart_without_a_name_is_not_ordered(
    api: ApiClient, named: TicketType, attendees: Any, nth: int, missing: str
) -> None:
    cart = api.post("/api/v1/carts", {"lines": [{"ticket_type": str(named.id), "quantity": 2}]}).json()
    path, item = f"/api/v1/carts/{cart['id']}", cart["items"][0]["id"]
    assert cart["problem"] is None  # the names are still to come
    body = {"customer": {"email": "ada@example.com"}, "attendees": [{"item": item, "attendees": attendees}]}

    refused = api.post(f"{path}/order", body, key="k1")
    body["attendees"] = [{"item": item, "attendees": [ADA, GRACE]}]
    placed = api.post(f"{path}/order", body, key="k2")

    assert problem_of(refused) == (409, "attendee_name_missing", 0, nth, missing)
    assert placed.status_code == 201, placed.content


def sold(api: ApiClient, ticket_type: TicketType) -> str:
    """Return the id of a ticket made out to Ada."""
    order = api.order(of(ticket_type, ADA, quantity=1), key="sold").json()
    assert api.call("PUT", f"/api/v1/orders/{order['id']}/status", {"status": "confirmed"}).status_code == 200
    return str(order["tickets"][0]["id"])


@pytest.mark.parametrize("missing", ["first_name", "last_name"])
@pytest.mark.parametrize("nothing", ["", None, "\u200b"])
def test_name_is_not_taken_away(api: ApiClient, named: TicketType, missing: str, nothing: Any) -> None:
    ticket = sold(api, named)

    answer = api.patch(f"/api/v1/tickets/{ticket}", {missing: nothing})

    assert answer.status_code in (200, 409, 422), answer.content
    left = Ticket.unscoped.get(id=ticket)
    assert (left.attendee_first_name, left.attendee_last_name) == ("Ada", "Lovelace")
    if nothing == "":
        assert problem_of(answer) == (409, "attendee_name_missing", None, None, missing)


def test_names_are_changed_and_the_rest_beside_them(api: ApiClient, named: TicketType) -> None:
    ticket = sold(api, named)

    assert api.patch(f"/api/v1/tickets/{ticket}", GRACE).status_code == 200
    assert api.patch(f"/api/v1/tickets/{ticket}", {"phone": "+44 1"}).status_code == 200

    left = Ticket.unscoped.get(id=ticket)
    assert (left.attendee_first_name, left.attendee_phone) == ("Grace", "+44 1")


def test_ticket_sold_without_names_before_keeps_what_it_has(
    api: ApiClient, organization: Organization
) -> None:
    standing = make_ticket_type(make_event(organization))
    order = api.order(of(standing, quantity=1), key="sold").json()
    api.call("PUT", f"/api/v1/orders/{order['id']}/status", {"status": "confirmed"})
    TicketType.unscoped.filter(id=standing.id).update(names_required=True)
    path = f"/api/v1/tickets/{order['tickets'][0]['id']}"

    assert api.patch(path, {"phone": "+44 1"}).status_code == 200
    assert problem_of(api.patch(path, {"first_name": "Ada"}))[1:] == (
        "attendee_name_missing", None, None, "last_name",
    )  # fmt: skip
    assert api.patch(path, ADA).status_code == 200


def test_who_accepts_a_ticket_gives_both_names(api: ApiClient, named: TicketType) -> None:
    ticket = sold(api, named)
    offered = {"to_email": "grace@example.com", "to_name": "Grace"}
    transfer = api.post(f"/api/v1/tickets/{ticket}/transfers", offered).json()["id"]
    code = Ticket.unscoped.get(id=ticket).code

    refused = api.post(f"/api/v1/transfers/{transfer}/accept", {})

    assert problem_of(refused)[:2] == (409, "attendee_name_missing")
    left = Ticket.unscoped.get(id=ticket)
    assert (left.code, left.attendee_first_name) == (code, "Ada")
    assert api.post(f"/api/v1/transfers/{transfer}/accept", GRACE).status_code == 200
    assert Ticket.unscoped.get(id=ticket).attendee_last_name == "Hopper"


def test_setting_is_made_changed_and_shown(api: ApiClient, organization: Organization) -> None:
    event = make_event(organization)
    made = api.post(
        f"/api/v1/events/{event.id}/ticket-types", {"name": "A", "price": "5", "names_required": True}
    ).json()

    changed = api.patch(f"/api/v1/ticket-types/{made['id']}", {"names_required": False}).json()

    assert (made["names_required"], changed["names_required"]) == (True, False)
    assert api.patch(f"/api/v1/ticket-types/{made['id']}", {"names_required": None}).status_code == 422
