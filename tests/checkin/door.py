"""An event with sold tickets, a check-in list, and devices for its door."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import uuid4

from kassa.core.clock import utc_now
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Ticket
from kassa.payments.domain.manual_status import change_status
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.qr import qr_text
from tests.support.factories import line, make_ticket_type
from tests.support.sale_world import World


class Door(World):
    """What an organiser prepares; everything at the door goes over HTTP."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self._list_fields = fields

    @cached_property
    def balcony(self) -> Any:
        return make_ticket_type(self.event, quantity=10, name="Balcony")

    @cached_property
    def list_id(self) -> str:
        """The check-in list, made when it is first asked for."""
        body = {
            "event": str(self.event.id),
            "name": "Main entrance",
            "gates": ["North", "South"],
            **self._list_fields,
        }
        answer = self.api.post("/api/v1/checkin-lists", body)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def sell(self, *names: str, ticket_type: Any = None) -> list[Ticket]:
        """Sell and confirm a ticket for each name; its QR code can be drawn, as it is in the mail."""
        signing_key(self.organization.id, utc_now())
        order = self.place(line(ticket_type or self.standing, len(names)))
        change_status(self.context(now=utc_now()), order.id, to_status=OrderStatus.CONFIRMED)
        tickets = list(Ticket.objects.of(self.organization.id).filter(order_id=order.id).order_by("id"))
        for ticket, name in zip(tickets, names, strict=True):
            first, _, last = name.partition(" ")
            ticket.attendee_first_name, ticket.attendee_last_name = first, last
            ticket.save(update_fields=["attendee_first_name", "attendee_last_name"])
        return tickets

    def qr(self, ticket: Ticket) -> str:
        """Return what a ticket's QR code says."""
        return qr_text(ticket, signing_key(self.organization.id, utc_now()))

    def device(self, name: str = "Front door phone 1", gate: str = "North") -> dict[str, Any]:
        """Make a device and return it with its enrolment."""
        _ = self.list_id
        answer = self.api.post("/api/v1/checkin-devices", {"name": name, "gate": gate, "checkin_lists": []})
        assert answer.status_code == 201, answer.content
        device: dict[str, Any] = answer.json()
        return device

    def scans(self) -> list[tuple[str, str, bool]]:
        """Return the kind and result of every scan that was recorded, and whether it is a conflict."""
        answer = self.api.get("/api/v1/checkins")
        assert answer.status_code == 200, answer.content
        found = sorted(answer.json()["items"], key=lambda scan: (scan["scanned_at"], scan["created_at"]))
        return [(scan["kind"], scan["result"], scan["conflict"]) for scan in found]

    def pass_through(self, ticket: Ticket, gate: str = "South") -> None:
        """Let a ticket in at another gate."""
        body = {"id": str(uuid4()), "list": self.list_id, "ticket": ticket.code, "gate": gate}
        assert self.api.post("/api/v1/checkins", body).json()["accepted"]

    def status(self, ticket: Ticket) -> str:
        return Ticket.objects.of(self.organization.id).get(id=ticket.id).status
