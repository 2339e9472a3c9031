"""What keeps buyers from finishing an order of an event that is on sale, though nothing forbids the sale."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kassa.catalog.queries import costs_something
from kassa.payments.domain.accounts import offered_providers
from kassa.payments.providers.free import FreeProvider

NO_WAY_TO_PAY = "no_way_to_pay"


@dataclass(frozen=True, slots=True)
class SaleWarning:
    """Something that staff should look at; ``code`` is stable, ``detail`` says what to do."""

    code: str
    detail: str


def list_sale_warnings(organization_id: UUID, event_id: UUID) -> list[SaleWarning]:
    """Return what to look at before buyers come, in three queries."""
    if not costs_something(organization_id, event_id):
        return []
    if set(offered_providers(organization_id)) - {FreeProvider.name}:
        return []
    return [
        SaleWarning(
            NO_WAY_TO_PAY,
            "There is no way to pay, so nobody can finish an order that costs something. Set up a payment "
            "provider.",
        )
    ]
