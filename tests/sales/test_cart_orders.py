"""A cart becomes one order at most, whoever comes at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from kassa.catalog.models import Event, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, Locked, NotFound
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_details import extend_cart, set_coupon, set_customer
from kassa.sales.domain.cart_items import ItemChange, change_item, remove_item
from kassa.sales.domain.cart_order import Checkout, cart_order_request, order_cart
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import (
    CartClosed,
    CartEmpty,
    OrderKeyReused,
)
from tests.sales.carts import (
    ADA,
    a_cart,
    checkout,
    convert,
    items_of,
    put,
    race,
    seated,
    serialized_cart,
    snapshot,
    states,
)
from tests.support.factories import line, make_actor, make_organization, make_ticket_type, places

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def test_order_takes_over_seats_and_places(organization: Organization, event: Event, now: datetime) -> None:
    ticket_type = seated(event, quantity=2)
    cart_id = a_cart(organization, line(ticket_type, 2, best_available=True), now=now)
    item = items_of(cart_id)[0]

    outcome = convert(
        make_actor(organization), cart_id, now=now, attendees={item.id: ({"first_name": "Grace"},)}
    )

    assert isinstance(outcome, Placed)
    order = Order.unscoped.get()
    tickets = list(Ticket.unscoped.order_by("id"))
    assert (order.id, order.cart_id, order.customer_email) == (outcome.order_id, cart_id, ADA.email)
    assert [ticket.seat_id for ticket in tickets] == item.seat_ids
    assert [ticket.attendee_first_name for ticket in tickets] == ["Grace", ""]
    assert states(*item.seat_ids) == [("held", None)] * 2
    assert places(ticket_type.quota_id) == (2, 0)
    document = serialized_cart(organization.id, cart_id, now=now)
    assert (document["status"], document["order"]) == ("converted", str(order.id))


def test_free_cart_is_sold_at_once(organization: Organization, event: Event, now: datetime) -> None:
    free = make_ticket_type(event, price=Decimal(0), is_free=True)
    cart_id = a_cart(organization, line(free, 2), now=now)

    convert(make_actor(organization), cart_id, now=now)

    assert places(free.quota_id) == (0, 2)


def test_cart_that_was_changed_meanwhile_is_not_converted(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing = make_ticket_type(event)
    cart_id = a_cart(organization, line(standing), now=now)
    request = cart_order_request(make_actor(organization), cart_id, checkout(), now=now)
    put(organization, cart_id, line(standing), now=now)

    [outcome] = place_orders(organization.id, [request], now=now)

    assert isinstance(outcome, Locked)
    assert not Order.unscoped.exists()
    assert places(standing.quota_id) == (2, 0)


def test_second_conversion_answers_the_same_order_or_is_refused(
    organization: Organization, event: Event, now: datetime
) -> None:
    actor = make_actor(organization)
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=now)
    first = convert(actor, cart_id, now=now, key="once")
    TicketType.unscoped.update(sales_end_at=now)

    again = convert(actor, cart_id, now=now, key="once")
    with pytest.raises(CartClosed) as refused:
        convert(actor, cart_id, now=now, key="twice")
    request = cart_order_request(actor, cart_id, Checkout("once", b"other"), now=now)
    [reused] = place_orders(organization.id, [request], now=now)

    assert isinstance(first, Placed)
    assert isinstance(again, Placed)
    assert (again.order_id, again.replayed) == (first.order_id, True)
    assert refused.value.details == {"cart_status": "converted"}
    assert isinstance(reused, OrderKeyReused)


def test_same_cart_twice_in_one_batch_becomes_one_order(
    organization: Organization, event: Event, now: datetime
) -> None:
    actor = make_actor(organization)
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=now)
    requests = [cart_order_request(actor, cart_id, checkout(), now=now) for _ in range(2)]

    first, second = place_orders(organization.id, requests, now=now)

    assert isinstance(first, Placed)
    assert isinstance(second, CartClosed)
    assert second.details == {"cart_status": "converted"}


def test_conversion_needs_content_and_a_customer(
    organization: Organization, event: Event, now: datetime
) -> None:
    actor = make_actor(organization)
    empty = a_cart(organization, now=now)
    nobodys = a_cart(organization, line(make_ticket_type(event)), now=now, customer=None)
    item_id = items_of(nobodys)[0].id

    with pytest.raises(CartEmpty):
        convert(actor, empty, now=now)
    with pytest.raises(InvalidInput):
        convert(actor, nobodys, now=now)
    misnamed: list[dict[UUID, Any]] = [{uuid4(): ({},)}, {item_id: ({}, {})}]
    for attendees in misnamed:
        with pytest.raises(InvalidInput):
            convert(actor, nobodys, now=now, customer=ADA, attendees=attendees)

    assert not Order.unscoped.exists()


def test_other_organisations_cart_is_not_found(
    organization: Organization, event: Event, now: datetime
) -> None:
    stranger = make_organization()
    standing = make_ticket_type(event)
    cart_id = a_cart(organization, line(standing), now=now)
    item_id, before = items_of(cart_id)[0].id, snapshot(cart_id)
    calls: list[Callable[[], object]] = [
        lambda: put(stranger, cart_id, line(standing), now=now),
        lambda: change_item(
            CommandContext.system(stranger.id, now=now), cart_id, item_id, ItemChange(quantity=2)
        ),
        lambda: remove_item(CommandContext.system(stranger.id, now=now), cart_id, item_id),
        lambda: set_coupon(CommandContext.system(stranger.id, now=now), cart_id, "X"),
        lambda: set_customer(CommandContext.system(stranger.id, now=now), cart_id, ADA),
        lambda: extend_cart(CommandContext.system(stranger.id, now=now), cart_id),
        lambda: abandon_cart(CommandContext.system(stranger.id, now=now), cart_id),
        lambda: convert(make_actor(stranger), cart_id, now=now),
        lambda: serialized_cart(stranger.id, cart_id, now=now),
    ]

    for call in calls:
        with pytest.raises(NotFound):
            call()

    assert snapshot(cart_id) == before


def test_eight_conversions_at_once_make_one_order(organization: Organization, event: Event) -> None:
    ticket_type = seated(event, quantity=2)
    cart_id = a_cart(organization, line(ticket_type, 2, best_available=True), now=utc_now())
    actor = make_actor(organization)

    results = race(
        8,
        lambda nth: order_cart(CommandContext(actor, utc_now()), cart_id, checkout(f"key-{nth}")),
    )

    assert sorted(type(result).__name__ for result in results) == ["CartClosed"] * 7 + ["Placed"]
    assert Order.unscoped.get().cart_id == cart_id
    assert Ticket.unscoped.count() == 2


def test_eight_conversions_at_once_in_eight_processes_make_one_order(
    organization: Organization, event: Event
) -> None:
    """Without a common desk they meet in the database only."""
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=utc_now())
    actor = make_actor(organization)

    results = race(8, lambda nth: convert(actor, cart_id, now=utc_now(), key=f"key-{nth}"))

    assert sorted(type(result).__name__ for result in results) == ["CartClosed"] * 7 + ["Placed"]
    assert Order.unscoped.count() == 1


def test_eight_conversions_with_one_key_all_get_the_order(organization: Organization, event: Event) -> None:
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=utc_now())
    actor = make_actor(organization)

    results = race(8, lambda nth: order_cart(CommandContext(actor, utc_now()), cart_id, checkout("once")))

    assert {result.order_id for result in results} == {Order.unscoped.get().id}


def test_carts_at_once_never_hold_more_than_there_is(organization: Organization, event: Event) -> None:
    scarce = make_ticket_type(event, quantity=5)

    results = race(8, lambda nth: a_cart(organization, line(scarce), now=utc_now()))

    assert sorted(type(result).__name__ for result in results) == ["SoldOut"] * 3 + ["UUID"] * 5
    assert places(scarce.quota_id) == (5, 0)


def test_changes_of_one_cart_at_once_are_all_made(organization: Organization, event: Event) -> None:
    ticket_type = seated(event, rows=4)
    cart_id = a_cart(organization, now=utc_now())

    results = race(
        4, lambda nth: put(organization, cart_id, line(ticket_type, best_available=True), now=utc_now())
    )

    assert results == [None] * 4
    assert len(items_of(cart_id)) == 4
    assert places(ticket_type.quota_id) == (4, 0)
