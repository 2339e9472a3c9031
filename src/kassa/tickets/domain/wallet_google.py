"""Google Wallet: a link that carries the ticket, signed with the key of the organisation's account.

The link has to be short, or it is cut off on its way. It carries what Google asks for, and of the rest what
fits, the most useful first.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.conf import settings

from kassa.tickets.domain.wallet_accounts import Credentials
from kassa.tickets.domain.wallet_checks import read_private_key
from kassa.tickets.domain.wallet_ticket import WalletTicket

ADDRESS = "https://pay.google.com/gp/v/save/"
LONGEST_LINK = 1800
"""Google's own limit for a link that carries a pass."""
ALGORITHM = "RS256"
HEADER = {"alg": ALGORITHM, "typ": "JWT"}
TEXT_LENGTHS = (100, 60, 40, 24, 12)
"""To how many letters the texts are cut, one after the other, until what Google asks for fits."""
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Pass:
    """An event's class and a ticket's object in Google's format."""

    kind: str
    """``eventTicket`` or ``transit``."""
    class_fields: Fields
    object_fields: Fields
    """Both: what Google asks for."""
    further: list[tuple[str, Fields]]
    """What else there is to say: ``class`` or ``object``, and fields of it; the most useful first."""


def save_link(ticket: WalletTicket, credentials: Credentials, *, now: datetime) -> str:
    """Return the address that saves a ticket when its holder opens it."""
    key = read_private_key(credentials.secrets["private_key"])
    claims = {
        "iss": credentials.configuration["service_account"],
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
    }
    room = _room(key) - len(orjson.dumps({**claims, "payload": None}))
    payload = wallet_payload(ticket, credentials.configuration["issuer_id"], room=room)
    written = orjson.dumps({**claims, "payload": payload})
    return ADDRESS + jwt.PyJWS().encode(written, key, algorithm=ALGORITHM, headers=HEADER)


def wallet_payload(ticket: WalletTicket, issuer_id: str, *, room: int) -> Fields:
    """Return the event's class and the ticket's object, as much of them as fits into so many bytes."""
    shown = _pass(ticket, issuer_id, TEXT_LENGTHS[0])
    for length in TEXT_LENGTHS:
        shown = _pass(ticket, issuer_id, length)
        if len(orjson.dumps(_written(shown, []))) <= room:
            break
    taken: list[tuple[str, Fields]] = []
    for more in shown.further:
        if len(orjson.dumps(_written(shown, [*taken, more]))) <= room:
            taken.append(more)
    return _written(shown, taken)


