"""An order that nobody placed, to show an organiser what their texts look like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models.expressions import DatabaseDefault

from kassa.catalog.models import Event
from kassa.core.clock import format_moment
from kassa.core.ids import new_id
from kassa.notifications.domain.facts import Facts
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.tickets.models import Transfer

M = TypeVar("M", bound=models.Model)
_K = MessageKind
TO_ANOTHER = frozenset({_K.TICKET_TRANSFER_OFFERED, _K.TICKET_TRANSFERRED})
OF_TICKET = TO_ANOTHER | {_K.TICKET_GIVEN_AWAY, _K.TICKET_TRANSFER_DECLINED, _K.TICKET_REISSUED}
OF_EVENT = frozenset({_K.EVENT_CHANGED, _K.EVENT_CANCELLED, _K.EVENT_REMINDER})
PRICE = Decimal("45.00")
TITLES = {"en": "An Evening with the Harbour Orchestra", "fr": "Une soirée avec l'Orchestre du Port"}
ITEM_NAMES = {"en": "Stalls", "fr": "Parterre"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as it would be, and what it speaks of; nothing of it is stored."""

    message: Message
    facts: Facts


def sample_of(settings: OrganizationSettings, kind: MessageKind, language: str, *, now: datetime) -> Sample:
    """Return a message of a kind to Ada, who has two seats, or to Grace, whom she gives one."""
    organization_id = settings.organization_id
    event = _event(organization_id, language, now)
    order = _order(organization_id, event, settings.default_currency, now)
    item = _item(order, event, language)
    tickets = [_ticket(order, item, event, seat) for seat in ("C 11", "C 12")]
    to_grace = kind in TO_ANOTHER
    if kind == _K.TICKET_TRANSFERRED:
        tickets[1].transferred_to = "grace@example.com"
    transfer = _transfer(tickets[1], now)
    message = _made(
        Message,
        organization_id=organization_id,
        kind=kind,
        language=language,
        recipient="grace@example.com" if to_grace else "ada@example.com",
        recipient_name="Grace Hopper" if to_grace else "Ada Lovelace",
        order_id=order.id,
        ticket_id=tickets[1].id if kind in OF_TICKET else None,
        event_id=event.id if kind in OF_TICKET | OF_EVENT else None,
        facts=_facts(kind, event, transfer, settings),
    )
    facts = Facts(
        organization=settings.organization,
        settings=settings,
        orders={order.id: order},
        items={order.id: [item]},
        tickets={order.id: tickets},
        events={event.id: event},
        transfers={transfer.id: transfer},
        time_zones={order.id: event.time_zone},
        bank_transfers={},
        templates={},
        suppressed={},
    )
    return Sample(message, facts)


def _event(organization_id: UUID, language: str, now: datetime) -> Event:
    day = (now + timedelta(days=30)).astimezone(UTC)
    return _made(
        Event,
        id=new_id(),
        organization_id=organization_id,
        title=TITLES[language],
        starts_at=day.replace(hour=18, minute=30, second=0, microsecond=0),
        ends_at=day.replace(hour=21, minute=0, second=0, microsecond=0),
        time_zone="Europe/Paris",
        venue_name="Harbour Hall",
        address="12 Quai du Port",
        zip_code="13002",
        city="Marseille",
        status="published",
    )


def _order(organization_id: UUID, event: Event, currency: str, now: datetime) -> Order:
    return _made(
        Order,
        id=new_id(),
        organization_id=organization_id,
        number=f"ORD-{now.year}-00042",
        event_id=event.id,
        customer_email="ada@example.com",
        customer_first_name="Ada",
        customer_last_name="Lovelace",
        subtotal=2 * PRICE,
        fees=Decimal("3.50"),
        total=2 * PRICE + Decimal("3.50"),
        refunded_amount=Decimal(0),
        currency=currency,
        payment_method="card",
        tracking_number="6A 123 456 789 0",
        created_at=now,
        expires_at=now + timedelta(minutes=30),
    )


def _item(order: Order, event: Event, language: str) -> OrderItem:
    return _made(
        OrderItem,
        id=new_id(),
        organization_id=order.organization_id,
        order_id=order.id,
        event_id=event.id,
        kind="ticket",
        name=ITEM_NAMES[language],
        quantity=2,
        unit_price=PRICE,
        subtotal=2 * PRICE,
        total=2 * PRICE,
    )


def _ticket(order: Order, item: OrderItem, event: Event, seat: str) -> Ticket:
    return _made(
        Ticket,
        id=new_id(),
        organization_id=order.organization_id,
        order_id=order.id,
        item_id=item.id,
        event_id=event.id,
        seat_label=seat,
        code="SAMPLE",
        status="valid",
        attendee_first_name="Ada",
        attendee_last_name="Lovelace",
    )


def _transfer(ticket: Ticket, now: datetime) -> Transfer:
    return _made(
        Transfer,
        id=new_id(),
        organization_id=ticket.organization_id,
        ticket_id=ticket.id,
        from_name="Ada Lovelace",
        from_email="ada@example.com",
        to_name="Grace Hopper",
        to_email="grace@example.com",
        message="I cannot come, and thought of you!",
        expires_at=now + timedelta(days=7),
    )


def _facts(
    kind: MessageKind, event: Event, transfer: Transfer, settings: OrganizationSettings
) -> dict[str, Any]:
    if kind in OF_TICKET:
        names = ("from_name", "from_email", "to_name", "to_email", "message")
        offer = {name: getattr(transfer, name) for name in names}
        return {
            "transfer": {
                **offer, "id": str(transfer.id), "expires_at": format_moment(transfer.expires_at)
            }
        }  # fmt: skip
    if kind == _K.EVENT_CHANGED and event.starts_at is not None:
        before = format_moment(event.starts_at - timedelta(hours=1, days=1))
        previous = {"starts_at": before, "venue_name": "Old Warehouse"}
        return {"changed": ["starts_at", "venue"], "previous": previous}
    if kind == _K.PAYMENT_FAILED:
        return {"problem": "The card was declined.", "amount": "93.50"}
    if kind == _K.ORDER_REFUNDED:
        return {"amount": "45.00", "currency": settings.default_currency, "reason": ""}
    return {}


def _made(model: type[M], **values: Any) -> M:
    """Return a row as it would be read from the database: with the values that are set there."""
    row = model(**values)
    for field in row._meta.concrete_fields:
        if isinstance(getattr(row, field.attname), DatabaseDefault):
            given = field.db_default
            setattr(row, field.attname, given if isinstance(given, (str, int, list, dict)) else None)
    return row
