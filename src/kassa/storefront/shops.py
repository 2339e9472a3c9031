"""Whose shop a page belongs to: what every page of it needs to know, kept for a moment in each process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from kassa.core.errors import NotFound
from kassa.core.kept import Shelf
from kassa.organizations.models import Organization, OrganizationSettings

KEPT_SECONDS = 5.0
"""How long a process believes what it read of an organisation."""
CACHE_LIMIT = 5_000
ASKING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Shop:
    """An organisation as its buyers see it."""

    organization_id: UUID
    slug: str
    name: str
    at: str
    """What the paths of its pages begin with: ``/halle-west``; empty on its own domain."""
    home: str
    """The same with the host: ``https://kassa.example/halle-west``."""
    email: str
    phone: str
    website: str
    address: Mapping[str, str]
    logo: str
    """Address of a picture; empty: there is none."""
    primary_color: str
    secondary_color: str
    default_language: str
    default_currency: str
    allow_guest_checkout: bool
    hold_minutes: int
    refund_policy: str
    privacy_policy_url: str
    terms_of_service_url: str


@dataclass(frozen=True, slots=True)
class _Kept:
    shop: Shop | None
    until: float


_by_slug: Shelf[str, _Kept] = Shelf(limit=CACHE_LIMIT, patience=ASKING_SECONDS)
_by_id: Shelf[UUID, _Kept] = Shelf(limit=CACHE_LIMIT, patience=ASKING_SECONDS)


def shop_named(slug: str) -> Shop:
    """Return the shop that an address names.

    Raises:
        NotFound: there is none, or it is gone.
        Busy: the database is slow to answer.
    """
    return _there(_by_slug.get(slug, lambda: _ask(slug=slug)).shop)


def shop_of(organization_id: UUID) -> Shop:
    """Return an organisation's shop.

    Raises:
        NotFound: the organisation is gone.
        Busy: the database is slow to answer.
    """
    return _there(_by_id.get(organization_id, lambda: _ask(id=organization_id)).shop)


def forget_shops() -> None:
    """Drop what this process keeps."""
    _by_slug.forget()
    _by_id.forget()


def _there(shop: Shop | None) -> Shop:
    if shop is None:
        raise NotFound("There is nothing at this address.")
    return shop


def _ask(**named: object) -> _Kept:
    until = time.monotonic() + KEPT_SECONDS
    organization = Organization.objects.filter(deleted_at=None, **named).first()
    if organization is None:
        return _Kept(None, until)
    found = OrganizationSettings.objects.of(organization.id).first()
    return _Kept(_shop(organization, found or OrganizationSettings()), until)


def _shop(organization: Organization, chosen: OrganizationSettings) -> Shop:
    domain = organization.custom_domain
    at = "" if domain else f"/{organization.slug}"
    return Shop(
        organization_id=organization.id,
        slug=organization.slug,
        name=organization.name,
        at=at,
        home=f"https://{domain}" if domain else f"{settings.BASE_URL}{at}",
        email=organization.email,
        phone=organization.phone,
        website=organization.website,
        address=organization.address or {},
        logo=organization.logo,
        primary_color=chosen.primary_color,
        secondary_color=chosen.secondary_color,
        default_language=chosen.default_language,
        default_currency=chosen.default_currency,
        allow_guest_checkout=chosen.allow_guest_checkout,
        hold_minutes=chosen.hold_minutes,
        refund_policy=chosen.refund_policy,
        privacy_policy_url=chosen.privacy_policy_url,
        terms_of_service_url=chosen.terms_of_service_url,
    )
