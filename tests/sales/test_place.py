"""Placing orders: what fits is written whole, what does not is refused whole."""

from __future__ import annotations

import pytest

from kassa.core.clock import utc_now
from kassa.orders.models import Order, Ticket
from kassa.sales.domain.place import Placed, place_orders
from kassa.sales.errors import SoldOut
from tests.factories import line, make_actor, make_event, make_organization, make_ticket_type, order_request, places

pytestmark = pytest.mark.django_db(transaction=True)


def test_batch_gives_places_first_come_first_served() -> None:
    organization = make_organization()
    standing = make_ticket_type(make_event(organization), quantity=100)
    actor = make_actor(organization)
    requests = [order_request(actor, line(standing, 40), email=f"buyer{n}@example.com") for n in range(4)]

    outcomes = place_orders(organization.id, requests, now=utc_now())

    assert [type(outcome) for outcome in outcomes] == [Placed, Placed, SoldOut, SoldOut]
    assert places(standing.quota_id) == (80, 0)
    assert Order.objects.of(organization.id).count() == 2
    assert Ticket.objects.of(organization.id).count() == 80
