"""bus-ticketing.md: its testing checklist, point by point."""

from __future__ import annotations

from decimal import Decimal

from kassa.catalog.models import TicketType
from kassa.coupons.models import Coupon
from tests.spec.coaches import offered, seats_free, ticket_ids, uses_of
from tests.spec.shop import Shop, changes_of, make_user, order_body

# Checklist 1


def test_one_order_has_several_tickets_each_with_its_own_seat(shop: Shop, coach: TicketType) -> None:
    """Checklist 1: create an order with multiple tickets."""
    chosen = sorted(seats_free(shop))[:3]

    order = shop.buy(coach, 3, seats=chosen)

    assert sorted(ticket["seat"] for ticket in order["tickets"]) == sorted(chosen)
    assert {ticket["status"] for ticket in order["tickets"]} == {"reserved"}
    assert len({ticket["code"] for ticket in order["tickets"]}) == 3
    assert (order["subtotal"], order["discount"], order["total"]) == ("99.99", "0.00", "99.99")
    assert len(seats_free(shop)) == 5


def test_order_that_cannot_have_all_its_seats_gets_none(shop: Shop, coach: TicketType) -> None:
    """Required change 7: if any step fails the entire order is rolled back."""
    first, second = sorted(seats_free(shop))[:2]
    shop.buy(coach, seats=[first])

    code = shop.refused("POST", "/orders", order_body(coach, 2, seats=[first, second]))

    assert code == "seat_taken"
    assert second in seats_free(shop)
    assert len(shop.get("/orders")["items"]) == 1


# Checklist 2


def test_coupon_applies_to_the_order_and_is_spread_over_its_tickets(
    shop: Shop, coach: TicketType, coupon: Coupon
) -> None:
    """Checklist 2: the coupon applies to the entire order, not to individual tickets."""
    order = shop.buy(coach, 3, best_available=True, coupon=coupon.code)

    assert (order["subtotal"], order["discount"], order["total"]) == ("99.99", "10.00", "89.99")
    discounts = [ticket["discount"] for ticket in order["tickets"]]
    assert sorted(discounts) == ["3.33", "3.33", "3.34"]
    assert sum(Decimal(ticket["price_paid"]) for ticket in order["tickets"]) == Decimal("89.99")
    assert uses_of(shop, coupon) == 1


# Checklist 3


def test_user_cannot_use_a_coupon_again_on_another_order(
    shop: Shop, coach: TicketType, coupon: Coupon
) -> None:
    """Checklist 3: a user cannot reuse the same coupon on different orders, while another user can."""
    ada, bob = make_user("Ada"), make_user("Bob")
    shop.buy(coach, best_available=True, coupon=coupon.code, user=ada.id)

    code = shop.refused(
        "POST", "/orders", order_body(coach, best_available=True, coupon=coupon.code, user=ada.id)
    )
    shop.buy(coach, best_available=True, coupon=coupon.code, user=bob.id, email="bob@example.com")

    assert code == "coupon_used"
    assert uses_of(shop, coupon) == 2
    assert len(shop.get(f"/orders?user={ada.id}")["items"]) == 1


# Checklist 4


def test_one_ticket_is_refunded_and_the_others_stay_as_they_are(
    shop: Shop, coach: TicketType, coupon: Coupon
) -> None:
    """Checklist 4: individual tickets can be refunded without affecting the others of the order."""
    order = shop.paid(coach, 3, best_available=True, coupon=coupon.code)
    given_back, *kept = order["tickets"]

    refund = shop.refund(order, tickets=[given_back["id"]], reason="Ada cannot come.")
    shop.send_refunds()

    now = shop.read(order)
    assert (refund["kind"], refund["amount"]) == ("tickets", given_back["price_paid"])
    assert now["tickets"] == [{**given_back, "status": "refunded"}, *kept]
    assert now["refunded_amount"] == given_back["price_paid"]


def test_ticket_is_given_back_once(shop: Shop, coach: TicketType) -> None:
    """Checklist 4, twice: the second refund of a ticket is refused and changes nothing."""
    order = shop.paid(coach, 2, best_available=True)
    [first, _] = ticket_ids(order)
    shop.refund(order, tickets=[first])
    shop.send_refunds()
    before = shop.read(order)

    code = shop.refused("POST", f"/orders/{order['id']}/refunds", {"tickets": [first]})

    assert code == "ticket_not_refundable"
    assert shop.read(order) == before


