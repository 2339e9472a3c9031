"""What each trade of the demo has to show."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest

from kassa.catalog.models import Event, Product, TicketType
from kassa.catalog.queries import view_ticket_types
from kassa.coupons.models import Coupon, CouponEvent
from kassa.demo.tenants import SLUGS
from kassa.identity.enums import Role
from kassa.identity.models import Membership
from kassa.inventory.models import Quota
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.payments.domain.accounts import offered_providers
from kassa.payments.models import Payment, Refund
from kassa.seating.models import EventSeat
from tests.support.books import assert_books_balance

HALL, BUS, SCHOOL, SHOP = SLUGS

pytestmark = pytest.mark.usefixtures("demo")


def organization_of(slug: str) -> Organization:
    return Organization.objects.get(slug=slug)


def test_organisations_differ_and_have_staff_of_every_role() -> None:
    settings = {
        one.organization.slug: one for one in OrganizationSettings.unscoped.select_related("organization")
    }
    assert [settings[slug].default_currency for slug in SLUGS] == ["EUR", "GBP", "USD", "USD"]
    assert len({(settings[slug].service_fee_percentage, settings[slug].shipping_fee) for slug in SLUGS}) == 4
    for slug in SLUGS:
        members = Membership.objects.of(organization_of(slug).id)
        assert sorted(members.values_list("role", flat=True)) == sorted(Role.values)


def test_concert_hall_has_every_kind_of_evening(loaded: datetime) -> None:
    hall = organization_of(HALL).id
    types = view_ticket_types(hall, list(TicketType.objects.of(hall)))
    events = Event.objects.of(hall).in_bulk()
    seats = Counter(EventSeat.objects.of(hall).values_list("category", flat=True))
    club = [one for one in types if one.ticket_type.requires_approval or one.ticket_type.is_hidden]

    assert (sum(seats.values()), len(seats)) == (408, 3)
    assert Counter(one.ticket_type.seat_category for one in types)["stalls"] == 2
    assert {(one.ticket_type.name, one.ticket_type.event_id) for one in club} == {
        ("Backstage visit", club[0].ticket_type.event_id),
        ("Guest list", club[0].ticket_type.event_id),
    }
    of_club = [one for one in types if one.ticket_type.event_id == club[0].ticket_type.event_id]
    room = of_club[0].event_capacity
    assert room is not None
    assert room.capacity < sum(one.quantity or 0 for one in of_club)
    assert any(one.ticket_type.sales_end_at for one in of_club)
    assert any(one.ticket_type.is_free and not one.ticket_type.is_hidden for one in types)
    assert any(event.sales_start_at and event.sales_start_at > loaded for event in events.values())
    assert min(one.available for one in types if one.available is not None) == 0
    products = Product.objects.of(hall)
    assert set(products.values_list("is_shippable", flat=True)) == {True, False}
    assert not products.filter(quota=None).exists()


def test_bus_company_has_trips_with_numbered_seats(loaded: datetime) -> None:
    bus = organization_of(BUS).id
    trips = list(Event.objects.of(bus))
    labels = EventSeat.objects.of(bus).filter(event_id=trips[0].id).values_list("row", "number")

    assert len(trips) == 60
    assert Counter((trip.origin, trip.destination) for trip in trips) == {
        ("Bristol", "London"): 20,
        ("Birmingham", "Manchester"): 20,
        ("Leeds", "Edinburgh"): 20,
    }
    assert all(trip.kind == "trip" and trip.vehicle and trip.starts_at and trip.ends_at for trip in trips)
    assert all(trip.starts_at > loaded for trip in trips if trip.starts_at)
    assert {row + number for row, number in labels} == {
        f"{row}{letter}" for row in range(1, 13) for letter in "ABCD"
    }
    assert Counter(TicketType.objects.of(bus).values_list("name", flat=True)) == {
        "Adult": 60,
        "Child up to 15": 60,
        "Bicycle space": 60,
    }


def test_school_has_the_sample_courses(loaded: datetime) -> None:
    school = organization_of(SCHOOL).id
    courses = {course.title: course for course in Event.objects.of(school).select_related("capacity_quota")}
    prices = {one.event.title: one.price for one in TicketType.objects.of(school).select_related("event")}

    assert all(course.kind == "course" and course.one_per_customer for course in courses.values())
    assert len(courses) > 2
    for title, price, capacity in (
        ("Introduction to TypeScript", Decimal("99.00"), 50),
        ("Advanced React Patterns", Decimal("149.00"), 30),
    ):
        course = courses[title]
        assert (prices[title], course.currency) == (price, "USD")
        assert course.capacity_quota is not None
        assert course.capacity_quota.capacity == capacity
        assert course.starts_at is not None
        assert course.starts_at > loaded


def test_shop_has_the_sample_products() -> None:
    shop = organization_of(SHOP).id
    products = {one.sku: one for one in Product.objects.of(shop).select_related("quota", "tax_rule")}

    assert len(products) > 2
    for sku, name, price in (
        ("MBP-16-001", 'MacBook Pro 16"', Decimal("2499.99")),
        ("IPH-15P-001", "iPhone 15 Pro", Decimal("999.99")),
    ):
        product = products[sku]
        assert (product.name, product.price, product.is_shippable) == (name, price, True)
        assert product.quota is not None
        assert product.tax_rule is not None
        assert product.tax_rule.rate > 0
    assert OrganizationSettings.objects.of(shop).get().shipping_fee > 0


def test_coupons_are_of_every_kind(loaded: datetime) -> None:
    for slug in SLUGS:
        coupons = Coupon.objects.of(organization_of(slug).id)
        assert set(coupons.values_list("discount_type", flat=True)) == {"percentage", "amount"}
        assert coupons.filter(min_purchase_amount__gt=0).exists()
        assert coupons.filter(max_usage_per_user=1).exists()
        assert coupons.filter(max_usage_per_user__gt=1).exists()
        assert coupons.filter(max_usage_total__gt=0).exists()
        assert coupons.filter(ends_at__lt=loaded).exists()
        assert coupons.filter(starts_at__gt=loaded).exists()
        assert coupons.filter(is_active=False).exists()
        assert coupons.filter(events=None).exists()
    for slug in (HALL, BUS, SCHOOL):
        good_for = Counter(CouponEvent.objects.of(organization_of(slug).id).values_list("coupon", flat=True))
        assert min(good_for.values()) == 1
        assert max(good_for.values()) > 1


def test_orders_are_in_many_states() -> None:
    states = Counter(Order.unscoped.values_list("status", flat=True))

    assert states.keys() == set(OrderStatus) - {OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED}
    assert sum(states.values()) >= 48
    assert Order.unscoped.filter(approval="awaited", status="pending").count() == 1
    assert not Order.unscoped.filter(status="shipped", tracking_number=None).exists()
    for slug in SLUGS:
        orders = Order.objects.of(organization_of(slug).id)
        assert orders.filter(status=OrderStatus.DRAFT).exists()
        assert orders.values("customer_email").distinct().count() > 8


def test_everybody_can_pay_on_the_demo_page_or_by_transfer() -> None:
    for slug in SLUGS:
        assert offered_providers(organization_of(slug).id) == ["free", "manual", "demo"]


def test_orders_were_paid_and_what_was_called_off_goes_back() -> None:
    confirmed = Order.unscoped.exclude(confirmed_at=None).filter(total__gt=0)
    cancelled = confirmed.filter(status=OrderStatus.CANCELLED)

    assert dict(Payment.unscoped.values_list("order_id", "amount")) == dict(
        confirmed.values_list("id", "total")
    )
    assert dict(Refund.unscoped.values_list("order_id", "amount")) == dict(
        cancelled.values_list("id", "total")
    )
    assert cancelled.exists()


def test_books_balance() -> None:
    assert_books_balance()

    quotas = Quota.unscoped.all()
    assert sum(quota.sold for quota in quotas) > 100
    assert Coupon.unscoped.filter(current_usage_count__gt=0).count() > 5
