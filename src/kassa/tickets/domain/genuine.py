"""Whether a QR code was made by the organisation: by its signature alone, without looking at any ticket."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kassa.tickets.domain.keys import known_keys
from kassa.tickets.domain.qr import read_qr, verify
from kassa.tickets.enums import Doubt


@dataclass(frozen=True, slots=True)
class Genuine:
    """The organisation signed it. Whether the ticket is still good its row says, or the list at the door."""

    ticket_tag: bytes
    event_tag: bytes
    ticket_type_tag: bytes
    code: str


@dataclass(frozen=True, slots=True)
class NotGenuine:
    reason: Doubt


def check_qr(organization_id: UUID, text: str) -> Genuine | NotGenuine:
    """Say what a QR code names if one of the organisation's keys signed it, or why it is not believed.

    A key that was revoked less than a second ago may still be believed.
    """
    read = read_qr(text)
    key = None if read is None else known_keys(organization_id).get(read.key_id)
    if read is None or key is None:
        return NotGenuine(Doubt.NOT_OURS)
    if not verify(read, key.public_key):
        return NotGenuine(Doubt.FORGED)
    if key.revoked_at is not None:
        return NotGenuine(Doubt.KEY_REVOKED)
    return Genuine(read.ticket_tag, read.event_tag, read.ticket_type_tag, read.code)
