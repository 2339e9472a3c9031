"""order-service.md: order numbers, snapshots, history, tracking and the six endpoints."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial

import pytest

from kassa.catalog.models import Product
from kassa.core.clock import utc_now
from kassa.core.permissions import Permission
from tests.spec.shop import Shop, all_at_once, changes_of, make_user, order_body
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_product

ADDRESS = {"line1": "12 Harbour Street", "city": "Bristol", "country": "GB"}
TRACKING = "JD014600006281230704"


@pytest.fixture
def laptop(shop: Shop) -> Product:
    return make_product(
        shop.organization,
        stock=100,
        sku="MBP-16-001",
        name='MacBook Pro 16"',
        price=Decimal("2499.99"),
        is_shippable=True,
    )


def test_orders_are_numbered_by_year_without_a_gap(shop: Shop, other: Shop) -> None:
    """orders.order_number: ORD-YYYY-NNNNN, unique, counted for each organisation."""
    year = utc_now().year

    numbers = [shop.buy(shop.standing)["number"] for _ in range(3)]

    assert numbers == [f"ORD-{year}-{count:05}" for count in (1, 2, 3)]
    assert other.buy(other.standing)["number"] == f"ORD-{year}-00001"


def test_orders_placed_at_once_have_numbers_of_their_own(shop: Shop, laptop: Product) -> None:
    """orders.order_number: unique however many order at the same moment."""
    ordering = partial(shop.buy, laptop, shipping_address=ADDRESS)

    numbers = [order["number"] for order in all_at_once([ordering] * 8)]

    assert len(set(numbers)) == 8
    assert all(re.fullmatch(r"ORD-\d{4}-\d{5}", number) for number in numbers)


def test_order_keeps_what_was_bought_as_it_was(shop: Shop, laptop: Product) -> None:
    """order_items: a snapshot of name, SKU and price; the line's total is their product."""
    order = shop.buy(laptop, 2, shipping_address=ADDRESS)
    shop.ask("PATCH", f"/products/{laptop.id}", {"name": "Old laptop", "price": "999.00"}, expect=200)
    order = shop.pay(order)

    [item] = order["items"]
    assert (item["name"], item["sku"], item["product"]) == ('MacBook Pro 16"', "MBP-16-001", str(laptop.id))
    assert (item["quantity"], item["unit_price"], item["subtotal"]) == (2, "2499.99", "4999.98")
    assert order["total"] == "4999.98"


def test_quantity_is_more_than_nothing(shop: Shop, laptop: Product) -> None:
    """order_items: quantity > 0."""
    problem = shop.ask("POST", "/orders", order_body(laptop, 0, shipping_address=ADDRESS), expect=422)

    assert [error["field"] for error in problem["errors"]] == ["lines.0.quantity"]


def test_history_says_who_moved_the_order_and_why(shop: Shop, laptop: Product) -> None:
    """order_status_history: from, to, notes, who and when, for every change."""
    order = shop.pay(shop.buy(laptop, shipping_address=ADDRESS))
    shop.put_status(order, "processing", notes="Packed by Bob.")
    shop.put_status(order, "shipped", notes="With the evening van.", tracking_number=TRACKING)

    history = shop.history_of(order)

    assert changes_of(history) == [
        (None, "draft"),
        ("draft", "pending"),
        ("pending", "confirmed"),
        ("confirmed", "processing"),
        ("processing", "shipped"),
    ]
    assert [entry["notes"] for entry in history[-2:]] == ["Packed by Bob.", "With the evening van."]
    by_staff = {(entry["changed_by_kind"], entry["changed_by"] is not None) for entry in history[-2:]}
    assert by_staff == {("api_key", True)}
    paid = history[2]
    assert (paid["changed_by_kind"], paid["changed_by"]) == ("system", None)
    assert paid["notes"] == "The payment has arrived."


def test_delivery_is_followed_by_its_tracking_number(shop: Shop, laptop: Product) -> None:
    """GET tracking: number, shipped and delivered times; unknown until then."""
    order = shop.pay(shop.buy(laptop, shipping_address=ADDRESS))
    path = f"/orders/{order['id']}/tracking"
    before = shop.get(path)
    shop.put_status(order, "processing")
    shipped = shop.put_status(order, "shipped", tracking_number=TRACKING)
    delivered = shop.put_status(order, "delivered")

    assert before == {
        "number": order["number"],
        "status": "confirmed",
        "tracking_number": None,
        "shipped_at": None,
        "delivered_at": None,
    }
    assert shop.get(path) == {
        "number": order["number"],
        "status": "delivered",
        "tracking_number": TRACKING,
        "shipped_at": shipped["shipped_at"],
        "delivered_at": delivered["delivered_at"],
    }


def test_order_that_is_shipped_needs_an_address(shop: Shop, laptop: Product) -> None:
    """orders: the shipping address is required; the billing address and the notes are kept."""
    code = shop.refused("POST", "/orders", order_body(laptop))
    order = shop.buy(
        laptop, shipping_address=ADDRESS, billing_address={**ADDRESS, "line1": "The office"}, notes="Ring."
    )

    assert code == "shipping_address_missing"
    assert order["shipping_address"]["line1"] == "12 Harbour Street"
    assert (order["billing_address"]["line1"], order["notes"]) == ("The office", "Ring.")


def test_users_order_history_lists_the_newest_first(shop: Shop) -> None:
    """GET /api/orders: a user's own order history."""
    ada, bob = make_user("Ada"), make_user("Bob")
    orders = [shop.buy(shop.standing, user=user.id) for user in (ada, bob, ada)]

    listed = shop.get(f"/orders?user={ada.id}")["items"]

    assert [order["id"] for order in listed] == [orders[2]["id"], orders[0]["id"]]


def test_only_staff_move_an_order(shop: Shop) -> None:
    """PUT status is for admins: a key that may order and pay may not say how an order stands."""
    order = shop.buy(shop.standing)
    buyer = ApiClient(
        make_key(shop.organization, frozenset({Permission.ORDER_PLACE, Permission.PAYMENT_OPEN}))
    )

    answer = buyer.put(f"/api/v1/orders/{order['id']}/status", {"status": "confirmed"})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    assert shop.read(order) == order
