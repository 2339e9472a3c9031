"""What is told of tickets on their way from hand to hand, and of what staff do with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypedDict

from kassa.core.event_schemas import Personal, PersonalAddress
from kassa.core.event_types import Id, Moment, Topic, event_type
from kassa.core.permissions import Permission
from kassa.orders.events import TicketData
from kassa.tickets.enums import TransferStatus

ticket_event_type = partial(
    event_type, permission=Permission.ORDER_READ, topic=Topic.ORDERS, subject="tickets", key="order"
)


class TransferData(TypedDict):
    """An offer and what came of it; the link to accept it is in the new person's mail alone."""

    id: Id
    ticket: Id
    status: TransferStatus
    from_name: Annotated[str | None, Personal("", ("from_email",))]
    from_email: Annotated[str, PersonalAddress()]
    to_name: Annotated[str | None, Personal("", ("to_email",))]
    to_email: Annotated[str, PersonalAddress()]
    message: Annotated[str, Personal("", ("from_email", "to_email"))]
    language: str | None
    offered_by: Id | None
    offered_by_kind: str
    offered_at: Moment
    expires_at: Moment
    ended_at: Moment | None


@dataclass(frozen=True, slots=True)
class TicketChangeData:
    """A ticket as it is now, its order and its event."""

    order: Id
    number: str
    event: Id
    ticket: TicketData


@dataclass(frozen=True, slots=True)
class TransferChangeData(TicketChangeData):
    """A ticket that is offered to another person, and how that stands."""

    transfer: TransferData


@ticket_event_type("ticket.transfer_offered")
class TransferOffered(TransferChangeData):
    """Its holder offers it to another person."""


@ticket_event_type("ticket.transferred")
class TicketTransferred(TransferChangeData):
    """It has gone to another person, and its old code is no longer valid."""


@ticket_event_type("ticket.transfer_declined")
class TransferDeclined(TransferChangeData):
    """The other person did not want it."""


@ticket_event_type("ticket.transfer_withdrawn")
class TransferWithdrawn(TransferChangeData):
    """The offer was taken back, or the ticket has ended."""


@ticket_event_type("ticket.transfer_expired")
class TransferExpired(TransferChangeData):
    """Nobody accepted it in time."""


@ticket_event_type("ticket.reissued")
class TicketReissued(TicketChangeData):
    """It was lost and has another code."""


@ticket_event_type("ticket.attendee_changed")
class AttendeeChanged(TicketChangeData):
    """Another name, or other answers, are written on it."""

    changed: list[str]


@ticket_event_type("ticket.blocked")
class TicketBlocked(TicketChangeData):
    """Staff keep it from letting anybody in."""

    reason: str


@ticket_event_type("ticket.unblocked")
class TicketUnblocked(TicketChangeData):
    """Staff let it be what it was."""

    reason: str
