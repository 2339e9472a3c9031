"""The demo bank's own ids: unguessable, and telling whose they are.

Whoever has the address of a payment page may pay there, so a reference holds 128 random bits. It also
holds the organisation, so that a page finds its payment without looking through other tenants' rows.
"""

from __future__ import annotations

import base64
import re
import secrets
from uuid import UUID

PAYMENT_PAGE = "demo"
PAYMENT = "demopay"
REFUND = "demoref"
DISPUTE = "demodis"
EVENT = "demoevt"

RANDOM_BYTES = 16
PATTERN = re.compile(r"[a-z]+_([A-Za-z0-9_-]{43})")


def new_reference(kind: str, organization_id: UUID) -> str:
    """Return a new reference of one of the kinds above."""
    token = base64.urlsafe_b64encode(organization_id.bytes + secrets.token_bytes(RANDOM_BYTES))
    return f"{kind}_{token.decode().rstrip('=')}"


def organization_in(reference: str) -> UUID | None:
    """Return the organisation that a reference names; None if it is no reference."""
    found = PATTERN.fullmatch(reference)
    if found is None:
        return None
    return UUID(bytes=base64.urlsafe_b64decode(found[1] + "=")[:16])
