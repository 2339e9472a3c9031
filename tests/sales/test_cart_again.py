"""What was chosen once is chosen again, as far as it can be had, however often that is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_again import choose_cart_again, choose_order_again, order_before
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.request import Customer
from kassa.sales.models import Cart
from tests.sales.carts import a_cart, convert, items_of, race, seated, seats_of, states
from tests.support.factories import (
    line,
    make_actor,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]
LATER = timedelta(hours=1)
BROWSER = "A" * 22


def contents(cart_id: UUID | None) -> list[tuple[UUID | None, int]]:
    assert cart_id is not None
    return [(item.ticket_type_id or item.product_id, item.quantity) for item in items_of(cart_id)]


def active(organization: Organization, now: datetime) -> int:
    return Cart.objects.of(organization.id).filter(status="active", expires_at__gt=now).count()


def test_expired_cart_comes_back_with_all_it_had() -> None:
    now = utc_now()
    organization = make_organization()
    event = make_event(organization)
    standing, front = make_ticket_type(event), seated(event)
    seats = tuple(seat.id for seat in seats_of(event)[:2])
    coupon = make_coupon(organization)
    old = a_cart(
        organization,
        line(standing, 3),
        line(front, 2, seat_ids=seats),
        coupon_code=coupon.code,
        now=now,
    )

    again = choose_cart_again(CommandContext.system(organization.id, now=now + LATER), old, browser=BROWSER)

    assert again.left_out == ()
    assert contents(again.cart_id) == [(standing.id, 3), (front.id, 2)]
    assert states(*seats) == [("held", again.cart_id)] * 2
    assert again.cart_id is not None
    cart = Cart.unscoped.get(id=again.cart_id)
    assert (cart.coupon_code, (cart.customer or {}).get("email")) == (coupon.code, "ada@example.com")


def test_open_cart_is_the_one_that_is_meant() -> None:
    now = utc_now()
    organization = make_organization()
    cart_id = a_cart(organization, line(make_ticket_type(make_event(organization))), now=now)

    assert (
        choose_cart_again(CommandContext.system(organization.id, now=now), cart_id, browser=BROWSER).cart_id
        == cart_id
    )
    assert Cart.objects.of(organization.id).count() == 1


def test_it_is_told_what_is_gone() -> None:
    now = utc_now()
    organization = make_organization()
    event = make_event(organization)
    few, none, front = (
        make_ticket_type(event, name="Few", quantity=4),
        make_ticket_type(event, name="None", quantity=1),
        seated(event),
    )
    first, second, *_ = (seat.id for seat in seats_of(event))
    coupon = make_coupon(organization, max_usage_total=1)
    old = a_cart(
        organization,
        line(few, 3),
        line(none),
        line(front, 2, seat_ids=(first, second)),
        coupon_code=coupon.code,
        now=now,
    )
    now += LATER
    other = a_cart(
        organization, line(few, 2), line(none), line(front, 1, seat_ids=(second,)),
        coupon_code=coupon.code, customer=Customer(email="bea@example.com"), now=now,
    )  # fmt: skip
    assert isinstance(convert(make_actor(organization), other, now=now), Placed)

    again = choose_cart_again(CommandContext.system(organization.id, now=now), old, browser=BROWSER)

    assert sorted(refusal.code for refusal in again.left_out) == [
        "coupon_exhausted",
        "seat_taken",
        "sold_out",
        "sold_out",
    ]
    assert contents(again.cart_id) == [(few.id, 2), (front.id, 1)]
    assert states(first) == [("held", again.cart_id)]


def test_nothing_is_left() -> None:
    now = utc_now()
    organization = make_organization()
    event = make_event(organization)
    old = a_cart(organization, line(make_ticket_type(event)), now=now)
    type(event).unscoped.filter(id=event.id).update(status="cancelled")

    again = choose_cart_again(CommandContext.system(organization.id, now=now + LATER), old, browser=BROWSER)

    assert (again.cart_id, [refusal.code for refusal in again.left_out]) == (None, ["sales_closed"])
    assert active(organization, now + LATER) == 0


def test_asking_twice_leads_to_one_cart() -> None:
    now = utc_now()
    organization = make_organization()
    event = make_event(organization)
    front = seated(event, rows=1)
    seats = tuple(seat.id for seat in seats_of(event)[:2])
    old = a_cart(organization, line(front, 2, seat_ids=seats), now=now)
    now += LATER

    found = race(
        4,
        lambda _: (
            choose_cart_again(CommandContext.system(organization.id, now=now), old, browser=BROWSER).cart_id
        ),
    )

    assert len(set(found)) == 1
    assert found[0] is not None
    assert active(organization, now) == 1
    assert (
        choose_cart_again(CommandContext.system(organization.id, now=now), old, browser=BROWSER).cart_id
        == found[0]
    )
    assert states(*seats) == [("held", found[0])] * 2


def test_order_that_expired_comes_back_with_its_buyer() -> None:
    now = utc_now()
    organization = make_organization()
    event = make_event(organization)
    front, poster = seated(event), make_product(organization)
    seats = tuple(seat.id for seat in seats_of(event)[:2])
    cart_id = a_cart(organization, line(front, 2, seat_ids=seats), line(poster, 2), now=now)
    placed = convert(make_actor(organization), cart_id, now=now)
    assert isinstance(placed, Placed)

    again = choose_order_again(
        CommandContext.system(organization.id, now=now + LATER), placed.order_id, browser=BROWSER
    )

    assert contents(again.cart_id) == [(front.id, 2), (poster.id, 2)]
    assert again.cart_id is not None
    cart = Cart.unscoped.get(id=again.cart_id)
    assert (cart.customer or {}).get("first_name") == "Ada"
    assert order_before(organization.id, cart) == Order.unscoped.get(id=placed.order_id)
    assert order_before(organization.id, Cart.unscoped.get(id=cart_id)) is None


def test_what_belongs_to_others_is_not_found() -> None:
    now = utc_now()
    organization, other = make_organization(), make_organization()
    cart_id = a_cart(organization, line(make_ticket_type(make_event(organization))), now=now)

    with pytest.raises(NotFound):
        choose_cart_again(CommandContext.system(other.id, now=now + LATER), cart_id, browser=BROWSER)
    with pytest.raises(NotFound):
        choose_order_again(CommandContext.system(organization.id, now=now), uuid4(), browser=BROWSER)
