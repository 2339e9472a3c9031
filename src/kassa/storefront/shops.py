"""Whose shop a page belongs to: what every page of it needs to know, kept for a moment in each process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import get_language

from kassa.catalog.enums import EventKind
from kassa.catalog.queries import listed_events_of, listed_products_of
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.organizations.queries import OrganizationView, find_organization_view
from kassa.payments.domain.refunds.buyer_refund import rules_of
from kassa.payments.domain.refunds.buyer_rules import BuyerRules
from kassa.pictures.addresses import shown_picture
from kassa.pictures.queries import ShownPicture, shown_pictures
from kassa.storefront.look.colors import brand_color, color_version
from kassa.storefront.orders.refund_rule import refund_rule_text

TTL_SECONDS = 5.0
"""How long a process believes what it read of an organisation."""
CACHE_SIZE = 5_000
WAIT_SECONDS = 2.0
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
"""What may stand in a policy; a website is whatever its organisation has typed."""


@dataclass(frozen=True, slots=True)
class Shop:
    """An organisation as its buyers see it."""

    organization_id: UUID
    slug: str
    former_slugs: frozenset[str]
    """Those it had before: addresses with one of them lead on."""
    name: str
    at: str
    """What the paths of its pages begin with: ``/halle-west``; empty for who came by its own domain."""
    home: str
    """Where it is at home, with the host: ``https://kassa.example/halle-west``, or its own domain."""
    email: str
    phone: str
    website: str
    address: Mapping[str, str]
    logo: str
    """Address of a picture; empty: there is none."""
    header: ShownPicture | None
    """The picture across the top of its home page. None: it has none that a page can show."""
    primary_color: str
    secondary_color: str
    default_language: str
    default_currency: str
    allow_guest_checkout: bool
    hold_minutes: int
    refund_policy: str
    """What the organisation says about refunds in its own words."""
    buyer_rules: BuyerRules
    """What its buyers may return by themselves."""
    privacy_policy_url: str
    terms_of_service_url: str
    embed_origins: tuple[str, ...]
    """The websites that may show its pages in a frame, such as ``https://halle-west.example``."""
    has_events: bool
    """Whether it names an event or a course by itself."""
    has_trips: bool
    has_products: bool
    """Whether it sells something on its own."""

    @property
    def logo_path(self) -> str:
        """Where its pages find its logo; empty: there is none, or it lies on another host."""
        return shown_picture(self.logo)

    @property
    def refund_rule(self) -> str:
        """What its buyers may return by themselves, in the present language; empty: nothing."""
        return refund_rule_text(self.buyer_rules)

    @property
    def own_lang(self) -> str:
        """The attribute of an element with the organisation's own words; empty: the page speaks the same."""
        if self.default_language == get_language():
            return ""
        return format_html(' lang="{}"', self.default_language)

    @property
    def brand_color(self) -> str:
        return brand_color(self.primary_color)

    @property
    def colors_path(self) -> str:
        """Where its pages find its colours; new when they are."""
        return f"{self.at}/colors.css?v={color_version(self.primary_color, self.secondary_color)}"


_by_slug: TTLCache[str, Shop | None] = TTLCache(
    "shops by slug", ttl=TTL_SECONDS, maxsize=CACHE_SIZE, wait=WAIT_SECONDS
)
_by_id: TTLCache[UUID, Shop | None] = TTLCache(
    "shops by id", ttl=TTL_SECONDS, maxsize=CACHE_SIZE, wait=WAIT_SECONDS
)
_by_domain: TTLCache[str, Shop | None] = TTLCache(
    "shops by domain", ttl=TTL_SECONDS, maxsize=CACHE_SIZE, wait=WAIT_SECONDS
)
_came_by: ContextVar[Shop | None] = ContextVar("came_by", default=None)


def shop_named(slug: str) -> Shop:
    """Return the shop that an address names, by the slug it has or by one it had.

    Raises:
        NotFound: there is none, or it is gone.
        Busy: the database is slow to answer.
    """
    return _there(_by_slug.get(slug, lambda: _read(slugs__slug=slug)))


def shop_of(organization_id: UUID) -> Shop:
    """Return an organisation's shop.

    Raises:
        NotFound: the organisation is gone.
        Busy: the database is slow to answer.
    """
    return _there(_by_id.get(organization_id, lambda: _read(id=organization_id)))


def shop_with_domain(domain: str) -> Shop | None:
    """Return the shop that has proven a domain to be its own, as its visitors there see it. None: none has.

    Raises:
        Busy: the database is slow to answer.
    """
    shop = _by_domain.get(domain, lambda: _read(domain__name=domain, domain__verified_at__isnull=False))
    return None if shop is None else replace(shop, at="")


def shop_here() -> Shop | None:
    """Return the shop by whose own domain the present request came. None: it came by Kassa's own."""
    return _came_by.get()


@contextmanager
def coming_by(shop: Shop) -> Iterator[None]:
    """Answer a request that came by a shop's own domain."""
    token = _came_by.set(shop)
    try:
        yield
    finally:
        _came_by.reset(token)


def _there(shop: Shop | None) -> Shop:
    if shop is None:
        raise NotFound("There is nothing at this address.")
    here = _came_by.get()
    if here is not None and here.organization_id == shop.organization_id:
        return here
    return shop


def _read(**named: object) -> Shop | None:
    view = find_organization_view(**named)
    return _shop(view) if view is not None else None


def _shop(view: OrganizationView) -> Shop:
    organization, chosen, former_slugs = view
    kinds = set(listed_events_of(organization.id).order_by().values_list("kind", flat=True).distinct())
    at = f"/{organization.slug}"
    domain = organization.verified_domain
    return Shop(
        organization_id=organization.id,
        slug=organization.slug,
        former_slugs=former_slugs,
        name=organization.name,
        at=at,
        home=f"https://{domain}" if domain else f"{settings.BASE_URL}{at}",
        email=organization.email,
        phone=organization.phone,
        website=organization.website,
        address=organization.address or {},
        logo=organization.logo,
        header=shown_pictures(organization.id, [organization.header_image]).get(organization.header_image),
        primary_color=chosen.primary_color,
        secondary_color=chosen.secondary_color,
        default_language=chosen.default_language,
        default_currency=chosen.default_currency,
        allow_guest_checkout=chosen.allow_guest_checkout,
        hold_minutes=chosen.hold_minutes,
        refund_policy=chosen.refund_policy,
        buyer_rules=rules_of(chosen),
        privacy_policy_url=chosen.privacy_policy_url,
        terms_of_service_url=chosen.terms_of_service_url,
        embed_origins=_origins(organization.website, *chosen.embed_sites),
        has_events=bool(kinds - {EventKind.TRIP}),
        has_trips=EventKind.TRIP in kinds,
        has_products=listed_products_of(organization.id).exists(),
    )


def _origins(*addresses: str) -> tuple[str, ...]:
    found = (f"{part.scheme}://{part.netloc}".lower() for part in map(urlsplit, addresses))
    return tuple(dict.fromkeys(origin for origin in found if ORIGIN.fullmatch(origin)))
