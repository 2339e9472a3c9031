"""All that the page of one event shows, read in a constant number of queries and kept for a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import translation

from kassa.catalog.domain.event_rules import over_at
from kassa.catalog.enums import EventKind, EventStatus, ProductStatus
from kassa.catalog.models import Event, Product, TicketType
from kassa.catalog.queries import (
    listed_events_of,
    products_of,
    ticket_types_of,
    view_products,
    visible_events_of,
)
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.core.formatting import format_short_datetime, zone_named
from kassa.core.ttl_cache import TTLCache
from kassa.pictures.addresses import shown_picture
from kassa.pictures.queries import ShownPicture, shown_pictures
from kassa.sales.availability import availability_of
from kassa.sales.domain.offers import Offer, SaleSettings, read_offers
from kassa.sales.domain.shown import most_per_order, price_of_one, sale_state, state_of_all
from kassa.sales.enums import SaleState
from kassa.storefront.formatting import EventFacts, facts_of, present_locale, price_text
from kassa.storefront.shop.addresses import event_address
from kassa.storefront.shop.event_times import EventTimes, describe_times
from kassa.storefront.shop.price_notes import tax_text
from kassa.storefront.shops import Shop

TTL_SECONDS = 1.0
"""How old what a page shows may be."""
OTHER_DATES = 6


@dataclass(frozen=True, slots=True)
class OfferedType:
    """A ticket type as it stands."""

    id: UUID
    name: str
    description: str
    price: Decimal
    """Of one, as it will be paid: with the tax that is added."""
    price_text: str
    min_per_order: int
    max_per_order: int | None
    """None: no limit but what is left."""
    state: SaleState
    starts_at: datetime | None
    """When its sale begins; None: it has begun, or nobody has said."""
    starts_text: str
    """The same in short: ``Mon 30 Nov, 10:00``; empty: null."""
    ends_at: datetime | None
    """Exclusive; None: it is sold until there are no more."""
    left: int | None
    """None: no limit."""
    is_seated: bool
    seat_category: str | None
    requires_approval: bool
    is_addon: bool
    is_free: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class OfferedProduct:
    """A product that is offered beside an event, or alone."""

    id: UUID
    name: str
    description: str
    price: Decimal
    """Of one, as it will be paid: with the tax that is added."""
    price_text: str
    max_per_order: int | None
    state: SaleState
    left: int | None
    """None: it never runs out."""
    image: str
    is_shippable: bool
    tax_text: str
    """Which tax the price contains; empty: none is shown."""


@dataclass(frozen=True, slots=True)
class OtherDate:
    """Another time of the same, by its address."""

    address: str
    when: EventTimes


@dataclass(frozen=True, slots=True)
class EventOffer:
    """An event with everything that can be bought of it."""

    event: Event
    facts: EventFacts
    when: EventTimes
    address: str
    """The path of its page."""
    currency: str
    types: tuple[OfferedType, ...]
    """In the order of the organiser; the hidden ones stand in :attr:`hidden`."""
    hidden: tuple[OfferedType, ...]
    """Ticket types that only a link of the organiser offers."""
    products: tuple[OfferedProduct, ...]
    has_seats: bool
    pictures: tuple[ShownPicture, ...]
    """Those that a page can show, the featured one first."""
    settings: SaleSettings
    others: tuple[OtherDate, ...]
    """The same again, or further trips the same way."""
    is_over: bool
    """Whether it has taken place, or a trip has departed."""

    @property
    def state(self) -> SaleState:
        """How the sale of its tickets stands as a whole."""
        return state_of_all({one.state for one in self.types})

    @property
    def starts_at(self) -> datetime | None:
        """When the first of its tickets will be on sale; None: some are, or none will be."""
        moments = [one.starts_at for one in self.types if one.starts_at]
        return min(moments, default=None) if self.state == SaleState.NOT_STARTED else None


_offers: TTLCache[tuple[UUID, UUID, str, str], EventOffer | None] = TTLCache(
    "offers of events", ttl=TTL_SECONDS, maxsize=2_000, wait=2.0
)
"""None: there is none that everybody may see."""


def event_offer(shop: Shop, event_id: UUID, *, language: str, now: datetime) -> EventOffer:
    """Return what an event's page shows, at most a second old.

    Raises:
        NotFound: the shop has no such event, or it is a draft or private.
        Busy: the database is slow to answer.
    """
    key = (shop.organization_id, event_id, language, shop.at)
    offer = _offers.get(key, lambda: _load(shop, event_id, language, now))
    if offer is None:
        raise NotFound("There is nothing at this address.")
    return offer


def _load(shop: Shop, event_id: UUID, language: str, now: datetime) -> EventOffer | None:
    event = visible_events_of(shop.organization_id).filter(id=event_id).first()
    if event is None:
        return None
    with translation.override(language):
        return _read(shop, event, now)


def _read(shop: Shop, event: Event, now: datetime) -> EventOffer:
    types = list(ticket_types_of(shop.organization_id, [event.id]))
    goods = products_of(shop.organization_id).filter(event_id=event.id, status=ProductStatus.ACTIVE)
    views = view_products(shop.organization_id, list(goods.order_by("name", "id")))
    offers = read_offers(
        statements(),
        shop.organization_id,
        ticket_type_ids=(one.id for one in types),
        product_ids=(view.product.id for view in views),
        coupon_codes=(),
        user_ids=(),
    )
    if offers.settings is None:
        raise NotFound("There is nothing at this address.")
    left = availability_of(shop.organization_id, event.id, seats=False, hidden=True, now=now).left
    addresses = dict.fromkeys((event.featured_image, *event.gallery_images))
    pictures = shown_pictures(shop.organization_id, addresses)
    offered = [
        _type(one, offers.items[one.id], event, left.get(one.id), now)
        for one in types
        if one.id in offers.items
    ]
    return EventOffer(
        event=event,
        facts=facts_of(event),
        when=describe_times(event, now=now),
        address=event_address(shop, event),
        currency=event.currency,
        types=tuple(one for one in offered if not one.is_hidden),
        hidden=tuple(one for one in offered if one.is_hidden),
        products=tuple(
            offered_product(view.product, offers.items[view.product.id], view.available, now)
            for view in views
            if view.product.id in offers.items
        ),
        has_seats=any(one.is_seated for one in offered),
        pictures=tuple(pictures[address] for address in addresses if address in pictures),
        settings=offers.settings,
        others=tuple(
            OtherDate(event_address(shop, other), describe_times(other, now=now))
            for other in _others(shop, event, now)
        ),
        is_over=_is_over(event, now),
    )


def _is_over(event: Event, now: datetime) -> bool:
    over = over_at(kind=event.kind, starts_at=event.starts_at, ends_at=event.ends_at)
    return event.status == EventStatus.COMPLETED or (over is not None and over <= now)


def _others(shop: Shop, event: Event, now: datetime) -> QuerySet[Event]:
    same = (
        {"kind": event.kind, "origin": event.origin, "destination": event.destination}
        if event.kind == EventKind.TRIP
        else {"title": event.title}
    )
    coming = listed_events_of(shop.organization_id).filter(**same, starts_at__gt=now)
    return (
        coming.exclude(id=event.id)
        .exclude(status=EventStatus.CANCELLED)
        .order_by("starts_at", "id")[:OTHER_DATES]
    )


def _type(row: TicketType, offer: Offer, event: Event, left: int | None, now: datetime) -> OfferedType:
    state = sale_state(offer, left=left, now=now)
    waits = offer.sales_start_at if state == SaleState.NOT_STARTED else None
    price = price_of_one(offer)
    return OfferedType(
        id=row.id,
        name=row.name,
        description=row.description,
        price=price,
        price_text=price_text(price, offer.currency),
        min_per_order=offer.min_per_order,
        max_per_order=most_per_order(offer),
        state=state,
        starts_at=waits,
        starts_text=_short_moment(waits, event, now) if waits else "",
        ends_at=offer.sales_end_at,
        left=left,
        is_seated=offer.seat_category is not None,
        seat_category=offer.seat_category,
        requires_approval=offer.requires_approval,
        is_addon=offer.is_addon,
        is_free=row.is_free or price == 0,
        is_hidden=row.is_hidden,
    )


def _short_moment(moment: datetime, event: Event, now: datetime) -> str:
    return format_short_datetime(moment, zone_named(event.time_zone), present_locale(), now=now)


def offered_product(row: Product, offer: Offer, left: int | None, now: datetime) -> OfferedProduct:
    """Return a product as it stands, in the present language."""
    price = price_of_one(offer)
    return OfferedProduct(
        id=row.id,
        name=row.name,
        description=row.description,
        price=price,
        price_text=price_text(price, offer.currency),
        max_per_order=offer.max_per_order,
        state=sale_state(offer, left=left, now=now),
        left=left,
        image=shown_picture(row.image),
        is_shippable=row.is_shippable,
        tax_text=tax_text(offer.tax),
    )
