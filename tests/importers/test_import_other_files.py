"""Bookings of courses, and orders of goods that keep their numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kassa.core.clock import utc_now
from kassa.inventory.models import Quota
from kassa.orders.models import Order
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from tests.importers.old_system import OldSystem
from tests.support.factories import line, make_actor, make_event, make_ticket_type, order_request, places

MOMENT = datetime(2024, 5, 31, 18, 30, tzinfo=UTC)


def course_places(old: OldSystem) -> tuple[int, int]:
    quota = Quota.objects.of(old.organization.id).filter(kind="ticket_type").get()
    return places(quota.id)


def test_booking_becomes_an_order_that_keeps_its_stripe_references(old: OldSystem) -> None:
    assert old.import_rows("bookings", old.booking(id="booking_1")) == (1, 0, 0)

    order = old.order
    assert (order.status, order.payment_status, order.total) == ("confirmed", "paid", Decimal(99))
    assert (order.customer_reference, order.customer_key) == ("user_ada", "reference:user_ada")
    assert order.created_at == MOMENT
    assert old.items[0].metadata == {
        "imported_from": "bookings",
        "booking_id": "booking_1",
        "stripe_payment_intent_id": "pi_1",
        "stripe_session_id": "cs_1",
    }
    assert course_places(old) == (0, 1)


@pytest.mark.parametrize(
    ("payment_status", "ago", "states", "held"),
    [
        ("PENDING", timedelta(minutes=5), ("pending", "pending"), (1, 0)),
        ("FAILED", timedelta(minutes=5), ("pending", "failed"), (1, 0)),
        ("PENDING", timedelta(days=1), ("expired", "cancelled"), (0, 0)),
        ("FAILED", timedelta(days=1), ("expired", "cancelled"), (0, 0)),
        ("PAID", timedelta(days=1), ("confirmed", "paid"), (0, 1)),
        ("CANCELLED", timedelta(days=1), ("cancelled", "cancelled"), (0, 0)),
        ("REFUNDED", timedelta(days=1), ("refunded", "refunded"), (0, 0)),
    ],
)
def test_payment_status_of_a_booking_is_kept(
    old: OldSystem,
    payment_status: str,
    ago: timedelta,
    states: tuple[str, str],
    held: tuple[int, int],
) -> None:
    row = old.booking(payment_status=payment_status, created_at=(utc_now() - ago).isoformat())

    assert old.import_rows("bookings", row) == (1, 0, 0)

    assert (old.order.status, old.order.payment_status) == states
    assert old.order.refunded_amount == (99 if payment_status == "REFUNDED" else 0)
    assert course_places(old) == held


def test_bookings_are_one_for_each_user_and_within_capacity(old: OldSystem) -> None:
    users = ["ada", "bob", "cyd", "dan"]
    rows = [old.booking(user, id=f"B{nth}") for nth, user in enumerate(users)]
    rows.insert(1, old.booking("ada", id="B9"))

    assert old.import_rows("bookings", *rows) == (3, 0, 2)

    assert old.problems() == [
        (3, "This customer has booked already, and the event allows one booking each."),
        (
            6,
            "Of 'Standing' 0 are left, and this order needs 1. Raise the capacity, or leave the order out.",
        ),
    ]
    assert old.import_rows("bookings", *rows) == (0, 3, 2)


def test_booking_without_an_id_is_known_by_user_and_course(old: OldSystem) -> None:
    old.import_rows("bookings", old.booking())

    assert old.import_rows("bookings", old.booking()) == (0, 1, 0)
    assert old.import_rows("bookings", old.booking(), old.booking()) == (0, 0, 1)


def test_booking_of_a_course_with_several_ticket_types_names_one(old: OldSystem) -> None:
    other = make_ticket_type(old.course, name="Reduced")
    empty = make_event(old.organization)

    rows = [
        old.booking("ada"),
        old.booking("bob", ticket_type=other.id),
        old.booking("cyd", course_id=empty.id),
    ]
    rows[0]["ticket_type"] = ""

    assert old.import_rows("bookings", *rows) == (1, 0, 2)
    assert [sentence for _, sentence in old.problems()] == [
        f"Event {old.course.id} has 2 ticket types. Name one in 'ticket_type'.",
        f"This organisation has no event {empty.id} with places.",
    ]


def test_order_keeps_number_amounts_and_dates(old: OldSystem) -> None:
    assert old.import_rows("orders", old.item(shipping_address_id="address-1")) == (1, 0, 0)

    order = old.order
    assert (order.number, order.status, order.payment_status) == ("ORD-2024-00001", "delivered", "paid")
    assert (order.subtotal, order.discount, order.taxes, order.shipping, order.total) == (
        Decimal("25.00"),
        Decimal("1.50"),
        Decimal("2.50"),
        Decimal("4.00"),
        Decimal("30.00"),
    )
    assert (order.tracking_number, order.shipped_at, order.delivered_at) == (
        "TRACK-1",
        datetime(2024, 6, 1, 8, tzinfo=UTC),
        datetime(2024, 6, 3, 10, tzinfo=UTC),
    )
    [item] = old.items
    assert (item.sku, item.name, item.quantity, item.unit_price) == (
        "SHIRT",
        "Shirt, blue",
        2,
        Decimal("12.50"),
    )
    assert item.metadata == {"imported_from": "orders", "shipping_address_id": "address-1"}
    assert old.history[0].created_at == MOMENT
    assert places(old.shirt.quota_id) == (0, 2)


def test_items_of_one_order_share_its_discount_and_tax(old: OldSystem) -> None:
    rows = [
        old.item(quantity=1, unit_price="10.00", subtotal="", discount_amount="1.00", tax_amount="0.10",
                 total_amount="43.10"),
        old.item(quantity=3, unit_price="10.00", subtotal="", discount_amount="", tax_amount="",
                 total_amount="", status=""),
    ]  # fmt: skip

    assert old.import_rows("orders", *rows) == (1, 0, 0)

    assert [item.discount for item in old.items] == [Decimal("0.25"), Decimal("0.75")]
    assert sum(item.tax for item in old.items) == Decimal("0.10")
    assert old.order.total == Decimal("43.10")


@pytest.mark.parametrize(
    ("status", "payment_status", "held"),
    [
        ("PENDING", "pending", (2, 0)),
        ("CONFIRMED", "paid", (0, 2)),
        ("PROCESSING", "paid", (0, 2)),
        ("SHIPPED", "paid", (0, 2)),
        ("CANCELLED", "cancelled", (0, 0)),
        ("REFUNDED", "refunded", (0, 0)),
    ],
)
def test_order_status_is_kept(
    old: OldSystem, status: str, payment_status: str, held: tuple[int, int]
) -> None:
    old.import_rows("orders", old.item(status=status))

    assert (old.order.status, old.order.payment_status) == (status.lower(), payment_status)
    assert old.order.expires_at is None
    assert places(old.shirt.quota_id) == held


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"subtotal": "20.00"}, "'subtotal' is 20.00, but the order's items add up to 25.00."),
        (
            {"total_amount": "31.00"},
            "'total_amount' is 31.00, but items, discount, tax and shipping add up to 30.00.",
        ),
        ({"discount_amount": "26"}, "'discount_amount' is more than the items' 25.00."),
        ({"total_price": "12.50"}, "'total_price' is 12.50, but 2 times 12.50 is 25.00."),
        (
            {"product_sku": "HAT"},
            "This organisation has no product with the SKU HAT. Make it first.",
        ),
        ({"quantity": "0"}, "'0' in 'quantity' is not a number from 1 to 1,000,000."),
        ({"quantity": "9" * 5000}, f"'{'9' * 5000}' in 'quantity' is not a number from 1 to 1,000,000."),
        ({"user_id": ""}, "It says neither 'user_id' nor 'customer_email'."),
        (
            {"order_number": "ORD-2024-9999999999"},
            "After the number ORD-2024-9999999999 the series of order numbers could not go on.",
        ),
    ],
)
def test_order_that_does_not_add_up_is_rejected(
    old: OldSystem, columns: dict[str, str], problem: str
) -> None:
    assert old.import_rows("orders", old.item(**columns)) == (0, 0, 1)

    assert old.problems() == [(2, problem)]


def test_rows_of_one_order_must_agree(old: OldSystem) -> None:
    assert old.import_rows("orders", old.item(), old.item(status="SHIPPED")) == (0, 0, 1)

    assert old.problems() == [
        (2, "Not imported, because line 3 of its order is wrong."),
        (3, "'status' is 'SHIPPED' here and 'DELIVERED' on line 2, which is of the same order."),
    ]


def test_number_of_another_order_is_not_taken_again(old: OldSystem) -> None:
    old.import_rows("orders", old.item(), system="north")

    assert old.import_rows("orders", old.item(), system="south") == (0, 0, 1)

    assert old.problems() == [(2, "Another order has the number ORD-2024-00001 already.")]


def test_series_goes_on_after_imported_numbers(old: OldSystem) -> None:
    rows = [old.item("ORD-2024-00002", quantity=1, subtotal="", total_amount="17.50"), old.item("SHOP/7")]
    rows.append(old.item("ORD-2024-00001"))
    assert old.import_rows("orders", *rows) == (3, 0, 0)
    request = order_request(
        make_actor(old.organization), line(make_ticket_type(make_event(old.organization)))
    )

    [outcome] = place_orders(old.organization.id, [request], now=MOMENT)

    assert isinstance(outcome, Placed)
    assert Order.objects.of(old.organization.id).get(id=outcome.order_id).number == "ORD-2024-00003"
