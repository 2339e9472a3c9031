"""What is asked of a coach and its coupons, over HTTP."""

from __future__ import annotations

from typing import Any

from kassa.catalog.models import TicketType
from kassa.coupons.models import Coupon
from tests.spec.shop import Shop


def seats_free(shop: Shop) -> set[str]:
    seats = shop.get(f"/events/{shop.event.id}/seats?status=available")["items"]
    return {seat["id"] for seat in seats}


def offered(shop: Shop, coach: TicketType) -> dict[str, Any]:
    return dict(shop.get(f"/ticket-types/{coach.id}"))


def uses_of(shop: Shop, coupon: Coupon) -> int:
    return int(shop.get(f"/coupons/{coupon.id}")["current_usage_count"])


def ticket_ids(order: dict[str, Any]) -> list[str]:
    return [ticket["id"] for ticket in order["tickets"]]
