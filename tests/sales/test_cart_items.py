"""Items change and go; seats are held, exchanged and given back."""

from __future__ import annotations

import threading
from datetime import datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import connections

from kassa.catalog.models import Event
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.orders.models import Ticket
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_items import ItemChange, change_item, remove_item
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import (
    LimitPerOrder,
    Refusal,
    SeatsNotChosen,
    SeatsNotNumbered,
    SeatTaken,
    SeatUnknown,
    SoldOut,
)
from kassa.sales.models import Cart
from kassa.seating.models import EventSeat
from tests.sales.carts import (
    a_cart,
    items_of,
    put,
    seated,
    seats_of,
    snapshot,
    states,
    wait_for_a_waiter,
)
from tests.support.factories import line, make_actor, make_product, make_ticket_type, order_request, places

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


@pytest.mark.parametrize(("quantity", "reserved"), [(5, 5), (1, 1), (2, 2)])
def test_quantity_changes_by_the_difference(
    organization: Organization, event: Event, now: datetime, quantity: int, reserved: int
) -> None:
    standing = make_ticket_type(event, quantity=5)
    cart_id = a_cart(organization, line(standing, 2), now=now)

    change_item(
        CommandContext.system(organization.id, now=now),
        cart_id,
        items_of(cart_id)[0].id,
        ItemChange(quantity=quantity),
    )

    assert places(standing.quota_id) == (reserved, 0)
    assert items_of(cart_id)[0].quantity == quantity


def test_refused_change_leaves_everything(organization: Organization, event: Event, now: datetime) -> None:
    standing = make_ticket_type(event, quantity=5, min_per_order=2)
    cart_id = a_cart(organization, line(standing, 2), now=now)
    item_id, before = items_of(cart_id)[0].id, snapshot(cart_id)
    refusals: list[tuple[ItemChange, type[Refusal]]] = [
        (ItemChange(quantity=6), SoldOut),
        (ItemChange(quantity=1), LimitPerOrder),
        (ItemChange(seat_ids=(uuid4(), uuid4())), SeatsNotNumbered),
        (ItemChange(best_available=True), SeatsNotNumbered),
    ]

    for change, refusal in refusals:
        with pytest.raises(refusal):
            change_item(CommandContext.system(organization.id, now=now), cart_id, item_id, change)

    assert snapshot(cart_id) == before
    assert places(standing.quota_id) == (2, 0)


def test_item_of_another_cart_is_not_found(organization: Organization, event: Event, now: datetime) -> None:
    standing = make_ticket_type(event)
    mine, other = (a_cart(organization, line(standing), now=now) for _ in range(2))
    item_id = items_of(other)[0].id

    with pytest.raises(NotFound):
        change_item(CommandContext.system(organization.id, now=now), mine, item_id, ItemChange(quantity=2))
    with pytest.raises(NotFound):
        remove_item(CommandContext.system(organization.id, now=now), mine, item_id)

    assert places(standing.quota_id) == (2, 0)


def test_removed_item_gives_back_places_and_seats(
    organization: Organization, event: Event, now: datetime
) -> None:
    ticket_type, poster = seated(event), make_product(organization)
    seats = seats_of(event)[:2]
    cart_id = a_cart(
        organization, line(ticket_type, 2, seat_ids=(seats[0].id, seats[1].id)), line(poster), now=now
    )
    assert states(*seats) == [("held", cart_id)] * 2

    remove_item(CommandContext.system(organization.id, now=now), cart_id, items_of(cart_id)[0].id)

    assert states(*seats) == [("available", None)] * 2
    assert (places(ticket_type.quota_id), places(poster.quota_id)) == ((0, 0), (1, 0))


def test_abandoned_cart_gives_back_everything_once(
    organization: Organization, event: Event, now: datetime
) -> None:
    ticket_type = seated(event)
    cart_id = a_cart(organization, line(ticket_type, 2, best_available=True), now=now)
    seat_ids = items_of(cart_id)[0].seat_ids

    abandon_cart(CommandContext.system(organization.id, now=now), cart_id)
    abandon_cart(CommandContext.system(organization.id, now=now), cart_id)

    assert Cart.unscoped.get(id=cart_id).status == "abandoned"
    assert places(ticket_type.quota_id) == (0, 0)
    assert states(*seat_ids) == [("available", None)] * 2


