"""The addresses of a shop's pages: readable for people, unique by the identifier at their end."""

from __future__ import annotations

from uuid import UUID

from django.urls.converters import SlugConverter
from django.utils.text import slugify

from kassa.catalog.models import Event, Product
from kassa.organizations.domain.addresses import RESERVED
from kassa.storefront.shops import Shop

UUID_LENGTH = 36
TITLE_LENGTH = 60


class NamedIdConverter:
    """``night-of-strings-<uuid>``: what stands before the identifier is decoration."""

    regex = r"(?:[^/]*-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value[-UUID_LENGTH:])

    def to_url(self, value: object) -> str:
        return str(value)


class ShopSlugConverter(SlugConverter):
    """The slug of an organisation, which none of Kassa's own addresses is."""

    def to_python(self, value: str) -> str:
        if value in RESERVED:
            raise ValueError(value)
        return value


def event_address(shop: Shop, event: Event) -> str:
    """Return the path of an event's page."""
    return f"{shop.at}/events/{named_id(event.title, event.id)}"


def product_address(shop: Shop, product: Product) -> str:
    """Return the path of a product's page."""
    return f"{shop.at}/products/{named_id(product.name, product.id)}"


def named_id(title: str, identifier: UUID) -> str:
    """Return the last part of an address: some words of a title and the identifier."""
    words = slugify(title)[:TITLE_LENGTH].strip("-")
    return f"{words}-{identifier}" if words else str(identifier)
