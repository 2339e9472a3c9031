"""What is sold: organisations, events and ticket types, made by Kassa's own domain functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.domain.events import create_event
from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event, TicketType
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import create_api_key
from kassa.organizations.domain.manage import create_organization
from kassa.seating.domain.seat_event import create_seated_event

PLENTY = 100_000_000
"""Places that no benchmark sells out."""


@dataclass(frozen=True)
class Shop:
    """An organisation with one event on sale, and a key to sell it with."""

    organization_id: UUID
    key: str
    event_id: UUID
    ticket_type_ids: Sequence[UUID]


def found_shop(slug: str, *, ticket_types: int = 1, quantity: int = PLENTY) -> Shop:
    """Found an organisation with an event whose ticket types have places of their own and share a room."""
    organization_id, key = _found(slug)
    event = create_event(
        CommandContext.system(organization_id, now=_now()),
        fields=_event_fields(),
        ticket_types=[
            {"name": f"Standing {number}", "price": Decimal("45.00"), "quantity": quantity}
            for number in range(1, ticket_types + 1)
        ],
        capacity=PLENTY,
    )
    return _open(event, key)


def found_hall(slug: str, *, rows: int, seats_per_row: int) -> Shop:
    """Found an organisation with a hall of numbered seats of one category, with an aisle in the middle."""
    organization_id, key = _found(slug)
    numbered = [
        {"name": str(number), "count": seats_per_row, "category": "hall", "aisles": [seats_per_row // 2]}
        for number in range(1, rows + 1)
    ]
    event = create_seated_event(
        CommandContext.system(organization_id, now=_now()),
        fields=_event_fields(),
        ticket_types=[{"name": "Seat", "price": Decimal("45.00"), "seat_category": "hall"}],
        plan={"sections": [{"name": "Hall", "rows": numbered}]},
        capacity=None,
    )
    return _open(event, key)


def _found(slug: str) -> tuple[UUID, str]:
    organization = create_organization(
        name="Harbour Hall", slug=slug, email="office@harbour.example", now=_now()
    )
    made = create_api_key(
        CommandContext.system(organization.id, now=_now()), name="Benchmark", scopes=frozenset(Permission)
    )
    return organization.id, made.secret


def _event_fields() -> dict[str, Any]:
    return {"title": "Night of Strings", "starts_at": _now() + timedelta(days=30), "currency": "EUR"}


def _open(event: Event, key: str) -> Shop:
    organization_id = event.organization_id
    move_event(CommandContext.system(organization_id, now=_now()), event.id, to=EventStatus.PUBLISHED)
    ticket_type_ids = TicketType.objects.of(event.organization_id).filter(event=event).order_by("id")
    return Shop(
        organization_id=event.organization_id,
        key=key,
        event_id=event.id,
        ticket_type_ids=list(ticket_type_ids.values_list("id", flat=True)),
    )


def _now() -> datetime:
    return datetime.now(UTC)
