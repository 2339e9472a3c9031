"""What the template of an event's page says, beside what is offered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from kassa.catalog.enums import EventKind, LocationType
from kassa.catalog.models import Event
from kassa.core.languages import Language
from kassa.storefront.shop.offer import EventOffer
from kassa.storefront.shop.prose import plain_of, prose_of
from kassa.storefront.shop.standing import standing_of
from kassa.storefront.shop.structured import event_document, script_of
from kassa.storefront.shops import Shop

MAP = "https://www.openstreetmap.org/search?"
PREVIEW_LENGTH = 200
HERE = {EventKind.TRIP: "trips"}


def event_context(shop: Shop, offer: EventOffer, *, unlocked: UUID | None) -> dict[str, Any]:
    """Return the context of an event's page in the present language."""
    event = offer.event
    url = public_address(shop, offer.address)
    preview = f"{url}/preview.png"
    shown = (*offer.types, *(one for one in offer.hidden if one.id == unlocked))
    left = {one.left for one in shown}
    return {
        "offer": offer,
        "event": event,
        "types": shown,
        "ticket": unlocked,
        "standing": standing_of(offer) if unlocked is None else None,
        "when": offer.when,
        "place": _place(event),
        "map_address": map_address(event),
        "is_online": event.location_type != LocationType.PHYSICAL,
        "places_left": left.pop() if event.kind == EventKind.COURSE and len(left) == 1 else None,
        "about": prose_of(event.description),
        "here": HERE.get(EventKind(event.kind), "events"),
        "is_listed": event.visibility == "public",
        "share": share(
            shop,
            offer.address,
            title=event.seo_title or event.title,
            text=event.seo_description
            or event.short_description
            or plain_of(event.description, limit=PREVIEW_LENGTH),
            picture=preview,
            is_wide=True,
        ),
        "document": script_of(
            event_document(shop, offer, url=url, images=[preview, *_absolute(shop, offer)])
        ),
    }


def share(
    shop: Shop, path: str, *, title: str, text: str = "", picture: str = "", is_wide: bool = False
) -> dict[str, Any]:
    """Return what is said of a page where its address is shared, and the addresses it is known by.

    ``is_wide`` says that the picture was made for this, 1200 to 630.
    """
    url = public_address(shop, path)
    languages = [(language, f"{url}?lang={language}") for language in Language.values]
    return {
        "title": title,
        "text": text,
        "url": url,
        "picture": picture,
        "is_wide": is_wide,
        "languages": languages,
    }


def public_address(shop: Shop, path: str) -> str:
    """Return the whole address under which a page is known, whatever host it was asked for by."""
    return f"{shop.home}{path[len(shop.at) :]}"


def map_address(event: Event) -> str:
    """Return where a map shows the place; empty: it has none."""
    parts = (event.address or event.venue_name, f"{event.zip_code} {event.city}".strip(), event.country)
    query = ", ".join(part for part in parts if part)
    on_site = event.kind != EventKind.TRIP and event.location_type != LocationType.VIRTUAL
    return MAP + urlencode({"query": query}) if query and on_site and (event.city or event.address) else ""


def _place(event: Event) -> tuple[str, ...]:
    if event.location_type == LocationType.VIRTUAL or event.kind == EventKind.TRIP:
        return ()
    city = " ".join(part for part in (event.zip_code, event.city) if part)
    street = ", ".join(part for part in (event.address, city) if part)
    return tuple(line for line in (event.venue_name, street) if line)


def _absolute(shop: Shop, offer: EventOffer) -> list[str]:
    host = shop.home.removesuffix(f"/{shop.slug}")
    return [host + picture.path for picture in offer.pictures]
