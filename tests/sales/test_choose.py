"""A choice comes into the cart once, whole, and in place of the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_details import set_coupon
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.domain.choice_price import price_choice
from kassa.sales.domain.choose import Choice, choose
from kassa.sales.domain.request import RequestedLine
from kassa.sales.errors import CouponUnknown, SeatTaken, SoldOut
from kassa.sales.models import Cart
from tests.sales.carts import a_cart, items_of, race, seated, seats_of, snapshot, states
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
    places,
)

pytestmark = pytest.mark.django_db(transaction=True)


class World:
    """An event with standing places, and what a visitor does there."""

    def __init__(self, quantity: int = 10) -> None:
        self.now: datetime = utc_now()
        self.organization: Organization = make_organization()
        self.event: Event = make_event(self.organization)
        self.standing: TicketType = make_ticket_type(self.event, quantity=quantity)

    def choose(
        self,
        *lines: RequestedLine,
        cart_id: UUID | None = None,
        browser: str = "",
        coupon: str | None = None,
        event: Event | None = None,
    ) -> UUID:
        choice = Choice(tuple(lines), "EUR", (event or self.event).id, coupon)
        return choose(
            CommandContext.system(self.organization.id, now=self.now),
            choice,
            cart_id=cart_id,
            browser=browser,
        )


def holding(cart_id: UUID) -> list[tuple[UUID, int]]:
    return [(item.ticket_type_id or item.product_id, item.quantity) for item in items_of(cart_id)]  # type: ignore[misc]


def test_the_same_choice_twice_is_one_choice() -> None:
    world = World()
    first = world.choose(line(world.standing, 2))
    before = snapshot(first)

    again = world.choose(line(world.standing, 2), cart_id=first)

    assert (again, snapshot(first)) == (first, before)
    assert places(world.standing.quota_id) == (2, 0)


def test_a_browser_finds_its_cart_without_being_told() -> None:
    world = World()
    first = world.choose(line(world.standing, 2), browser="ada")

    assert world.choose(line(world.standing, 2), browser="ada") == first
    assert world.choose(line(world.standing, 2), browser="bob") != first
    assert places(world.standing.quota_id) == (4, 0)


def test_clicks_at_the_same_moment_hold_places_once() -> None:
    world = World()

    carts = race(4, lambda nth: world.choose(line(world.standing, 3), browser="ada"))

    assert len(set(carts)) == 1
    assert places(world.standing.quota_id) == (3, 0)


def test_another_choice_takes_the_place_of_the_one_before() -> None:
    world = World()
    other = make_ticket_type(world.event, name="Balcony")
    poster: Product = make_product(world.organization, event=world.event, stock=5)
    cart_id = world.choose(line(world.standing, 2), line(poster, 3))

    world.choose(line(other, 1), line(poster, 1), cart_id=cart_id)

    assert sorted(holding(cart_id)) == sorted([(other.id, 1), (poster.id, 1)])
    assert [places(quota) for quota in (world.standing.quota_id, other.quota_id, poster.quota_id)] == [
        (0, 0),
        (1, 0),
        (1, 0),
    ]


def test_what_the_cart_has_of_other_events_stays() -> None:
    world = World()
    elsewhere = make_ticket_type(make_event(world.organization))
    cart_id = a_cart(world.organization, line(elsewhere, 2), now=world.now)

    assert world.choose(line(world.standing, 1), cart_id=cart_id) == cart_id

    assert holding(cart_id) == [(elsewhere.id, 2), (world.standing.id, 1)]


def test_a_product_that_is_sold_alone_replaces_only_itself() -> None:
    world = World()
    poster, record = make_product(world.organization), make_product(world.organization)
    cart_id = a_cart(world.organization, line(poster, 2), line(record, 1), now=world.now)

    choice = Choice((line(poster, 4),), "EUR", None)
    choose(CommandContext.system(world.organization.id, now=world.now), choice, cart_id=cart_id, browser="")

    assert sorted(holding(cart_id)) == sorted([(poster.id, 4), (record.id, 1)])


def test_a_refused_choice_leaves_the_one_before() -> None:
    world = World(quantity=5)
    cart_id = world.choose(line(world.standing, 2))
    before = snapshot(cart_id)

    with pytest.raises(SoldOut) as refused:
        world.choose(line(world.standing, 6), cart_id=cart_id)
    with pytest.raises(CouponUnknown):
        world.choose(line(world.standing, 3), cart_id=cart_id, coupon="NONE")

    assert refused.value.details["left"] == 5
    assert snapshot(cart_id) == before
    assert places(world.standing.quota_id) == (2, 0)


def test_a_new_cart_is_only_there_with_its_coupon() -> None:
    world = World()

    with pytest.raises(CouponUnknown):
        world.choose(line(world.standing, 3), coupon="NONE")

    assert not Cart.objects.of(world.organization.id).exists()
    assert places(world.standing.quota_id) == (0, 0)


def test_no_coupon_leaves_the_coupon_that_is_there() -> None:
    world = World()
    code = make_coupon(world.organization).code
    cart_id = world.choose(line(world.standing, 1))
    set_coupon(CommandContext.system(world.organization.id, now=world.now), cart_id, code)

    world.choose(line(world.standing, 2), cart_id=cart_id)

    assert Cart.unscoped.get(id=cart_id).coupon_code == code


def test_a_cart_that_is_over_or_of_another_currency_is_left_alone() -> None:
    world = World()
    closed = world.choose(line(world.standing, 1))
    abandon_cart(CommandContext.system(world.organization.id, now=world.now), closed)
    in_pounds = make_ticket_type(make_event(world.organization, currency="GBP"))
    foreign = a_cart(world.organization, line(in_pounds), now=world.now)

    assert world.choose(line(world.standing, 1), cart_id=closed) not in (closed, foreign)
    assert world.choose(line(world.standing, 1), cart_id=foreign) not in (closed, foreign)


def test_a_cart_of_another_organisation_is_none() -> None:
    world, other = World(), World()
    theirs = other.choose(line(other.standing, 1))

    assert world.choose(line(world.standing, 1), cart_id=theirs) != theirs
    assert holding(theirs) == [(other.standing.id, 1)]


def best(ticket_type: TicketType, quantity: int) -> RequestedLine:
    return line(ticket_type, quantity, best_available=True)


def test_best_seats_stay_the_same_when_chosen_again() -> None:
    world = World()
    seat = seated(world.event)
    cart_id = world.choose(best(seat, 2))
    [before] = items_of(cart_id)

    world.choose(best(seat, 2), cart_id=cart_id)
    assert items_of(cart_id)[0].seat_ids == before.seat_ids
    world.choose(best(seat, 1), cart_id=cart_id)

    [after] = items_of(cart_id)
    assert after.seat_ids == before.seat_ids[:1]
    assert states(*before.seat_ids) == [("held", cart_id), ("available", None)]


def test_more_best_seats_are_found_together_or_beside_those_it_has() -> None:
    world = World()
    seat = seated(world.event, rows=2)
    cart_id = world.choose(best(seat, 2))

    world.choose(best(seat, 6), cart_id=cart_id)
    assert len(items_of(cart_id)[0].seat_ids) == 6
    world.choose(best(seat, 8), cart_id=cart_id)

    held = items_of(cart_id)[0].seat_ids
    assert sorted(held) == sorted(one.id for one in seats_of(world.event))
    with pytest.raises(SoldOut):
        world.choose(best(seat, 9), cart_id=cart_id)
    assert items_of(cart_id)[0].seat_ids == held


def test_single_seats_are_swapped_and_those_in_common_kept() -> None:
    world = World()
    seat = seated(world.event)
    a, b, c, *_ = seats_of(world.event)
    cart_id = world.choose(line(seat, 2, seat_ids=(a.id, b.id)))

    world.choose(line(seat, 2, seat_ids=(b.id, c.id)), cart_id=cart_id)

    assert states(a, b, c) == [("available", None), ("held", cart_id), ("held", cart_id)]
    other = world.choose(line(seat, 1, seat_ids=(a.id,)))
    with pytest.raises(SeatTaken) as refused:
        world.choose(line(seat, 2, seat_ids=(a.id, c.id)), cart_id=cart_id)
    assert refused.value.details["seats"] == [str(a.id)]
    assert states(a, b, c) == [("held", other), ("held", cart_id), ("held", cart_id)]


def test_two_want_the_last_place_and_one_gets_it() -> None:
    world = World(quantity=1)

    results = race(6, lambda nth: world.choose(line(world.standing, 1), browser=f"{nth}"))

    assert sorted(type(one).__name__ for one in results) == ["SoldOut"] * 5 + ["UUID"]
    assert places(world.standing.quota_id) == (1, 0)
    assert Cart.objects.of(world.organization.id).count() == 1


def test_two_want_one_seat_and_one_gets_it() -> None:
    world = World()
    seat = seated(world.event)
    wanted = seats_of(world.event)[0]

    results: list[Any] = race(6, lambda nth: world.choose(line(seat, 1, seat_ids=(wanted.id,))))

    won = [one for one in results if isinstance(one, UUID)]
    assert len(won) == 1
    assert {type(one) for one in results if isinstance(one, KassaError)} == {SeatTaken}
    assert states(wanted) == [("held", won[0])]


def test_a_choice_is_priced_without_holding_anything() -> None:
    world = World()
    code = make_coupon(world.organization).code

    found = price_choice(world.organization.id, [line(world.standing, 2)], coupon_code=code, now=world.now)
    wrong = price_choice(world.organization.id, [line(world.standing, 2)], coupon_code="NONE", now=world.now)

    assert found.order is not None
    assert (str(found.order.discount), str(found.order.total), found.coupon_problem) == (
        "9.00",
        "81.00",
        None,
    )
    assert wrong.order is not None
    assert (str(wrong.order.total), type(wrong.coupon_problem)) == ("90.00", CouponUnknown)
    assert places(world.standing.quota_id) == (0, 0)
