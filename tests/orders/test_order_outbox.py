"""The outbox: what happened is told once, as CloudEvents, in the transaction that made it happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from kassa.core.clock import format_moment, utc_now
from kassa.core.masking import mask_code
from kassa.core.models import OutboxEvent
from kassa.orders.domain.expire import expire_orders
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import cancel_order, change_status
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_ticket_type
from tests.support.sale_world import World


def events(world: World) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.of(world.organization.id).order_by("position"))


def envelope_of(event: OutboxEvent) -> dict[str, Any]:
    """Return an envelope as whoever it is sent to reads it."""
    envelope: dict[str, Any] = orjson.loads(event.envelope)
    return envelope


def test_envelopes_are_cloudevents(world: World) -> None:
    now = utc_now()
    order = world.place(now=now)

    [event] = events(world)

    envelope = envelope_of(event)
    data = envelope.pop("data")
    assert envelope == {
        "specversion": "1.0",
        "id": str(event.id),
        "source": f"http://127.0.0.1:8000/organizations/{world.organization.id}",
        "type": "order.created",
        "subject": f"orders/{order.id}",
        "time": format_moment(now),
        "datacontenttype": "application/json",
        "dataschema": f"{settings.BASE_URL}/schemas/events/order.created/1",
        "partitionkey": str(order.id),
    }
    assert (event.type, event.subject, event.created_at) == (envelope["type"], envelope["subject"], now)
    assert (data["id"], data["number"], data["status"]) == (str(order.id), order.number, "draft")


def test_data_of_an_order_event_is_the_document_of_the_api_but_for_codes(world: World) -> None:
    world.place(
        line(world.standing, 2), line(world.shirt), coupon_code=world.coupon.code, notes='Says "hi" \\ {}'
    )

    [event] = events(world)

    shown = world.api.get(f"/api/v1/{event.subject}").json()
    for ticket in shown["tickets"]:
        ticket["code"] = mask_code(ticket["code"])
    assert envelope_of(event)["data"] == shown


def test_tickets_are_told_with_their_order(world: World) -> None:
    order = world.place(line(world.standing, 2))
    change_status(world.context(), order.id, to_status=OrderStatus.CONFIRMED)

    issued = [event for event in events(world) if event.type == "ticket.issued"]

    for event in issued:
        data = envelope_of(event)["data"]
        assert (data["order"], data["number"]) == (str(order.id), order.number)
        assert event.subject == f"tickets/{data['ticket']['id']}"
        assert data["ticket"]["status"] == "valid"
    assert len({event.subject for event in issued}) == len(issued) == 2


def test_events_of_an_order_are_told_in_the_order_in_which_they_happened(world: World) -> None:
    order = world.place(line(world.standing))
    change_status(world.context(), order.id, to_status=OrderStatus.CONFIRMED)
    cancel_order(world.context("Refunded in cash."), order.id)

    types = [event.type for event in events(world)]

    assert types == [
        "order.created",
        "payment.confirmed",
        "order.confirmed",
        "ticket.issued",
        "order.cancelled",
        "ticket.cancelled",
        "refund.requested",
    ]
    assert_books_balance()


def test_free_order_tells_that_it_was_created_confirmed_and_issued(world: World) -> None:
    world.place(line(make_ticket_type(world.event, price=0), 2))

    assert [event.type for event in events(world)] == [
        "order.created",
        "order.confirmed",
        "ticket.issued",
        "ticket.issued",
    ]


def test_bulk_expiry_tells_of_every_order_and_ticket(world: World) -> None:
    orders = [world.place(line(world.standing, 2)) for _ in range(3)]

    expire_orders(world.organization.id, now=utc_now() + timedelta(hours=1))

    told = events(world)[3:]
    assert {UUID(event.subject.split("/")[1]) for event in told if event.type == "order.expired"} == {
        order.id for order in orders
    }
    assert sum(event.type == "ticket.expired" for event in told) == 6
    assert {envelope_of(event)["data"]["status"] for event in told if event.type == "order.expired"} == {
        "expired"
    }
    assert_books_balance()


def test_positions_grow_with_time(world: World) -> None:
    for _ in range(5):
        world.place(line(world.standing))

    told = events(world)

    assert [event.position for event in told] == sorted({event.position for event in told})
    assert [event.id for event in told] == sorted(event.id for event in told)


def test_text_that_looks_like_json_is_told_as_it_is(world: World) -> None:
    notes = '{"a": [1, 2]}, \\"quoted\\" \n \t ü € 𝄞 \' ; DROP TABLE'

    world.place(notes=notes)

    [event] = events(world)
    assert envelope_of(event)["data"]["notes"] == notes


def test_organisations_do_not_see_each_others_events(world: World) -> None:
    World().place()

    assert events(world) == []
