"""Events, courses and trips as they come in and go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from kassa.api.inputs import (
    EMPTY_LIST,
    EMPTY_TEXT,
    KEPT,
    ClearableUrl,
    CountFromOne,
    LongText,
    Metadata,
    Moment,
    Name,
    Text80,
    Text120,
    Text200,
    Text300,
    Text500,
    Url,
)
from kassa.api.routes.seat_layouts import SeatPlan
from kassa.api.schemas import Country, Currency, Input, Text, example
from kassa.api.ticket_type_schemas import PerCustomer, TicketTypeIn, TicketTypeOut, show_ticket_type
from kassa.catalog.enums import EventKind, EventStatus, LocationType, Visibility
from kassa.catalog.models import Event
from kassa.catalog.queries import EventView
from kassa.core.actor import ActorKind
from kassa.core.money import ZERO, format_amount

TimeZone = Annotated[Text, Field(min_length=1, max_length=64, examples=["Europe/Berlin"])]
ZipCode = Annotated[Text, Field(max_length=20), EMPTY_TEXT]
Urls = Annotated[list[Url], Field(max_length=50), EMPTY_LIST]
Tags = Annotated[list[Annotated[Text, Field(min_length=1, max_length=60)]], Field(max_length=50), EMPTY_LIST]
Capacity = Annotated[
    CountFromOne | None,
    Field(description="How many can take part. Null: no limit beside those of the ticket types."),
]
HeldPerAddress = Annotated[
    CountFromOne | None,
    Field(
        description="How many unpaid tickets one visitor of the shop's pages, known by browser and address, "
        "holds at a time. Null: a share of the places that the operator has set."
    ),
]
HeldPerNetwork = Annotated[
    CountFromOne | None,
    Field(
        description="The same for all visitors of one network together, and for a visitor who has signed in. "
        "Null: a share of the places that the operator has set."
    ),
]
UnprovenTransfer = Annotated[
    Annotated[int, Field(ge=0, le=1_000_000, examples=[4])] | None,
    Field(
        description="How many tickets one visitor of the shop's pages orders by bank transfer without having "
        "proven an e-mail address by signing in. 0: none. Null: as the operator has set it."
    ),
]


class EventChange(Input):
    model_config = example(starts_at="2027-06-12T18:30:00Z", venue_name="Harbour Hall")

    title: Name = KEPT
    description: LongText = KEPT
    short_description: Text500 = KEPT
    category: Text80 = KEPT
    starts_at: Moment | None = KEPT
    ends_at: Moment | None = KEPT
    time_zone: TimeZone = KEPT
    location_type: LocationType = KEPT
    venue_name: Text200 = KEPT
    address: Text300 = KEPT
    city: Text120 = KEPT
    state: Text120 = KEPT
    zip_code: ZipCode = KEPT
    country: Annotated[Country, EMPTY_TEXT] = KEPT
    virtual_event_url: ClearableUrl = KEPT
    featured_image: ClearableUrl = KEPT
    gallery_images: Urls = KEPT
    visibility: Visibility = KEPT
    currency: Currency = KEPT
    sales_start_at: Moment | None = KEPT
    sales_end_at: Moment | None = KEPT
    seo_title: Text200 = KEPT
    seo_description: Text500 = KEPT
    tags: Tags = KEPT
    one_per_customer: bool = KEPT
    max_per_customer: PerCustomer = KEPT
    max_held_per_address: HeldPerAddress = KEPT
    max_held_per_network: HeldPerNetwork = KEPT
    max_unproven_transfer: UnprovenTransfer = KEPT
    origin: Text120 = KEPT
    destination: Text120 = KEPT
    vehicle: Text120 = KEPT
    capacity: Capacity = KEPT
    metadata: Metadata = KEPT


class SeatingIn(Input):
    """Either the id of a seat ``layout``, or a ``plan`` of this event's own."""

    layout: UUID | None = None
    plan: SeatPlan | None = None


class EventIn(EventChange):
    """A trip needs ``origin``, ``destination`` and ``ends_at``; only a course may have no date yet."""

    model_config = example(
        title="Night of Strings",
        starts_at="2027-06-12T18:00:00Z",
        ends_at="2027-06-12T21:00:00Z",
        time_zone="Europe/Berlin",
        venue_name="Harbour Hall",
        ticket_types=[{"name": "Standard", "price": "45.00", "quantity": 250}],
    )

    kind: EventKind = EventKind.EVENT
    title: Name
    ticket_types: list[TicketTypeIn] = Field(
        default_factory=list,
        max_length=200,
        examples=[[{"name": "Standard", "price": "45.00", "quantity": 250}]],
    )
    seating: SeatingIn | None = None