def _room(key: RSAPrivateKey) -> int:
    """Return how many bytes may be signed: base 64 makes four letters of three, as of the signature."""
    header = len(base64.b64encode(orjson.dumps(HEADER)).rstrip(b"="))
    signature = -(-key.key_size // 8 * 4 // 3)
    return (LONGEST_LINK - len(ADDRESS) - header - signature - len("..")) * 3 // 4


def _written(shown: _Pass, further: list[tuple[str, Fields]]) -> Fields:
    fields = {"class": dict(shown.class_fields), "object": dict(shown.object_fields)}
    for which, more in further:
        fields[which] = _merged(fields[which], more)
    return {f"{shown.kind}Classes": [fields["class"]], f"{shown.kind}Objects": [fields["object"]]}


def _merged(fields: Fields, more: Fields) -> Fields:
    both = {name: {**fields[name], **value} for name, value in more.items() if name in fields}
    return {**fields, **more, **both}


def _pass(ticket: WalletTicket, issuer_id: str, length: int) -> _Pass:
    # An object that was saved once is never changed by a link: a new code needs a new one.
    digest = hashlib.sha256(ticket.ticket.code.encode()).hexdigest()[:12]
    class_id = f"{issuer_id}.{_short(ticket.event.id)}"
    class_fields = {
        "id": class_id,
        "issuerName": _cut(ticket.organizer, length),
        "reviewStatus": "UNDER_REVIEW",
    }
    object_fields = {
        "id": f"{issuer_id}.{_short(ticket.id)}.{digest}",
        "classId": class_id,
        "state": "ACTIVE",
        "barcode": {"type": "QR_CODE", "value": ticket.qr, "alternateText": ticket.code},
    }
    make = _trip if ticket.is_trip else _event
    return make(ticket, class_fields, object_fields, length)


def _event(ticket: WalletTicket, class_fields: Fields, object_fields: Fields, length: int) -> _Pass:
    def text(value: str) -> Fields:
        return _text(value, ticket.language, length)

    address = ticket.address or ticket.place
    seat = {
        name: text(value)
        for name, value in (
            ("section", ticket.seat_named("section")),
            ("row", ticket.seat_named("row")),
            ("seat", ticket.seat_named("seat")),
            ("gate", ticket.entrance),
        )
        if value
    }
    further: list[tuple[str, Fields]] = [
        ("class", {"dateTime": {"start": _moment(ticket.departs)}} if ticket.departs else {}),
        ("object", {"seatInfo": seat} if seat else {}),
        ("class", {"venue": {"name": text(ticket.place), "address": text(address)}} if ticket.place else {}),
        ("object", {"ticketHolderName": _cut(ticket.holder, length)} if ticket.holder else {}),
        ("object", {"ticketType": text(ticket.ticket_type)}),
        ("class", {"logo": _logo(ticket)}),
        ("object", {"hexBackgroundColor": ticket.look["primary"]}),
        (
            "class",
            {"dateTime": {"end": _moment(ticket.arrives)}} if ticket.departs and ticket.arrives else {},
        ),
        ("object", {"reservationInfo": {"confirmationCode": ticket.order_number}}),
    ]
    return _Pass(
        "eventTicket",
        {**class_fields, "eventName": text(ticket.event.title)},
        object_fields,
        [(which, more) for which, more in further if more],
    )


def _trip(ticket: WalletTicket, class_fields: Fields, object_fields: Fields, length: int) -> _Pass:
    def text(value: str) -> Fields:
        return _text(value, ticket.language, length)

    event = ticket.event
    leg = {"originName": text(event.origin), "destinationName": text(event.destination)}
    seat = " ".join(value for _, value in ticket.seat)
    further: list[tuple[str, Fields]] = [
        ("object", {"ticketLeg": {"departureDateTime": _moment(ticket.departs)}} if ticket.departs else {}),
        ("object", {"ticketLeg": {"ticketSeat": {"seat": seat}}} if seat else {}),
        ("object", {"ticketLeg": {"arrivalDateTime": _moment(ticket.arrives)}} if ticket.arrives else {}),
        ("object", {"passengerNames": _cut(ticket.holder, length)} if ticket.holder else {}),
        ("object", {"ticketLeg": {"carriage": event.vehicle}} if event.vehicle else {}),
        ("object", {"hexBackgroundColor": ticket.look["primary"]}),
        ("class", {"transitOperatorName": text(ticket.organizer)}),
        ("object", {"ticketNumber": ticket.code}),
    ]
    return _Pass(
        "transit",
        {**class_fields, "transitType": "BUS", "logo": _logo(ticket)},
        {**object_fields, "tripType": "ONE_WAY", "ticketLeg": leg},
        [(which, more) for which, more in further if more],
    )


def _logo(ticket: WalletTicket) -> Fields:
    """Return where Google finds the organisation's mark, which it asks for on a coach ticket."""
    return {"sourceUri": {"uri": f"{settings.BASE_URL}/{ticket.slug}/logo.png"}}


def _text(value: str, language: str, length: int) -> Fields:
    return {"defaultValue": {"language": language, "value": _cut(value, length)}}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _short(identifier: UUID) -> str:
    return base64.urlsafe_b64encode(identifier.bytes).rstrip(b"=").decode()


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
