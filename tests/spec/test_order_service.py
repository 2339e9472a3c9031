"""order-service.md: its status flow and its alternative flows, edge by edge, through the endpoints."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from kassa.catalog.models import Product
from tests.spec.shop import Shop, changes_of
from tests.support.factories import make_organization, make_product, moment

Order = dict[str, Any]
ADDRESS = {"line1": "12 Harbour Street", "city": "Bristol", "country": "GB"}
FLOW = ["confirmed", "processing", "shipped", "delivered"]
"""The flow once the order has been placed."""
STEPS = list(pairwise(FLOW))


@pytest.fixture
def shop(_books: None) -> Shop:
    """An organisation that ships at a price."""
    return Shop(make_organization(shipping_fee=Decimal("5.00")))


@pytest.fixture
def laptop(shop: Shop) -> Product:
    return make_product(
        shop.organization,
        stock=10,
        sku="MBP-16-001",
        name='MacBook Pro 16"',
        price=Decimal("2499.99"),
        is_shippable=True,
    )


def ordered(shop: Shop, laptop: Product, quantity: int = 1) -> Order:
    return shop.buy(laptop, quantity, shipping_address=ADDRESS, billing_address=ADDRESS)


def brought_to(shop: Shop, laptop: Product, status: str) -> Order:
    """Return an order in a status of the flow, or at one of its other ends."""
    order = ordered(shop, laptop)
    if status == "draft":
        return order
    shop.open(order)
    if status == "cancelled":
        return dict(shop.cancel_order(order))
    if status == "pending":
        return shop.read(order)
    order = shop.pay(order)
    for step in FLOW[1 : FLOW.index("delivered" if status == "refunded" else status) + 1]:
        shop.put_status(order, step)
    if status == "refunded":
        shop.refund(order, everything=True)
        shop.send_refunds()
    return shop.read(order)


def stock_of(shop: Shop, laptop: Product) -> tuple[int, int, int]:
    """Return how many are reserved, sold and available, as the shop's own pages would."""
    product = shop.get(f"/products/{laptop.id}")
    return product["reserved"], product["sold"], product["available"]


# The status flow


def test_order_is_pending_while_it_awaits_payment(shop: Shop, laptop: Product) -> None:
    """Status flow: start → pending, and order creation 3 to 7: totals, reservation, event."""
    order = ordered(shop, laptop, 2)

    attempt = shop.open(order)

    order = shop.read(order)
    assert (order["status"], order["payment_status"]) == ("pending", "pending")
    assert (order["subtotal"], order["taxes"], order["shipping"]) == ("4999.98", "0.00", "5.00")
    assert order["total"] == attempt["amount"] == "5004.98"
    assert stock_of(shop, laptop) == (2, 0, 8)
    assert shop.told_of(order) == ["order.created"]


def test_payment_confirms_the_order(shop: Shop, laptop: Product) -> None:
    """Status flow: pending → confirmed, and confirmation 1 to 4: reserved becomes sold, told once."""
    order = ordered(shop, laptop, 2)
    shop.open(order)

    confirmed = shop.pay(order)

    assert (confirmed["status"], confirmed["payment_status"]) == ("confirmed", "paid")
    assert confirmed["paid_at"] == confirmed["confirmed_at"] is not None
    assert stock_of(shop, laptop) == (0, 2, 8)
    assert shop.told_of(order) == ["order.created", "order.confirmed"]


@pytest.mark.parametrize(("start", "end"), STEPS)
def test_staff_move_an_order_one_step_on(shop: Shop, laptop: Product, start: str, end: str) -> None:
    """Status flow: confirmed → processing → shipped → delivered, each with its event and its time."""
    order = brought_to(shop, laptop, start)

    moved = shop.put_status(order, end)

    assert moved["status"] == end
    assert shop.told_of(order)[-1] == f"order.{end}"
    if end != "processing":
        assert moment(moved[f"{end}_at"]) >= moment(order["created_at"])
    assert stock_of(shop, laptop) == (0, 1, 9)


@pytest.mark.parametrize("status", ["pending", *FLOW])
def test_step_that_is_repeated_changes_nothing(shop: Shop, laptop: Product, status: str) -> None:
    """Status flow: the same move again is answered alike and told only once."""
    order = brought_to(shop, laptop, status)
    told = shop.told_of(order)

    if status == "pending":
        assert shop.refused("PUT", f"/orders/{order['id']}/status", {"status": status}) == "not_by_hand"
    else:
        assert shop.put_status(order, status) == order

    assert shop.told_of(order) == told
    assert shop.read(order) == order


SHORTCUTS = [
    (start, end)
    for start in ("pending", *FLOW, "cancelled", "refunded")
    for end in FLOW
    if (start, end) not in {("pending", "confirmed"), *STEPS} and start != end
]


@pytest.mark.parametrize("edge", SHORTCUTS, ids="-".join)
def test_no_step_is_left_out_or_taken_back(shop: Shop, laptop: Product, edge: tuple[str, str]) -> None:
    """Status flow: all other moves are refused, and say where the order can go instead."""
    start, end = edge
    order = brought_to(shop, laptop, start)
    books = shop.money_of(order), shop.told_of(order), shop.history_of(order)

    problem = shop.put_status(order, end, expect=409)

    assert (problem["code"], problem["from_status"], problem["to_status"]) == ("illegal_move", start, end)
    assert end not in problem["allowed"]
    assert shop.read(order) == order
    assert (shop.money_of(order), shop.told_of(order), shop.history_of(order)) == books


