"""What the QR code of a ticket says: which ticket it is, signed, so that it can be checked with no network.

The bytes, and the text they become, are written down in ``docs/developers/tickets.md``; the scanner's
own reader follows the same page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kassa.orders.domain.codes import ALPHABET, LENGTH
from kassa.tickets.domain import base45

MARK = "KASSA:"
"""How the text begins, by which a scanner knows it from other QR codes."""
CONTEXT = b"kassa.ticket"
"""Signed before the bytes, so that no signature made for something else fits."""

PACKED, WRITTEN = 1, 2
"""The versions: with a code of Kassa's own in 8 bytes, or with any other code, its length before it."""
KEY_ID_BYTES = 4
EVENT_BYTES = 8
TICKET_BYTES = 8
TYPE_BYTES = 4
HEAD_BYTES = 1 + KEY_ID_BYTES + EVENT_BYTES + TICKET_BYTES + TYPE_BYTES
CODE_BYTES = 8
SIGNATURE_BYTES = 64

_VALUE_OF = {letter: value for value, letter in enumerate(ALPHABET)}


class TicketToSign(Protocol):
    """What of a ticket goes into its QR code."""

    id: UUID
    event_id: UUID
    ticket_type_id: UUID
    code: str


class KeyToSign(Protocol):
    """A key that is in use."""

    @property
    def key_id(self) -> str: ...

    @property
    def private_key(self) -> Ed25519PrivateKey: ...


@dataclass(frozen=True, slots=True)
class ReadTicket:
    """What a QR code says; true only if :func:`verify` says so."""

    key_id: str
    event_tag: bytes
    ticket_tag: bytes
    ticket_type_tag: bytes
    code: str
    signed: bytes
    """The bytes that were signed."""
    signature: bytes


def event_tag(event_id: UUID) -> bytes:
    """Return what stands for an event in a QR code."""
    return event_id.bytes[-EVENT_BYTES:]


def ticket_tag(ticket_id: UUID) -> bytes:
    """Return what stands for a ticket in a QR code."""
    return ticket_id.bytes[-TICKET_BYTES:]


def ticket_type_tag(ticket_type_id: UUID) -> bytes:
    """Return what stands for a ticket type in a QR code."""
    return ticket_type_id.bytes[-TYPE_BYTES:]


def qr_text(ticket: TicketToSign, key: KeyToSign) -> str:
    """Return the text of a ticket's QR code: always the same one for one ticket, code and key."""
    packed = _pack(ticket.code)
    data = b"".join(
        (
            bytes((PACKED if packed else WRITTEN,)),
            bytes.fromhex(key.key_id),
            event_tag(ticket.event_id),
            ticket_tag(ticket.id),
            ticket_type_tag(ticket.ticket_type_id),
            packed or _write(ticket.code),
        )
    )
    return MARK + base45.encode(data + key.private_key.sign(CONTEXT + data))


def read_qr(text: str) -> ReadTicket | None:
    """Return what a text says, unchecked; None if Kassa writes no such text."""
    if not text.startswith(MARK):
        return None
    try:
        data = base45.decode(text[len(MARK) :])
    except ValueError:
        return None
    body, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    code = _code_of(body)
    if code is None:
        return None
    tags = 1 + KEY_ID_BYTES
    return ReadTicket(
        key_id=body[1:tags].hex(),
        event_tag=body[tags : tags + EVENT_BYTES],
        ticket_tag=body[tags + EVENT_BYTES : HEAD_BYTES - TYPE_BYTES],
        ticket_type_tag=body[HEAD_BYTES - TYPE_BYTES : HEAD_BYTES],
        code=code,
        signed=CONTEXT + body,
        signature=signature,
    )


def verify(read: ReadTicket, public_key: bytes) -> bool:
    """Say whether the holder of a key signed what was read."""
    try:
        _public(public_key).verify(read.signature, read.signed)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _public(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)


def _pack(code: str) -> bytes | None:
    """Return a code of Kassa's own as a number, the first letter in the highest bits; None for another."""
    if len(code) != LENGTH:
        return None
    number = 0
    for letter in code:
        value = _VALUE_OF.get(letter)
        if value is None:
            return None
        number = number << 5 | value
    return number.to_bytes(CODE_BYTES, "big")


def _write(code: str) -> bytes:
    written = code.encode()
    return bytes((len(written),)) + written


def _code_of(body: bytes) -> str | None:
    """Return the code in what was signed; None unless it is written in the one way that it can be."""
    if len(body) <= HEAD_BYTES:
        return None
    version, rest = body[0], body[HEAD_BYTES:]
    if version == PACKED and len(rest) == CODE_BYTES:
        number = int.from_bytes(rest, "big")
        if number >> 5 * LENGTH:
            return None
        return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
    if version == WRITTEN and len(rest) == 1 + rest[0]:
        try:
            code = rest[1:].decode()
        except UnicodeDecodeError:
            return None
        return code if code and _pack(code) is None else None
    return None
