"""event-platform.md: Ticket.status `used`, Ticket.checkedInAt and Ticket.checkedInBy."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from kassa.core.clock import utc_now
from tests.spec.shop import Shop
from tests.support.factories import make_ticket_type, moment


@pytest.fixture
def door(shop: Shop) -> str:
    """Return the id of the way into the event."""
    made = shop.ask("POST", "/checkin-lists", {"event": str(shop.event.id), "name": "Door"}, expect=201)
    list_id: str = made["id"]
    return list_id


def scan(shop: Shop, door: str, ticket: dict[str, Any]) -> dict[str, Any]:
    body = {"id": str(uuid4()), "list": door, "ticket": ticket["code"]}
    answer: dict[str, Any] = shop.ask("POST", "/checkins", body, expect=200)
    return answer


def buy_for_nothing(shop: Shop) -> dict[str, Any]:
    order: dict[str, Any] = shop.buy(make_ticket_type(shop.event, quantity=None, price=0), 1)
    return order


def test_ticket_is_used_with_when_and_by_whom(shop: Shop, door: str) -> None:
    """Ticket.checkedInAt, Ticket.checkedInBy: null until the door let somebody in."""
    order = buy_for_nothing(shop)
    [ticket] = order["tickets"]
    assert (ticket["status"], ticket["checked_in_at"], ticket["checked_in_by"]) == ("valid", None, None)
    before = utc_now()

    assert scan(shop, door, ticket)["accepted"]

    [used] = shop.read(order)["tickets"]
    assert used["status"] == "used"
    assert before <= moment(used["checked_in_at"]) <= utc_now()
    assert (used["checked_in_by"] is not None, used["checked_in_by_kind"]) == (True, "api_key")
    assert scan(shop, door, ticket)["result"] == "already_used"
    assert shop.read(order)["tickets"] == [used]


def test_ticket_that_is_undone_is_valid_again(shop: Shop, door: str) -> None:
    """Ticket.status: `used` goes back to `valid` only where the door takes its entry back."""
    order = buy_for_nothing(shop)
    entry = scan(shop, door, order["tickets"][0])

    shop.ask("POST", f"/checkins/{entry['id']}/undo", {"id": str(uuid4())}, expect=200)

    [ticket] = shop.read(order)["tickets"]
    assert (ticket["status"], ticket["checked_in_at"], ticket["checked_in_by"]) == ("valid", None, None)


def test_unpaid_and_cancelled_tickets_are_not_let_in(shop: Shop, door: str) -> None:
    """Ticket.status: neither `reserved` nor `cancelled` lets anybody in."""
    order = shop.buy(shop.standing, 1)
    assert scan(shop, door, order["tickets"][0])["result"] == "unpaid"
    shop.ask("POST", f"/orders/{order['id']}/cancel", {}, expect=200)
    assert scan(shop, door, order["tickets"][0])["result"] == "cancelled"
    assert shop.read(order)["tickets"][0]["checked_in_at"] is None
