"""Events as lists show them: a picture, when, where, from what price, and whether they can be had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind, EventStatus, LocationType
from kassa.catalog.models import Event
from kassa.catalog.queries import ticket_types_of
from kassa.core.database import statements
from kassa.core.formatting import format_short_date, zone_named
from kassa.inventory.queries import available_of, quotas_by_id
from kassa.pictures.addresses import shown_picture
from kassa.sales.domain.offers import Offer, read_offers
from kassa.sales.domain.shown import price_of_one, sale_state, state_of_all
from kassa.sales.enums import SaleState
from kassa.seating.queries import categories_left
from kassa.storefront.formatting import present_locale, price_text
from kassa.storefront.shop.addresses import event_address
from kassa.storefront.shop.event_times import EventTimes, describe_times
from kassa.storefront.shops import Shop

FEW = 10
BUYABLE = (SaleState.ON_SALE, SaleState.NOT_STARTED)


@dataclass(frozen=True, slots=True)
class Chip:
    """A word on how something stands; ``tone`` is ``good``, ``bad``, ``calm`` or ``wait``."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """An event in a list."""

    event: Event
    address: str
    when: EventTimes
    place: str
    picture: str
    price: Decimal | None
    """The lowest that can be bought at the full rate, else the lowest of all. None: nothing is sold."""
    price_text: str
    is_from: bool
    """Whether others cost more."""
    chip: Chip | None
    own_lang: str
    """The attribute of an element with its title; empty: the page speaks the same language."""

    @property
    def is_dear(self) -> bool:
        """Whether its price is worth saying: it can be had."""
        return self.price is not None and (self.chip is None or self.chip.tone == "wait")


@dataclass(frozen=True, slots=True)
class _Standing:
    offer: Offer
    state: SaleState
    left: int | None
    price: Decimal


def cards_of(shop: Shop, events: Sequence[Event], *, now: datetime) -> tuple[Card, ...]:
    """Return events as cards in the present language, in a number of queries that does not grow.

    Places whose hold is over count as taken until they are given back, which takes a minute at most.
    """
    standing = _standing_of(shop.organization_id, [event.id for event in events], now)
    return tuple(_card(shop, event, standing.get(event.id, ()), now) for event in events)


def place_text(event: Event) -> str:
    """Return where an event takes place in a line."""
    if event.kind == EventKind.TRIP:
        return f"{event.origin} → {event.destination}"
    if event.location_type == LocationType.VIRTUAL:
        return _("Online")
    return ", ".join(part for part in (event.venue_name, event.city) if part)


def _standing_of(
    organization_id: UUID, event_ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, Sequence[_Standing]]:
    if not event_ids:
        return {}
    shown = ticket_types_of(organization_id, event_ids).filter(is_hidden=False)
    offers = read_offers(
        statements(),
        organization_id,
        ticket_type_ids=shown.values_list("id", flat=True),
        product_ids=(),
        coupon_codes=(),
        user_ids=(),
    ).items.values()
    quotas = quotas_by_id(organization_id, (one for offer in offers for one in offer.quota_ids))
    seated = {
        (offer.event_id, offer.seat_category)
        for offer in offers
        if offer.event_id is not None and offer.seat_category is not None
    }
    free = categories_left(organization_id, seated)
    found: defaultdict[UUID, list[_Standing]] = defaultdict(list)
    for offer in offers:
        if offer.event_id is None:
            continue
        left = min((available_of(quotas[one]) for one in offer.quota_ids if one in quotas), default=None)
        if offer.seat_category is not None and (offer.event_id, offer.seat_category) not in free:
            left = 0
        state = sale_state(offer, left=left, now=now)
        found[offer.event_id].append(_Standing(offer, state, left, price_of_one(offer)))
    return found


def _card(shop: Shop, event: Event, standing: Sequence[_Standing], now: datetime) -> Card:
    # Beside numbered seats, what has none is an addition, such as the place of a bicycle.
    admitting = [one for one in standing if not one.offer.is_addon] or standing
    counted = [one for one in admitting if one.offer.seat_category is not None] or admitting
    prices = _listed_prices(counted)
    price = min(prices, default=None)
    return Card(
        event=event,
        address=event_address(shop, event),
        when=describe_times(event, now=now),
        place=place_text(event),
        picture=shown_picture(event.featured_image),
        price=price,
        price_text="" if price is None else price_text(price, event.currency),
        is_from=len(set(prices)) > 1,
        chip=_chip(event, counted, now),
        own_lang=shop.own_lang,
    )


def _listed_prices(standing: Sequence[_Standing]) -> list[Decimal]:
    """Return the prices that a list may name: those of adults that can be had, as far as there are any."""
    buyable = [one for one in standing if one.state in BUYABLE] or standing
    return [one.price for one in buyable if not one.offer.is_reduced] or [one.price for one in buyable]


def _chip(event: Event, standing: Iterable[_Standing], now: datetime) -> Chip | None:
    if event.status == EventStatus.CANCELLED:
        return Chip("bad", _("Cancelled"))
    known = list(standing)
    match state_of_all({one.state for one in known}):
        case SaleState.SOLD_OUT:
            return Chip("calm", _("Sold out"))
        case SaleState.ENDED | SaleState.CLOSED:
            return Chip("calm", _("Not on sale"))
        case SaleState.NOT_STARTED:
            starts = min(one.offer.sales_start_at for one in known if one.offer.sales_start_at)
            zone = zone_named(event.time_zone)
            day = format_short_date(starts.astimezone(zone), present_locale(), today=now.astimezone(zone))
            return Chip("wait", _("From %(day)s") % {"day": day})
    lefts = [one.left for one in known if one.state == SaleState.ON_SALE]
    is_few = all(left is not None and left <= FEW for left in lefts)
    return Chip("wait", _("Few left")) if is_few else None
