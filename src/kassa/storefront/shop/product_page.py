"""The page of a product that is sold alone, and the list of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kassa.catalog.queries import listed_products_of
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.shop.context import share
from kassa.storefront.shop.event_page import Chosen, headers_of
from kassa.storefront.shop.filters import page_in
from kassa.storefront.shop.goods import ProductOffer, product_offer, product_offers
from kassa.storefront.shop.kept_page import KEPT_SECONDS, KeptPage, keep_page, send_page, to_its_address
from kassa.storefront.shop.price_notes import extra_texts
from kassa.storefront.shop.prose import plain_of, prose_of
from kassa.storefront.shop.structured import product_document, script_of
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop

ON_A_PAGE = 24
PREVIEW_LENGTH = 200

_pages: TTLCache[tuple[UUID, UUID, str, str], KeptPage] = TTLCache(
    "pages of products", ttl=KEPT_SECONDS, maxsize=500, wait=2.0
)


@shop_page()
def products_page(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Show all that is sold alone."""
    products = listed_products_of(shop.organization_id).order_by("name", "id")
    count = products.count()
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(page_in(request.GET), pages)
    shown = list(products[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    context = {
        "offers": product_offers(shop, shown, now=utc_now()),
        "page": page,
        "pages": pages,
        "before": f"?page={page - 1}" if page > 1 else "",
        "after": f"?page={page + 1}" if page < pages else "",
        "here": "products",
        "share": share(shop, f"{shop.at}/products", title=_("Products")),
    }
    return show_page(request, "shop/products.html", context, shop=shop)


@shop_page()
def product_page(request: HttpRequest, *, shop: Shop, product_id: UUID) -> HttpResponse:
    """Show a product."""
    return show_product(request, shop, product_id)


def show_product(
    request: HttpRequest,
    shop: Shop,
    product_id: UUID,
    *,
    chosen: Chosen | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with a product's page; after a form with what was chosen, and what is wrong with it.

    Raises:
        NotFound: the shop sells no such product on its own.
        Busy: the database is slow to answer.
    """
    language = get_language() or "en"
    offer = product_offer(shop, product_id, language=language, now=utc_now())
    if chosen is not None:
        body = _write(shop, offer, chosen=chosen, problems=problems or {})
        return HttpResponse(body, status=status, headers=headers_of(shop, embed=False))

    def write() -> str:
        with translation.override(language):
            return _write(shop, offer, chosen={}, problems={})

    page = _pages.get(
        (shop.organization_id, product_id, language, shop.at),
        lambda: keep_page(offer.address, write, headers=headers_of(shop, embed=False)),
    )
    return to_its_address(request, page.path) or send_page(request, page)


def _write(shop: Shop, offer: ProductOffer, *, chosen: Chosen, problems: Mapping[str, str]) -> str:
    product = offer.product
    text = plain_of(product.description, limit=PREVIEW_LENGTH)
    shared = share(shop, offer.address, title=product.name, text=text)
    host = shop.home.removesuffix(f"/{shop.slug}")
    images = [host + offer.offered.image] if offer.offered.image else []
    document = product_document(
        offer.offered, sku=product.sku, currency=offer.currency, url=shared["url"], images=images
    )
    context: dict[str, Any] = {
        "shop": shop,
        "offer": offer,
        "product": product,
        "chosen": chosen,
        "problems": problems,
        "about": prose_of(product.description),
        "extras": extra_texts(offer.settings, offer.currency, is_shippable=product.is_shippable),
        "share": shared | {"picture": images[0] if images else ""},
        "document": script_of(document),
        "here": "products",
    }
    return render_to_string("shop/product.html", context)
