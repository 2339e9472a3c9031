"""A hall with a door: tickets that are paid, a list, a device, and short words for what happens there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

import orjson

from kassa.admission.domain.devices import create_device, enrol_device
from kassa.admission.domain.door import Door, door_of
from kassa.admission.domain.lists import create_list
from kassa.admission.domain.scan import WantedScan, record_batch, record_scan
from kassa.admission.domain.undo import WantedUndo, undo_scan
from kassa.admission.enums import ScanKind
from kassa.admission.models import CheckinList, Conflict, Presence, Scan
from kassa.catalog.models import TicketType
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.languages import Language
from kassa.core.models import OutboxEvent
from kassa.identity.domain.api_keys import authenticate_api_key
from kassa.orders.models import Ticket
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.qr import qr_text
from tests.support.api_client import ApiClient
from tests.support.factories import line, make_ticket_type
from tests.support.sale_world import World

DOOR_EVENTS = ("ticket.checked_in", "ticket.checked_out", "ticket.checkin_undone", "checkin.conflict")


@dataclass(frozen=True)
class Guard:
    """Somebody with a device at a gate."""

    door: Door
    key: Actor
    """Who its key stands for, as a request comes in."""
    api: ApiClient


class Hall(World):
    """``later`` is how far its clock is ahead."""

    later = timedelta()

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def now(self) -> datetime:
        return utc_now() + self.later

    @cached_property
    def free(self) -> TicketType:
        """A ticket type that costs nothing, so that its tickets are valid at once."""
        return make_ticket_type(self.event, quantity=None, price=0, name="Free")

    @cached_property
    def entrance(self) -> CheckinList:
        return self.make_list()

    @cached_property
    def guard(self) -> Guard:
        return self.make_guard()

    def make_list(self, *, ticket_types: Sequence[UUID] = (), **fields: Any) -> CheckinList:
        values = {"name": "Main entrance", **fields}
        event_id = values.pop("event", self.event).id
        context = CommandContext.system(self.id, now=utc_now())
        return create_list(context, event_id, fields=values, ticket_type_ids=ticket_types)

    def make_guard(self, *lists: CheckinList, name: str = "Phone 1", gate: str = "North") -> Guard:
        """Make a device and enrol it."""
        now = utc_now()
        context = CommandContext.system(self.id, now=now)
        _, enrolment = create_device(context, name=name, gate=gate, list_ids=[one.id for one in lists])
        _, secret = enrol_device(enrolment.code, now=now)
        key = authenticate_api_key(secret, now=now)
        return Guard(door_of(key), key, ApiClient(secret))

    def issue(self, count: int = 1, **fields: Any) -> list[Ticket]:
        """Order tickets that are valid at once."""
        order = self.place(line(self.free, count), **fields)
        return list(Ticket.objects.of(self.id).filter(order_id=order.id).order_by("id"))

    def ticket(self, **fields: Any) -> Ticket:
        return self.issue(1, **fields)[0]

    def qr(self, ticket: Ticket) -> str:
        return qr_text(ticket, signing_key(self.id, utc_now()))

    def again(self, ticket: Ticket) -> Ticket:
        """Return a ticket as it is now."""
        return Ticket.objects.of(self.id).get(id=ticket.id)

    def wanted(self, ticket: Ticket | str, **fields: Any) -> WantedScan:
        values: dict[str, Any] = {
            "id": uuid4(),
            "list_id": self.entrance.id,
            "text": ticket if isinstance(ticket, str) else ticket.code,
            "kind": ScanKind.ENTRY,
            **fields,
        }
        return WantedScan(**values)

    def scan(self, ticket: Ticket | str, *, guard: Guard | None = None, **fields: Any) -> dict[str, Any]:
        context = CommandContext((guard or self.guard).key, self.now)
        return record_scan(context, self.wanted(ticket, **fields), language=Language.ENGLISH)

    def leave(self, ticket: Ticket | str, **fields: Any) -> dict[str, Any]:
        return self.scan(ticket, kind=ScanKind.EXIT, **fields)

    def merge(self, *wanted: WantedScan, guard: Guard | None = None) -> list[Any]:
        context = CommandContext((guard or self.guard).key, self.now)
        return record_batch(context, wanted, language=Language.ENGLISH)

    def undo(self, answer: dict[str, Any], *, undo_id: UUID | None = None, **fields: Any) -> dict[str, Any]:
        wanted = WantedUndo(undo_id or uuid4(), UUID(answer["id"]), **fields)
        return undo_scan(CommandContext(self.guard.key, self.now), wanted, language=Language.ENGLISH)

    def inside(self, ticket: Ticket, area: str = "entrance") -> tuple[int, bool]:
        """Return how often a ticket let somebody in, and whether they are in."""
        found = Presence.objects.of(self.id).filter(ticket_id=ticket.id, area=area).first()
        return (found.entries, found.is_inside) if found else (0, False)

    def scans(self) -> int:
        return Scan.objects.of(self.id).count()

    def conflicts(self) -> int:
        return Conflict.objects.of(self.id).count()

    def told_of_door(self) -> list[str]:
        """Return what the outbox tells of the door, in its order."""
        events = OutboxEvent.objects.of(self.id).filter(type__in=DOOR_EVENTS)
        return list(events.order_by("position").values_list("type", flat=True))

    def last_told(self) -> dict[str, Any]:
        events = OutboxEvent.objects.of(self.id).filter(type__in=DOOR_EVENTS)
        envelope = events.order_by("position").values_list("envelope", flat=True).last()
        data: dict[str, Any] = orjson.loads(envelope or "{}")["data"]
        return data
