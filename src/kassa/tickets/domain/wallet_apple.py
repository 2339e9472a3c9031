"""Apple Wallet: a pass is a zip file of what it shows, a list of its parts, and a signature of that list."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from kassa.catalog.enums import EventStatus
from kassa.tickets.domain.wallet_accounts import Credentials
from kassa.tickets.domain.wallet_checks import read_certificate, read_private_key
from kassa.tickets.domain.wallet_ticket import WalletTicket

MEDIA_TYPE = "application/vnd.apple.pkpass"
PICTURES = Path(__file__).parent.parent / "wallet"
ICONS = ("icon.png", "icon@2x.png", "icon@3x.png")
KEPT_AFTER = timedelta(days=1)
"""How long after the event ends a pass stays among the current ones."""
_MADE = (1980, 1, 1, 0, 0, 0)
"""The same moment for all parts, so that the same pass is the same file but for its signature."""


def signed_pass(ticket: WalletTicket, credentials: Credentials) -> bytes:
    """Return the file that a telephone opens."""
    parts = {
        "pass.json": orjson.dumps(pass_document(ticket, credentials.configuration)),
        **_icons(),
        **({"logo.png": ticket.logo, "logo@2x.png": ticket.logo} if ticket.logo else {}),
    }
    # Apple asks for SHA-1 here; what is trusted is the signature of this list.
    digests = {name: hashlib.sha1(part, usedforsecurity=False).hexdigest() for name, part in parts.items()}
    parts["manifest.json"] = orjson.dumps(digests)
    parts["signature"] = _signature(parts["manifest.json"], credentials.secrets)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(ZipInfo(name, _MADE), part, ZIP_DEFLATED)
    return file.getvalue()


def pass_document(ticket: WalletTicket, configuration: Mapping[str, str]) -> dict[str, Any]:
    """Return what the pass says, as Apple's format has it."""
    words, on_color = ticket.words, _rgb(ticket.look["on_primary"])
    document: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": configuration["pass_type_id"],
        "teamIdentifier": configuration["team_id"],
        "serialNumber": str(ticket.id),
        "organizationName": ticket.organizer,
        "description": f"{words['ticket']}: {ticket.event.title}",
        "backgroundColor": _rgb(ticket.look["primary"]),
        "foregroundColor": on_color,
        "labelColor": on_color,
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": ticket.qr,
                "messageEncoding": "iso-8859-1",
                "altText": ticket.code,
            }
        ],
        "voided": ticket.event.status == EventStatus.CANCELLED,
        ("boardingPass" if ticket.is_trip else "eventTicket"): (
            _boarding_pass(ticket) if ticket.is_trip else _event_ticket(ticket)
        ),
    }
    if not ticket.logo:
        document["logoText"] = ticket.organizer
    if ticket.departs is not None:
        document["relevantDate"] = ticket.departs.isoformat()
        ends = ticket.arrives or ticket.departs + timedelta(days=1)
        document["expirationDate"] = (ends + KEPT_AFTER).isoformat()
    return document


def _event_ticket(ticket: WalletTicket) -> dict[str, Any]:
    words = ticket.words
    return {
        "headerFields": _fields(("time", words["starts"], ticket.time)),
        "primaryFields": _fields(("event", "", ticket.event.title)),
        "secondaryFields": _fields(
            ("venue", words["venue"], ticket.place), ("date", words["date"], ticket.date)
        ),
        "auxiliaryFields": _fields(
            ("holder", words["name"], ticket.holder),
            ("type", words["ticket_type"], ticket.ticket_type),
            *_seat(ticket),
        ),
        "backFields": _back(ticket),
    }


def _boarding_pass(ticket: WalletTicket) -> dict[str, Any]:
    words, event = ticket.words, ticket.event
    return {
        "transitType": "PKTransitTypeBus",
        "headerFields": _fields(("time", words["departs"], ticket.time)),
        "primaryFields": _fields(
            ("from", words["departs"], event.origin), ("to", words["arrives"], event.destination)
        ),
        "secondaryFields": _fields(
            ("holder", words["name_trip"], ticket.holder), ("date", words["date"], ticket.date)
        ),
        "auxiliaryFields": _fields(
            *_seat(ticket),
            ("vehicle", words["vehicle"], event.vehicle),
            ("type", words["ticket_type"], ticket.ticket_type),
        ),
        "backFields": _back(ticket),
    }


def _seat(ticket: WalletTicket) -> list[tuple[str, str, str]]:
    seat = [(f"seat{place}", label, value) for place, (label, value) in enumerate(ticket.seat)]
    return [*seat, ("entrance", ticket.words["entrance"], ticket.entrance)]


def _back(ticket: WalletTicket) -> list[dict[str, str]]:
    words = ticket.words
    return _fields(
        ("code", words["code"], ticket.code),
        ("order", words["order"], ticket.order_number),
        ("address", words["venue"], ", ".join(filter(None, (ticket.place, ticket.address)))),
        ("notes", words["notes"], ticket.look["notes"]),
        ("terms", words["terms"], ticket.look["terms"]),
        ("contact", ticket.organizer, ticket.look["contact"]),
    )


def _fields(*fields: tuple[str, str, str]) -> list[dict[str, str]]:
    """Return fields with a key, a label and a value; those without a value are left out."""
    return [{"key": key, "label": label, "value": value} for key, label, value in fields if value]


def _rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[place : place + 2], 16)) for place in (1, 3, 5))})"


def _signature(manifest: bytes, secrets: Mapping[str, str]) -> bytes:
    builder = PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(
        read_certificate(secrets["certificate"]), read_private_key(secrets["private_key"]), SHA256()
    )
    builder = builder.add_certificate(read_certificate(secrets["intermediate_certificate"]))
    return builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])


@cache
def _icons() -> dict[str, bytes]:
    return {name: (PICTURES / name).read_bytes() for name in ICONS}
