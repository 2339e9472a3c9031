"""What an organisation of the demo puts on sale, in few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.domain.events import create_event
from kassa.catalog.domain.products import create_product
from kassa.catalog.domain.tax_rules import create_tax_rule
from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event
from kassa.catalog.queries import ticket_types_of
from kassa.coupons.domain.manage import create_coupon
from kassa.coupons.enums import DiscountType
from kassa.demo.houses import House
from kassa.seating.domain.seat_event import create_seated_event


@dataclass(frozen=True, slots=True)
class Staged:
    """An event on sale, with the ids of its ticket types by name."""

    event: Event
    ticket_types: Mapping[str, UUID]

    @property
    def id(self) -> UUID:
        return self.event.id


def ticket(name: str, price: str | None, **fields: Any) -> dict[str, Any]:
    """Return a ticket type; without a price it is free."""
    if price is None:
        return {"name": name, "is_free": True, **fields}
    return {"name": name, "price": Decimal(price), **fields}


def stage_event(
    house: House,
    *ticket_types: Mapping[str, Any],
    capacity: int | None = None,
    plan: Mapping[str, Any] | None = None,
    is_draft: bool = False,
    **fields: Any,
) -> Staged:
    """Make an event, with numbered seats where there is a plan, and publish it unless it stays a draft."""
    given: dict[str, Any] = {
        "fields": {"time_zone": house.zone, **fields},
        "ticket_types": [{**each, "sort_order": place} for place, each in enumerate(ticket_types)],
        "capacity": capacity,
    }
    if plan is None:
        event = create_event(house.context, **given)
    else:
        event = create_seated_event(house.context, plan=plan, **given)
    if not is_draft:
        event = move_event(house.context, event.id, to=EventStatus.PUBLISHED)
    types = ticket_types_of(house.id, [event.id])
    return Staged(event=event, ticket_types={each.name: each.id for each in types})


def stock_products(house: House, products: Iterable[Mapping[str, Any]]) -> dict[str, UUID]:
    """Make products; return their ids by sku."""
    return {fields["sku"]: create_product(house.context, fields=fields).id for fields in products}


def goods(sku: str, name: str, price: str, **fields: Any) -> dict[str, Any]:
    """Return a product."""
    return {"sku": sku, "name": name, "price": Decimal(price), **fields}


def levy_tax(house: House, name: str, rate: str, *, included: bool = True) -> UUID:
    """Make a tax rule of so many per cent."""
    return create_tax_rule(house.context, name=name, rate=Decimal(rate), included=included).id


def percentage(code: str, value: str, description: str, **fields: Any) -> dict[str, Any]:
    """Return a coupon that takes off a percentage."""
    return _coupon(code, DiscountType.PERCENTAGE, value, description, fields)


def amount(code: str, value: str, description: str, **fields: Any) -> dict[str, Any]:
    """Return a coupon that takes off an amount in the organisation's currency."""
    return _coupon(code, DiscountType.AMOUNT, value, description, fields)


def hand_out_coupons(house: House, coupons: Iterable[Mapping[str, Any]]) -> None:
    """Make coupons; ``events`` among the fields of one says what it is good for."""
    for coupon in coupons:
        fields = dict(coupon)
        events: Sequence[UUID] = fields.pop("events", ())
        create_coupon(house.context, fields=fields, events=events)


def _coupon(
    code: str, kind: DiscountType, value: str, description: str, fields: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "code": code,
        "discount_type": kind,
        "discount_value": Decimal(value),
        "description": description,
        **fields,
    }
