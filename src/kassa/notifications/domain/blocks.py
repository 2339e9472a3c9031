"""The parts of a message that Kassa draws: what, when and where; what was bought; what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template.loader import render_to_string

from kassa.catalog.models import Event
from kassa.core.formatting import format_money, format_span, zone_named
from kassa.core.money import ZERO
from kassa.notifications.domain.changes import changes_of
from kassa.notifications.domain.context import LIVE, events_shown, place_of
from kassa.notifications.domain.drawn import Drawn
from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.holders import letting_in, tickets_of_reader
from kassa.notifications.domain.markdown import Colors
from kassa.notifications.domain.phrases import phrase
from kassa.notifications.domain.wording import one_line
from kassa.notifications.models import Message
from kassa.orders.models import OrderItem, Ticket
from kassa.payments.domain.attempts.transfer_instructions import describe_transfer
from kassa.seating.domain.plan import translate_seat_label
from kassa.tickets.domain.links import ticket_link

TEXT_WIDTH = 60
MOST_TICKETS = 10
"""More are on the page of the order."""
MOST_CODES = 4
"""Tickets whose QR code is shown in the message itself."""
MOST_SEATS = 40
NOTHING = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"


def draw_block(name: str, message: Message, facts: Facts, colors: Colors) -> Drawn:
    """Return a block as HTML and as text."""
    return _DRAWERS[name](message, facts, colors)


def _event_details(message: Message, facts: Facts, colors: Colors) -> Drawn:
    events = [_event(event, message, facts) for event in events_shown(message, facts)]
    html = render_to_string("notifications/event_details.html", {"events": events, "colors": colors})
    return Drawn(html, "\n\n".join("\n".join(line for line in event.values() if line) for event in events))


def _event(event: Event, message: Message, facts: Facts) -> dict[str, str]:
    language, zone = message.language, zone_named(event.time_zone)
    mine = [ticket for ticket in tickets_of_reader(message, facts) if ticket.event_id == event.id]
    if message.ticket_id is not None:
        mine = [ticket for ticket in facts.tickets[message.order_id] if ticket.id == message.ticket_id]
    seats = [
        one_line(translate_seat_label(ticket.seat_label, language))
        for ticket in mine
        if ticket.seat_label and ticket.status in LIVE
    ]
    return {
        "title": one_line(event.title),
        "when": format_span(event.starts_at, event.ends_at, zone, language) if event.starts_at else "",
        "where": one_line(place_of(event))
        or (phrase("online", language) if event.location_type == "virtual" else ""),
        "seats": _seats(seats, language),
    }


def _seats(seats: list[str], language: str) -> str:
    if not seats:
        return ""
    more = f" … (+{len(seats) - MOST_SEATS})" if len(seats) > MOST_SEATS else ""
    return f"{phrase('seats' if len(seats) > 1 else 'seat', language)} {', '.join(seats[:MOST_SEATS])}{more}"


def _ticket_list(message: Message, facts: Facts, colors: Colors) -> Drawn:
    language = message.language
    valid = letting_in(tickets_of_reader(message, facts))
    has_code = len(valid) <= MOST_CODES
    shown = [_ticket(one, facts, message.language, has_code=has_code) for one in valid[:MOST_TICKETS]]
    left = len(valid) - len(shown)
    more = phrase("more_tickets", language).format(count=left) if left else ""
    html = render_to_string(
        "notifications/ticket_list.html",
        {
            "tickets": shown,
            "more": more,
            "qr": phrase("qr", language),
            "show": phrase("show_ticket", language),
            "colors": colors,
        },
    )
    lines = ["\n".join([one["name"], *one["details"], one["link"]]) for one in shown]
    return Drawn(html, "\n\n".join([*lines, *([more] if more else [])]))


def _ticket(ticket: Ticket, facts: Facts, language: str, *, has_code: bool) -> dict[str, Any]:
    item = next((one for one in facts.items.get(ticket.order_id, []) if one.id == ticket.item_id), None)
    holder = one_line(f"{ticket.attendee_first_name} {ticket.attendee_last_name}")
    link = ticket_link(ticket.organization_id, ticket.id, ticket.link_generation, ticket.code)
    return {
        "name": one_line(item.name) if item else one_line(facts.events[ticket.event_id].title),
        "details": [
            part for part in (one_line(translate_seat_label(ticket.seat_label, language)), holder) if part
        ],
        "link": link,
        "qr": f"{link}/qr.png" if has_code else "",
    }


def _order_summary(message: Message, facts: Facts, colors: Colors) -> Drawn:
    order, language = facts.orders[message.order_id], message.language
    lines = [_item(item, message, facts) for item in facts.items.get(message.order_id, [])]
    sums = [
        (phrase(name, language), format_money(sign * amount, order.currency, language))
        for name, amount, sign in (
            ("discount", order.discount, -1),
            ("fees", order.fees, 1),
            ("taxes", order.taxes, 1),
            ("shipping", order.shipping, 1),
        )
        if amount
    ]
    total = (phrase("total", language), format_money(order.total, order.currency, language))
    heading = f"{phrase('order', language)} {order.number}"
    context = {"heading": heading, "lines": lines, "sums": sums, "total": total, "colors": colors}
    html = render_to_string("notifications/order_summary.html", context)
    rows = [
        _row(f"{line['quantity']} \N{MULTIPLICATION SIGN} {line['name']}", line["total"]) for line in lines
    ]
    rows += [_row(*each) for each in sums]
    return Drawn(html, "\n".join([heading, "-" * TEXT_WIDTH, *rows, "-" * TEXT_WIDTH, _row(*total)]))


def _item(item: OrderItem, message: Message, facts: Facts) -> dict[str, Any]:
    order, language = facts.orders[message.order_id], message.language
    several = len(events_shown(message, facts)) > 1
    event = facts.events.get(item.event_id) if several and item.event_id else None
    is_free = item.subtotal == ZERO
    return {
        "quantity": item.quantity,
        "name": one_line(item.name),
        "event": one_line(event.title) if event else "",
        "total": phrase("free", language)
        if is_free
        else format_money(item.subtotal, order.currency, language),
    }


def _row(left: str, right: str) -> str:
    """Return a line of a table in plain text; what is too long stands on a line of its own."""
    if len(left) + len(right) + 2 > TEXT_WIDTH:
        return f"{left}\n{right:>{TEXT_WIDTH}}"
    return f"{left}{right:>{TEXT_WIDTH - len(left)}}"


def _event_changes(message: Message, facts: Facts, colors: Colors) -> Drawn:
    changes = [
        {name: one_line(value or "") for name, value in change.items()}
        for change in changes_of(message, facts)
    ]
    before = phrase("before", message.language)
    context = {"changes": changes, "before": before, "colors": colors}
    html = render_to_string("notifications/event_changes.html", context)
    lines = [
        f"{change['what']}: {change['now'] or NOTHING}"
        + (f"\n  ({before} {change['before']})" if change["before"] else "")
        for change in changes
    ]
    return Drawn(html, "\n".join(lines))


def _bank_details(message: Message, facts: Facts, colors: Colors) -> Drawn:
    language = message.language
    found = describe_transfer(facts.bank_transfers.get(message.order_id), language)
    if found is None:
        return Drawn("", "")
    rows = [
        (phrase(name, language), one_line(value))
        for name, value in (
            ("transfer_amount", found.amount),
            ("account_holder", found.account_holder),
            ("iban", found.iban),
            ("bic", found.bic),
            ("bank", found.bank),
            ("reference", found.reference),
            ("due", found.due),
        )
        if value
    ]
    hint = phrase("reference_hint", language)
    added = "\n".join(one_line(line) for line in found.text.splitlines())
    html = render_to_string(
        "notifications/bank_details.html", {"rows": rows, "hint": hint, "text": added, "colors": colors}
    )
    lines = [f"{name}{phrase('colon', language)} {value}" for name, value in rows]
    return Drawn(html, "\n".join([*lines, "", hint, *(["", added] if added else [])]))


_DRAWERS: dict[str, Callable[[Message, Facts, Colors], Drawn]] = {
    "event_details": _event_details,
    "ticket_list": _ticket_list,
    "order_summary": _order_summary,
    "event_changes": _event_changes,
    "bank_details": _bank_details,
}
