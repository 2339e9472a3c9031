"""What is told of scans at the door."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypedDict

from kassa.admission.enums import ScanKind, ScanResult
from kassa.core.event_schemas import Personal, PersonalAddress
from kassa.core.event_types import Id, Moment, Topic, event_type
from kassa.core.permissions import Permission
from kassa.orders.enums import TicketStatus

scan_event_type = partial(event_type, permission=Permission.CHECKIN_READ, topic=Topic.ORDERS, key="order")


class TicketTypeData(TypedDict):
    id: Id
    name: str


class AttendeeData(TypedDict):
    first_name: Annotated[str, Personal("")]
    last_name: Annotated[str, Personal("")]
    email: Annotated[str, PersonalAddress()]


class TicketData(TypedDict):
    id: Id
    code: str
    """Only its end: whoever may read events is not yet let in."""
    status: TicketStatus
    name: Annotated[str, Personal("", ("attendee.email",))]
    ticket_type: TicketTypeData
    seat: str
    order_number: str
    attendee: AttendeeData


class ScanBefore(TypedDict):
    id: Id
    at: Moment
    gate: str
    by: str
    kind: ScanKind


@dataclass(frozen=True, slots=True)
class ScanData:
    """A scan, and the ticket it was of."""

    scan: Id
    kind: ScanKind
    result: ScanResult
    checkin_list: Id | None
    area: str
    gate: str
    device: Id | None
    by: str
    scanned_at: Moment
    reason: str
    event: Id | None
    order: Id | None
    number: str | None
    ticket: TicketData | None
    previous: ScanBefore | None


@scan_event_type("ticket.checked_in", subject="tickets")
class TicketCheckedIn(ScanData):
    """It let somebody in at a door."""


@scan_event_type("ticket.checked_out", subject="tickets")
class TicketCheckedOut(ScanData):
    """Somebody left with it."""


@scan_event_type("ticket.checkin_undone", subject="tickets")
class CheckinUndone(ScanData):
    """Its last entry or exit was taken back."""


@scan_event_type("checkin.conflict", subject="checkins")
class CheckinConflict(ScanData):
    """A phone without a network let somebody in who should not have been."""
