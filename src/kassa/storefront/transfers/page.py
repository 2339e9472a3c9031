"""All that the page of an offered ticket shows to whom it is offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from kassa.catalog.domain.answers import AskedQuestion
from kassa.storefront.formatting import moment_text
from kassa.storefront.messages import TICKET, TRANSFER, Standing
from kassa.storefront.tickets.page import TicketPage, ticket_page
from kassa.tickets.domain.attendee import questions_of_ticket
from kassa.tickets.domain.links import ticket_token
from kassa.tickets.domain.transfer_rules import status_at, why_not_transferable
from kassa.tickets.enums import TransferStatus
from kassa.tickets.models import Transfer
from kassa.tickets.queries import has_code_ended_since, ticket_of


@dataclass(frozen=True)
class TransferPage:
    """An offered ticket as the new person sees it; before they accept it, without its code."""

    transfer: Transfer
    of_ticket: TicketPage
    now: datetime

    @cached_property
    def status(self) -> TransferStatus:
        """How the offer stands; one whose ticket has ended is withdrawn, written down or not."""
        status = status_at(self.transfer, self.now)
        is_over = why_not_transferable(self.of_ticket.ticket, self.of_ticket.event) == "status"
        return TransferStatus.WITHDRAWN if status == TransferStatus.OFFERED and is_over else status

    @property
    def is_open(self) -> bool:
        return self.status == TransferStatus.OFFERED

    @property
    def standing(self) -> Standing | None:
        """What became of it. None: nothing yet."""
        return TRANSFER.get(self.status)

    @property
    def kept_back(self) -> Standing | None:
        """What keeps the ticket from being accepted for now. None: nothing."""
        state = self.of_ticket.state
        return TICKET[state] if self.is_open and state in ("blocked", "frozen") else None

    @property
    def until(self) -> str:
        return moment_text(self.transfer.expires_at, self.of_ticket.event.time_zone)

    @property
    def questions(self) -> list[AskedQuestion]:
        ticket = self.of_ticket.ticket
        return questions_of_ticket(ticket.organization_id, ticket) if self.is_open else []

    @cached_property
    def ticket_token(self) -> str:
        """Opens the new ticket; empty: it is not theirs, or not any more."""
        ticket, transfer = self.of_ticket.ticket, self.transfer
        if self.status != TransferStatus.ACCEPTED:
            return ""
        position = transfer.ended_code_position
        if has_code_ended_since(ticket.organization_id, ticket.id, position=position):
            return ""
        return ticket_token(ticket.organization_id, ticket.id, ticket.link_generation, ticket.code)


def transfer_page(transfer: Transfer, *, now: datetime) -> TransferPage:
    """Read what the page of an offer shows.

    Raises:
        NotFound: its organisation is gone.
    """
    ticket = ticket_of(transfer.organization_id, transfer.ticket_id)
    return TransferPage(transfer, ticket_page(ticket, now=now), now)
