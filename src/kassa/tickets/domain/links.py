"""Secret links: whoever has one may see the order, the ticket or the offer it names, and nothing else.

A token names an object, the generation of its links and the secret key that signed it; nothing is stored but
the generation, on the row of the object itself. Raising the generation ends every link given out before, and
taking the key out of the list ends every link it has signed. The link of a ticket is signed together with the
ticket's code: it ends as well when the ticket gets another one.

Links of before generations were counted (48 bytes, without a key) are of generation 0.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from kassa.core.errors import NotFound
from kassa.core.signatures import (
    KEY_ID_BYTES,
    SIGNATURE_BYTES,
    is_signed,
    key_id,
    keys_with_id,
    secret_keys,
    sign,
)

GENERATION_BYTES = 3
FIRST_GENERATION = 0
_IDS = 32
_HEAD = _IDS + KEY_ID_BYTES + GENERATION_BYTES
_LEGACY_BYTES = _IDS + SIGNATURE_BYTES
_TOKEN_BYTES = _HEAD + SIGNATURE_BYTES


@dataclass(frozen=True, slots=True)
class LinkToken:
    """What a token claims; only :func:`is_genuine` says whether it is true."""

    organization_id: UUID
    object_id: UUID
    generation: int
    key_id: bytes | None
    """Names the secret key that signed it. None: it is of before keys had ids."""
    signature: bytes


def order_link(organization_id: UUID, order_id: UUID, generation: int) -> str:
    """Return the address of an order's own page."""
    return f"{settings.BASE_URL}/orders/{order_token(organization_id, order_id, generation)}"


def ticket_link(organization_id: UUID, ticket_id: UUID, generation: int, code: str) -> str:
    """Return the address of a ticket's own page."""
    return f"{settings.BASE_URL}/tickets/{ticket_token(organization_id, ticket_id, generation, code)}"


def transfer_link(organization_id: UUID, transfer_id: UUID, generation: int) -> str:
    """Return the address at which an offered ticket is accepted or declined."""
    return f"{settings.BASE_URL}/transfers/{transfer_token(organization_id, transfer_id, generation)}"


def unsubscribe_link(organization_id: UUID, message_id: UUID) -> str:
    """Return the address at which the reader of a message ends reminders."""
    token = _build("unsubscribe", organization_id, message_id, FIRST_GENERATION)
    return f"{settings.BASE_URL}/unsubscribe/{token}"


def order_token(organization_id: UUID, order_id: UUID, generation: int) -> str:
    return _build("order", organization_id, order_id, generation)


def ticket_token(organization_id: UUID, ticket_id: UUID, generation: int, code: str) -> str:
    return _build("ticket", organization_id, ticket_id, generation, code)


def transfer_token(organization_id: UUID, transfer_id: UUID, generation: int) -> str:
    return _build("transfer", organization_id, transfer_id, generation)


def parse_token(token: str) -> LinkToken:
    """Return what a token claims, unchecked.

    Raises:
        NotFound: it is no token at all.
    """
    try:
        raw = base64.b64decode(
            token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise NotFound("This link is not complete.") from error
    if len(raw) not in (_LEGACY_BYTES, _TOKEN_BYTES):
        raise NotFound("This link is not complete.")
    is_legacy = len(raw) == _LEGACY_BYTES
    return LinkToken(
        organization_id=UUID(bytes=raw[:16]),
        object_id=UUID(bytes=raw[16:_IDS]),
        generation=FIRST_GENERATION if is_legacy else int.from_bytes(raw[_HEAD - GENERATION_BYTES : _HEAD]),
        key_id=None if is_legacy else raw[_IDS : _IDS + KEY_ID_BYTES],
        signature=raw[-SIGNATURE_BYTES:],
    )


def is_genuine(kind: str, token: LinkToken, code: str = "") -> bool:
    """Say whether one of our keys has signed a token, for such an object and, of a ticket, for this code."""
    if token.key_id is None:
        legacy = _signed_value(token.organization_id, token.object_id, code)
        return is_signed(_purpose(kind), legacy, token.signature)
    value = _signed_value(token.organization_id, token.object_id, code, generation=token.generation)
    return is_signed(_purpose(kind), value, token.signature, keys=keys_with_id(token.key_id))


def parse_genuine(kind: str, token: str) -> LinkToken:
    """Return what the token of an order or an offer says.

    Raises:
        NotFound: it is not genuine.
    """
    parsed = parse_token(token)
    if not is_genuine(kind, parsed):
        raise NotFound("This link is not valid, or no longer valid.")
    return parsed


def _build(kind: str, organization_id: UUID, object_id: UUID, generation: int, code: str = "") -> str:
    key = secret_keys()[0]
    value = _signed_value(organization_id, object_id, code, generation=generation)
    head = organization_id.bytes + object_id.bytes + key_id(key) + generation.to_bytes(GENERATION_BYTES)
    return base64.urlsafe_b64encode(head + sign(_purpose(kind), value, key=key)).rstrip(b"=").decode()


def _purpose(kind: str) -> str:
    return f"kassa.tickets.links.{kind}"


def _signed_value(organization_id: UUID, object_id: UUID, code: str, *, generation: int | None = None) -> str:
    """Return what is signed. Without a generation: as in the links of before there were any."""
    value = f"{organization_id}:{object_id}:{code}"
    return value if generation is None else f"{value}:{generation}"
