"""One organisation with one object of every kind, to be called upon by its id."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kassa.catalog.models import Event, TaxRule
from kassa.catalog.queries import ticket_types_of
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import create_api_key
from kassa.identity.domain.invitations import invite_member
from kassa.identity.enums import Role
from kassa.identity.models import Membership, User
from kassa.inventory.enums import QuotaKind
from kassa.orders.models import OrderItem
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_items import NewItem
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import RequestedLine
from kassa.sales.models import CartItem
from kassa.seating.domain.layouts import create_seat_layout
from kassa.seating.domain.seat_event import create_seated_event
from kassa.seating.enums import LayoutKind
from kassa.seating.queries import event_seats_of
from kassa.waiting.domain.rooms import set_up_room
from tests.contract.door import make_door
from tests.contract.messages import make_announcement, make_message, make_suppressed_address
from tests.contract.money import make_money
from tests.contract.tickets import make_design, make_signing_key, make_transfer, set_up_wallets
from tests.support.api_client import ApiClient
from tests.support.factories import (
    LATER,
    line,
    make_actor,
    make_coupon,
    make_key,
    make_organization,
    make_picture,
    make_product,
    make_question,
    make_quota,
    make_upload,
    order_request,
)

PLAN: dict[str, Any] = {
    "sections": [{"name": "Stalls", "rows": [{"name": "A", "count": 6, "category": "stalls"}]}]
}
STALLS = {"name": "Stalls", "price": Decimal("30.00"), "seat_category": "stalls"}
STANDING = {"name": "Standing", "price": Decimal("10.00"), "quantity": 1000}
LATE = {"name": "Late", "price": Decimal("9.00"), "quantity": 5}


@dataclass(frozen=True)
class World:
    """An organisation, a key that may do everything, and the ids of its objects."""

    organization: Organization
    api: ApiClient
    event: Event
    ids: dict[str, UUID]
    """By the name that addresses have for the parameter: ``event_id``."""
    seats: list[UUID]
    seated: UUID
    """The ticket type that sells the seats."""
    standing: UUID
    """The ticket type without seats."""
    coupon_code: str

    @property
    def all_ids(self) -> set[UUID]:
        return {self.organization.id, *self.ids.values(), *self.seats, self.seated, self.standing}

    def id_of(self, kind: str) -> UUID:
        """Return the id of an object by its kind; that of seats and standing places as well."""
        return {"seat_id": self.seats[0], "standing_id": self.standing, **self.ids}[kind]


def make_world() -> World:
    """Build an organisation; its event is on sale, and one order has been placed and paid."""
    organization = make_organization(default_currency="EUR")
    event = make_seated_event(organization)
    types = {one.name: one for one in ticket_types_of(organization.id, [event.id])}
    coupon = make_coupon(organization, events=(event,))
    gift = make_product(organization, event=event, price=0, name="Sticker")
    seats = list(event_seats_of(organization.id, event.id).order_by("rank").values_list("id", flat=True))
    cart_id, item_id = make_cart(organization, types["Stalls"].id, seats[-1])
    ids: dict[str, UUID] = {
        "event_id": event.id,
        "ticket_type_id": types["Late"].id,
        "product_id": make_product(organization).id,
        "tax_rule_id": TaxRule.unscoped.create(organization=organization, name="VAT", rate=19).id,
        "quota_id": make_quota(organization, 100, QuotaKind.SHARED).id,
        "layout_id": make_layout(organization),
        "coupon_id": coupon.id,
        "member_id": make_member(organization, Role.ANALYST),
        "invitation_id": make_invitation(organization),
        "key_id": create_api_key(
            CommandContext.system(organization.id, now=utc_now()), name="Old", scopes=[]
        ).key.id,
        "cart_id": cart_id,
        "item_id": item_id,
        "order_id": make_order(organization, types["Standing"], quantity=2, gift=gift),
    }
    ids["goods_item_id"] = (
        OrderItem.objects.of(organization.id).get(order_id=ids["order_id"], product=gift).id
    )
    ids["question_id"] = make_question(event, scope="order").id
    ids["upload_id"] = make_upload(organization, order_id=ids["order_id"]).id
    ids["picture_id"] = make_picture(organization).id
    ids |= make_money(organization, ids["order_id"], event.id)
    ids |= make_door(organization, event.id)
    make_paused_room(organization, event)
    ids["transfer_id"] = make_transfer(organization, ids["ticket_id"]).id
    ids["signing_key_id"] = make_signing_key(organization)
    ids["design_id"] = make_design(organization).id
    set_up_wallets(organization)
    ids["message_id"] = make_message(organization, ids["order_id"]).id
    make_announcement(organization, event.id)
    ids["suppressed_address_id"] = make_suppressed_address(organization).id
    return World(
        organization=organization,
        api=ApiClient(make_key(organization)),
        event=event,
        ids=ids,
        seats=seats,
        seated=types["Stalls"].id,
        standing=types["Standing"].id,
        coupon_code=coupon.code,
    )


def make_seated_event(organization: Organization) -> Event:
    event = create_seated_event(
        CommandContext.system(organization.id, now=utc_now()),
        fields={"title": "Night of Strings", "starts_at": utc_now() + LATER, "currency": "EUR"},
        ticket_types=[STALLS, STANDING, LATE],
        plan=PLAN,
        capacity=None,
    )
    Event.objects.of(organization.id).filter(id=event.id).update(status="published")
    return event


def make_paused_room(organization: Organization, event: Event) -> None:
    """Put a waiting room before an event; while it is paused, none of its figures depends on the time."""
    paused = {"starts_at": utc_now() + LATER, "is_paused": True}
    set_up_room(CommandContext.system(organization.id, now=utc_now()), event.id, changes=paused)


def make_layout(organization: Organization) -> UUID:
    made = create_seat_layout(
        CommandContext.system(organization.id, now=utc_now()), name="Hall", kind=LayoutKind.HALL, plan=PLAN
    )
    return made.id


def make_member(organization: Organization, role: Role) -> UUID:
    user = User.objects.create_user(f"ada-{uuid4().hex[:8]}@example.com", name="Ada")
    return Membership.unscoped.create(organization=organization, user=user, role=role).id


def make_invitation(organization: Organization) -> UUID:
    invitation, _ = invite_member(
        CommandContext(Actor.system(organization.id), utc_now()),
        email=f"grace-{uuid4().hex[:8]}@example.com",
        role=Role.SUPPORT,
    )
    return invitation.id


def make_cart(organization: Organization, ticket_type_id: UUID, *seat_ids: UUID) -> tuple[UUID, UUID]:
    """Open a cart with one item; return the ids of both."""
    wanted = RequestedLine(
        ticket_type_id, is_product=False, quantity=max(len(seat_ids), 1), seat_ids=seat_ids
    )
    cart_id = open_cart(
        CommandContext.system(organization.id, now=utc_now()), NewCart(items=[NewItem(wanted)])
    )
    return cart_id, CartItem.objects.of(organization.id).get(cart_id=cart_id).id


def make_order(
    organization: Organization, item: Any, *, quantity: int = 1, gift: Any = None, **fields: Any
) -> UUID:
    """Place an order without the desk, in the caller's own transaction."""
    lines = [line(item, quantity), *([line(gift)] if gift else [])]
    request = order_request(make_actor(organization), *lines, **fields)
    (outcome,) = place_orders(organization.id, [request], now=utc_now())
    assert not isinstance(outcome, KassaError)
    return outcome.order_id


def key_of(organization: Organization, permissions: frozenset[Permission]) -> ApiClient:
    return ApiClient(make_key(organization, permissions))
