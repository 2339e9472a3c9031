"""Whatever is done to carts, the books balance."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import Locked, NotFound
from kassa.sales.domain.cart_items import ItemChange, change_item, remove_item
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.errors import Refusal
from tests.sales.carts import (
    a_cart,
    convert,
    items_of,
    put,
    race,
    seated,
    seats_of,
)
from tests.support.books import assert_books_balance
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["open", "put", "seat", "best", "change", "grow", "remove", "abandon", "order", "wait"]
        ),
        st.integers(0, 2),
        st.integers(0, 3),
        st.integers(1, 4),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(operations=OPERATIONS)
def test_books_balance_after_whatever_is_done_to_carts(
    operations: list[tuple[str, int, int, int]],
) -> None:
    world = _World()
    for operation in operations:
        world.do(*operation)
        assert_books_balance(world.organization.id)


def test_books_balance_after_many_did_it_at_once() -> None:
    world = _World()
    kinds = ["open", "put", "seat", "best", "change", "grow", "remove", "abandon", "order"]

    def act(nth: int) -> None:
        chance = random.Random(nth)
        for _ in range(25):
            world.do(chance.choice(kinds), chance.randrange(3), chance.randrange(4), chance.randint(1, 4))

    assert race(6, act) == [None] * 6


class _World:
    """Three carts, and too few of everything."""

    def __init__(self) -> None:
        self.now = utc_now()
        self.organization = make_organization()
        event = make_event(self.organization, capacity=9)
        self.actor = make_actor(self.organization)
        self.standing = make_ticket_type(event, quantity=5, max_per_order=4)
        self.seated = seated(event, rows=2, quantity=6)
        self.poster = make_product(self.organization, stock=3)
        self.seats = seats_of(event)
        self.carts = [a_cart(self.organization, now=self.now) for _ in range(3)]

    def do(self, what: str, cart: int, nth: int, quantity: int) -> None:
        cart_id = self.carts[cart]
        items = items_of(cart_id)
        item_id = items[nth % len(items)].id if items else uuid4()
        try:
            if what == "open":
                self.carts[cart] = a_cart(self.organization, line(self.standing, quantity), now=self.now)
            elif what == "put":
                wanted = (self.standing, self.poster)[nth % 2]
                put(self.organization, cart_id, line(wanted, quantity), now=self.now)
            elif what == "seat":
                seat_ids = tuple(seat.id for seat in self.seats[nth : nth + quantity])
                put(self.organization, cart_id, line(self.seated, quantity, seat_ids=seat_ids), now=self.now)
            elif what == "best":
                wanted_line = line(self.seated, quantity, best_available=True)
                put(self.organization, cart_id, wanted_line, line(self.poster), now=self.now)
            elif what in {"change", "grow"}:
                change = ItemChange(quantity=quantity, best_available=what == "grow")
                change_item(
                    CommandContext.system(self.organization.id, now=self.now), cart_id, item_id, change
                )
            elif what == "remove":
                remove_item(CommandContext.system(self.organization.id, now=self.now), cart_id, item_id)
            elif what == "abandon":
                abandon_cart(CommandContext.system(self.organization.id, now=self.now), cart_id)
            elif what == "order":
                convert(self.actor, cart_id, now=self.now)
            else:
                self.now += timedelta(minutes=10 * quantity)
        except (Refusal, NotFound, Locked):
            return  # Nothing was changed, which the books show.
