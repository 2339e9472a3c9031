"""Signed places and passes: what a browser keeps, and nobody can make up or use elsewhere."""

from __future__ import annotations

import base64
import binascii
import struct
from uuid import UUID

from django.utils.crypto import salted_hmac

from kassa.core.signatures import SIGNATURE_BYTES, is_signed, secret_keys, sign

_PLACE = struct.Struct(">16sI")
_PASS = struct.Struct(">16sII")


def seed_of(organization_id: UUID, room_id: UUID) -> bytes:
    """Return the seed of a room's draw: a secret until its start, and kept nowhere.

    It is made from the oldest secret key, so that a new one draws no room anew.
    """
    value = organization_id.bytes + room_id.bytes
    seed: bytes = salted_hmac(
        "kassa.waiting.seed", value, secret=secret_keys()[-1], algorithm="sha256"
    ).digest()
    return seed


def place_token(organization_id: UUID, room_id: UUID, number: int) -> str:
    """Return a place in a line as a browser keeps it."""
    return _sign("place", organization_id, _PLACE.pack(room_id.bytes, number))


def read_place(organization_id: UUID, token: str) -> tuple[UUID, int] | None:
    """Return the room and the number of a place. None: it was not given out by this organisation's rooms."""
    body = _read("place", organization_id, token, _PLACE.size)
    if body is None:
        return None
    room, number = _PLACE.unpack(body)
    return UUID(bytes=room), number


def pass_token(organization_id: UUID, room_id: UUID, number: int, turn: int) -> str:
    """Return a pass as a browser keeps it."""
    return _sign("pass", organization_id, _PASS.pack(room_id.bytes, number, turn))


def read_pass(organization_id: UUID, token: str) -> tuple[UUID, int, int] | None:
    """Return the room, the number and the turn of a pass. None: none of this organisation's rooms gave it."""
    body = _read("pass", organization_id, token, _PASS.size)
    if body is None:
        return None
    room, number, turn = _PASS.unpack(body)
    return UUID(bytes=room), number, turn


def _sign(kind: str, organization_id: UUID, body: bytes) -> str:
    return _encode(body + sign(_purpose(kind), organization_id.bytes + body))


def _read(kind: str, organization_id: UUID, token: str, size: int) -> bytes | None:
    try:
        raw = base64.b64decode(
            token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError):
        return None
    body, signature = raw[:size], raw[size:]
    # The last letter has spare bits: only the one way to write it is taken.
    if len(raw) != size + SIGNATURE_BYTES or _encode(raw) != token:
        return None
    return body if is_signed(_purpose(kind), organization_id.bytes + body, signature) else None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _purpose(kind: str) -> str:
    return f"kassa.waiting.{kind}"
