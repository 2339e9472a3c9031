"""The picture that is shown where somebody shares a link to an event."""

from __future__ import annotations

from pathlib import Path

import typst

from kassa.catalog.enums import EventKind
from kassa.storefront.look.colors import page_colors
from kassa.storefront.look.drawn_pictures import get_drawing
from kassa.storefront.shop.offer import EventOffer
from kassa.storefront.shops import Shop
from kassa.typesetting.compiler import paint

TEMPLATE = Path(__file__).parent.parent / "typst" / "preview.typ"


def event_preview(shop: Shop, offer: EventOffer, *, language: str) -> bytes:
    """Return a PNG file of 1200 by 630 pixels: the poster, the title, when and where, in the shop's colours.

    Without a poster that lies in Kassa, or with one that cannot be drawn, the title has it all for itself.
    """
    colors = page_colors(shop.primary_color, shop.secondary_color, "light")
    event = offer.event
    is_trip = event.kind == EventKind.TRIP
    data = {
        "language": language,
        "ground": colors["brand"],
        "ink": colors["on-brand"],
        "seller": shop.name,
        "title": f"{event.origin} → {event.destination}" if is_trip else event.title,
        "when": " · ".join(part for part in (offer.when.day, offer.when.time) if part),
        "where": ", ".join(part for part in (event.venue_name, event.city) if part),
    }
    try:
        return paint({**data, "poster": get_drawing(event.featured_image)}, template=TEMPLATE)
    except typst.TypstError:
        return paint({**data, "poster": ""}, template=TEMPLATE)
