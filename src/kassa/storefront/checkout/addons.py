"""What goes well with the tickets in a cart: the products of their event."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from kassa.core.errors import NotFound
from kassa.core.languages import Language
from kassa.sales.enums import SaleState
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.shop.offer import OfferedProduct, event_offer


@dataclass(frozen=True, slots=True)
class AddOns:
    """What is offered beside the tickets."""

    products: tuple[OfferedProduct, ...]
    event_address: str
    """Where more of the same event is chosen; empty: there is no such page."""


def addons_of(visit: Visit, basket: Basket) -> AddOns:
    """Return what can be added to a cart with tickets of one event; for several events that is nothing."""
    event_id = basket.view.event_id
    if event_id is None or not basket.is_open:
        return AddOns((), "")
    language = get_language() or Language.ENGLISH
    try:
        offer = event_offer(visit.shop, event_id, language=language, now=visit.now)
    except NotFound:  # it is private: whoever has its tickets got them by another way
        return AddOns((), "")
    there = {item.product_id for item in basket.items}
    products = tuple(
        one
        for one in offer.products
        if one.state == SaleState.ON_SALE and one.id not in there and offer.currency == basket.currency
    )
    return AddOns(products, offer.address)