@pytest.mark.parametrize("status", ["draft", "expired", "refunded", "partially_refunded"])
def test_clock_and_money_move_what_staff_do_not(shop: Shop, laptop: Product, status: str) -> None:
    """Status flow: expiry and refunds are not set by hand."""
    order = brought_to(shop, laptop, "confirmed")

    assert shop.put_status(order, status, expect=409)["code"] == "not_by_hand"
    assert shop.read(order) == order


# Alternative flows: cancellation


@pytest.mark.parametrize("status", ["draft", "pending", "confirmed", "processing"])
def test_order_is_cancelled_before_it_is_shipped(shop: Shop, laptop: Product, status: str) -> None:
    """Alternative flow: pending or confirmed → cancelled; inventory is released and it is told once."""
    order = brought_to(shop, laptop, status)

    cancelled = shop.cancel_order(order, "Ordered by mistake.")
    again = shop.cancel_order(order, "And again.")
    shop.send_refunds()

    assert (cancelled["status"], cancelled["cancellation_reason"]) == ("cancelled", "Ordered by mistake.")
    assert again == cancelled
    assert moment(cancelled["cancelled_at"]) >= moment(order["created_at"])
    assert stock_of(shop, laptop) == (0, 0, 10)
    assert shop.told_of(order).count("order.cancelled") == 1


@pytest.mark.parametrize("by", ["endpoint", "status"])
def test_cancelling_a_paid_order_gives_its_money_back(shop: Shop, laptop: Product, by: str) -> None:
    """Order cancellation 4: a refund is triggered if payment was made, shipping included."""
    order = brought_to(shop, laptop, "confirmed")

    if by == "endpoint":
        shop.cancel_order(order, "Changed my mind.")
    else:
        shop.put_status(order, "cancelled", notes="Changed my mind.")
    [promised] = shop.get(f"/orders/{order['id']}/refunds")
    shop.send_refunds()
    [refund] = shop.get(f"/orders/{order['id']}/refunds")

    assert (promised["kind"], promised["status"], promised["amount"]) == (
        "cancellation",
        "pending",
        "2504.99",
    )
    assert (refund["status"], refund["reason"]) == ("succeeded", "Changed my mind.")
    assert shop.states(order) == ("cancelled", "refunded")
    assert shop.read(order)["refunded_amount"] == order["total"]


def test_cancelling_an_unpaid_order_refunds_nothing(shop: Shop, laptop: Product) -> None:
    """Order cancellation 4: nothing is refunded where nothing was paid."""
    order = brought_to(shop, laptop, "pending")

    shop.cancel_order(order)

    assert shop.get(f"/orders/{order['id']}/refunds") == []
    assert shop.states(order) == ("cancelled", "cancelled")


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_order_that_is_on_its_way_is_not_cancelled(shop: Shop, laptop: Product, status: str) -> None:
    """Order cancellation 1: an order that is shipped or delivered cannot be cancelled."""
    order = brought_to(shop, laptop, status)

    assert shop.cancel_order(order, expect=409)["code"] == "already_shipped"
    assert shop.put_status(order, "cancelled", expect=409)["code"] == "already_shipped"

    assert shop.read(order) == order
    assert shop.get(f"/orders/{order['id']}/refunds") == []
    assert stock_of(shop, laptop) == (0, 1, 9)


# Alternative flows: refund


def test_delivered_order_is_refunded(shop: Shop, laptop: Product) -> None:
    """Alternative flow: delivered → refunded, when the refund is processed."""
    order = brought_to(shop, laptop, "delivered")

    refund = shop.refund(order, everything=True, reason="It does not start.")
    shop.send_refunds()

    assert [line["what"] for line in refund["lines"]] == ["goods", "shipping"]
    assert shop.states(order) == ("refunded", "refunded")
    assert shop.told_of(order)[-1] == "order.refunded"
    assert changes_of(shop.history_of(order))[-1] == ("delivered", "refunded")


def test_failed_payment_keeps_the_order_until_it_expires(shop: Shop, laptop: Product) -> None:
    """Consumer event payment.failed: the order may be paid again; without that it ends with its time."""
    order = ordered(shop, laptop)
    shop.visit(shop.open(order), "decline")
    shop.hear()
    failed = shop.states(order), stock_of(shop, laptop)

    shop.expire(order)

    assert failed == (("pending", "failed"), (1, 0, 9))
    assert shop.states(order) == ("expired", "cancelled")
    assert stock_of(shop, laptop) == (0, 0, 10)


def test_refunded_order_is_not_cancelled(shop: Shop, laptop: Product) -> None:
    """Alternative flows: a refunded order stays so."""
    order = brought_to(shop, laptop, "refunded")

    assert shop.cancel_order(order, expect=409)["code"] == "illegal_move"
    assert shop.read(order) == order
