"""What goes with a message: made when it is sent or looked at, never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.holders import attached_tickets
from kassa.notifications.models import Message
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.queries import still_held

PDF = "application/pdf"
NAMES = {"en": "tickets.pdf", "fr": "billets.pdf"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """What goes with a message, described."""

    name: str
    content_type: str


def attachments_of(message: Message, facts: Facts) -> list[Attachment]:
    """Return what goes with a message as things stand: its reader's valid tickets in one file."""
    return [Attachment(NAMES[message.language], PDF)] if attached_tickets(message, facts) else []


def attached_files(message: Message, facts: Facts, *, now: datetime) -> list[tuple[str, bytes, str]]:
    """Return the files themselves: name, content and type."""
    organization_id = message.organization_id
    # The facts were read before the messages ahead of this one went out, and that may take minutes.
    tickets = still_held(organization_id, attached_tickets(message, facts))
    while tickets:
        ids = [ticket.id for ticket in tickets]
        content = tickets_pdf(organization_id, ticket_ids=ids, language=message.language, now=now)
        theirs = still_held(organization_id, tickets)
        if theirs == tickets:
            return [(NAMES[message.language], content, PDF)]
        tickets = theirs
    return []
