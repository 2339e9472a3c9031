"""What a client keeps with a line stays with the order's item, and is in every answer about it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.models import OutboxEvent
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_again import choose_order_again
from kassa.sales.domain.choose import Choice, choose
from kassa.sales.models import CartItem
from tests.sales.carts import seated
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import line, make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}
ENGRAVING = {"engraving": "For Ada", "font": {"size": 12, "name": "Serif"}}


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


@pytest.fixture
def standing(organization: Organization) -> TicketType:
    return make_ticket_type(make_event(organization))


def metadata_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["metadata"] for item in order["items"]]


def told_of(order: dict[str, Any], type_: str) -> dict[str, Any]:
    """Return the order as an event tells it."""
    envelopes = OutboxEvent.unscoped.values_list("envelope", flat=True)
    told = map(orjson.loads, envelopes)
    [found] = [one for one in told if one["type"] == type_ and one["data"]["id"] == order["id"]]
    return dict(found["data"])


def test_metadata_of_order_lines_is_kept_and_shown(
    api: ApiClient, organization: Organization, standing: TicketType
) -> None:
    poster = make_product(organization)
    lines: list[dict[str, Any]] = [
        {"product": str(poster.id), "metadata": ENGRAVING},
        {"ticket_type": str(standing.id), "metadata": {}},
        {"ticket_type": str(standing.id)},
    ]

    answer = api.order(*lines, customer=ADA)

    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert metadata_of(order) == [ENGRAVING, {}, {}]
    assert api.get(f"/api/v1/orders/{order['id']}").json() == order
    assert metadata_of(api.get("/api/v1/orders").json()["items"][0]) == [ENGRAVING, {}, {}]
    assert metadata_of(told_of(order, "order.created")) == [ENGRAVING, {}, {}]


def test_metadata_of_cart_items_survives_ordering(
    api: ApiClient, organization: Organization, standing: TicketType
) -> None:
    poster = make_product(organization)
    lines = [
        {"ticket_type": str(standing.id), "metadata": {"door": "B"}},
        {"ticket_type": str(standing.id), "metadata": {"door": "A"}},
        {"product": str(poster.id), "metadata": ENGRAVING},
    ]
    cart = api.post("/api/v1/carts", {"lines": lines}).json()
    changed = cart["items"][0]["id"]
    api.patch(f"/api/v1/carts/{cart['id']}/items/{changed}", {"quantity": 2})

    answer = api.post(f"/api/v1/carts/{cart['id']}/order", {"customer": ADA}, key="order")

    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert metadata_of(order) == [{"door": "B"}, {"door": "A"}, ENGRAVING]
    assert api.get(f"/api/v1/orders/{order['id']}").json() == order


def test_metadata_survives_another_quantity_on_a_page(
    api: ApiClient, organization: Organization, standing: TicketType
) -> None:
    body = {"lines": [{"ticket_type": str(standing.id), "metadata": {"door": "B"}}]}
    cart = api.post("/api/v1/carts", body).json()
    item = CartItem.unscoped.get(cart_id=cart["id"])
    choice = Choice((line(standing, 3),), "EUR", standing.event_id)

    choose(CommandContext.system(organization.id, now=utc_now()), choice, cart_id=item.cart_id, browser="")

    [now] = api.get(f"/api/v1/carts/{cart['id']}").json()["items"]
    assert (now["quantity"], now["metadata"]) == (3, {"door": "B"})


def test_metadata_goes_into_the_cart_that_repeats_an_order(
    api: ApiClient, organization: Organization, standing: TicketType
) -> None:
    ordered = api.order({"ticket_type": str(standing.id), "metadata": {"door": "B"}}, customer=ADA).json()
    order = Order.unscoped.get(id=ordered["id"])

    context = CommandContext.system(organization.id, now=utc_now())
    again = choose_order_again(context, order.id, browser="Ada’s browser")

    assert again.cart_id is not None
    assert CartItem.unscoped.get(cart_id=again.cart_id).metadata == {"door": "B"}


def test_pages_mark_of_seats_that_kassa_chose_stays_in_the_cart(
    api: ApiClient, organization: Organization
) -> None:
    hall = seated(make_event(organization))
    choice = Choice((line(hall, 2, best_available=True),), "EUR", hall.event_id)
    cart_id = choose(CommandContext.system(organization.id, now=utc_now()), choice, cart_id=None, browser="")

    order = api.post(f"/api/v1/carts/{cart_id}/order", {"customer": ADA}, key="order").json()

    assert metadata_of(order) == [{}]


@pytest.mark.parametrize("metadata", [{"a": "\0"}, [], "x", {"a": 1 << 63}, {"a": "x" * 10_000}], ids=repr)
def test_metadata_of_a_line_that_cannot_be_kept_is_named(
    api: ApiClient, standing: TicketType, metadata: Any
) -> None:
    answer = api.order({"ticket_type": str(standing.id), "metadata": metadata})

    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == ["lines.0.metadata"]
    assert not Order.unscoped.exists()


def test_key_of_an_order_is_not_that_of_one_with_other_metadata(api: ApiClient, standing: TicketType) -> None:
    first = api.order({"ticket_type": str(standing.id), "metadata": {"door": "B"}}, customer=ADA, key="k")

    other = api.order({"ticket_type": str(standing.id), "metadata": {"door": "A"}}, customer=ADA, key="k")

    assert (first.status_code, other.status_code) == (201, 422)
