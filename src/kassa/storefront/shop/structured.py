"""What programs read on a page: events, courses, trips and products in the words of schema.org."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

from kassa.catalog.enums import EventKind, EventStatus, LocationType
from kassa.catalog.models import Event
from kassa.core.clock import format_moment
from kassa.core.money import format_amount
from kassa.sales.enums import SaleState
from kassa.storefront.shop.event_times import EventTimes
from kassa.storefront.shop.offer import EventOffer, OfferedProduct, OfferedType
from kassa.storefront.shop.prose import plain_of
from kassa.storefront.shops import Shop

SCHEMA = "https://schema.org"
DESCRIPTION_LENGTH = 5_000
AVAILABILITY = {
    SaleState.ON_SALE: f"{SCHEMA}/InStock",
    SaleState.NOT_STARTED: f"{SCHEMA}/PreOrder",
    SaleState.SOLD_OUT: f"{SCHEMA}/SoldOut",
    SaleState.ENDED: f"{SCHEMA}/OutOfStock",
    SaleState.CLOSED: f"{SCHEMA}/OutOfStock",
}
ATTENDANCE = {
    LocationType.PHYSICAL: f"{SCHEMA}/OfflineEventAttendanceMode",
    LocationType.VIRTUAL: f"{SCHEMA}/OnlineEventAttendanceMode",
    LocationType.HYBRID: f"{SCHEMA}/MixedEventAttendanceMode",
}
COURSE_MODE = {
    LocationType.PHYSICAL: "Onsite",
    LocationType.VIRTUAL: "Online",
    LocationType.HYBRID: "Blended",
}
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def script_of(document: dict[str, Any]) -> SafeString:
    """Return a document as the inside of a script element, out of which nothing leads."""
    return mark_safe(orjson.dumps(document).decode().translate(_ESCAPES))  # noqa: S308


def event_document(shop: Shop, offer: EventOffer, *, url: str, images: Iterable[str]) -> dict[str, Any]:
    """Return an event as an ``Event``, a course as a ``Course``, a trip as a ``BusTrip``."""
    event = offer.event
    common: dict[str, Any] = {
        "@context": SCHEMA,
        "name": event.title,
        "description": plain_of(event.short_description or event.description, limit=DESCRIPTION_LENGTH),
        "url": url,
        "image": list(images),
        "offers": [_offer(one, offer.currency, url) for one in offer.types],
    }
    match event.kind:
        case EventKind.COURSE:
            return common | _course(shop, event, offer.when)
        case EventKind.TRIP:
            return common | _trip(shop, event, offer.when)
    return common | _event(shop, event, offer.when, url)


def product_document(
    product: OfferedProduct, *, sku: str, currency: str, url: str, images: Iterable[str]
) -> dict[str, Any]:
    """Return a product."""
    return {
        "@context": SCHEMA,
        "@type": "Product",
        "name": product.name,
        "description": plain_of(product.description, limit=DESCRIPTION_LENGTH),
        "sku": sku,
        "url": url,
        "image": list(images),
        "offers": _offer(product, currency, url),
    }


def _event(shop: Shop, event: Event, when: EventTimes, url: str) -> dict[str, Any]:
    status = "EventCancelled" if event.status == EventStatus.CANCELLED else "EventScheduled"
    return {
        "@type": "Event",
        "startDate": when.starts,
        **({"endDate": when.ends} if when.ends else {}),
        "eventStatus": f"{SCHEMA}/{status}",
        "eventAttendanceMode": ATTENDANCE[LocationType(event.location_type)],
        "location": _locations(event, url),
        "organizer": _organization(shop),
    }


def _course(shop: Shop, event: Event, when: EventTimes) -> dict[str, Any]:
    instance = {
        "@type": "CourseInstance",
        "courseMode": COURSE_MODE[LocationType(event.location_type)],
        "startDate": when.starts,
        **({"endDate": when.ends} if when.ends else {}),
        **({"location": _place(event)} if event.location_type != LocationType.VIRTUAL else {}),
    }
    return {
        "@type": "Course",
        "provider": _organization(shop),
        **({"hasCourseInstance": [instance]} if when.starts else {}),
    }


def _trip(shop: Shop, event: Event, when: EventTimes) -> dict[str, Any]:
    return {
        "@type": "BusTrip",
        "departureBusStop": {"@type": "BusStop", "name": event.origin},
        "arrivalBusStop": {"@type": "BusStop", "name": event.destination},
        "departureTime": when.starts,
        "arrivalTime": when.ends,
        **({"busName": event.vehicle} if event.vehicle else {}),
        "provider": _organization(shop),
    }


def _offer(one: OfferedType | OfferedProduct, currency: str, url: str) -> dict[str, Any]:
    starts_at = one.starts_at if isinstance(one, OfferedType) else None
    return {
        "@type": "Offer",
        "name": one.name,
        "price": format_amount(one.price, currency),
        "priceCurrency": currency,
        "availability": AVAILABILITY[one.state],
        "url": url,
        **({"validFrom": format_moment(starts_at)} if starts_at else {}),
    }


def _locations(event: Event, url: str) -> Any:
    # Where it is watched online is for those who have a ticket; everybody else is sent to its page.
    online = {"@type": "VirtualLocation", "url": url}
    if event.location_type == LocationType.VIRTUAL:
        return online
    if event.location_type == LocationType.HYBRID:
        return [_place(event), online]
    return _place(event)


def _place(event: Event) -> dict[str, Any]:
    address = {
        "streetAddress": event.address,
        "postalCode": event.zip_code,
        "addressLocality": event.city,
        "addressRegion": event.state,
        "addressCountry": event.country,
    }
    known = {name: value for name, value in address.items() if value}
    return {
        "@type": "Place",
        "name": event.venue_name or event.city,
        **({"address": {"@type": "PostalAddress", **known}} if known else {}),
    }


def _organization(shop: Shop) -> dict[str, Any]:
    return {"@type": "Organization", "name": shop.name, "url": f"{shop.home}/"}
