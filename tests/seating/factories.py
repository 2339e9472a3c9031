"""Organisations, ways in over HTTP, and events with seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.test import Client

from kassa.catalog.models import Event
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import create_api_key
from kassa.organizations.domain.manage import create_organization
from kassa.organizations.models import Organization
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.seat_event import create_seated_event

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_numbers = count(1)


@dataclass(frozen=True)
class Api:
    """Calls the API with one key."""

    client: Client
    secret: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send a request; ``headers`` are further ones by name, with underscores."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(  # type: ignore[return-value]
            method,
            f"/api/v1{path}",
            orjson.dumps(body) if body is not None else b"",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}", **more},
        )


def found_organization() -> Organization:
    return create_organization(
        name="Theatre", slug=f"seating-{next(_numbers)}", email="box@example.org", now=NOW
    )


def api_for(organization_id: UUID, scopes: Sequence[Permission]) -> Api:
    made = create_api_key(CommandContext.system(organization_id, now=NOW), name="Box office", scopes=scopes)
    return Api(Client(), made.secret)


def ticket_type(name: str, category: str | None, **more: Any) -> dict[str, Any]:
    return {"name": name, "price": Decimal("20.00"), "seat_category": category, **more}


def make_seated(
    organization_id: UUID,
    *,
    plan: Any = None,
    ticket_types: Sequence[dict[str, Any]] | None = None,
    capacity: int | None = None,
) -> Event:
    return create_seated_event(
        CommandContext.system(organization_id, now=NOW),
        fields={
            "title": "The Tempest",
            "starts_at": NOW + timedelta(days=30),
            "ends_at": NOW + timedelta(days=30, hours=3),
            "currency": "EUR",
        },
        ticket_types=[ticket_type("Standard", "standard")] if ticket_types is None else ticket_types,
        plan=coach_plan(2) if plan is None else plan,
        capacity=capacity,
    )
