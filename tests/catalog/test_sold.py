"""What was sold without a limit is not limited, shared or deleted behind the buyers' backs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from kassa.catalog.domain.event_moves import delete_event
from kassa.catalog.domain.events import change_event
from kassa.catalog.domain.products import change_product, delete_product
from kassa.catalog.domain.ticket_types import change_ticket_type, delete_ticket_type
from kassa.catalog.models import Event, Product, TicketType, TicketTypeQuota
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import StillInUse
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.organizations.models import Organization
from kassa.payments.domain.manual_status import cancel_order
from kassa.sales.domain.cart_items import NewItem
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_product,
    make_quota,
    make_ticket_type,
    order_request,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Shop:
    """An event and a product without any limit."""

    def __init__(self) -> None:
        self.organization: Organization = make_organization()
        self.actor: Actor = make_actor(self.organization)
        self.event: Event = make_event(self.organization)
        self.standing: TicketType = make_ticket_type(self.event, quantity=None)
        self.poster: Product = make_product(self.organization, stock=None)
        self.room: Quota = make_quota(self.organization, 1, QuotaKind.SHARED)

    def sell(self, item: TicketType | Product) -> UUID:
        outcome = place_orders(
            self.organization.id, [order_request(self.actor, line(item, 2))], now=utc_now()
        )[0]
        assert isinstance(outcome, Placed)
        return outcome.order_id

    def cancel(self, order_id: UUID) -> None:
        cancel_order(CommandContext(actor=self.actor, now=utc_now()), order_id)

    def put_in_cart(self, item: TicketType | Product) -> UUID:
        new = NewCart(items=[NewItem(line(item, 2))])
        return open_cart(CommandContext.system(self.organization.id, now=utc_now()), new)

    def state(self) -> tuple[Any, ...]:
        """Return all that a refused change could have left behind."""
        ours = {"organization_id": self.organization.id}
        return tuple(
            list(model.unscoped.filter(**ours).order_by("id").values())
            for model in (Event, TicketType, Product, Quota, TicketTypeQuota)
        )


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def change_the_event(shop: Shop, **changes: Any) -> None:
    change_event(CommandContext.system(shop.organization.id, now=utc_now()), shop.event.id, changes=changes)


def change_the_type(shop: Shop, **changes: Any) -> None:
    change_ticket_type(
        CommandContext.system(shop.organization.id, now=utc_now()), shop.standing.id, changes=changes
    )


TICKET_CHANGES: dict[str, Callable[[Shop], None]] = {
    "quantity": lambda shop: change_the_type(shop, quantity=1),
    "shared quotas": lambda shop: change_the_type(shop, shared_quotas=[shop.room.id]),
    "both": lambda shop: change_the_type(shop, quantity=1, shared_quotas=[shop.room.id]),
    "capacity": lambda shop: change_the_event(shop, capacity=1),
    "currency": lambda shop: change_the_event(shop, currency="USD"),
    "one per customer": lambda shop: change_the_event(shop, one_per_customer=True),
    "all of the event": lambda shop: change_the_event(
        shop, capacity=1, currency="USD", one_per_customer=True
    ),
    "delete ticket type": lambda shop: delete_ticket_type(
        CommandContext.system(shop.organization.id, now=utc_now()), shop.standing.id
    ),
    "delete event": lambda shop: delete_event(
        CommandContext.system(shop.organization.id, now=utc_now()), shop.event.id
    ),
}
PRODUCT_CHANGES: dict[str, Callable[[Shop], None]] = {
    "stock": lambda shop: _stock(shop, 1),
    "delete product": lambda shop: delete_product(
        CommandContext.system(shop.organization.id, now=utc_now()), shop.poster.id
    ),
}


def _stock(shop: Shop, stock: int) -> None:
    change_product(
        CommandContext.system(shop.organization.id, now=utc_now()), shop.poster.id, changes={"stock": stock}
    )


ALL = [
    *(pytest.param("standing", change, id=name) for name, change in TICKET_CHANGES.items()),
    *(pytest.param("poster", change, id=name) for name, change in PRODUCT_CHANGES.items()),
]


@pytest.mark.parametrize(("item", "change"), ALL)
def test_what_is_sold_refuses_until_it_is_cancelled(
    shop: Shop, item: str, change: Callable[[Shop], None]
) -> None:
    order_id = shop.sell(getattr(shop, item))
    before = shop.state()
    with pytest.raises(StillInUse):
        change(shop)
    assert shop.state() == before

    shop.cancel(order_id)
    change(shop)
    assert shop.state() != before


@pytest.mark.parametrize(("item", "change"), ALL)
def test_what_lies_in_a_cart_refuses_until_it_is_given_up(
    shop: Shop, item: str, change: Callable[[Shop], None]
) -> None:
    cart_id = shop.put_in_cart(getattr(shop, item))
    before = shop.state()
    with pytest.raises(StillInUse):
        change(shop)
    assert shop.state() == before

    abandon_cart(CommandContext.system(shop.organization.id, now=utc_now()), cart_id)
    change(shop)
    assert shop.state() != before


@pytest.mark.parametrize(("item", "change"), ALL)
def test_what_others_sold_is_no_hindrance(shop: Shop, item: str, change: Callable[[Shop], None]) -> None:
    elsewhere = Shop()
    elsewhere.sell(getattr(elsewhere, item))
    shop.sell(make_ticket_type(make_event(shop.organization), quantity=None))
    shop.sell(make_product(shop.organization, stock=None))
    before = shop.state()
    change(shop)
    assert shop.state() != before


def test_one_sold_type_leaves_its_sister_free(shop: Shop) -> None:
    shop.sell(make_ticket_type(shop.event, quantity=None))
    change_the_type(shop, quantity=1)
    change_the_type(shop, quantity=None, price=Decimal("1.00"))
    delete_ticket_type(CommandContext.system(shop.organization.id, now=utc_now()), shop.standing.id)


def test_a_type_sold_from_a_quota_that_others_share_is_taken(shop: Shop) -> None:
    wide = make_quota(shop.organization, 9, QuotaKind.SHARED)
    change_the_type(shop, shared_quotas=[wide.id])
    sister = make_ticket_type(shop.event, quantity=None)
    TicketTypeQuota.unscoped.create(organization=shop.organization, ticket_type=sister, quota=wide)
    shop.sell(shop.standing)
    for refused in ("quantity", "shared quotas", "delete ticket type"):
        with pytest.raises(StillInUse):
            TICKET_CHANGES[refused](shop)


@pytest.mark.parametrize(("item", "change"), ALL)
def test_an_order_on_its_way_is_waited_for(shop: Shop, item: str, change: Callable[[Shop], None]) -> None:
    """The change asks only after the order, which is not committed yet, has ended."""
    refusals: list[StillInUse] = []
    before = shop.state()

    def change_meanwhile() -> None:
        try:
            change(shop)
        except StillInUse as error:
            refusals.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=change_meanwhile)
    with transaction.atomic():
        shop.sell(getattr(shop, item))
        other.start()
        wait_until_blocked()
    other.join(timeout=10)

    assert len(refusals) == 1
    assert shop.state() == before


def wait_until_blocked() -> None:
    """Wait until another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity "
                "WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))), pg_sleep(0.005), "
                "pg_stat_clear_snapshot()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waits.")
