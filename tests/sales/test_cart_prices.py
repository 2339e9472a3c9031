"""What a cart costs, and what is told about its coupon."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from kassa.catalog.models import Event, Product
from kassa.core.command_context import CommandContext
from kassa.coupons.models import Coupon
from kassa.orders.models import Order
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.sales.domain.cart_details import set_coupon
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import (
    CartEmpty,
    CouponExhausted,
    CouponMinimum,
    CouponUnknown,
    CouponUsed,
    Refusal,
)
from kassa.sales.models import Cart
from tests.sales.carts import (
    a_cart,
    convert,
    items_of,
    serialized_cart,
    snapshot,
)
from tests.support.factories import (
    line,
    make_actor,
    make_coupon,
    make_organization,
    make_product,
    make_ticket_type,
    order_request,
    places,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def test_coupon_is_checked_and_not_used_up(organization: Organization, event: Event, now: datetime) -> None:
    coupon = make_coupon(organization, events=(event,), max_usage_total=1)
    cart_id = a_cart(organization, line(make_ticket_type(event), 2), now=now)

    set_coupon(CommandContext.system(organization.id, now=now), cart_id, coupon.code.lower())

    document = serialized_cart(organization.id, cart_id, now=now)
    assert (document["coupon"], document["discount"], document["total"]) == (coupon.code, "9.00", "81.00")
    assert document["coupon_problem"] is None
    assert Coupon.unscoped.get(id=coupon.id).current_usage_count == 0


def test_refused_coupon_leaves_the_cart(organization: Organization, event: Event, now: datetime) -> None:
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=now)
    before = snapshot(cart_id)
    dear = make_coupon(organization, min_purchase_amount=Decimal(1000))
    gone = make_coupon(organization, max_usage_total=0)
    used = make_coupon(organization)
    actor = make_actor(organization)
    standing = make_ticket_type(event)
    place_orders(organization.id, [order_request(actor, line(standing), coupon_code=used.code)], now=now)
    refusals: list[tuple[str, type[Refusal]]] = [
        ("NONE", CouponUnknown),
        (dear.code, CouponMinimum),
        (gone.code, CouponExhausted),
        (used.code, CouponUsed),
    ]

    for code, refusal in refusals:
        with pytest.raises(refusal):
            set_coupon(CommandContext.system(organization.id, now=now), cart_id, code)

    assert snapshot(cart_id) == before


def test_coupon_needs_something_in_the_cart(organization: Organization, now: datetime) -> None:
    coupon = make_coupon(organization)

    with pytest.raises(CartEmpty):
        a_cart(organization, now=now, coupon_code=coupon.code)

    assert not Cart.unscoped.exists()


def test_coupon_that_is_no_longer_good_is_told_and_left_out(
    organization: Organization, event: Event, now: datetime
) -> None:
    coupon = make_coupon(organization, max_usage_total=1)
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=now, coupon_code=coupon.code)
    Coupon.unscoped.filter(id=coupon.id).update(ends_at=now)
    ended = serialized_cart(organization.id, cart_id, now=now)
    Coupon.unscoped.filter(id=coupon.id).update(ends_at=None, max_usage_total=0)
    exhausted = serialized_cart(organization.id, cart_id, now=now)

    assert [each["coupon_problem"]["code"] for each in (ended, exhausted)] == [
        "coupon_expired",
        "coupon_exhausted",
    ]
    assert [(each["discount"], each["total"]) for each in (ended, exhausted)] == [("0.00", "45.00")] * 2
    outcome = convert(make_actor(organization), cart_id, now=now)
    assert isinstance(outcome, CouponExhausted)
    assert places(items_of(cart_id)[0].quota_ids[0]) == (1, 0)


def test_cart_costs_what_its_order_will(event: Event, now: datetime) -> None:
    organization = event.organization
    OrganizationSettings.objects.of(organization.id).update(
        service_fee_percentage=Decimal("2.5"), service_fee_fixed=Decimal("0.99"), shipping_fee=Decimal(5)
    )
    coupon = make_coupon(organization)
    standing = make_ticket_type(event, price=Decimal("33.33"))
    poster = make_product(organization, is_shippable=True)
    cart_id = a_cart(organization, line(standing, 3), line(poster, 2), now=now, coupon_code=coupon.code)
    document = serialized_cart(organization.id, cart_id, now=now)

    convert(make_actor(organization), cart_id, now=now, shipping_address={"city": "Bristol"})

    order = Order.unscoped.get()
    for name in ("subtotal", "discount", "fees", "taxes", "included_taxes", "shipping", "total"):
        assert Decimal(document[name]) == getattr(order, name)
    assert document["price_trace"] == order.price_trace
    assert sum(Decimal(step["amount"]) for step in document["price_trace"]) == order.total
    assert [(item["unit_price"], item["subtotal"]) for item in document["items"]] == [
        ("33.33", "99.99"),
        ("12.50", "25.00"),
    ]


def test_item_that_is_not_offered_any_more_is_shown_without_a_price(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing, poster = make_ticket_type(event), make_product(organization)
    cart_id = a_cart(organization, line(poster), line(standing, 2), now=now)
    Product.unscoped.filter(id=poster.id).update(status="inactive")

    document = serialized_cart(organization.id, cart_id, now=now)

    assert [(item["name"], item["subtotal"]) for item in document["items"]] == [
        ("Poster", None),
        ("Standing", "90.00"),
    ]
    assert (document["total"], document["price_trace"][0]["line"]) == ("90.00", 1)
    assert document["problem"]["code"] == "item_unknown"
    assert document["problem"]["item"] == document["items"][0]["id"]


def test_what_stands_in_the_way_of_an_order_is_told(
    organization: Organization, event: Event, now: datetime
) -> None:
    cart_id = a_cart(organization, line(make_ticket_type(event), 2), now=now)
    assert serialized_cart(organization.id, cart_id, now=now)["problem"] is None
    Event.unscoped.filter(id=event.id).update(status="cancelled")

    document = serialized_cart(organization.id, cart_id, now=now)

    assert (document["problem"]["code"], document["total"]) == ("sales_closed", "90.00")


def test_empty_cart_costs_nothing_in_the_organisations_currency(now: datetime) -> None:
    organization = make_organization(default_currency="JPY")

    document = serialized_cart(organization.id, a_cart(organization, now=now), now=now)

    assert (document["currency"], document["total"], document["items"]) == ("JPY", "0", [])


@pytest.mark.parametrize(("minutes", "soon"), [(0, False), (24, False), (25, True), (30, False)])
def test_cart_expires_soon_in_its_last_five_minutes(
    organization: Organization, now: datetime, minutes: int, soon: bool
) -> None:
    cart_id = a_cart(organization, now=now)

    document = serialized_cart(organization.id, cart_id, now=now + timedelta(minutes=minutes))

    assert document["expiring_soon"] is soon
