"""What messages speak of, read for many of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kassa.catalog.models import Event
from kassa.core.email_addresses import email_key
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message, MessageTemplate, SuppressedAddress
from kassa.orders.domain.time_zones import find_time_zones
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.payments.domain.attempts.transfer_instructions import find_open_transfers
from kassa.payments.models import PaymentAttempt
from kassa.tickets.models import Transfer


@dataclass(frozen=True, slots=True)
class Facts:
    """An organisation, and what its messages are about, as it is now."""

    organization: Organization
    settings: OrganizationSettings
    orders: dict[UUID, Order]
    items: dict[UUID, list[OrderItem]]
    """By order, in their order."""
    tickets: dict[UUID, list[Ticket]]
    """By order, oldest first."""
    events: dict[UUID, Event]
    transfers: dict[UUID, Transfer]
    time_zones: dict[UUID, str]
    """The name of the zone on whose clock each order is read."""
    bank_transfers: dict[UUID, PaymentAttempt]
    """What orders wait for that are paid by bank transfer, by order."""
    templates: dict[tuple[str, str], MessageTemplate]
    """An organisation's own words, by kind and language."""
    suppressed: dict[str, str]
    """Addresses that nothing is sent to, in small letters, and why."""


def load_facts(organization_id: UUID, messages: Sequence[Message]) -> Facts:
    """Read what messages of one organisation speak of, in eleven queries at most, however many they are."""
    settings = (
        OrganizationSettings.objects.of(organization_id)
        .select_related("organization")
        .get(organization_id=organization_id)
    )
    order_ids = {message.order_id for message in messages}
    orders = Order.objects.of(organization_id).in_bulk(order_ids)
    items = _by_order(
        OrderItem.objects.of(organization_id).filter(order_id__in=order_ids).order_by("position")
    )
    tickets = _by_order(Ticket.objects.of(organization_id).filter(order_id__in=order_ids).order_by("id"))
    event_ids = {ticket.event_id for of_order in tickets.values() for ticket in of_order}
    event_ids |= {message.event_id for message in messages if message.event_id is not None}
    offers = (message.facts.get("transfer", {}).get("id") for message in messages)
    transfer_ids = {UUID(transfer_id) for transfer_id in offers if transfer_id}
    placed = {message.order_id for message in messages if message.kind == MessageKind.ORDER_PLACED}
    addresses = {email_key(message.recipient) for message in messages}
    suppressed = SuppressedAddress.objects.of(organization_id).filter(address__in=addresses)
    transfers = Transfer.objects.of(organization_id)
    return Facts(
        organization=settings.organization,
        settings=settings,
        orders=orders,
        items=items,
        tickets=tickets,
        events=Event.objects.of(organization_id).in_bulk(event_ids),
        transfers=transfers.in_bulk(transfer_ids) if transfer_ids else {},
        time_zones=find_time_zones(orders.values()),
        bank_transfers=find_open_transfers(organization_id, placed) if placed else {},
        templates={(one.kind, one.language): one for one in MessageTemplate.objects.of(organization_id)},
        suppressed=dict(suppressed.values_list("address", "reason")),
    )


def _by_order(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    grouped: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.order_id].append(row)
    return dict(grouped)
