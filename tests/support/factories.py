"""What a test sells in: an organisation, keys, events, products. No surprises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kassa.catalog.domain.questions import create_question
from kassa.catalog.models import Event, Product, Question, TicketType
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.coupons.models import Coupon, CouponEvent
from kassa.identity.domain.api_keys import authenticate_api_key, create_api_key
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.orders.models import Upload
from kassa.organizations.domain.domains import name_domain, trust_domain
from kassa.organizations.domain.manage import create_organization
from kassa.organizations.models import Organization
from kassa.payments.domain.accounts import configure_provider
from kassa.pictures.domain.keep import keep_picture
from kassa.pictures.models import Picture
from kassa.sales.domain.request import Customer, OrderRequest, RequestedLine

LATER = timedelta(days=30)
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 1000"><path d="M0 0h8v9z"/></svg>'


def make_organization(**settings: Any) -> Organization:
    slug = f"organisation-{uuid4().hex[:12]}"
    return create_organization(
        name="Harbour Hall", slug=slug, email="office@harbour.example", now=utc_now(), settings=settings
    )


def prove_domain(organization: Organization, name: str) -> None:
    """Give an organisation a domain for which its operator vouches."""
    name_domain(CommandContext.system(organization.id, now=utc_now()), name)
    trust_domain(CommandContext(Actor.operator(organization.id), utc_now()))


def make_quota(organization: Organization, capacity: int, kind: QuotaKind = QuotaKind.TICKET_TYPE) -> Quota:
    return Quota.unscoped.create(organization=organization, name="Places", kind=kind, capacity=capacity)


def make_event(organization: Organization, *, capacity: int | None = None, **fields: Any) -> Event:
    quota = None if capacity is None else make_quota(organization, capacity, QuotaKind.EVENT)
    values: dict[str, Any] = {
        "title": "Night of Strings",
        "starts_at": utc_now() + LATER,
        "status": "published",
        "currency": "EUR",
        "capacity_quota": quota,
    }
    return Event.unscoped.create(organization=organization, **{**values, **fields})


def make_ticket_type(
    event: Event, *, quantity: int | None = 100, is_sold_out: bool = False, **fields: Any
) -> TicketType:
    quota = None if quantity is None else make_quota(event.organization, quantity)
    if quota is not None and is_sold_out:
        Quota.unscoped.filter(id=quota.id).update(sold=quota.capacity)
    values: dict[str, Any] = {"name": "Standing", "price": Decimal("45.00"), "quota": quota}
    return TicketType.unscoped.create(organization=event.organization, event=event, **{**values, **fields})


def make_question(
    event: Event, key: str = "access", *, ticket_types: tuple[TicketType, ...] = (), **fields: Any
) -> Question:
    return create_question(
        CommandContext.system(event.organization_id, now=utc_now()),
        event.id,
        fields={"key": key, "label": key.capitalize(), **fields},
        ticket_type_ids=[one.id for one in ticket_types],
    )


def make_upload(organization: Organization, **fields: Any) -> Upload:
    values: dict[str, Any] = {
        "name": "card.pdf",
        "media_type": "application/pdf",
        "content": b"%PDF-1.7 card",
    }
    return Upload.unscoped.create(organization=organization, size=13, **{**values, **fields})


def make_picture(organization: Organization, content: bytes = DRAWING, **fields: Any) -> Picture:
    values: dict[str, Any] = {"content": content, "alternative_text": "A poster"}
    return keep_picture(CommandContext.system(organization.id, now=utc_now()), **{**values, **fields})[0]


def make_product(organization: Organization, *, stock: int | None = 10, **fields: Any) -> Product:
    quota = None if stock is None else make_quota(organization, stock, QuotaKind.PRODUCT)
    values: dict[str, Any] = {
        "sku": f"SKU-{uuid4().hex[:8]}",
        "name": "Poster",
        "price": Decimal("12.50"),
        "currency": "EUR",
        "is_shippable": False,
        "quota": quota,
    }
    return Product.unscoped.create(organization=organization, **{**values, **fields})


def make_coupon(organization: Organization, *, events: tuple[Event, ...] = (), **fields: Any) -> Coupon:
    values: dict[str, Any] = {
        "code": f"C{uuid4().hex[:8]}".upper(),
        "discount_type": "percentage",
        "discount_value": Decimal(10),
    }
    coupon = Coupon.unscoped.create(organization=organization, **{**values, **fields})
    for event in events:
        CouponEvent.unscoped.create(organization=organization, coupon=coupon, event=event)
    return coupon


def make_key(organization: Organization, permissions: frozenset[Permission] = frozenset(Permission)) -> str:
    return create_api_key(
        CommandContext.system(organization.id, now=utc_now()), name="Tests", scopes=permissions
    ).secret


def make_actor(organization: Organization) -> Actor:
    return authenticate_api_key(make_key(organization), now=utc_now())


def order_request(
    actor: Actor, *lines: RequestedLine, email: str = "ada@example.com", key: str | None = None, **fields: Any
) -> OrderRequest:
    return OrderRequest(
        actor=actor,
        lines=lines,
        customer=fields.pop("customer", None) or Customer(email=email),
        idempotency_key=key or str(uuid4()),
        fingerprint=fields.pop("fingerprint", b"f" * 32),
        **fields,
    )


def line(item: TicketType | Product, quantity: int = 1, **fields: Any) -> RequestedLine:
    return RequestedLine(item_id=item.id, is_product=isinstance(item, Product), quantity=quantity, **fields)


def places(quota_id: UUID | None) -> tuple[int, int]:
    """Return how many places of a quota are reserved and sold."""
    if quota_id is None:
        raise LookupError("It has no quota of its own.")
    quota = Quota.unscoped.get(id=quota_id)
    return quota.reserved, quota.sold


def moment(text: str) -> datetime:
    """Return a moment of the API's answers."""
    return datetime.fromisoformat(text).astimezone(UTC)


PROVIDER_SETTINGS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "manual": ({"account_holder": "Harbour Hall", "iban": "DE89370400440532013000"}, {}),
}
"""What a provider is set up with unless a test says otherwise: the configuration and the secrets."""


def enable_provider(
    organization: Organization, name: str, *, secrets: dict[str, str] | None = None, **configuration: Any
) -> None:
    """Let an organisation's customers pay at a provider."""
    usual, usual_secrets = PROVIDER_SETTINGS.get(name, ({}, {}))
    configure_provider(
        CommandContext.system(organization.id, now=utc_now()),
        name,
        configuration={**usual, **configuration},
        secrets={**usual_secrets, **(secrets or {})},
        is_enabled=True,
    )