class EventOut(Schema):
    id: UUID
    organization_id: UUID
    kind: EventKind
    title: str
    description: str
    short_description: str
    category: str
    starts_at: datetime | None = Field(description="Null: not scheduled yet.")
    ends_at: datetime | None
    start_date: date | None = Field(description="On the clock of `time_zone`, as the next three.")
    start_time: str | None = Field(examples=["19:30"])
    end_date: date | None
    end_time: str | None = Field(examples=["22:00"])
    departs_at: datetime | None = Field(description="Of a trip: the same as `starts_at`.")
    arrives_at: datetime | None = Field(description="Of a trip: the same as `ends_at`.")
    time_zone: str
    location_type: LocationType
    venue_name: str
    address: str
    city: str
    state: str
    zip_code: str
    country: str
    virtual_event_url: str
    featured_image: str
    gallery_images: list[str]
    status: EventStatus
    visibility: Visibility
    currency: str
    sales_start_at: datetime | None = Field(description="Null: sold as soon as it is published.")
    sales_end_at: datetime | None = Field(description="Exclusive. Null: sold until it ends.")
    seo_title: str
    seo_description: str
    tags: list[str]
    one_per_customer: bool
    max_per_customer: int | None = Field(
        description="Tickets that each customer may have, over all orders, add-ons left out. Null: no limit."
    )
    max_held_per_address: int | None = Field(
        description="Unpaid tickets that one visitor of the pages holds at a time. Null: a share of it."
    )
    max_held_per_network: int | None = Field(
        description="The same for all visitors of one network together, and for one who has signed in. "
        "Null: a share of the places."
    )
    max_unproven_transfer: int | None = Field(
        description="Tickets that one visitor of the pages orders by bank transfer without having proven an "
        "e-mail address. Null: as the operator has set it."
    )
    origin: str
    destination: str
    vehicle: str
    metadata: dict[str, Any]
    created_by: UUID | None
    created_by_kind: ActorKind | None
    updated_by: UUID | None
    updated_by_kind: ActorKind | None
    created_at: datetime
    updated_at: datetime
    ticket_types: list[TicketTypeOut]
    capacity: int | None = Field(description="Null: no limit beside those of the ticket types.")
    available: int | None = Field(description="Places left of the capacity. Null: no limit.")
    total_tickets_sold: int
    total_revenue: str = Field(examples=["4500.00"])


class SaleWarningOut(Schema):
    code: str = Field(
        description="A word for the problem that never changes: `no_way_to_pay`.",
        examples=["no_way_to_pay"],
    )
    detail: str = Field(description="A sentence that says what to do.")


class PublishedEventOut(EventOut):
    """An event that has just gone on sale."""

    warnings: list[SaleWarningOut] = Field(
        description="What keeps buyers from finishing an order, though the event is on sale now."
    )


_DERIVED = frozenset(
    {
        "start_date",
        "start_time",
        "end_date",
        "end_time",
        "departs_at",
        "arrives_at",
        "ticket_types",
        "capacity",
        "available",
        "total_tickets_sold",
        "total_revenue",
    }
)
_COLUMNS = tuple(name for name in EventOut.model_fields if name not in _DERIVED)


def show_event(view: EventView, *, revenue: Decimal | None, sold: Mapping[UUID, int]) -> dict[str, Any]:
    """Return an event as :class:`EventOut` has it; ``sold`` is by ticket type."""
    event = view.event
    sold_of_types = [sold.get(one.ticket_type.id, 0) for one in view.ticket_types]
    return {
        **{name: getattr(event, name) for name in _COLUMNS},
        **_local_times(event),
        "ticket_types": [
            show_ticket_type(one, sold=count)
            for one, count in zip(view.ticket_types, sold_of_types, strict=True)
        ],
        "capacity": view.capacity,
        "available": view.available,
        "total_tickets_sold": sum(sold_of_types) if view.sold is None else view.sold,
        "total_revenue": format_amount(revenue or ZERO, event.currency),
    }


def _local_times(event: Event) -> dict[str, Any]:
    zone = ZoneInfo(event.time_zone)
    start = event.starts_at.astimezone(zone) if event.starts_at else None
    end = event.ends_at.astimezone(zone) if event.ends_at else None
    is_trip = event.kind == EventKind.TRIP
    return {
        "start_date": start.date() if start else None,
        "start_time": start.strftime("%H:%M") if start else None,
        "end_date": end.date() if end else None,
        "end_time": end.strftime("%H:%M") if end else None,
        "departs_at": event.starts_at if is_trip else None,
        "arrives_at": event.ends_at if is_trip else None,
    }
