"""What is told of events: what their guests have to know when they change or are called off."""

from __future__ import annotations

from functools import partial
from typing import Any, TypedDict

from kassa.catalog.enums import EventKind, EventStatus
from kassa.core.event_types import Id, Moment, Topic, event_type
from kassa.core.permissions import Permission

event_event_type = partial(event_type, permission=Permission.OFFER_READ, topic=Topic.EVENTS, subject="events")


class EventData(TypedDict):
    id: Id
    kind: EventKind
    status: EventStatus
    title: str
    starts_at: Moment | None
    ends_at: Moment | None
    time_zone: str
    origin: str
    destination: str
    venue_name: str
    address: str
    city: str
    state: str
    zip_code: str
    country: str


@event_event_type("event.changed")
class EventChanged:
    """Its title, time, place or address on the web changed."""

    event: EventData
    changed: list[str]
    previous: dict[str, Any]


@event_event_type("event.cancelled")
class EventCancelled:
    """It was cancelled."""

    event: EventData