def test_best_available_seats_are_held_side_by_side(
    organization: Organization, event: Event, now: datetime
) -> None:
    ticket_type = seated(event)

    cart_id = a_cart(organization, line(ticket_type, 2, best_available=True), now=now)

    seats = list(EventSeat.unscoped.filter(cart_id=cart_id).order_by("place"))
    assert {seat.id for seat in seats} == set(items_of(cart_id)[0].seat_ids)
    assert (seats[0].block, seats[0].place + 1) == (seats[1].block, seats[1].place)


def test_seat_of_another_cart_is_taken(organization: Organization, event: Event, now: datetime) -> None:
    ticket_type = seated(event)
    first, second = seats_of(event)[:2]
    a_cart(organization, line(ticket_type, seat_ids=(first.id,)), now=now)
    mine = a_cart(organization, line(ticket_type, seat_ids=(second.id,)), now=now)
    before = snapshot(mine)

    with pytest.raises(SeatTaken):
        put(organization, mine, line(ticket_type, seat_ids=(first.id,)), now=now)
    with pytest.raises(SeatTaken):
        put(organization, mine, line(ticket_type, seat_ids=(second.id,)), now=now)
    with pytest.raises(SeatUnknown):
        put(organization, mine, line(ticket_type, seat_ids=(uuid4(),)), now=now)
    with pytest.raises(SeatsNotChosen):
        put(organization, mine, line(ticket_type, 2), now=now)

    assert snapshot(mine) == before
    assert places(ticket_type.quota_id) == (2, 0)


def test_seats_are_exchanged_all_at_once(organization: Organization, event: Event, now: datetime) -> None:
    ticket_type = seated(event)
    first, second, third = seats_of(event)[:3]
    cart_id = a_cart(organization, line(ticket_type, 2, seat_ids=(first.id, second.id)), now=now)

    change_item(
        CommandContext.system(organization.id, now=now),
        cart_id,
        items_of(cart_id)[0].id,
        ItemChange(seat_ids=(second.id, third.id)),
    )

    assert states(first, second, third) == [("available", None), ("held", cart_id), ("held", cart_id)]
    assert items_of(cart_id)[0].seat_ids == [second.id, third.id]


def test_item_grows_and_shrinks_by_best_available_seats(
    organization: Organization, event: Event, now: datetime
) -> None:
    ticket_type = seated(event)
    seat = seats_of(event)[5]
    cart_id = a_cart(organization, line(ticket_type, seat_ids=(seat.id,)), now=now)
    item_id = items_of(cart_id)[0].id

    with pytest.raises(SeatsNotChosen):
        change_item(CommandContext.system(organization.id, now=now), cart_id, item_id, ItemChange(quantity=3))
    change_item(
        CommandContext.system(organization.id, now=now),
        cart_id,
        item_id,
        ItemChange(quantity=3, best_available=True),
    )
    grown = items_of(cart_id)[0]
    change_item(
        CommandContext.system(organization.id, now=now),
        cart_id,
        item_id,
        ItemChange(quantity=1, best_available=True),
    )

    assert (grown.quantity, grown.seat_ids[0], len(set(grown.seat_ids))) == (3, seat.id, 3)
    assert items_of(cart_id)[0].seat_ids == [seat.id]
    assert places(ticket_type.quota_id) == (1, 0)


def test_order_of_best_seats_leaves_one_that_a_cart_is_just_getting(
    organization: Organization, event: Event, now: datetime, database_url: str
) -> None:
    """The two draw on different quotas, so only the seat itself keeps them apart."""
    by_order = seated(event, quantity=None)
    by_cart = make_ticket_type(event, quantity=None, seat_category="standard")
    cart_id = a_cart(organization, now=now)
    best = seats_of(event)[0]
    outcomes: list[Outcome] = []

    def order() -> None:
        request = order_request(make_actor(organization), line(by_order, best_available=True))
        outcomes.extend(place_orders(organization.id, [request], now=now))
        connections.close_all()

    thread = threading.Thread(target=order)
    with psycopg.connect(database_url) as other:
        other.execute(
            "UPDATE seating_eventseat SET status = 'held', cart_id = %s WHERE id = %s", (cart_id, best.id)
        )
        other.execute(
            "INSERT INTO sales_cartitem (id, organization_id, cart_id, ticket_type_id, quantity, seat_ids)"
            " VALUES (%s, %s, %s, %s, 1, ARRAY[%s])",
            (uuid4(), organization.id, cart_id, by_cart.id, best.id),
        )
        thread.start()
        wait_for_a_waiter(database_url)
    thread.join(30)

    assert isinstance(outcomes[0], Placed)
    assert states(best) == [("held", cart_id)]
    assert Ticket.unscoped.get().seat_id != best.id
