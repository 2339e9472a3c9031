"""Bodies that are valid in shape, and the ids in them that point at other objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.contract.world import World

BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "PUT /orders/{order_id}/status": lambda world: {"status": "confirmed"},
    "POST /events/{event_id}/ticket-types": lambda world: {"name": "Late", "price": "9.50"},
    "POST /events/{event_id}/seats/block": lambda world: {"seats": [str(world.seats[0])]},
    "POST /events/{event_id}/seats/unblock": lambda world: {"seats": [str(world.seats[0])]},
}
"""What an operation on one object needs; all others take an empty object."""

EVENT = {"title": "The Tempest", "starts_at": "2999-01-01T18:00:00Z"}
PRODUCT = {"sku": "NEW", "name": "Shirt", "price": "25.00"}
COUPON = {"code": "NEW", "discount_type": "percentage", "discount_value": "10"}
CUSTOMER = {"email": "ada@example.com"}


def _with_type(**fields: Any) -> dict[str, Any]:
    return {**EVENT, "ticket_types": [{"name": "Late", "price": "9.50", **fields}]}


def _order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"lines": list(lines), "customer": CUSTOMER, **more}


REFERENCES: dict[str, tuple[str, Callable[[World, UUID], dict[str, Any]]]] = {
    "POST /events ticket_types[].tax_rule": ("tax_rule_id", lambda _, id: _with_type(tax_rule=id)),
    "POST /events ticket_types[].shared_quotas[]": ("quota_id", lambda _, id: _with_type(shared_quotas=[id])),
    "POST /events seating.layout": (
        "layout_id",
        lambda _, id: {**_with_type(seat_category="stalls"), "seating": {"layout": id}},
    ),
    "POST /events/{event_id}/ticket-types tax_rule": (
        "tax_rule_id",
        lambda _, id: {"name": "Late", "price": "9.50", "tax_rule": id},
    ),
    "POST /events/{event_id}/ticket-types shared_quotas[]": (
        "quota_id",
        lambda _, id: {"name": "Late", "price": "9.50", "shared_quotas": [id]},
    ),
    "PATCH /ticket-types/{ticket_type_id} tax_rule": ("tax_rule_id", lambda _, id: {"tax_rule": id}),
    "PATCH /ticket-types/{ticket_type_id} shared_quotas[]": (
        "quota_id",
        lambda _, id: {"shared_quotas": [id]},
    ),
    "POST /products event": ("event_id", lambda _, id: {**PRODUCT, "event": id}),
    "POST /products tax_rule": ("tax_rule_id", lambda _, id: {**PRODUCT, "tax_rule": id}),
    "PATCH /products/{product_id} event": ("event_id", lambda _, id: {"event": id}),
    "PATCH /products/{product_id} tax_rule": ("tax_rule_id", lambda _, id: {"tax_rule": id}),
    "POST /coupons events[]": ("event_id", lambda _, id: {**COUPON, "events": [id]}),
    "PATCH /coupons/{coupon_id} events[]": ("event_id", lambda _, id: {"events": [id]}),
    "POST /events/{event_id}/seats/block seats[]": ("seat_id", lambda _, id: {"seats": [id]}),
    "POST /events/{event_id}/seats/unblock seats[]": ("seat_id", lambda _, id: {"seats": [id]}),
}
"""By operation and field: what kind of object the id names, and a body around the id."""

AT_THE_DESK: dict[str, tuple[str, Callable[[World, UUID], dict[str, Any]]]] = {
    "POST /orders lines[].ticket_type": ("ticket_type_id", lambda _, id: _order({"ticket_type": id})),
    "POST /orders lines[].product": ("product_id", lambda _, id: _order({"product": id})),
    "POST /orders lines[].seats[]": (
        "seat_id",
        lambda world, id: _order({"ticket_type": world.ids["ticket_type_id"], "seats": [id]}),
    ),
}
"""The same for orders, which another thread places on a connection of its own."""

NOBODYS = {
    "POST /orders customer.user": "A user is a person and belongs to no organisation.",
}
"""Ids in bodies that name no tenant's object, each with its reason."""
