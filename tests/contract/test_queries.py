"""A list asks the database as often for three rows as for one, and not often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import TaxRule, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.ids import new_id
from kassa.identity.domain.api_keys import create_api_key
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import Role, SecurityEventKind
from kassa.inventory.enums import QuotaKind
from kassa.seating.models import EventSeat
from kassa.seating.queries import event_seats_of
from tests.contract.document import described, resolved
from tests.contract.door import make_device, make_list, make_scan
from tests.contract.messages import make_announcement, make_message, make_suppressed_address
from tests.contract.money import (
    make_dispute,
    make_event_refund,
    make_invoice,
    make_payout,
    make_posting,
    make_refund,
    make_webhook_event,
)
from tests.contract.operations import PREFIX
from tests.contract.tickets import make_design, make_ticket, make_transfer
from tests.contract.world import (
    World,
    make_cart,
    make_invitation,
    make_layout,
    make_member,
    make_order,
    make_seated_event,
)
from tests.support.factories import (
    DRAWING,
    make_coupon,
    make_event,
    make_picture,
    make_product,
    make_question,
    make_quota,
    make_ticket_type,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys_stay_known")]

AT_MOST = 8
"""Queries of one list, whatever is in it."""


def move_on(world: World) -> None:
    """Move the order to its next status, so that its history is longer."""
    url = f"/api/v1/orders/{world.ids['order_id']}"
    following = {
        "confirmed": "processing",
        "partially_refunded": "processing",
        "processing": "completed",
    }
    status = following[world.api.get(url).json()["status"]]
    assert world.api.put(f"{url}/status", {"status": status}).status_code == 200


def add_seat(world: World) -> EventSeat:
    last = event_seats_of(world.organization.id, world.event.id).order_by("-rank")[0]
    last.id, last.rank, last.number = new_id(), last.rank + 1, f"{last.rank + 2}"
    last.place += 1
    last.save(force_insert=True)
    return last


LISTS: dict[str, Callable[[World], object]] = {
    "/orders": lambda world: make_order(
        world.organization, TicketType.objects.of(world.organization.id).get(id=world.standing)
    ),
    "/orders/{order_id}/history": move_on,
    "/orders/{order_id}/refunds": lambda world: make_refund(world.organization, world.ids["order_id"]),
    "/orders/{order_id}/ledger": lambda world: make_posting(world.organization, world.ids["order_id"]),
    "/ledger/balances": lambda world: make_posting(world.organization),
    "/transactions": lambda world: make_payout(world.organization),
    "/invoices": lambda world: make_invoice(
        world.organization,
        make_order(world.organization, TicketType.objects.of(world.organization.id).get(id=world.standing)),
    ),
    "/payouts": lambda world: make_payout(world.organization),
    "/disputes": lambda world: make_dispute(world.organization, world.ids["order_id"]),
    "/messages": lambda world: make_message(world.organization, world.ids["order_id"]),
    "/announcements": lambda world: make_announcement(world.organization, world.event.id),
    "/suppressed-addresses": lambda world: make_suppressed_address(world.organization),
    "/ticket-designs": lambda world: make_design(world.organization, make_event(world.organization)),
    "/tickets": lambda world: make_ticket(world.organization, world.ids["ticket_id"]),
    "/tickets/{ticket_id}/transfers": lambda world: make_transfer(
        world.organization, world.ids["ticket_id"], is_open=False
    ),
    "/webhook-events": lambda world: make_webhook_event(world.organization),
    "/events/{event_id}/refunds": lambda world: make_event_refund(world.organization, world.event.id),
    "/carts": lambda world: make_cart(world.organization, world.standing),
    "/events": lambda world: make_seated_event(world.organization),
    "/events/{event_id}/ticket-types": lambda world: make_ticket_type(world.event),
    "/events/{event_id}/questions": lambda world: make_question(world.event, f"q{new_id().hex}"),
    "/events/{event_id}/seats": add_seat,
    "/products": lambda world: make_product(world.organization, event=world.event),
    "/pictures": lambda world: make_picture(world.organization, DRAWING + f"<!--{new_id()}-->".encode()),
    "/tax-rules": lambda world: TaxRule.unscoped.create(organization=world.organization, name="A", rate=7),
    "/quotas": lambda world: make_quota(world.organization, 5, QuotaKind.SHARED),
    "/seat-layouts": lambda world: make_layout(world.organization),
    "/coupons": lambda world: make_coupon(world.organization, events=(world.event,)),
    "/members": lambda world: make_member(world.organization, Role.SUPPORT),
    "/invitations": lambda world: make_invitation(world.organization),
    "/checkin-lists": lambda world: make_list(world.organization, world.event.id),
    "/checkin-devices": lambda world: make_device(world.organization),
    "/checkins": lambda world: make_scan(world.organization, world.ids["list_id"]),
    "/security-events": lambda world: record_security_event(
        SecurityEventKind.MEMBER_CHANGED, organization_id=world.organization.id, now=utc_now()
    ),
    "/api-keys": lambda world: create_api_key(
        CommandContext.system(world.organization.id, now=utc_now()), name="Another", scopes=[]
    ),
}
"""By address: how one more row comes into the list."""


def is_list(operation: dict[str, Any]) -> bool:
    """Say whether an operation answers with several objects of one kind."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    schema = resolved(content.get("schema", {}))
    return schema.get("type") == "array" or {"items", "next"} <= schema.get("properties", {}).keys()


def test_each_list_is_counted() -> None:
    found = {
        path.removeprefix(PREFIX) for method, path, one in described() if method == "GET" and is_list(one)
    }
    assert found == LISTS.keys()


@pytest.mark.parametrize("path", LISTS)
def test_list_asks_as_often_for_more_rows(path: str, world: World) -> None:
    url = f"{PREFIX}{path.format(**world.ids)}"
    world.api.get(url)
    rows, queries = ask(world, url)
    for _ in range(2):
        LISTS[path](world)
    more_rows, more_queries = ask(world, url)
    assert rows >= 1
    assert more_rows == rows + 2
    assert more_queries == queries
    assert len(queries) <= AT_MOST


def ask(world: World, url: str) -> tuple[int, list[str]]:
    """Return how many rows a list has, and which tables it asks for them."""
    with CaptureQueriesContext(connection) as captured:
        answer = world.api.get(url)
    assert answer.status_code == 200
    body = answer.json()
    rows = body if isinstance(body, list) else body["items"]
    return len(rows), [query["sql"].split(" FROM ")[-1].split(" ")[0] for query in captured]
