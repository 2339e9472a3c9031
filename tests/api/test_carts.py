"""``/carts`` over HTTP: shapes, statuses, repetition, and nobody else's carts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.clock import utc_now
from kassa.core.permissions import Permission
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.sales.models import Cart
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import (
    make_coupon,
    make_event,
    make_key,
    make_organization,
    make_product,
    make_ticket_type,
    places,
)

pytestmark = pytest.mark.django_db(transaction=True)

CARTS = "/api/v1/carts"
ADA = {"email": "ada@example.com", "first_name": "Ada"}


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


@pytest.fixture
def event(organization: Organization) -> Event:
    return make_event(organization)


@pytest.fixture
def standing(event: Event) -> TicketType:
    return make_ticket_type(event)


def of(item: TicketType | Product, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    name = "product" if isinstance(item, Product) else "ticket_type"
    return {name: str(item.id), "quantity": quantity, **fields}


def opened(api: ApiClient, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = api.post(CARTS, {"lines": list(lines), **fields})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def expire(cart: dict[str, Any]) -> None:
    Cart.unscoped.filter(id=cart["id"]).update(expires_at=utc_now() - timedelta(seconds=1))


def test_cart_is_opened_with_lines_and_read_again(
    api: ApiClient, organization: Organization, event: Event, standing: TicketType
) -> None:
    poster = make_product(organization)

    cart = opened(api, of(standing, 2, metadata={"door": "B"}), of(poster), session_id="visit", customer=ADA)

    assert api.get(f"{CARTS}/{cart['id']}").json() == cart
    assert (cart["status"], cart["session_id"], cart["event"]) == ("active", "visit", str(event.id))
    assert (cart["subtotal"], cart["total"], cart["currency"]) == ("102.50", "102.50", "EUR")
    assert cart["customer"]["email"] == ADA["email"]
    ticket, product = cart["items"]
    assert (ticket["kind"], ticket["name"], ticket["unit_price"], ticket["metadata"]) == (
        "ticket",
        "Standing",
        "45.00",
        {"door": "B"},
    )
    assert (product["kind"], product["sku"], product["subtotal"]) == ("merchandise", poster.sku, "12.50")
    assert (cart["expiring_soon"], cart["problem"], cart["coupon_problem"]) == (False, None, None)


def test_whole_way_of_a_cart(api: ApiClient, organization: Organization, standing: TicketType) -> None:
    coupon = make_coupon(organization)
    poster = make_product(organization)
    path = f"{CARTS}/{opened(api)['id']}"

    put = api.post(f"{path}/items", {"lines": [of(standing, 2), of(poster)]})
    ticket, product = put.json()["items"]
    changed = api.patch(f"{path}/items/{ticket['id']}", {"quantity": 3})
    removed = api.delete(f"{path}/items/{product['id']}")
    couponed = api.put(f"{path}/coupon", {"coupon": coupon.code})
    uncouponed = api.delete(f"{path}/coupon")
    named = api.put(f"{path}/customer", ADA)
    extended = api.post(f"{path}/extend")
    ordered = api.post(f"{path}/order", {}, key="order")

    answers = [put, changed, removed, couponed, uncouponed, named, extended, ordered]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 200, 200, 201]
    assert changed.json()["total"] == "147.50"
    assert [item["quantity"] for item in removed.json()["items"]] == [3]
    assert (couponed.json()["discount"], uncouponed.json()["discount"]) == ("13.50", "0.00")
    assert extended.json()["expires_at"] > named.json()["expires_at"]
    order = ordered.json()
    assert (order["cart"], order["customer"]["email"], len(order["tickets"])) == (
        path.rpartition("/")[2],
        ADA["email"],
        3,
    )
    assert ordered["Location"] == f"/api/v1/orders/{order['id']}"
    assert api.get(path).json()["order"] == order["id"]
    assert (places(standing.quota_id), places(poster.quota_id)) == ((3, 0), (0, 0))


def test_abandoned_cart_stays_readable(api: ApiClient, standing: TicketType) -> None:
    cart = opened(api, of(standing))
    path = f"{CARTS}/{cart['id']}"

    gone = [api.delete(path).status_code for _ in range(2)]

    assert gone == [204, 204]
    assert api.get(path).json()["status"] == "abandoned"
    assert api.post(f"{path}/items", {"lines": [of(standing)]}).json()["code"] == "cart_closed"
    assert places(standing.quota_id) == (0, 0)


def test_repeated_key_opens_one_cart_and_puts_once(api: ApiClient, standing: TicketType) -> None:
    first, second = (api.post(CARTS, {"lines": [of(standing)]}, key="open") for _ in range(2))
    path = f"{CARTS}/{first.json()['id']}/items"
    puts = [api.post(path, {"lines": [of(standing)]}, key="put") for _ in range(2)]

    assert (second.status_code, second.json()) == (201, first.json())
    assert second["Idempotent-Replayed"] == "true"
    assert puts[0].json() == puts[1].json()
    assert places(standing.quota_id) == (2, 0)
    assert api.post(CARTS, {}, key="open").json()["code"] == "idempotency_key_reused"


def test_repeated_order_answers_the_first_and_another_key_is_refused(
    api: ApiClient, standing: TicketType
) -> None:
    path = f"{CARTS}/{opened(api, of(standing), customer=ADA)['id']}/order"

    first, again = (api.post(path, {}, key="once") for _ in range(2))
    other = api.post(path, {}, key="twice")
    reused = api.post(path, {"notes": "other"}, key="once")

    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "cart_closed")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.unscoped.count() == 1


def test_order_names_attendees_by_item(api: ApiClient, standing: TicketType) -> None:
    cart = opened(api, of(standing, 2))
    attendees = [{"item": cart["items"][0]["id"], "attendees": [{"first_name": "Grace"}]}]

    ordered = api.post(f"{CARTS}/{cart['id']}/order", {"customer": ADA, "attendees": attendees})

    assert [t["attendee"]["first_name"] for t in ordered.json()["tickets"]] == ["Grace", ""]


def test_expired_cart_shows_as_expired_and_is_closed(api: ApiClient, standing: TicketType) -> None:
    cart = opened(api, of(standing), customer=ADA)
    path = f"{CARTS}/{cart['id']}"
    item = f"{path}/items/{cart['items'][0]['id']}"
    expire(cart)

    answers = [
        api.post(f"{path}/items", {"lines": [of(standing)]}),
        api.patch(item, {"quantity": 2}),
        api.delete(item),
        api.put(f"{path}/coupon", {"coupon": "X"}),
        api.delete(f"{path}/coupon"),
        api.put(f"{path}/customer", ADA),
        api.post(f"{path}/extend"),
        api.post(f"{path}/order", {}),
        api.delete(path),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "cart_closed")}
    assert {answer.json()["cart_status"] for answer in answers} == {"expired"}
    assert api.get(path).json()["status"] == "expired"


def test_other_organisations_cart_is_not_found(api: ApiClient, standing: TicketType) -> None:
    cart = opened(api, of(standing))
    stranger = make_api_client(make_organization())
    for path in (f"{CARTS}/{cart['id']}", f"{CARTS}/{uuid4()}"):
        item = f"{path}/items/{cart['items'][0]['id']}"
        answers = [
            stranger.get(path),
            stranger.post(f"{path}/items", {"lines": [of(standing)]}),
            stranger.patch(item, {"quantity": 2}),
            stranger.delete(item),
            stranger.put(f"{path}/coupon", {"coupon": "X"}),
            stranger.delete(f"{path}/coupon"),
            stranger.put(f"{path}/customer", ADA),
            stranger.post(f"{path}/extend"),
            stranger.post(f"{path}/order", {"customer": ADA}),
            stranger.delete(path),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}

    assert stranger.get(CARTS).json() == {"items": [], "next": None}
    assert api.get(f"{CARTS}/{cart['id']}").json() == cart


def test_list_filters_and_goes_on_page_by_page(api: ApiClient, standing: TicketType) -> None:
    first, second, third = (opened(api, of(standing), session_id=session) for session in ("a", "b", "a"))
    expire(second)

    page = api.get(f"{CARTS}?limit=2").json()
    rest = api.get(f"{CARTS}?limit=2&after={page['next']}").json()

    def ids(query: str) -> list[str]:
        return [cart["id"] for cart in api.get(f"{CARTS}?{query}").json()["items"]]

    assert [cart["id"] for cart in page["items"]] == [third["id"], second["id"]]
    assert ([cart["id"] for cart in rest["items"]], rest["next"]) == ([first["id"]], None)
    assert ids("status=active") == [third["id"], first["id"]]
    assert ids("status=expired") == [second["id"]]
    assert ids("session_id=a") == [third["id"], first["id"]]
    assert api.get(f"{CARTS}?status=lost").status_code == 422


def test_list_needs_as_many_queries_for_three_carts_as_for_one(
    api: ApiClient, organization: Organization, standing: TicketType
) -> None:
    coupon = make_coupon(organization, max_usage_per_user=9)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert api.get(CARTS).status_code == 200
        return len(queries)

    opened(api, of(standing), coupon=coupon.code, customer=ADA)
    api.get(CARTS)
    one = count()
    for _ in range(2):
        opened(api, of(standing), of(make_product(organization)), coupon=coupon.code)

    assert count() == one


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lines": [{"quantity": 1}]}, "lines.0"),
        ({"lines": [{"ticket_type": str(uuid4()), "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [{"ticket_type": str(uuid4()), "product": str(uuid4())}]}, "lines.0"),
        ({"lines": [{"ticket_type": str(uuid4()), "colour": "red"}]}, "lines.0.colour"),
        ({"session_id": "x" * 121}, "session_id"),
        ({"session_id": "\x00"}, "session_id"),
        ({"session_id": None}, "session_id"),
        ({"customer": {"email": "nobody"}}, "customer.email"),
        ({"coupon": ""}, "coupon"),
        ({"lines": [{"product": str(uuid4())}] * 51}, "lines"),
    ],
)
def test_bad_input_opens_no_cart(api: ApiClient, body: dict[str, Any], field: str) -> None:
    answer = api.post(CARTS, body)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert not Cart.unscoped.exists()


@pytest.mark.parametrize("body", [{"quantity": 0}, {"quantity": None}, {"seats": None}, {"metadata": None}])
def test_bad_change_leaves_the_item(api: ApiClient, standing: TicketType, body: dict[str, Any]) -> None:
    cart = opened(api, of(standing))
    path = f"{CARTS}/{cart['id']}"

    answer = api.patch(f"{path}/items/{cart['items'][0]['id']}", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(body)))
    assert api.get(path).json() == cart


def test_empty_change_changes_nothing_but_the_time(api: ApiClient, standing: TicketType) -> None:
    cart = opened(api, of(standing, metadata={"door": "B"}))
    path = f"{CARTS}/{cart['id']}"

    changed = api.patch(f"{path}/items/{cart['items'][0]['id']}", {}).json()

    assert changed["updated_at"] > cart["updated_at"]
    assert {**changed, "updated_at": 0} == {**cart, "updated_at": 0}


def test_sold_out_names_the_line_and_what_is_left(api: ApiClient, standing: TicketType, event: Event) -> None:
    scarce = make_ticket_type(event, quantity=2)

    answer = api.post(CARTS, {"lines": [of(standing), of(scarce, 3)]})

    assert (answer.status_code, answer.json()["code"]) == (409, "sold_out")
    assert (answer.json()["line"], answer.json()["left"]) == (1, 2)
    assert (places(standing.quota_id), Cart.unscoped.count()) == ((0, 0), 0)


def test_order_without_a_customer_is_refused_and_keeps_the_cart(api: ApiClient, standing: TicketType) -> None:
    cart = opened(api, of(standing))
    path = f"{CARTS}/{cart['id']}"

    answer = api.post(f"{path}/order", {}, key="once")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "customer")
    assert api.get(path).json() == cart
    assert api.post(f"{path}/order", {"customer": ADA}, key="once").status_code == 201


def test_each_call_needs_the_right_to_place_orders(organization: Organization, standing: TicketType) -> None:
    cart = opened(make_api_client(organization), of(standing))
    path = f"{CARTS}/{cart['id']}"
    weak = ApiClient(make_key(organization, frozenset(Permission) - {Permission.ORDER_PLACE}))
    item = f"{path}/items/{cart['items'][0]['id']}"

    answers = [
        weak.get(CARTS),
        weak.post(CARTS, {}),
        weak.get(path),
        weak.post(f"{path}/items", {"lines": [of(standing)]}),
        weak.patch(item, {"quantity": 2}),
        weak.delete(item),
        weak.put(f"{path}/coupon", {"coupon": "X"}),
        weak.delete(f"{path}/coupon"),
        weak.put(f"{path}/customer", ADA),
        weak.post(f"{path}/extend"),
        weak.post(f"{path}/order", {}),
        weak.delete(path),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (403, "permission_missing")
    }
