"""A ticket in somebody's hands, and short words for what a test does with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.models import OutboxEvent
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.tickets.domain.attendee import AttendeeChanges, change_attendee
from kassa.tickets.domain.block import block_ticket, unblock_ticket
from kassa.tickets.domain.expire import expire_transfers
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.domain.transfer import (
    NewHolder,
    Offer,
    accept_transfer,
    decline_transfer,
    offer_ticket,
    withdraw_transfer,
)
from kassa.tickets.models import FormerCode, Transfer
from tests.support.factories import make_organization
from tests.support.sale_world import World, sale_state

WATCHED = ("tickets_transfer", "tickets_formercode")


class Holders(World):
    """An organisation that has sold two tickets to Ada; ``later`` is how far its clock is ahead."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(make_organization(**settings))
        self.later = timedelta()
        self.ticket_id = self.tickets_of(self.sold)[0].id

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def starts_at(self) -> datetime:
        assert self.event.starts_at is not None
        return self.event.starts_at

    @property
    def now(self) -> datetime:
        return utc_now() + self.later

    @cached_property
    def sold(self) -> Order:
        """A confirmed order of two tickets."""
        order = self.place()
        by_staff = self.context(now=self.now)
        change_status(by_staff, order.id, to_status=OrderStatus.CONFIRMED)
        return self.order(order.id)

    @property
    def ticket(self) -> Ticket:
        """The first ticket, as it is now."""
        return Ticket.objects.of(self.id).get(id=self.ticket_id)

    def tickets_of(self, order: Order) -> list[Ticket]:
        return list(Ticket.objects.of(self.id).filter(order_id=order.id).order_by("id"))

    def by_holder(self, ticket_id: UUID | None = None) -> CommandContext:
        """Return the context of whoever has the link of a ticket, the first unless another is named."""
        return CommandContext(Actor.holder(self.id, ticket_id or self.ticket_id), self.now)

    def by_staff(self, reason: str = "") -> CommandContext:
        return self.context(reason, now=self.now)

    # What can be done with it.

    def offer(self, to: str = "grace@example.com", **fields: Any) -> Transfer:
        given = {"to_name": "Grace Brewster Hopper", **fields}
        held_code = self.ticket.code
        return offer_ticket(self.by_holder(), self.ticket_id, offer=Offer(to, **given), held_code=held_code)

    def accept(self, transfer: Transfer, holder: NewHolder | None = None) -> Transfer:
        return accept_transfer(self.by_holder(transfer.ticket_id), transfer.id, holder=holder)

    def decline(self, transfer: Transfer) -> Transfer:
        return decline_transfer(self.by_holder(transfer.ticket_id), transfer.id)

    def withdraw(self, transfer: Transfer) -> Transfer:
        return withdraw_transfer(self.by_holder(transfer.ticket_id), transfer.id)

    def expire(self) -> int:
        return expire_transfers(self.id, now=self.now)

    def reissue(self, held_code: str | None = None) -> Ticket:
        context = self.by_staff() if held_code is None else self.by_holder()
        return reissue_ticket(context, self.ticket_id, held_code=held_code)

    def block(self, reason: str = "Stolen.") -> Ticket:
        return block_ticket(self.by_staff(), self.ticket_id, reason=reason)

    def unblock(self) -> Ticket:
        return unblock_ticket(self.by_staff(), self.ticket_id)

    def write(self, *, by_holder: bool = True, **changes: Any) -> Ticket:
        """Write something else on the ticket."""
        wanted = AttendeeChanges(**changes)
        return change_attendee(
            self.by_holder() if by_holder else self.by_staff(),
            self.ticket_id,
            changes=wanted,
            held_code=self.ticket.code if by_holder else None,
        )

    def refund(self) -> None:
        command = RefundCommand(RefundSelection(tickets=(self.ticket_id,)), "Asked for.")
        refund_order(self.by_staff(), self.sold.id, command=command)

    def cancel(self) -> None:
        cancel_order(self.by_staff("Cancelled."), self.sold.id)

    def set_ticket(self, **columns: Any) -> None:
        Ticket.objects.of(self.id).filter(id=self.ticket_id).update(**columns)

    # What the tables say.

    def transfer(self, transfer: Transfer) -> Transfer:
        return Transfer.objects.of(self.id).get(id=transfer.id)

    def former(self) -> list[tuple[str, str]]:
        """Return the codes the ticket had before, oldest first, and why each ended."""
        codes = FormerCode.objects.of(self.id).filter(ticket_id=self.ticket_id).order_by("id")
        return list(codes.values_list("code", "reason"))

    def told_of_ticket(self) -> list[str]:
        """Return what was told of the ticket after it was issued."""
        return [event["type"] for event in self.events() if event["type"] != "ticket.issued"]

    def events(self) -> list[dict[str, Any]]:
        rows = (
            OutboxEvent.objects.of(self.id).filter(subject=f"tickets/{self.ticket_id}").order_by("position")
        )
        return [orjson.loads(row.envelope) for row in rows]

    def last_event(self) -> dict[str, Any]:
        return self.events()[-1]

    def state(self) -> tuple[Any, ...]:
        """Return a fingerprint of all that could change, to prove that nothing did."""
        offers = Transfer.objects.of(self.id).order_by("id").values()
        codes = FormerCode.objects.of(self.id).order_by("id").values()
        return sale_state(), list(offers), list(codes)
