"""bus-ticketing.md: its questions to consider, as design.md decides them."""

from __future__ import annotations

from kassa.catalog.models import TicketType
from kassa.coupons.models import Coupon
from tests.spec.coaches import seats_free, uses_of
from tests.spec.shop import DEMO, Shop, make_user, order_body
from tests.support.factories import make_organization


def test_guest_may_order_and_is_known_by_the_address(shop: Shop, coach: TicketType, coupon: Coupon) -> None:
    """Question 1: guests may order, without a user; the normalised address is the customer."""
    order = shop.paid(coach, best_available=True, coupon=coupon.code, email="Ada@Example.com")
    again = order_body(coach, best_available=True, coupon=coupon.code, email=" ada@example.COM ")

    assert order["customer"]["user"] is None
    assert shop.refused("POST", "/orders", again) == "coupon_used"
    assert shop.get(f"/transactions?order={order['id']}")["items"][0]["user"] is None


def test_guest_is_turned_away_where_the_organisation_wants_to_know_its_customers() -> None:
    """Question 1: guests may order only where the organisation allows guest checkout."""
    shop = Shop(make_organization(allow_guest_checkout=False))

    assert shop.refused("POST", "/orders", order_body(shop.standing)) == "guest_checkout_not_allowed"
    assert shop.buy(shop.standing, user=make_user().id)["status"] == "draft"


def test_orders_outlive_the_account_of_their_user(shop: Shop, coach: TicketType) -> None:
    """Question 2: orders of a deleted account stay, and can still be refunded; the link is null."""
    ada = make_user("Ada")
    order = shop.paid(coach, best_available=True, user=ada.id)

    ada.delete()
    now = shop.read(order)
    shop.refund(order, everything=True)
    shop.send_refunds()

    assert now == {**order, "customer": {**order["customer"], "user": None}}
    assert shop.states(order) == ("refunded", "refunded")
    moved = shop.get(f"/transactions?order={order['id']}")["items"]
    assert [(one["type"], one["user"]) for one in moved] == [("refund", None), ("purchase", None)]


def test_unpaid_order_is_given_up_after_its_time(shop: Shop, coach: TicketType, coupon: Coupon) -> None:
    """Question 3: a pending order has a time limit; then its seats and its coupon are free again."""
    order = shop.buy(coach, 2, best_available=True, coupon=coupon.code)
    shop.open(order)

    shop.expire(order)
    shop.close_ended()

    assert shop.states(order) == ("expired", "cancelled")
    assert len(seats_free(shop)) == 8
    assert uses_of(shop, coupon) == 0
    assert [attempt["status"] for attempt in shop.money_of(order)["attempts"]] == ["expired"]


def test_payment_that_fails_after_the_order_was_made_can_be_tried_again(
    shop: Shop, coach: TicketType, coupon: Coupon
) -> None:
    """Question 4: a failed payment keeps the seats and the coupon until the order expires."""
    order = shop.buy(coach, 2, best_available=True, coupon=coupon.code)
    shop.visit(shop.open(order), "decline")
    shop.hear()
    failed = shop.read(order)

    shop.visit(shop.retry(order))
    shop.hear()

    assert (failed["status"], failed["payment_status"]) == ("pending", "failed")
    assert failed["can_retry_payment"]
    assert {ticket["status"] for ticket in failed["tickets"]} == {"reserved"}
    assert shop.states(order) == ("confirmed", "paid")
    assert uses_of(shop, coupon) == 1


def test_payment_that_cannot_be_opened_leaves_the_order_as_it_was(shop: Shop, coach: TicketType) -> None:
    """Question 4: a provider that is not offered costs neither the seats nor an attempt."""
    order = shop.buy(coach, best_available=True)

    path = f"/orders/{order['id']}/payments"
    code = shop.refused("POST", path, {**DEMO, "provider": "stripe"})

    assert code == "payment_provider_not_offered"
    assert shop.read(order) == order
