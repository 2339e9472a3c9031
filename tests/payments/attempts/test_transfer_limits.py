"""How many tickets of an event a visitor orders by transfer who has proven no address, to the ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.payments.domain.attempts.transfer_limits import (
    NETWORK_SHARE,
    needs_proven_address,
    require_proven_address,
)
from kassa.payments.errors import AddressUnproven
from kassa.sales.domain.holders import HolderKind, build_holder_key
from kassa.sales.models import Cart
from tests.payments.cashier import Cashier
from tests.support.factories import line, make_event, make_product, make_ticket_type

LIMIT = 4


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.UNPROVEN_TRANSFERS = LIMIT


def key(cashier: Cashier, kind: HolderKind = HolderKind.BROWSER, value: str = "one") -> str:
    return build_holder_key(kind, cashier.id, value)


def needs(
    cashier: Cashier, tickets: int, *keys: str, event: Event | None = None, order_id: UUID | None = None
) -> bool:
    return needs_proven_address(
        cashier.id,
        "manual",
        keys,
        {(event or cashier.event).id: tickets},
        now=cashier.now,
        order_id=order_id,
    )


def order_of(cashier: Cashier, quantity: int, *keys: str, pay: str | None = "manual") -> Order:
    """Have ordered so many tickets from a cart that is counted by some keys, and opened a payment."""
    order = cashier.place(line(cashier.standing, quantity))
    cart = Cart.unscoped.create(
        organization=cashier.organization, status="converted", holders=list(keys), expires_at=cashier.now
    )
    Order.unscoped.filter(id=order.id).update(cart_id=cart.id)
    if pay:
        cashier.open(order, pay)
    return cashier.order(order.id)


@pytest.mark.parametrize(
    ("kind", "maximum"),
    [
        (HolderKind.BROWSER, LIMIT),
        (HolderKind.ADDRESS, LIMIT),
        (HolderKind.USER, LIMIT),
        (HolderKind.NETWORK, LIMIT * NETWORK_SHARE),
        (HolderKind.USERS_OF_NETWORK, LIMIT * NETWORK_SHARE),
    ],
)
def test_one_visitor_has_so_many_and_a_network_four_times_as_many(
    cashier: Cashier, kind: HolderKind, maximum: int
) -> None:
    assert not needs(cashier, maximum, key(cashier, kind))
    assert needs(cashier, maximum + 1, key(cashier, kind))


def test_strictest_key_decides(cashier: Cashier) -> None:
    assert needs(cashier, LIMIT + 1, key(cashier, HolderKind.NETWORK), key(cashier, HolderKind.ADDRESS))


def test_nobody_is_counted_without_a_key_or_by_a_pass_alone(cashier: Cashier) -> None:
    assert not needs(cashier, 100)
    assert not needs(cashier, 100, key(cashier, HolderKind.PASS))
    assert not needs_proven_address(cashier.id, "manual", [key(cashier)], {}, now=cashier.now)


@pytest.mark.parametrize("given", [0, 1, 9])
def test_number_of_the_event_goes_before_that_of_the_installation(cashier: Cashier, given: int) -> None:
    event = make_event(cashier.organization, max_unproven_transfer=given)

    assert not needs(cashier, given, key(cashier), event=event)
    assert needs(cashier, given + 1, key(cashier), event=event)
    assert not needs(cashier, LIMIT, key(cashier))


def test_what_was_ordered_before_is_counted_by_event_and_key(cashier: Cashier) -> None:
    order = order_of(cashier, 3, key(cashier))

    assert not needs(cashier, 1, key(cashier))
    assert needs(cashier, 2, key(cashier))
    assert not needs(cashier, 2, key(cashier), order_id=order.id)  # itself is not counted twice
    assert not needs(cashier, LIMIT, key(cashier, value="another"))
    assert not needs(cashier, LIMIT, key(cashier), event=make_event(cashier.organization))
    other = Cashier()
    assert not needs(other, LIMIT, key(cashier))


def paid(cashier: Cashier, order: Order) -> None:
    Order.unscoped.filter(id=order.id).update(status="confirmed", confirmed_at=cashier.now, expires_at=None)


def cancelled(cashier: Cashier, order: Order) -> None:
    Order.unscoped.filter(id=order.id).update(status="cancelled", cancelled_at=cashier.now)


def run_out(cashier: Cashier, order: Order) -> None:
    cashier.later = timedelta(days=60)


def attempt_cancelled(cashier: Cashier, order: Order) -> None:
    [attempt] = cashier.attempts(order)
    cashier.cancel(attempt)


@pytest.mark.parametrize("end", [paid, cancelled, run_out, attempt_cancelled])
def test_order_that_no_transfer_holds_any_longer_is_not_counted(
    cashier: Cashier, end: Callable[[Cashier, Order], None]
) -> None:
    order = order_of(cashier, LIMIT, key(cashier))
    assert needs(cashier, 1, key(cashier))

    end(cashier, order)

    assert not needs(cashier, LIMIT, key(cashier))


@pytest.mark.parametrize("provider", [None, "memory"])
def test_only_transfers_are_counted(cashier: Cashier, provider: str | None) -> None:
    order_of(cashier, LIMIT, key(cashier), pay=provider)

    assert not needs(cashier, LIMIT, key(cashier))


def require(cashier: Cashier, order: Order, *keys: str) -> None:
    with transaction.atomic():
        require_proven_address(order, "manual", keys, now=cashier.now)


def test_keys_of_the_cart_count_beside_those_of_who_pays(cashier: Cashier) -> None:
    """Whoever pays the order of another browser uses up the number of both."""
    order_of(cashier, 3, key(cashier))
    order = order_of(cashier, 2, key(cashier), pay=None)

    with pytest.raises(AddressUnproven) as refusal:
        require(cashier, order, key(cashier, value="another"))

    assert refusal.value.details == {"provider": "manual"}
    fresh = order_of(cashier, LIMIT, key(cashier, value="another"), pay=None)
    require(cashier, fresh, key(cashier, value="third"))
    with pytest.raises(AddressUnproven):
        require(cashier, fresh, key(cashier))


def test_addons_and_goods_are_not_counted(cashier: Cashier) -> None:
    bicycle = make_ticket_type(cashier.event, name="Bicycle", is_addon=True)
    shirt = make_product(cashier.organization, stock=50)
    order = cashier.place(line(cashier.standing, LIMIT), line(bicycle, 3), line(shirt, 9))

    require(cashier, order, key(cashier))

    more = cashier.place(line(cashier.standing, LIMIT + 1))
    with pytest.raises(AddressUnproven):
        require(cashier, more, key(cashier))


def test_order_of_the_api_is_counted_by_nobody(cashier: Cashier) -> None:
    require(cashier, cashier.place(line(cashier.standing, 10)))


def test_moment_is_the_one_given(cashier: Cashier) -> None:
    order = order_of(cashier, LIMIT, key(cashier))
    assert order.expires_at is not None
    now = order.expires_at

    def at(moment: Any) -> bool:
        tickets = {cashier.event.id: 1}
        return needs_proven_address(cashier.id, "manual", [key(cashier)], tickets, now=moment)

    assert at(now - timedelta(seconds=1))
    assert not at(now)
    assert at(utc_now())
