"""Bodies that are valid in shape, and the ids in them that point at other objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from kassa.core.ids import new_id
from tests.contract.world import World

CUSTOMER: dict[str, Any] = {"email": "ada@example.com"}

BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "PUT /orders/{order_id}/status": lambda world: {"status": "confirmed"},
    "POST /orders/{order_id}/payments": lambda world: {"provider": "manual"},
    "POST /orders/{order_id}/receipts": lambda world: {"amount": "1", "currency": "EUR", "reference": "A"},
    "POST /orders/{order_id}/refunds": lambda world: {"everything": True},
    "POST /tickets/{ticket_id}/transfers": lambda world: {"to_email": "grace@example.com"},
    "POST /carts/{cart_id}/items": lambda world: {"lines": [{"ticket_type": str(world.standing)}]},
    "PUT /carts/{cart_id}/coupon": lambda world: {"coupon": world.coupon_code},
    "PUT /carts/{cart_id}/customer": lambda world: CUSTOMER,
    "POST /events/{event_id}/ticket-types": lambda world: {"name": "Late", "price": "9.50"},
    "POST /events/{event_id}/questions": lambda world: {"key": "late", "label": "Why so late?"},
    "PATCH /orders/{order_id}/answers": lambda world: {"answers": {"access": "A ramp"}},
    "POST /checkins/{checkin_id}/undo": lambda world: {"id": str(new_id())},
    "POST /events/{event_id}/seats/block": lambda world: {"seats": [str(world.seats[0])]},
    "POST /events/{event_id}/seats/unblock": lambda world: {"seats": [str(world.seats[0])]},
}
"""What an operation on one object needs; all others take an empty object."""

EVENT = {"title": "The Tempest", "starts_at": "2999-01-01T18:00:00Z"}
PRODUCT = {"sku": "NEW", "name": "Shirt", "price": "25.00"}
LIST = {"name": "Balcony"}
COUPON = {"code": "NEW", "discount_type": "percentage", "discount_value": "10"}


def _with_type(**fields: Any) -> dict[str, Any]:
    return {**EVENT, "ticket_types": [{"name": "Late", "price": "9.50", **fields}]}


def _order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"lines": list(lines), "customer": CUSTOMER, **more}


_CART_LINES: dict[str, tuple[str, Callable[[World, UUID], dict[str, Any]]]] = {
    "ticket_type": ("standing_id", lambda _, one: {"lines": [{"ticket_type": one}]}),
    "product": ("product_id", lambda _, one: {"lines": [{"product": one}]}),
    "seats[]": (
        "seat_id",
        lambda world, one: {"lines": [{"ticket_type": world.seated, "seats": [one]}]},
    ),
}
REFERENCES: dict[str, tuple[str, Callable[[World, UUID], dict[str, Any]]]] = {
    "POST /events ticket_types[].tax_rule": ("tax_rule_id", lambda _, one: _with_type(tax_rule=one)),
    "POST /events ticket_types[].shared_quotas[]": (
        "quota_id",
        lambda _, one: _with_type(shared_quotas=[one]),
    ),
    "POST /events seating.layout": (
        "layout_id",
        lambda _, one: {**_with_type(seat_category="stalls"), "seating": {"layout": one}},
    ),
    "POST /events/{event_id}/ticket-types tax_rule": (
        "tax_rule_id",
        lambda _, one: {"name": "Late", "price": "9.50", "tax_rule": one},
    ),
    "POST /events/{event_id}/ticket-types shared_quotas[]": (
        "quota_id",
        lambda _, one: {"name": "Late", "price": "9.50", "shared_quotas": [one]},
    ),
    "PATCH /ticket-types/{ticket_type_id} tax_rule": ("tax_rule_id", lambda _, one: {"tax_rule": one}),
    "PATCH /ticket-types/{ticket_type_id} shared_quotas[]": (
        "quota_id",
        lambda _, one: {"shared_quotas": [one]},
    ),
    "POST /events/{event_id}/questions ticket_types[]": (
        "ticket_type_id",
        lambda _, one: {"key": "late", "label": "Why so late?", "ticket_types": [one]},
    ),
    "PATCH /questions/{question_id} ticket_types[]": (
        "ticket_type_id",
        lambda _, one: {"ticket_types": [one]},
    ),
    "POST /products event": ("event_id", lambda _, one: {**PRODUCT, "event": one}),
    "POST /products tax_rule": ("tax_rule_id", lambda _, one: {**PRODUCT, "tax_rule": one}),
    "PATCH /products/{product_id} event": ("event_id", lambda _, one: {"event": one}),
    "PATCH /organization settings.fee_tax_rule": (
        "tax_rule_id",
        lambda _, one: {"settings": {"fee_tax_rule": one}},
    ),
    "PATCH /organization settings.shipping_tax_rule": (
        "tax_rule_id",
        lambda _, one: {"settings": {"shipping_tax_rule": one}},
    ),
    "PATCH /products/{product_id} tax_rule": ("tax_rule_id", lambda _, one: {"tax_rule": one}),
    "POST /coupons events[]": ("event_id", lambda _, one: {**COUPON, "events": [one]}),
    "PATCH /coupons/{coupon_id} events[]": ("event_id", lambda _, one: {"events": [one]}),
    **{
        f"POST {path} lines[].{field}": made
        for path in ("/carts", "/carts/{cart_id}/items")
        for field, made in _CART_LINES.items()
    },
    "PATCH /carts/{cart_id}/items/{item_id} seats[]": ("seat_id", lambda _, one: {"seats": [one]}),
    "POST /events/{event_id}/seats/block seats[]": ("seat_id", lambda _, one: {"seats": [one]}),
    "POST /events/{event_id}/seats/unblock seats[]": ("seat_id", lambda _, one: {"seats": [one]}),
    "POST /orders/{order_id}/refunds tickets[]": ("ticket_id", lambda _, one: {"tickets": [one]}),
    "POST /orders/{order_id}/refunds goods[].item": (
        "goods_item_id",
        lambda _, one: {"goods": [{"item": one, "quantity": 1}]},
    ),
    "POST /message-templates/{message_kind}/{language}/preview order": (
        "order_id",
        lambda _, one: {"order": one},
    ),
    "POST /checkin-lists event": ("event_id", lambda _, one: {**LIST, "event": one}),
    "POST /checkin-lists ticket_types[]": (
        "ticket_type_id",
        lambda world, one: {**LIST, "event": world.event.id, "ticket_types": [one]},
    ),
    "PATCH /checkin-lists/{list_id} ticket_types[]": (
        "ticket_type_id",
        lambda _, one: {"ticket_types": [one]},
    ),
    "POST /checkin-devices checkin_lists[]": (
        "list_id",
        lambda _, one: {"name": "Phone", "checkin_lists": [one]},
    ),
    "PATCH /checkin-devices/{device_id} checkin_lists[]": (
        "list_id",
        lambda _, one: {"checkin_lists": [one]},
    ),
    "POST /checkins list": ("list_id", lambda _, one: {"id": new_id(), "list": one, "ticket": "A"}),
}
"""By operation and field: what kind of object the id names, and a body around the id."""

AT_THE_DESK: dict[str, tuple[str, Callable[[World, UUID], dict[str, Any]]]] = {
    "POST /orders lines[].ticket_type": ("standing_id", lambda _, one: _order({"ticket_type": one})),
    "POST /orders lines[].product": ("product_id", lambda _, one: _order({"product": one})),
    "POST /orders lines[].seats[]": (
        "seat_id",
        lambda world, one: _order({"ticket_type": world.seated, "seats": [one]}),
    ),
    "POST /carts/{cart_id}/order attendees[].item": (
        "item_id",
        lambda _, one: {
            "customer": CUSTOMER,
            "attendees": [{"item": one, "attendees": [{"first_name": "A"}]}],
        },
    ),
}
"""The same for orders, which another thread places on a connection of its own."""

SCAN = "A device names its scans itself."
PERSON = "A user is a person and belongs to no organisation."
NOBODYS = {
    "POST /orders customer.user": PERSON,
    "POST /carts user": PERSON,
    "POST /carts customer.user": PERSON,
    "PUT /carts/{cart_id}/customer user": PERSON,
    "POST /carts/{cart_id}/order customer.user": PERSON,
    "POST /checkins id": SCAN,
    "POST /checkins/batch scans[].id": SCAN,
    "POST /checkins/{checkin_id}/undo id": SCAN,
    "POST /checkins/batch scans[].list": "What was scanned is kept, as of an unknown list: see "
    "tests/admission/test_merge.py.",
}
"""Ids in bodies that name no tenant's object, each with its reason."""


def answer_without(answer: Any, wanted: UUID) -> tuple[int, Any, dict[str, str]]:
    """Return all that an answer tells, but for the id that was asked for."""
    return answer.status_code, answer.content.replace(str(wanted).encode(), b"<id>"), dict(answer.headers)


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return str(value) if isinstance(value, UUID) else value
