"""What is written to whom about what happened: one event of the outbox in, messages out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kassa.core.feed import OutboxRecord
from kassa.notifications.enums import MessageKind
from kassa.orders.enums import HOLDING, Approval

_K = MessageKind
PAYING_TAKES = timedelta(minutes=5)
"""Whoever has ordered on a page is on the way to pay: who has paid by then is written to once."""
_HOLDING = frozenset(str(status) for status in HOLDING)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One message to one person, before it is known in which language they read."""

    kind: MessageKind
    key: str
    """What it is about; there is one message for it, ever."""
    order_id: UUID
    recipient: str | None = None
    """None: whoever bought the order."""
    recipient_name: str = ""
    language: str | None = None
    """None: that of the order, unless somebody else is written to; else the organisation's."""
    ticket_id: UUID | None = None
    event_id: UUID | None = None
    announcement_id: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    """None: at once."""


def occasions_of(event: OutboxRecord) -> list[Occasion]:
    """Return the messages that an event gives rise to; none for most."""
    return _WRITERS[event.type](event)


def _of_order(event: OutboxRecord, kind: MessageKind) -> list[Occasion]:
    order = event.data
    customer = order["customer"]
    return [
        Occasion(
            kind=kind,
            key=f"{event.id}:{kind}",
            order_id=UUID(order["id"]),
            recipient=customer["email"],
            recipient_name=_name(customer["first_name"], customer["last_name"]),
            language=customer.get("language"),
        )
    ]


def _placed(event: OutboxRecord) -> list[Occasion]:
    """An order that is confirmed at once, or paid without a break, has only its confirmation."""
    order = event.data
    if order["status"] not in _HOLDING:
        return []
    occasions = _of_order(event, _K.ORDER_PLACED)
    if order["cart"] is None or order["approval"] == Approval.AWAITED or order["expires_at"] is None:
        return occasions
    placed_at, ends_at = datetime.fromisoformat(event.time), datetime.fromisoformat(order["expires_at"])
    due_at = placed_at + min(PAYING_TAKES, (ends_at - placed_at) / 2)
    return [replace(each, due_at=due_at) for each in occasions]


def _about_order(kind: MessageKind) -> Callable[[OutboxRecord], list[Occasion]]:
    return lambda event: _of_order(event, kind)


def _payment_failed(event: OutboxRecord) -> list[Occasion]:
    order_id = UUID(event.data["order"])
    facts = {"problem": event.data["error"] or "", "amount": event.data["amount"]}
    return [Occasion(_K.PAYMENT_FAILED, f"{event.id}:{_K.PAYMENT_FAILED}", order_id, facts=facts)]


def _refunded(event: OutboxRecord) -> list[Occasion]:
    refund = event.data
    facts = {"amount": refund["amount"], "currency": refund["currency"], "reason": refund["reason"] or ""}
    key = f"{event.id}:{_K.ORDER_REFUNDED}"
    return [Occasion(_K.ORDER_REFUNDED, key, UUID(refund["order"]), facts=facts)]


def _to_new_person(kind: MessageKind) -> Callable[[OutboxRecord], list[Occasion]]:
    def write(event: OutboxRecord) -> list[Occasion]:
        offer = event.data["transfer"]
        to = (offer["to_email"], offer["to_name"] or "", offer["language"])
        return [_of_ticket(event, kind, *to)]

    return write


def _to_person_before(kind: MessageKind) -> Callable[[OutboxRecord], list[Occasion]]:
    def write(event: OutboxRecord) -> list[Occasion]:
        offer = event.data["transfer"]
        return [_of_ticket(event, kind, offer["from_email"], offer["from_name"] or "", None)]

    return write


def _transferred(event: OutboxRecord) -> list[Occasion]:
    return [
        *_to_new_person(_K.TICKET_TRANSFERRED)(event),
        *_to_person_before(_K.TICKET_GIVEN_AWAY)(event),
    ]


def _reissued(event: OutboxRecord) -> list[Occasion]:
    """To who holds the ticket: the last person it was given to, or else the buyer."""
    ticket = event.data["ticket"]
    attendee = ticket["attendee"]
    if not ticket["transferred_to"]:
        return [_of_ticket(event, _K.TICKET_REISSUED, None, "", None)]
    name = _name(attendee["first_name"], attendee["last_name"])
    return [_of_ticket(event, _K.TICKET_REISSUED, ticket["transferred_to"], name, None)]


def _of_ticket(
    event: OutboxRecord, kind: MessageKind, recipient: str | None, name: str, language: str | None
) -> Occasion:
    data = event.data
    offer = data.get("transfer")
    shown = ("id", "from_name", "from_email", "to_name", "to_email", "message", "expires_at")
    return Occasion(
        kind=kind,
        key=f"{event.id}:{kind}",
        order_id=UUID(data["order"]),
        recipient=recipient,
        recipient_name=name,
        language=language,
        ticket_id=UUID(data["ticket"]["id"]),
        event_id=UUID(data["event"]),
        facts={"transfer": {key: offer[key] for key in shown}} if offer else {},
    )


def _name(first: str | None, last: str | None) -> str:
    return " ".join(part for part in (first, last) if part)


_WRITERS: dict[str, Callable[[OutboxRecord], list[Occasion]]] = {
    "order.created": _placed,
    "order.approved": _placed,
    "order.confirmed": _about_order(_K.ORDER_CONFIRMED),
    "order.expired": _about_order(_K.ORDER_EXPIRED),
    "order.cancelled": _about_order(_K.ORDER_CANCELLED),
    "order.shipped": _about_order(_K.ORDER_SHIPPED),
    "payment.failed": _payment_failed,
    "refund.completed": _refunded,
    "ticket.transfer_offered": _to_new_person(_K.TICKET_TRANSFER_OFFERED),
    "ticket.transferred": _transferred,
    "ticket.transfer_declined": _to_person_before(_K.TICKET_TRANSFER_DECLINED),
    "ticket.reissued": _reissued,
}
TYPES = tuple(_WRITERS)
"""The events that somebody is written to about by themselves."""
