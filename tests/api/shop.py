"""An organisation with a way in over HTTP, and the things it sells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from django.test import Client

from kassa.catalog.domain.events import create_event
from kassa.catalog.models import Event, TicketType
from kassa.catalog.queries import ticket_types_of
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import create_api_key
from kassa.inventory.models import Quota
from kassa.organizations.domain.manage import create_organization

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = datetime(2999, 1, 1, 18, tzinfo=UTC)
"""In the future whenever the tests run, for what is made over HTTP."""
NOBODYS = UUID("01900000-0000-7000-8000-000000000000")

_numbers = count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.body["code"])

    @property
    def fields(self) -> list[str]:
        """The fields that a problem names."""
        return [error["field"] for error in self.body["errors"]]


@dataclass(frozen=True)
class Shop:
    """One organisation, and calls of the API with one of its keys."""

    organization_id: UUID
    secret: str
    client: Client = field(default_factory=Client)

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: str
    ) -> Answer:
        """Send a request; ``more`` are further headers by name, with underscores."""
        raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body, default=str)
        headers = {"Authorization": f"Bearer {self.secret}"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        if key is not None:
            headers["Idempotency-Key"] = key
        response = self.client.generic(
            method, f"/api/v1{path}", raw, content_type="application/json", headers=headers
        )
        content = response.content
        return Answer(response.status_code, orjson.loads(content) if content else None, response.headers)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        return self.call("POST", path, body, key=key)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)


def open_shop(scopes: Iterable[Permission] = tuple(Permission), *, currency: str = "EUR") -> Shop:
    organization = create_organization(
        name="Theatre",
        slug=f"theatre-{next(_numbers)}",
        email="box@example.org",
        now=NOW,
        settings={"default_currency": currency},
    )
    return Shop(organization.id, new_key(organization.id, scopes))


def new_key(organization_id: UUID, scopes: Iterable[Permission]) -> str:
    return create_api_key(
        CommandContext.system(organization_id, now=NOW), name="Box office", scopes=scopes
    ).secret


def fields(**more: Any) -> dict[str, Any]:
    return {
        "title": "The Tempest",
        "starts_at": NOW + timedelta(days=30),
        "ends_at": NOW + timedelta(days=30, hours=3),
        **more,
    }


def ticket_type(name: str = "Standard", **more: Any) -> dict[str, Any]:
    return {"name": name, "price": Decimal("20.00"), **more}


def make_event(
    organization_id: UUID,
    *types: dict[str, Any],
    capacity: int | None = None,
    **more: Any,
) -> Event:
    return create_event(
        CommandContext.system(organization_id, now=NOW),
        fields=fields(**more),
        ticket_types=types or [ticket_type(quantity=10)],
        capacity=capacity,
    )


def types_of(event: Event) -> list[TicketType]:
    return list(ticket_types_of(event.organization_id, [event.id]))


def take(quota_id: UUID | None, *, reserved: int = 0, sold: int = 0) -> None:
    """Count places as taken, as a sale does."""
    assert quota_id is not None
    assert Quota.unscoped.filter(id=quota_id).update(reserved=reserved, sold=sold) == 1
