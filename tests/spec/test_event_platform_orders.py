"""event-platform.md: an order's payment fields, and what an event that is called off gives back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.spec.shop import DEMO, Shop
from tests.support.factories import make_organization


def transactions(shop: Shop, **filters: str) -> list[dict[str, Any]]:
    """Return movements of money, oldest first."""
    return list(reversed(shop.get(f"/transactions?{urlencode(filters)}")["items"]))


def payment_of(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    [payment] = shop.money_of(order)["payments"]
    return dict(payment)


def test_order_shows_how_it_was_paid(shop: Shop) -> None:
    """Order: paymentId, paymentMethod, paymentStatus, refundedAmount, before, after, and refunded."""
    names = ("payment", "payment_method", "payment_status", "refunded_amount")
    placed = shop.buy(shop.standing, 2)
    paid = shop.pay(placed, method="wallet")
    shop.refund(paid, tickets=[paid["tickets"][0]["id"]])
    promised = shop.read(paid)
    shop.send_refunds()
    part = shop.read(paid)
    shop.refund(paid, everything=True)
    shop.send_refunds()

    payment = payment_of(shop, paid)["id"]
    seen = [[order[name] for name in names] for order in (placed, paid, promised, part, shop.read(paid))]
    assert seen == [
        [None, None, "pending", "0.00"],
        [payment, "wallet", "paid", "0.00"],
        [payment, "wallet", "paid", "0.00"],
        [payment, "wallet", "partially_refunded", "45.00"],
        [payment, "wallet", "refunded", "90.00"],
    ]
    assert promised["refunding_amount"] == "45.00"


def test_order_paid_in_parts_shows_each_of_them() -> None:
    """Order and Transaction: several payments make one order paid; what is too much goes back."""
    shop = Shop(make_organization())
    order = shop.buy(shop.standing, 2)
    path = f"/orders/{order['id']}"
    shop.ask("POST", f"{path}/payments", {**DEMO, "provider": "manual"}, expect=201)

    outcomes = [
        shop.ask(
            "POST",
            f"{path}/receipts",
            {"amount": amount, "currency": "EUR", "reference": amount},
            expect=200,
        )["outcome"]
        for amount in ("40.00", "60.00", "7.00")
    ]

    assert outcomes == ["partly_paid", "confirmed", "surplus_refunded"]
    moved = [(one["type"], one["amount"], one["status"]) for one in transactions(shop)]
    assert moved == [
        ("purchase", "40.00", "completed"),
        ("purchase", "60.00", "completed"),
        ("refund", "10.00", "pending"),
        ("purchase", "7.00", "completed"),
        ("refund", "7.00", "pending"),
    ]
    assert shop.states(order) == ("confirmed", "paid")
    for refund in shop.get(f"{path}/refunds"):
        assert [part["by_hand"] for part in refund["parts"]] == [True]
        shop.ask("POST", f"{path}/refunds/{refund['id']}/paid", {"reference": "Back"}, expect=200)
    assert {one["status"] for one in transactions(shop, type="refund")} == {"completed"}


def test_cancelled_event_gives_everything_back(shop: Shop) -> None:
    """Event status cancelled: all that was sold for it is refunded, with progress that can be followed."""
    orders = [shop.paid(shop.standing, email=f"buyer{number}@example.com") for number in range(3)]
    path = f"/events/{shop.event.id}"
    too_early = shop.refused("POST", f"{path}/refunds", {"reason": "Rain."})
    shop.ask("POST", f"{path}/cancel", expect=200)

    run = shop.ask("POST", f"{path}/refunds", {"reason": "Rain."}, expect=202)
    shop.refund_event(run)
    shop.send_refunds()

    [done] = shop.get(f"{path}/refunds")["items"]
    assert too_early == "event_not_cancelled"
    assert (done["id"], done["status"], done["orders_done"], done["orders_failed"]) == (
        run["id"],
        "done",
        3,
        0,
    )
    assert {shop.states(order) for order in orders} == {("refunded", "refunded")}
    assert {one["status"] for one in transactions(shop)} == {"completed"}
