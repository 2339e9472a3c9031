"""What was held before a scanner or typed at the door: which code it names, and whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kassa.admission.domain.scanned_text import parse_turned_codes, read_scanned
from kassa.admission.enums import ScanResult
from kassa.orders.domain.codes import tidy_code
from kassa.tickets.domain.genuine import Genuine, check_qr
from kassa.tickets.domain.qr import MARK, ticket_tag
from kassa.tickets.enums import Doubt

MAX_CODE = 32

REFUSED = {
    Doubt.NOT_OURS: ScanResult.UNKNOWN,
    Doubt.FORGED: ScanResult.FORGED,
    Doubt.KEY_REVOKED: ScanResult.KEY_REVOKED,
}


@dataclass(frozen=True, slots=True)
class ReadCode:
    """A code to look for, or the reason why there is nothing to look for."""

    codes: tuple[str, ...] = ()
    """The ways it may be written, the likeliest first."""
    refused: ScanResult | None = None
    tag: bytes | None = None
    """What the QR code says of the ticket's id. None: the code was typed."""

    @property
    def code(self) -> str:
        """What is kept of it."""
        return self.codes[0] if self.codes else ""

    def names(self, ticket_id: UUID) -> bool:
        """Say whether a ticket that has the code is the one that was signed."""
        return self.tag is None or self.tag == ticket_tag(ticket_id)


def read_code(organization_id: UUID, text: str) -> ReadCode:
    """Read a QR code's text, or a code as people type it. Call it before a transaction begins."""
    text = read_scanned(text)
    if text.startswith(MARK):
        found = check_qr(organization_id, text)
        if isinstance(found, Genuine):
            return ReadCode((found.code,), tag=found.ticket_tag)
        return ReadCode(refused=REFUSED[found.reason])
    # Codes of other systems may be written with hyphens or in lower case.
    written = (tidy_code(text), text, *parse_turned_codes(text))
    codes = tuple(dict.fromkeys(code for code in written if 0 < len(code) <= MAX_CODE))
    return ReadCode(codes) if codes else ReadCode(refused=ScanResult.UNKNOWN)
