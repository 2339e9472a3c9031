"""Google Wallet: a link that carries the whole ticket, signed with the key of the organisation's account."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import jwt
from django.conf import settings

from kassa.tickets.domain.wallet_accounts import Credentials
from kassa.tickets.domain.wallet_checks import read_private_key
from kassa.tickets.domain.wallet_ticket import WalletTicket

ADDRESS = "https://pay.google.com/gp/v/save/"


def save_link(ticket: WalletTicket, credentials: Credentials, *, now: datetime) -> str:
    """Return the address that saves a ticket when its holder opens it."""
    claims = {
        "iss": credentials.configuration["service_account"],
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [settings.BASE_URL],
        "payload": wallet_payload(ticket, credentials.configuration["issuer_id"]),
    }
    return ADDRESS + jwt.encode(
        claims, read_private_key(credentials.secrets["private_key"]), algorithm="RS256"
    )


def wallet_payload(ticket: WalletTicket, issuer_id: str) -> dict[str, Any]:
    """Return the event's class and the ticket's object, as Google's format has them."""
    class_id = f"{issuer_id}.{ticket.event.id}"
    # An object that was saved once is never changed by a link: a new code needs a new one.
    digest = hashlib.sha256(ticket.ticket.code.encode()).hexdigest()[:12]
    shared = {
        "id": f"{issuer_id}.{ticket.id}.{digest}",
        "classId": class_id,
        "state": "ACTIVE",
        "hexBackgroundColor": ticket.look["primary"],
        "barcode": {"type": "QR_CODE", "value": ticket.qr, "alternateText": ticket.code},
    }
    if ticket.is_trip:
        return {
            "transitClasses": [_without_empty(_transit_class(ticket, class_id))],
            "transitObjects": [_without_empty({**shared, **_journey(ticket)})],
        }
    return {
        "eventTicketClasses": [_without_empty(_event_class(ticket, class_id))],
        "eventTicketObjects": [_without_empty({**shared, **_place(ticket)})],
    }


def _event_class(ticket: WalletTicket, class_id: str) -> dict[str, Any]:
    times = {"start": _moment(ticket.departs), "end": _moment(ticket.arrives)}
    address = ticket.address or ticket.place
    return {
        "id": class_id,
        "issuerName": ticket.organizer,
        "reviewStatus": "UNDER_REVIEW",
        "eventName": _text(ticket.event.title, ticket.language),
        "dateTime": _without_empty(times),
        "venue": {
            "name": _text(ticket.place, ticket.language),
            "address": _text(address, ticket.language),
        }
        if ticket.place
        else None,
    }


def _place(ticket: WalletTicket) -> dict[str, Any]:
    seat = {
        name: _text(value, ticket.language)
        for name, value in (
            ("section", ticket.seat_named("section")),
            ("row", ticket.seat_named("row")),
            ("seat", ticket.seat_named("seat")),
            ("gate", ticket.entrance),
        )
        if value
    }
    return {
        "ticketHolderName": ticket.holder,
        "ticketNumber": ticket.code,
        "ticketType": _text(ticket.ticket_type, ticket.language),
        "reservationInfo": {"confirmationCode": ticket.order_number},
        "seatInfo": seat,
    }


def _transit_class(ticket: WalletTicket, class_id: str) -> dict[str, Any]:
    return {
        "id": class_id,
        "issuerName": ticket.organizer,
        "reviewStatus": "UNDER_REVIEW",
        "transitType": "BUS",
        "transitOperatorName": _text(ticket.organizer, ticket.language),
    }


def _journey(ticket: WalletTicket) -> dict[str, Any]:
    event = ticket.event
    leg = {
        "originName": _text(event.origin, ticket.language),
        "destinationName": _text(event.destination, ticket.language),
        "departureDateTime": _moment(ticket.departs),
        "arrivalDateTime": _moment(ticket.arrives),
        "carriage": event.vehicle,
        "ticketSeat": {"seat": " ".join(value for _, value in ticket.seat)} if ticket.seat else None,
    }
    return {
        "tripType": "ONE_WAY",
        "passengerType": "SINGLE_PASSENGER",
        "passengerNames": ticket.holder,
        "ticketNumber": ticket.code,
        "ticketLeg": _without_empty(leg),
    }


def _text(value: str, language: str) -> dict[str, Any]:
    return {"defaultValue": {"language": language, "value": value}}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", {})}
