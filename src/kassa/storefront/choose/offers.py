"""What a choice is made from: the offer of an event, or a product that is sold alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from kassa.catalog.models import Event
from kassa.sales.domain.offers import SaleSettings
from kassa.storefront.choose.seat_plan import SeatPlan, make_plan, seat_plan_of
from kassa.storefront.shop.offer import OfferedProduct, OfferedType


class Offered(Protocol):
    """The offer of a page on which something can be chosen."""

    @property
    def address(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def types(self) -> tuple[OfferedType, ...]: ...
    @property
    def hidden(self) -> tuple[OfferedType, ...]: ...
    @property
    def products(self) -> tuple[OfferedProduct, ...]: ...
    @property
    def has_seats(self) -> bool: ...
    @property
    def event(self) -> Event | None: ...
    @property
    def settings(self) -> SaleSettings: ...


def plan_of(offer: Offered) -> SeatPlan:
    """Return the seats that an offer is of; none if it has none.

    Raises:
        Busy: the database is slow to answer.
    """
    if offer.event is None or not offer.has_seats:
        return NO_PLAN
    return seat_plan_of(offer.event.organization_id, offer.event.id, kind=offer.event.kind)


def all_types(offer: Offered) -> dict[UUID, OfferedType]:
    """Return all ticket types that can be asked for by their identifier."""
    return {one.id: one for one in (*offer.types, *offer.hidden)}


def types_of_category(types: Sequence[OfferedType], category: str) -> Iterator[OfferedType]:
    """Return the ticket types that sell a category's seats now, in their order."""
    return (one for one in types if one.seat_category == category and one.state == "on_sale")


NO_PLAN = make_plan((), kind="event")
