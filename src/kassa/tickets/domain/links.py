"""Secret links: who has one may see the order or the ticket it names, and nothing else.

A link is made from what it names and from Kassa's own secret, so nothing is stored. That of a ticket
holds its code as well: it dies together with the code, when the ticket goes to another person.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from kassa.core.errors import NotFound

SIGNATURE_BYTES = 16


def order_link(organization_id: UUID, order_id: UUID) -> str:
    """Return the address of an order's own page."""
    return f"{settings.BASE_URL}/orders/{order_token(organization_id, order_id)}"


def ticket_link(organization_id: UUID, ticket_id: UUID, code: str) -> str:
    """Return the address of a ticket's own page."""
    return f"{settings.BASE_URL}/tickets/{ticket_token(organization_id, ticket_id, code)}"


def transfer_link(organization_id: UUID, transfer_id: UUID) -> str:
    """Return the address at which an offered ticket is accepted or declined."""
    return f"{settings.BASE_URL}/transfers/{transfer_token(organization_id, transfer_id)}"


def order_token(organization_id: UUID, order_id: UUID) -> str:
    return _sign("order", organization_id, order_id)


def ticket_token(organization_id: UUID, ticket_id: UUID, code: str) -> str:
    return _sign("ticket", organization_id, ticket_id, code)


def transfer_token(organization_id: UUID, transfer_id: UUID) -> str:
    return _sign("transfer", organization_id, transfer_id)


def read_token(token: str) -> tuple[UUID, UUID, bytes]:
    """Return the organisation and the object that a token names, and its signature, unchecked.

    Raises:
        NotFound: it is no token at all.
    """
    try:
        raw = base64.b64decode(
            token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise NotFound("This link is not complete.") from error
    if len(raw) != 32 + SIGNATURE_BYTES:
        raise NotFound("This link is not complete.")
    return UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:]


def check_token(kind: str, organization_id: UUID, object_id: UUID, signature: bytes, code: str = "") -> None:
    """Let a token pass if it was made for this.

    Raises:
        NotFound: it was not, or what it was made for is no more.
    """
    if not constant_time_compare(_signature(kind, organization_id, object_id, code), signature):
        raise NotFound("This link leads nowhere, or not any more.")


def read_order_token(token: str) -> tuple[UUID, UUID]:
    """Return the organisation and the order that a token opens.

    Raises:
        NotFound: it opens nothing.
    """
    organization_id, order_id, signature = read_token(token)
    check_token("order", organization_id, order_id, signature)
    return organization_id, order_id


def read_transfer_token(token: str) -> tuple[UUID, UUID]:
    """Return the organisation and the transfer that a token opens.

    Raises:
        NotFound: it opens nothing.
    """
    organization_id, transfer_id, signature = read_token(token)
    check_token("transfer", organization_id, transfer_id, signature)
    return organization_id, transfer_id


def _sign(kind: str, organization_id: UUID, object_id: UUID, code: str = "") -> str:
    raw = organization_id.bytes + object_id.bytes + _signature(kind, organization_id, object_id, code)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signature(kind: str, organization_id: UUID, object_id: UUID, code: str) -> bytes:
    value = f"{organization_id}:{object_id}:{code}"
    digest = salted_hmac(f"kassa.tickets.links.{kind}", value, algorithm="sha256").digest()
    return digest[:SIGNATURE_BYTES]
