"""Products as a shop shows them: what one page is about, and lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation

from kassa.catalog.models import Event, Product
from kassa.catalog.queries import listed_products_of, view_products
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.sales.domain.offers import Offers, SaleSettings, read_offers
from kassa.sales.enums import SaleState
from kassa.storefront.shop.addresses import product_address
from kassa.storefront.shop.offer import OfferedProduct, OfferedType, offered_product
from kassa.storefront.shops import Shop


@dataclass(frozen=True, slots=True)
class ProductOffer:
    """A product that is sold alone; what a choice is made from, as of an event."""

    product: Product
    address: str
    currency: str
    products: tuple[OfferedProduct, ...]
    """Just this one."""
    settings: SaleSettings
    event: Event | None = None
    types: tuple[OfferedType, ...] = ()
    hidden: tuple[OfferedType, ...] = ()
    has_seats: bool = False

    @property
    def offered(self) -> OfferedProduct:
        return self.products[0]

    @property
    def state(self) -> SaleState:
        return self.offered.state


_offers: TTLCache[tuple[UUID, UUID, str, str], ProductOffer | None] = TTLCache(
    "offers of products", ttl=1.0, maxsize=2_000, wait=2.0
)
"""None: there is none that everybody may see."""


def product_offer(shop: Shop, product_id: UUID, *, language: str, now: datetime) -> ProductOffer:
    """Return what a product's page shows, at most a second old.

    Raises:
        NotFound: the shop sells no such product on its own.
        Busy: the database is slow to answer.
    """
    key = (shop.organization_id, product_id, language, shop.at)
    offer = _offers.get(key, lambda: _read(shop, product_id, language, now))
    if offer is None:
        raise NotFound("There is nothing at this address.")
    return offer


def product_offers(shop: Shop, products: Sequence[Product], *, now: datetime) -> tuple[ProductOffer, ...]:
    """Return how products stand, in the present language, in a number of queries that does not grow."""
    if not products:
        return ()
    offers = read_offers(
        statements(),
        shop.organization_id,
        ticket_type_ids=(),
        product_ids=(product.id for product in products),
        coupon_codes=(),
        user_ids=(),
    )
    if offers.settings is None:
        return ()
    return tuple(
        _offer(shop, view.product, offers, offers.settings, left=view.available, now=now)
        for view in view_products(shop.organization_id, products)
        if view.product.id in offers.items
    )


def _offer(
    shop: Shop, product: Product, offers: Offers, settings: SaleSettings, *, left: int | None, now: datetime
) -> ProductOffer:
    return ProductOffer(
        product=product,
        address=product_address(shop, product),
        currency=product.currency,
        products=(offered_product(product, offers.items[product.id], left, now),),
        settings=settings,
    )


def _read(shop: Shop, product_id: UUID, language: str, now: datetime) -> ProductOffer | None:
    found = listed_products_of(shop.organization_id).filter(id=product_id)
    with translation.override(language):
        return next(iter(product_offers(shop, list(found), now=now)), None)
