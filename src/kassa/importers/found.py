"""What old orders refer to, read for a whole batch: ticket types, products, coupons, seats."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from kassa.catalog.models import Product
from kassa.catalog.queries import products_of, ticket_types_of
from kassa.core.database import Statements, plain_array, text_array
from kassa.importers.errors import CannotImport
from kassa.importers.old import OldOrder
from kassa.sales.domain.offers import CouponOffer, Offer, read_offers

SEATS_BY_NAME = """
SELECT w.event_id, w.name, s.id, s.category, s.section, s."row", s.number
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS w(event_id, name, section, seat_row, number)
JOIN seating_eventseat s ON s.organization_id = %s AND s.event_id = w.event_id
     AND s.section = w.section AND s."row" = w.seat_row AND s.number = w.number
"""
SEATS_BY_SHORT_NAME = """
SELECT w.event_id, w.name, s.id, s.category, s.section, s."row", s.number
FROM seating_eventseat s
CROSS JOIN LATERAL (SELECT DISTINCT short.name FROM (
    VALUES (s.number), (s."row" || s.number), (s."row" || '-' || s.number)) AS short(name)) AS called
JOIN unnest(%s::uuid[], %s::text[]) AS w(event_id, name) ON w.event_id = s.event_id AND w.name = called.name
WHERE s.organization_id = %s AND s.event_id = ANY(%s::uuid[])
"""

_LABEL = re.compile(r"(?P<section>.+), row (?P<row>.+), seat (?P<number>.+)")
_PATH = re.compile(r"(?P<section>.+)/(?P<row>[^/]+)/(?P<number>[^/]+)")

SeatName = tuple[UUID, str]
"""An event, and what the file calls one of its seats."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of all that a batch of orders refers to."""

    hold: timedelta
    merge_sub_addresses: bool
    offers: Mapping[UUID, Offer]
    types_of_event: Mapping[UUID, Sequence[UUID]]
    """Only of events whose tickets do not say their type."""
    products: Mapping[str, Product]
    coupons: Mapping[str, CouponOffer]
    """By code in upper case."""
    seats: Mapping[SeatName, Sequence[Any]]
    """Every seat that a name fits."""


def read_found(database: Statements, organization_id: UUID, orders: Sequence[OldOrder]) -> Found:
    """Read what a batch refers to, set-wise and without a lock.

    Raises:
        CannotImport: the organisation is gone.
    """
    tickets = [ticket for order in orders for ticket in order.tickets]
    types_of_event: defaultdict[UUID, list[UUID]] = defaultdict(list)
    untold = {ticket.event for ticket in tickets if ticket.ticket_type is None}
    if untold:
        for found in ticket_types_of(organization_id, untold):
            types_of_event[found.event_id].append(found.id)
    type_ids = {ticket.ticket_type for ticket in tickets if ticket.ticket_type is not None}
    type_ids.update(type_id for ids in types_of_event.values() for type_id in ids)
    offers = read_offers(
        database,
        organization_id,
        ticket_type_ids=type_ids,
        product_ids=(),
        coupon_codes=(order.coupon.upper() for order in orders if order.coupon is not None),
        user_ids=(),
    )
    if offers.settings is None:
        raise CannotImport("The organisation is gone.")
    skus = {item.sku for order in orders for item in order.goods}
    return Found(
        hold=timedelta(minutes=offers.settings.hold_minutes),
        merge_sub_addresses=offers.settings.merge_sub_addresses,
        offers=offers.items,
        types_of_event=types_of_event,
        products={one.sku: one for one in products_of(organization_id).filter(sku__in=skus)} if skus else {},
        coupons=offers.coupons,
        seats=_read_seats(database, organization_id, {(t.event, t.seat) for t in tickets if t.seat}),
    )


def _read_seats(
    database: Statements, organization_id: UUID, names: Iterable[SeatName]
) -> Mapping[SeatName, Sequence[Any]]:
    full: list[tuple[UUID, str, str, str, str]] = []
    short: list[SeatName] = []
    for event, name in names:
        match = _LABEL.fullmatch(name) or _PATH.fullmatch(name)
        if match:
            section, row, number = (match[part].strip() for part in ("section", "row", "number"))
            full.append((event, name, section, row, number))
        else:
            short.append((event, name))
    seats: defaultdict[SeatName, list[Any]] = defaultdict(list)
    if full:
        events, *texts = zip(*full, strict=True)
        arrays = [plain_array(events), *(text_array(column) for column in texts)]
        for seat in database.queue(SEATS_BY_NAME, (*arrays, organization_id), named=True):
            seats[seat.event_id, seat.name].append(seat)
    if short:
        events, called = zip(*short, strict=True)
        parameters = (
            plain_array(events),
            text_array(called),
            organization_id,
            plain_array(set(events)),
        )
        for seat in database.queue(SEATS_BY_SHORT_NAME, parameters, named=True):
            seats[seat.event_id, seat.name].append(seat)
    return seats
