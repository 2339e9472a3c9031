"""What the texts of messages may name."""

from __future__ import annotations

from collections.abc import Mapping

from kassa.notifications.enums import MessageKind

_K = MessageKind
Fields = Mapping[str, "str | Mapping[str, str]"]

RECIPIENT = {"name": "their name, or nothing", "first_name": "their first name", "email": "their address"}
ORGANIZATION = {
    "name": "your organisation",
    "email": "its address for answers",
    "phone": "its telephone number, or nothing",
    "website": "its website, or nothing",
}
ORDER = {
    "number": "ORD-2026-00001",
    "total": "what is to be paid in all",
    "subtotal": "before discount, fees and taxes",
    "discount": "what a coupon took off",
    "fees": "the service fee",
    "taxes": "added taxes",
    "shipping": "the shipping fee",
    "refunded": "what was given back so far",
    "payment_method": "how it was paid, or nothing",
    "placed_on": "the day of the order",
    "expires_at": "until when the places are held: day and time",
    "expires_time": "the same: the time alone",
    "tracking_number": "of the parcel, or nothing",
    "cancellation_reason": "why it was cancelled, or nothing",
    "awaits_approval": "whether you still have to agree",
    "is_free": "whether there is nothing to pay",
}
ITEMS = {"name": "what was bought", "quantity": "how many", "total": "for how much"}
TICKETS = {
    "type": "the ticket type",
    "seat": "the seat, or nothing",
    "attendee": "whose ticket it is, or nothing",
    "event": "the title of its event",
    "link": "its own page",
}
EVENT = {
    "title": "its title",
    "day": "Saturday 5 December 2026",
    "time": "20:30",
    "starts_at": "day, time and clock",
    "place": "all that is known of the place in one line",
    "venue": "the name of the place, or nothing",
    "address": "street and town, or nothing",
    "origin": "where a trip begins, or nothing",
    "destination": "where it leads, or nothing",
    "online_url": "where to take part online, for those whose tickets are valid, or nothing",
}
TICKET = {"type": "the ticket type", "seat": "the seat, or nothing", "attendee": "whose it is, or nothing"}
TRANSFER = {
    "from_name": "who gives the ticket, or their address",
    "to_name": "who gets it, or their address",
    "message": "what they wrote, or nothing",
    "expires_at": "until when it can be accepted",
}
PAYMENT = {"problem": "what the bank said, or nothing", "amount": "what was to be paid"}
BANK_TRANSFER = {
    "amount": "what is to be transferred, or nothing: it is not paid by transfer",
    "due": "the last day to transfer, or nothing",
    "account_holder": "whose account it is, or nothing",
    "iban": "its IBAN, or nothing",
    "bic": "its BIC, or nothing",
    "bank": "its bank, or nothing",
    "reference": "what the buyer writes so that you can match it, or nothing",
    "text": "your instructions, or nothing",
}
REFUND = {"amount": "what was given back", "reason": "why, or nothing"}
CHANGES = {"what": "what changed", "before": "what it was, or nothing", "now": "what it is, or nothing"}

COMMON: Fields = {
    "greeting": "Hello Ada,",
    "recipient": RECIPIENT,
    "organization": ORGANIZATION,
    "link": "the page of the order, the ticket or the offer, for this reader alone",
}
ORDERS: Fields = {
    **COMMON,
    "order": ORDER,
    "event": EVENT,
    "items": ITEMS,
    "tickets": TICKETS,
    "event_details": "a box with what, when and where",
    "order_summary": "a box with what was bought and what it cost",
}
TICKET_KINDS: Fields = {
    **COMMON,
    "event": EVENT,
    "ticket": TICKET,
    "transfer": TRANSFER,
    "event_details": "a box with what, when and where",
}
VALID: Fields = {
    "ticket_list": "a box with each valid ticket of this reader, its QR code and the way to its page"
}
DOWNLOAD: Fields = {
    **VALID,
    "tickets_pdf": "where tickets that are too many to attach are downloaded, or nothing",
}
EVENTS: Fields = {**COMMON, "event": EVENT, "event_details": "a box with what, when and where"}
BLOCKS = frozenset({"event_details", "order_summary", "event_changes", "ticket_list", "bank_details"})
"""They stand in paragraphs of their own, and not in a subject."""
LISTS = frozenset({"items", "tickets", "changes"})

PLACEHOLDERS: Mapping[MessageKind, Fields] = {
    _K.ORDER_PLACED: {
        **ORDERS,
        "bank_transfer": BANK_TRANSFER,
        "bank_details": "a box with where to transfer the money, if it is paid by transfer",
    },
    _K.ORDER_CONFIRMED: {**ORDERS, **DOWNLOAD},
    _K.PAYMENT_FAILED: {**ORDERS, "payment": PAYMENT},
    _K.ORDER_EXPIRING: ORDERS,
    _K.ORDER_EXPIRED: ORDERS,
    _K.ORDER_CANCELLED: ORDERS,
    _K.ORDER_REFUNDED: {**ORDERS, "refund": REFUND},
    _K.ORDER_SHIPPED: ORDERS,
    _K.TICKET_TRANSFER_OFFERED: TICKET_KINDS,
    _K.TICKET_TRANSFERRED: {**TICKET_KINDS, **DOWNLOAD},
    _K.TICKET_GIVEN_AWAY: TICKET_KINDS,
    _K.TICKET_TRANSFER_DECLINED: TICKET_KINDS,
    _K.TICKET_REISSUED: {
        **{name: of for name, of in TICKET_KINDS.items() if name != "transfer"},
        **DOWNLOAD,
    },
    _K.EVENT_CHANGED: {**EVENTS, "changes": CHANGES, "event_changes": "a box with what changed"},
    _K.EVENT_CANCELLED: EVENTS,
    _K.EVENT_REMINDER: {**EVENTS, **VALID},
}


def placeholder_list(kind: MessageKind) -> list[dict[str, str]]:
    """Return every placeholder of a kind with what it stands for, as an organiser reads them."""
    found = []
    for name, of in PLACEHOLDERS[kind].items():
        if isinstance(of, str):
            found.append({"name": name, "meaning": of})
        else:
            within = f"{name}[]" if name in LISTS else name
            found.extend({"name": f"{within}.{field}", "meaning": meaning} for field, meaning in of.items())
    return found
