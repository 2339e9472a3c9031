"""The key of an event: all about one order has the same, and the envelope says it as well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.enums import EventStatus
from kassa.core.command_context import CommandContext
from kassa.core.models import OutboxEvent
from tests.admission.hall import Hall
from tests.payments.demo_shop import DemoShop

pytestmark = pytest.mark.django_db(transaction=True)


def keys(organization_id: UUID) -> dict[str, set[UUID]]:
    """Return the keys of an organisation's events by type, and check that the envelopes have them."""
    found: dict[str, set[UUID]] = {}
    for event in OutboxEvent.objects.of(organization_id):
        assert orjson.loads(event.envelope)["partitionkey"] == str(event.key)
        found.setdefault(event.type, set()).add(event.key)
    return found


def test_the_order_is_the_key_of_its_tickets_and_its_money() -> None:
    shop = DemoShop()
    order = shop.paid()
    shop.decide(shop.dispute(order), won=False)

    told = keys(shop.id)

    assert {kind.split(".")[0] for kind in told} == {"order", "ticket", "payment", "dispute"}
    assert set().union(*told.values()) == {order.id}


def test_the_order_is_the_key_of_scans() -> None:
    hall = Hall()
    ticket = hall.ticket()
    then = hall.now - timedelta(minutes=10)
    hall.merge(hall.wanted(ticket, scanned_at=then, let_in=True))
    hall.merge(hall.wanted(ticket, scanned_at=then, let_in=True), guard=hall.make_guard(gate="South"))

    told = keys(hall.id)

    assert told["ticket.checked_in"] == told["checkin.conflict"] == {ticket.order_id}


def test_what_is_about_no_order_has_its_subject_as_key() -> None:
    hall = Hall()
    move_event(CommandContext.system(hall.id, now=hall.now), hall.event.id, to=EventStatus.CANCELLED)
    unreadable = hall.wanted("NO-SUCH-CODE", let_in=True, scanned_at=hall.now)
    hall.merge(unreadable)

    told = keys(hall.id)

    assert told["event.cancelled"] == {hall.event.id}
    assert told["checkin.conflict"] == {unreadable.id}


def test_the_source_can_be_given(settings: Any) -> None:
    settings.EVENT_SOURCE = "https://tickets.example.org/kassa"
    shop = DemoShop()
    shop.paid()

    sources = {orjson.loads(event.envelope)["source"] for event in OutboxEvent.objects.of(shop.id)}

    assert sources == {f"https://tickets.example.org/kassa/organizations/{shop.id}"}
