"""The values that the placeholders of one message stand for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.core.email_addresses import display_email, email_key
from kassa.core.formatting import format_date, format_datetime, format_money, format_time, zone_named
from kassa.core.money import ZERO
from kassa.core.stored_sentences import translate_stored
from kassa.notifications.domain.attachments import links_tickets
from kassa.notifications.domain.changes import changes_of
from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.holders import letting_in, ticket_of, tickets_of_reader
from kassa.notifications.domain.phrases import greeting
from kassa.notifications.domain.placeholders import BANK_TRANSFER, BLOCKS, EVENT, PLACEHOLDERS
from kassa.notifications.domain.wording import Block, one_line
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message
from kassa.orders.enums import LIVE_TICKETS, Approval
from kassa.orders.models import OrderItem, Ticket
from kassa.payments.domain.attempts.transfer_instructions import describe_transfer
from kassa.tickets.domain.links import order_link, ticket_link, transfer_link

LIVE = frozenset(str(status) for status in LIVE_TICKETS)


def values_of(message: Message, facts: Facts) -> dict[str, Any]:
    """Return what each placeholder of a message stands for. What there is not is null, which is false."""
    events = events_shown(message, facts)
    makers: dict[str, Any] = {
        "greeting": lambda: greeting(message.recipient_name, message.language),
        "recipient": lambda: _recipient(message),
        "organization": lambda: _organization(facts),
        "link": lambda: link_of(message, facts),
        "order": lambda: _order(message, facts),
        "event": lambda: _event(events[0], message, facts) if events else dict.fromkeys(EVENT),
        "items": lambda: [_item(item, message, facts) for item in facts.items.get(message.order_id, [])],
        "tickets": lambda: [_listed(ticket, facts) for ticket in _tickets(message, facts)],
        "tickets_pdf": lambda: build_tickets_link(message, facts),
        "ticket": lambda: _ticket(ticket_of(message, facts), facts),
        "transfer": lambda: _transfer(message, facts),
        "payment": lambda: {
            "problem": translate_stored(message.facts["problem"], message.language) or None,
            "amount": format_money(message.facts["amount"], _currency(message, facts), message.language),
        },
        "bank_transfer": lambda: _bank_transfer(message, facts),
        "refund": lambda: {
            "amount": format_money(message.facts["amount"], message.facts["currency"], message.language),
            "reason": translate_stored(message.facts["reason"], message.language) or None,
        },
        "changes": lambda: changes_of(message, facts),
        **{name: lambda name=name: Block(name) for name in BLOCKS},
    }
    return {name: makers[name]() for name in PLACEHOLDERS[MessageKind(message.kind)]}


def events_shown(message: Message, facts: Facts) -> list[Event]:
    """Return the events that a message is about, soonest first."""
    if message.event_id is not None:
        return [facts.events[message.event_id]]
    tickets = facts.tickets.get(message.order_id, [])
    live = [ticket for ticket in tickets if ticket.status in LIVE] or tickets
    events = {ticket.event_id: facts.events[ticket.event_id] for ticket in live}
    return sorted(events.values(), key=lambda event: event.starts_at or datetime.max.replace(tzinfo=UTC))


def link_of(message: Message, facts: Facts) -> str | None:
    """Return the page that is this reader's alone; null for who had a ticket and gave it away."""
    organization_id = message.organization_id
    if message.kind == MessageKind.TICKET_TRANSFER_OFFERED:
        transfer = facts.transfers[UUID(message.facts["transfer"]["id"])]
        return transfer_link(organization_id, transfer.id, transfer.link_generation)
    order = facts.orders[message.order_id]
    if message.ticket_id is not None:
        held = tickets_of_reader(message, facts)
        ticket = next((one for one in held if one.id == message.ticket_id), held[0] if held else None)
        if ticket is not None:
            return ticket_link(organization_id, ticket.id, ticket.link_generation, ticket.code)
        if email_key(message.recipient) != email_key(order.customer_email):
            return None
    return order_link(organization_id, order.id, order.link_generation)


def build_tickets_link(message: Message, facts: Facts) -> str | None:
    """Return where the tickets are that are too many to go with a message; null if they do go with it."""
    link = link_of(message, facts)
    if link is None or not links_tickets(message, facts):
        return None
    return f"{link}/tickets.pdf" if message.ticket_id is None else f"{link}/ticket.pdf"


def place_of(event: Event) -> str:
    """Return all that is known of where an event takes place, in one line."""
    if event.kind == EventKind.TRIP:
        return f"{event.origin} → {event.destination}"
    return ", ".join(part for part in (event.venue_name, *_address(event)) if part)


