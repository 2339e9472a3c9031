from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from kassa.catalog.models import Event, TicketType
from kassa.orders.enums import TicketStatus
from kassa.orders.models import Order, OrderItem, Ticket
from tests.api.shop import NOW, Shop, make_event, take, ticket_type, types_of

pytestmark = pytest.mark.django_db


def sell(event: Event, sold: TicketType, *statuses: TicketStatus) -> None:
    """Write an order with a ticket in each of the statuses."""
    count, total = len(statuses), sold.price * len(statuses)
    order = Order.unscoped.create(
        organization_id=event.organization_id,
        number=uuid4().hex,
        customer_key="email:ada@example.org",
        customer_email="ada@example.org",
        subtotal=total,
        total=total,
        currency=event.currency,
        idempotency_key=uuid4().hex,
        fingerprint=b"",
    )
    item = OrderItem.unscoped.create(
        organization_id=event.organization_id,
        order=order,
        position=1,
        kind="ticket",
        event_id=event.id,
        ticket_type_id=sold.id,
        name=sold.name,
        quantity=count,
        unit_price=sold.price,
        subtotal=total,
        total=total,
    )
    for status in statuses:
        Ticket.unscoped.create(
            organization_id=event.organization_id,
            order=order,
            item=item,
            event_id=event.id,
            ticket_type_id=sold.id,
            code=uuid4().hex,
            status=status,
            base_price=sold.price,
            price_paid=sold.price,
            created_at=NOW,
        )


def test_what_no_quota_counts_is_counted_by_its_tickets(shop: Shop) -> None:
    event = make_event(
        shop.organization_id,
        ticket_type("Counted", quantity=5, sort_order=1),
        ticket_type("Endless", sort_order=2, price=Decimal("7.50")),
    )
    counted, endless = types_of(event)
    take(counted.quota_id, sold=2)
    sell(event, endless, TicketStatus.VALID, TicketStatus.USED, TicketStatus.RESERVED, TicketStatus.REFUNDED)
    shown = shop.get(f"/events/{event.id}").body
    assert [one["sold"] for one in shown["ticket_types"]] == [2, 2]
    assert (shown["total_tickets_sold"], shown["total_revenue"]) == (4, "15.00")
    assert shop.get(f"/ticket-types/{endless.id}").body["sold"] == 2


def test_figures_are_of_one_event_and_one_organisation(shop: Shop, other: Shop) -> None:
    mine, also_mine = (make_event(shop.organization_id, ticket_type()) for _ in range(2))
    theirs = make_event(other.organization_id, ticket_type())
    for event in (mine, theirs):
        sell(event, types_of(event)[0], TicketStatus.VALID)
    items = {item["id"]: item for item in shop.get("/events").body["items"]}
    assert set(items) == {str(mine.id), str(also_mine.id)}
    assert (items[str(mine.id)]["total_tickets_sold"], items[str(mine.id)]["total_revenue"]) == (1, "20.00")
    assert items[str(also_mine.id)]["total_revenue"] == "0.00"
