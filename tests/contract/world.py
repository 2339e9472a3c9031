"""One organisation with one object of every kind, to be called upon by its id."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kassa.catalog.models import Event, TaxRule
from kassa.catalog.queries import ticket_types_of
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.identity.domain.api_keys import create_api_key
from kassa.identity.enums import Role
from kassa.identity.models import Membership, User
from kassa.identity.permissions import Permission
from kassa.inventory.enums import QuotaKind
from kassa.organizations.models import Organization
from kassa.sales.domain.place import place_orders
from kassa.seating.domain.layouts import create_seat_layout
from kassa.seating.domain.seat_event import create_seated_event
from kassa.seating.enums import LayoutKind
from kassa.seating.queries import event_seats_of
from tests.factories import (
    LATER,
    Api,
    line,
    make_actor,
    make_coupon,
    make_key,
    make_organization,
    make_product,
    make_quota,
    order_request,
)

PLAN: dict[str, Any] = {
    "sections": [{"name": "Stalls", "rows": [{"name": "A", "count": 6, "category": "stalls"}]}]
}
STALLS = {"name": "Stalls", "price": Decimal("30.00"), "seat_category": "stalls"}
STANDING = {"name": "Standing", "price": Decimal("10.00"), "quantity": 1000}


@dataclass(frozen=True)
class World:
    """An organisation, a key that may do everything, and the ids of its objects."""

    organization: Organization
    api: Api
    event: Event
    ids: dict[str, UUID]
    """By the name that addresses have for the parameter: ``event_id``."""
    seats: list[UUID]
    standing: UUID
    """The ticket type without seats."""
    coupon_code: str


def make_world() -> World:
    """Build an organisation; its event is on sale, and one order has been placed."""
    organization = make_organization(default_currency="EUR")
    event = make_seated_event(organization)
    types = {one.name: one for one in ticket_types_of(organization.id, [event.id])}
    coupon = make_coupon(organization, events=(event,))
    ids: dict[str, UUID] = {
        "event_id": event.id,
        "ticket_type_id": types["Stalls"].id,
        "product_id": make_product(organization).id,
        "tax_rule_id": TaxRule.unscoped.create(organization=organization, name="VAT", rate=19).id,
        "quota_id": make_quota(organization, 100, QuotaKind.SHARED).id,
        "layout_id": make_layout(organization),
        "coupon_id": coupon.id,
        "member_id": make_member(organization, Role.ANALYST),
        "key_id": create_api_key(organization.id, name="Old", scopes=[], now=utc_now()).key.id,
        "order_id": make_order(organization, types["Standing"]),
    }
    return World(
        organization=organization,
        api=Api(make_key(organization)),
        event=event,
        ids=ids,
        seats=list(event_seats_of(organization.id, event.id).values_list("id", flat=True)),
        standing=types["Standing"].id,
        coupon_code=coupon.code,
    )


def make_seated_event(organization: Organization) -> Event:
    event = create_seated_event(
        organization.id,
        fields={"title": "Night of Strings", "starts_at": utc_now() + LATER, "currency": "EUR"},
        ticket_types=[STALLS, STANDING],
        plan=PLAN,
        capacity=None,
        actor_id=None,
        now=utc_now(),
    )
    Event.objects.of(organization.id).filter(id=event.id).update(status="published")
    return event


def make_layout(organization: Organization) -> UUID:
    made = create_seat_layout(organization.id, name="Hall", kind=LayoutKind.HALL, plan=PLAN, now=utc_now())
    return made.id


def make_member(organization: Organization, role: Role) -> UUID:
    user = User.objects.create_user(f"ada-{uuid4().hex[:8]}@example.com", name="Ada")
    return Membership.unscoped.create(organization=organization, user=user, role=role).id


def make_order(organization: Organization, item: Any, **fields: Any) -> UUID:
    """Place an order without the desk, in the caller's own transaction."""
    request = order_request(make_actor(organization), line(item), **fields)
    (outcome,) = place_orders(organization.id, [request], now=utc_now())
    assert not isinstance(outcome, KassaError)
    return outcome.order_id


def key_of(organization: Organization, permissions: frozenset[Permission]) -> Api:
    return Api(make_key(organization, permissions))