def _recipient(message: Message) -> dict[str, str | None]:
    name = one_line(message.recipient_name)
    return {
        "name": name or None,
        "first_name": name.split(" ")[0] or None,
        "email": display_email(message.recipient),
    }


def _organization(facts: Facts) -> dict[str, str | None]:
    of = facts.organization
    return {
        "name": of.name,
        "email": display_email(of.email) or None,
        "phone": of.phone or None,
        "website": of.website or None,
    }


def _currency(message: Message, facts: Facts) -> str:
    return str(facts.orders[message.order_id].currency)


def _order(message: Message, facts: Facts) -> Mapping[str, Any]:
    order, language = facts.orders[message.order_id], message.language
    zone = zone_named(facts.time_zones[order.id])

    def money(amount: Any) -> str | None:
        return format_money(amount, order.currency, language) if amount else None

    return {
        "number": order.number,
        "total": format_money(order.total, order.currency, language),
        "subtotal": format_money(order.subtotal, order.currency, language),
        "discount": money(order.discount),
        "fees": money(order.fees),
        "taxes": money(order.taxes),
        "shipping": money(order.shipping),
        "refunded": money(order.refunded_amount),
        "payment_method": order.payment_method or None,
        "placed_on": format_date(order.created_at.astimezone(zone), language),
        "expires_at": format_datetime(order.expires_at, zone, language) if order.expires_at else None,
        "expires_time": format_time(order.expires_at, zone, language) if order.expires_at else None,
        "tracking_number": order.tracking_number or None,
        "cancellation_reason": translate_stored(order.cancellation_reason or "", language) or None,
        "awaits_approval": order.approval == Approval.AWAITED,
        "is_free": order.total == ZERO,
    }


def _bank_transfer(message: Message, facts: Facts) -> dict[str, str | None]:
    found = describe_transfer(facts.bank_transfers.get(message.order_id), message.language)
    return {name: getattr(found, name) or None if found else None for name in BANK_TRANSFER}


def _event(event: Event, message: Message, facts: Facts) -> dict[str, str | None]:
    zone, language, starts_at = zone_named(event.time_zone), message.language, event.starts_at
    may_join = any(ticket.event_id == event.id for ticket in letting_in(tickets_of_reader(message, facts)))
    return {
        "title": event.title,
        "day": format_date(starts_at.astimezone(zone), language) if starts_at else None,
        "time": format_time(starts_at, zone, language) if starts_at else None,
        "starts_at": format_datetime(starts_at, zone, language) if starts_at else None,
        "place": place_of(event) or None,
        "venue": event.venue_name or None,
        "address": ", ".join(_address(event)) or None,
        "origin": event.origin or None,
        "destination": event.destination or None,
        "online_url": (event.virtual_event_url or None) if may_join else None,
    }


def _address(event: Event) -> list[str]:
    town = " ".join(part for part in (event.zip_code, event.city) if part)
    return [part for part in (event.address, town, event.state) if part]


def _item(item: OrderItem, message: Message, facts: Facts) -> dict[str, Any]:
    total = format_money(item.subtotal, _currency(message, facts), message.language)
    return {"name": item.name, "quantity": item.quantity, "total": total}


def _tickets(message: Message, facts: Facts) -> list[Ticket]:
    return [ticket for ticket in tickets_of_reader(message, facts) if ticket.status in LIVE]


def _listed(ticket: Ticket, facts: Facts) -> dict[str, str | None]:
    return {
        **_ticket(ticket, facts),
        "event": facts.events[ticket.event_id].title,
        "link": ticket_link(ticket.organization_id, ticket.id, ticket.link_generation, ticket.code),
    }


def _ticket(ticket: Ticket | None, facts: Facts) -> dict[str, str | None]:
    if ticket is None:
        return {"type": None, "seat": None, "attendee": None}
    items = facts.items.get(ticket.order_id, [])
    name = next((item.name for item in items if item.id == ticket.item_id), None)
    attendee = f"{ticket.attendee_first_name} {ticket.attendee_last_name}".strip()
    return {"type": name, "seat": ticket.seat_label or None, "attendee": attendee or None}


def _transfer(message: Message, facts: Facts) -> dict[str, str | None]:
    offer = message.facts["transfer"]
    ticket = ticket_of(message, facts)
    zone = zone_named(facts.events[ticket.event_id].time_zone if ticket else "UTC")
    expires_at = datetime.fromisoformat(offer["expires_at"])
    return {
        "from_name": offer["from_name"] or offer["from_email"],
        "to_name": offer["to_name"] or offer["to_email"],
        "message": offer["message"] or None,
        "expires_at": format_datetime(expires_at, zone, message.language),
    }
