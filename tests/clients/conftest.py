"""A running Kassa with something on sale, and its description in a file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kassa.orders.models import Order
from kassa.organizations.models import Organization
from tests.support.factories import make_event, make_key, make_organization, make_ticket_type


@dataclass(frozen=True)
class Served:
    """Where Kassa answers, and a key that may do everything in one organisation."""

    url: str
    key: str
    organization: Organization
    description: Path

    def orders(self) -> list[Order]:
        return list(Order.objects.of(self.organization.id).order_by("id"))


@pytest.fixture
def served(live_server: Any, tmp_path: Path) -> Served:
    organization = make_organization()
    make_ticket_type(make_event(organization), price=Decimal("45.00"))
    description = tmp_path / "openapi.json"
    description.write_bytes(Client().get("/api/v1/openapi.json").content)
    return Served(live_server.url, make_key(organization), organization, description)
