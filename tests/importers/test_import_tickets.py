"""Tickets of older systems: those bought together become one order, in the state they were in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kassa.core.clock import utc_now
from kassa.coupons.models import Coupon
from kassa.orders.models import CouponUsage
from kassa.sales.domain.expire import release_overdue
from tests.importers.old_system import OldSystem
from tests.support.factories import make_coupon, make_event, make_organization, make_ticket_type, places

MOMENT = datetime(2024, 5, 31, 18, 30, tzinfo=UTC)


def test_tickets_of_one_purchase_become_one_order(old: OldSystem) -> None:
    rows = [old.ticket("T1"), old.ticket("X1", purchase_reference="P2"), old.ticket("T2", price="30.00")]

    assert old.import_rows("tickets", *rows) == (2, 0, 0)

    order = old.orders[0]
    assert (order.number, order.status, order.payment_status) == ("ORD-2024-00001", "confirmed", "paid")
    assert (order.subtotal, order.discount, order.total) == (Decimal(75), Decimal(0), Decimal(75))
    assert (order.created_at, order.paid_at, order.confirmed_at) == (MOMENT, MOMENT, MOMENT)
    assert order.event_id == old.event.id
    assert order.customer_key == "email:ada@example.com"
    assert (order.idempotency_key, order.imported_from) == ("import:tickets:P1", "tickets")
    tickets = [ticket for ticket in old.tickets if ticket.order_id == order.id]
    assert [ticket.attendee_fields for ticket in tickets] == [
        {"ticket_reference": "T1"},
        {"ticket_reference": "T2"},
    ]
    assert places(old.standing.quota_id) == (0, 3)
    assert places(old.event.capacity_quota_id) == (0, 3)


def test_history_begins_with_the_import_at_the_original_moment(old: OldSystem) -> None:
    old.import_rows("tickets", old.ticket("T1"))

    [entry] = old.history
    assert (entry.from_status, entry.to_status, entry.created_at) == (None, "confirmed", MOMENT)
    assert entry.notes == "Imported from tickets: purchase P1"


def test_spellings_of_one_address_are_one_customer(old: OldSystem) -> None:
    typed = ("ada@bücher.example", "ada@xn--bcher-kva.example.", "Ada@BÜCHER.example\u200b")
    rows = [old.ticket(f"T{nth}", customer_email=email) for nth, email in enumerate(typed)]

    assert old.import_rows("tickets", *rows) == (1, 0, 0)

    [order] = old.orders
    assert (order.customer_email, order.customer_key) == (
        "ada@xn--bcher-kva.example",
        "email:ada@xn--bcher-kva.example",
    )


def test_without_a_reference_customer_event_and_moment_make_a_purchase(old: OldSystem) -> None:
    other = make_ticket_type(make_event(old.organization))
    rows = [
        old.ticket("T1", purchase_reference=""),
        old.ticket("T2", purchase_reference="", customer_email="Ada@Example.com"),
        old.ticket("T3", purchase_reference="", customer_email="bob@example.com"),
        old.ticket("T4", purchase_reference="", purchased_at="2024-05-31T18:30:01Z"),
        old.ticket("T5", purchase_reference="", type=other),
    ]

    assert old.import_rows("tickets", *rows) == (4, 0, 0)

    sizes = sorted(sum(ticket.order_id == order.id for ticket in old.tickets) for order in old.orders)
    assert sizes == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("statuses", "states", "tickets", "amounts"),
    [
        (["active", "used"], ("confirmed", "paid"), ["valid", "used"], (2, 0)),
        (["valid", "refunded"], ("partially_refunded", "partially_refunded"), ["valid", "refunded"], (1, 45)),
        (["refunded", "refunded"], ("refunded", "refunded"), ["refunded", "refunded"], (0, 90)),
        (["cancelled", "cancelled"], ("cancelled", "cancelled"), ["cancelled", "cancelled"], (0, 0)),
        (["expired", "expired"], ("expired", "cancelled"), ["expired", "expired"], (0, 0)),
        (["draft", "draft"], ("expired", "cancelled"), ["expired", "expired"], (0, 0)),
    ],
)
def test_state_of_the_tickets_is_that_of_the_order(
    old: OldSystem,
    statuses: list[str],
    states: tuple[str, str],
    tickets: list[str],
    amounts: tuple[int, int],
) -> None:
    rows = [old.ticket(f"T{nth}", status=status) for nth, status in enumerate(statuses)]
    sold, refunded = amounts

    assert old.import_rows("tickets", *rows) == (1, 0, 0)

    assert (old.order.status, old.order.payment_status) == states
    assert [ticket.status for ticket in old.tickets] == tickets
    assert old.order.refunded_amount == refunded
    assert places(old.standing.quota_id) == (0, sold)


def test_draft_within_its_hold_time_holds_its_place_until_then(old: OldSystem) -> None:
    bought_at = utc_now() - timedelta(minutes=10)

    old.import_rows("tickets", old.ticket("T1", status="draft", purchased_at=bought_at.isoformat()))

    assert (old.order.status, old.order.payment_status) == ("draft", "pending")
    assert old.order.expires_at == bought_at + timedelta(minutes=30)
    assert places(old.standing.quota_id) == (1, 0)


def test_expired_import_is_never_released_again(old: OldSystem) -> None:
    old.import_rows("tickets", old.ticket("T1", status="draft"))

    assert release_overdue(old.organization.id, now=utc_now()) == 0

    assert old.order.expired_at == MOMENT + timedelta(minutes=30)


def test_kinds_of_tickets_that_no_order_holds_together_are_rejected(old: OldSystem) -> None:
    rows = [old.ticket("T1"), old.ticket("T2", status="cancelled")]

    assert old.import_rows("tickets", *rows) == (0, 0, 1)

    assert [line for line, _ in old.problems()] == [2, 3]
    assert "are cancelled and valid" in old.problems()[0][1]
    assert places(old.standing.quota_id) == (0, 0)


def test_coupon_of_each_ticket_is_used_once_for_the_order(old: OldSystem) -> None:
    code = old.coupon.code.lower()
    rows = [old.ticket(f"T{nth}", coupon=code, price="40.50", base_price="45.00") for nth in range(3)]

    assert old.import_rows("tickets", *rows) == (1, 0, 0)

    usage = CouponUsage.objects.of(old.organization.id).get()
    assert (usage.order_id, usage.customer_key, usage.nth) == (old.order.id, "email:ada@example.com", 1)
    assert (usage.created_at, usage.released_at) == (MOMENT, None)
    assert Coupon.objects.of(old.organization.id).get().current_usage_count == 1
    assert (old.order.coupon_code, old.order.discount, old.order.total) == (
        "SPRING",
        Decimal("13.50"),
        Decimal("121.50"),
    )


def test_refunded_purchase_has_given_its_coupon_back(old: OldSystem) -> None:
    rows = [
        old.ticket("T1", coupon=old.coupon.code, status="refunded"),
        old.ticket("T2", coupon=old.coupon.code, purchase_reference="P2"),
        old.ticket("T3", coupon=old.coupon.code, purchase_reference="P3", status="cancelled"),
    ]

    assert old.import_rows("tickets", *rows) == (3, 0, 0)

    usages = CouponUsage.objects.of(old.organization.id)
    assert sorted(usage.released_at is None for usage in usages) == [False, False, True]
    assert Coupon.objects.of(old.organization.id).get().current_usage_count == 1


@pytest.mark.parametrize(
    ("limit", "sentence"), [(None, "as often as it allows (1)"), (1, "may be used 1 times in all")]
)
def test_coupon_is_not_used_more_often_than_it_allows(
    old: OldSystem, limit: int | None, sentence: str
) -> None:
    coupon = make_coupon(old.organization, max_usage_total=limit)
    email = "bob@example.com" if limit else "ada@example.com"
    rows = [
        old.ticket("T1", coupon=coupon.code),
        old.ticket("T2", coupon=coupon.code, purchase_reference="P2", customer_email=email),
    ]

    assert old.import_rows("tickets", *rows) == (1, 0, 1)

    [(line, problem)] = old.problems()
    assert line == 3
    assert sentence in problem
    assert CouponUsage.objects.of(old.organization.id).count() == 1


@pytest.mark.parametrize("name", ["Coach, row 1, seat B", "Coach/1/B", "1B", "1-B"])
def test_seat_is_found_by_its_names_and_sold(old: OldSystem, name: str) -> None:
    assert old.import_rows("tickets", old.ticket("T1", type=old.seated, seat=name)) == (1, 0, 0)

    seat = old.seat("1", "B")
    assert seat.status == "sold"
    assert [(ticket.seat_id, ticket.seat_label) for ticket in old.tickets] == [
        (seat.id, "Coach, row 1, seat B")
    ]


@pytest.mark.parametrize(
    ("seat", "problem"),
    [
        ("", "'Seated' is sold by numbered seat. Name it in 'seat'."),
        ("9Z", "'Seated' has no seat '9Z'."),
        ("B", "2 seats are called 'B'. Write section/row/number."),
    ],
)
def test_seat_that_is_not_one_is_rejected(old: OldSystem, seat: str, problem: str) -> None:
    assert old.import_rows("tickets", old.ticket("T1", type=old.seated, seat=seat)) == (0, 0, 1)

    assert old.problems() == [(2, problem)]


def test_seat_is_sold_once(old: OldSystem) -> None:
    rows = [
        old.ticket("T1", type=old.seated, seat="1A"),
        old.ticket("T2", type=old.seated, seat="1A", purchase_reference="P2"),
        old.ticket("T3", type=old.seated, seat="1A", purchase_reference="P3", status="refunded"),
        old.ticket("T4", type=old.seated, seat="2A", purchase_reference="P4"),
        old.ticket("T5", type=old.seated, seat="2A", purchase_reference="P4"),
    ]

    assert old.import_rows("tickets", *rows) == (2, 0, 2)

    assert old.problems() == [
        (3, "The seat Coach, row 1, seat A is sold."),
        (5, "Two live tickets of this purchase have the seat Coach, row 2, seat A."),
        (6, "Two live tickets of this purchase have the seat Coach, row 2, seat A."),
    ]


def test_never_over_capacity(old: OldSystem) -> None:
    old.let_capacity_be(3)
    rows = [
        old.ticket(f"T{nth}-{place}", purchase_reference=f"P{nth}") for nth in range(3) for place in range(2)
    ]
    rows.append(old.ticket("T9", purchase_reference="P9"))

    assert old.import_rows("tickets", *rows) == (2, 0, 2)

    sentence = "Of 'Standing' 1 are left, and this order needs 2. Raise the capacity, or leave the order out."
    assert old.problems() == [(line, sentence) for line in (4, 5, 6, 7)]
    assert places(old.standing.quota_id) == (0, 3)


def test_events_of_another_organisation_are_rejected(old: OldSystem) -> None:
    foreign = make_ticket_type(make_event(make_organization()))

    assert old.import_rows("tickets", old.ticket("T1", type=foreign)) == (0, 0, 1)

    assert old.problems() == [(2, f"This organisation has no ticket type {foreign.id}.")]
    assert old.orders == []


def test_tickets_keep_one_booking_each_where_the_event_asks_for_it(old: OldSystem) -> None:
    single = make_ticket_type(make_event(old.organization, one_per_customer=True))
    rows = [
        old.ticket("T1", type=single),
        old.ticket("T2", type=single, purchase_reference="P2"),
        old.ticket("T3", type=single, purchase_reference="P3", customer_email="bob@example.com"),
        old.ticket("T4", type=single, purchase_reference="P3", customer_email="bob@example.com"),
    ]

    assert old.import_rows("tickets", *rows) == (1, 0, 2)

    assert [line for line, _ in old.problems()] == [3, 4, 5]


@pytest.mark.parametrize("missing", ["first_name", "last_name"])
def test_live_ticket_without_a_name_that_it_needs_is_rejected(old: OldSystem, missing: str) -> None:
    named = make_ticket_type(old.event, name="Coach", names_required=True)
    rows = [
        old.ticket("T1", type=named),
        old.ticket("T2", type=named, purchase_reference="P2", **{missing: ""}),
        old.ticket("T3", type=named, purchase_reference="P3", status="expired", **{missing: ""}),
        old.ticket("T4", purchase_reference="P4", **{missing: ""}),
    ]

    assert old.import_rows("tickets", *rows) == (3, 0, 1)

    [(line, problem)] = old.problems()
    assert (line, f"Fill in '{missing}'." in problem) == (3, True)
    assert places(named.quota_id) == (0, 1)