# Checklist 5


def test_status_goes_from_pending_over_confirmed_and_partially_refunded_to_refunded(
    shop: Shop, coach: TicketType
) -> None:
    """Checklist 5: the order's status follows payment and refunds, step by step."""
    order = shop.buy(coach, 2, best_available=True)
    seen = [shop.states(order)]
    attempt = shop.open(order)
    seen.append(shop.states(order))
    shop.visit(attempt)
    shop.hear()
    seen.append(shop.states(order))
    for ticket in ticket_ids(order):
        shop.refund(order, tickets=[ticket])
        shop.send_refunds()
        seen.append(shop.states(order))

    assert seen == [
        ("draft", "pending"),
        ("pending", "pending"),
        ("confirmed", "paid"),
        ("partially_refunded", "partially_refunded"),
        ("refunded", "refunded"),
    ]
    assert changes_of(shop.history_of(order)) == [
        (None, "draft"),
        ("draft", "pending"),
        ("pending", "confirmed"),
        ("confirmed", "partially_refunded"),
        ("partially_refunded", "refunded"),
    ]


# Checklist 6


def test_coupon_use_comes_back_only_with_the_last_ticket(
    shop: Shop, coach: TicketType, coupon: Coupon
) -> None:
    """Checklist 6: the coupon's usage count is only reverted on a full order refund."""
    order = shop.paid(coach, 2, best_available=True, coupon=coupon.code)
    again = order_body(coach, best_available=True, coupon=coupon.code)
    first, second = ticket_ids(order)

    shop.refund(order, tickets=[first])
    after_one = uses_of(shop, coupon), shop.refused("POST", "/orders", again)
    shop.refund(order, tickets=[second])
    after_all = uses_of(shop, coupon)
    shop.send_refunds()

    assert after_one == (1, "coupon_used")
    assert after_all == 0
    assert shop.ask("POST", "/orders", again, expect=201)["coupon"] == coupon.code


def test_refund_of_an_amount_leaves_the_coupon_used(shop: Shop, coach: TicketType, coupon: Coupon) -> None:
    """Checklist 6, by amount: a partial refund of any kind keeps the use."""
    order = shop.paid(coach, 2, best_available=True, coupon=coupon.code)

    shop.refund(order, amount="10.00")
    shop.send_refunds()

    assert uses_of(shop, coupon) == 1
    assert shop.states(order) == ("partially_refunded", "partially_refunded")


# Checklist 7


def test_seat_of_a_refunded_ticket_can_be_sold_again_at_once(shop: Shop, coach: TicketType) -> None:
    """Checklist 7: seats are released on ticket refund, before the money has arrived."""
    order = shop.paid(coach, 8, best_available=True)
    assert seats_free(shop) == set()
    ticket = order["tickets"][3]

    shop.refund(order, tickets=[ticket["id"]])
    free = seats_free(shop)
    left = offered(shop, coach)["available"]
    bought = shop.paid(coach, seats=[ticket["seat"]], email="bob@example.com")

    assert free == {ticket["seat"]}
    assert left == 1
    assert bought["tickets"][0]["seat"] == ticket["seat"]
    shop.send_refunds()


# Checklist 8


def test_payments_are_tracked_with_their_order_and_user(shop: Shop, coach: TicketType) -> None:
    """Checklist 8: payment tracking works with orders: payment, user and transactions agree."""
    ada = make_user("Ada")
    order = shop.paid(coach, 2, best_available=True, user=ada.id)
    first, second = ticket_ids(order)
    shop.refund(order, tickets=[first])
    shop.refund(order, tickets=[second])
    shop.send_refunds()

    money = shop.money_of(order)
    [payment] = money["payments"]
    moved = shop.get(f"/transactions?order={order['id']}")["items"]
    assert order["payment"] == payment["id"]
    assert order["payment_method"] == payment["method"] == "card"
    assert (payment["order"], payment["amount"]) == (order["id"], "66.66")
    assert (money["received"], money["outstanding"], money["refunded"]) == ("66.66", "0.00", "66.66")
    assert [(one["type"], one["status"], one["amount"]) for one in moved] == [
        ("refund", "completed", "33.33"),
        ("refund", "completed", "33.33"),
        ("purchase", "completed", "66.66"),
    ]
    assert {one["user"] for one in moved} == {str(ada.id)}
    assert {one["payment"] for one in moved} == {payment["id"]}
