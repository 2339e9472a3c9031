"""Why nothing can be done with a ticket."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from kassa.core.clock import format_moment
from kassa.core.errors import Conflict, KassaError, NotFound
from kassa.core.formatting import format_datetime
from kassa.core.languages import Language


class TransfersDisabled(Conflict):
    """The organisation does not let tickets go from one person to another."""

    code = "transfers_disabled"
    title = "Tickets cannot be given away"

    def __init__(self) -> None:
        super().__init__("Tickets of this organisation cannot be passed on.")


class TransferTooLate(Conflict):
    """The event is too near, or has begun; `until` says until when tickets could be given away."""

    code = "transfer_too_late"
    title = "It is too late to give the ticket away"

    def __init__(self, until: datetime) -> None:
        written = format_datetime(until, UTC, Language.ENGLISH)
        super().__init__(
            f"Tickets of this event could be given away until {written}.", until=format_moment(until)
        )


class TicketNotTransferable(Conflict):
    """The ticket cannot go to another person as it is; `reason` and `ticket_status` say why."""

    code = "ticket_not_transferable"
    title = "The ticket cannot be given away"

    SENTENCES = {
        "status": "Only a valid ticket can be given away.",
        "frozen": "The payment of this ticket is disputed; until that is decided it stays where it is.",
        "blocked": "The organiser has blocked this ticket.",
        "event": "The event of this ticket does not take place.",
    }

    def __init__(self, reason: str, status: str) -> None:
        super().__init__(self.SENTENCES[reason], reason=reason, ticket_status=status)


class TransferOpen(Conflict):
    """The ticket is offered to somebody already; withdraw that first."""

    code = "transfer_open"
    title = "The ticket is offered already"

    def __init__(self, transfer_id: UUID | None = None) -> None:
        details = {} if transfer_id is None else {"transfer": str(transfer_id)}
        super().__init__("This ticket already has a pending transfer. Cancel that first.", **details)


class TooManyOffers(Conflict):
    """The ticket was offered too often within a day; nobody is to be flooded with mail."""

    code = "too_many_offers"
    title = "The ticket was offered too often"

    def __init__(self, most: int) -> None:
        super().__init__(f"A ticket is offered {most} times a day at most. Try again tomorrow.", most=most)


class TooManyReplacements(TooManyOffers):
    """Its holder had the ticket replaced too often within a day: each time somebody is sent a mail."""

    title = "The ticket was replaced too often"

    def __init__(self, most: int) -> None:
        detail = f"A ticket is replaced {most} times a day at most. Try again tomorrow."
        KassaError.__init__(self, detail, most=most)


class TransferOver(KassaError):
    """The offer is not open any more; `transfer_status` says what became of it."""

    code = "transfer_over"
    status = 410
    title = "The offer is over"

    SENTENCES = {
        "accepted": "The ticket has been accepted already.",
        "declined": "The ticket was declined.",
        "withdrawn": "The ticket is no longer offered.",
        "expired": "Nobody accepted the ticket in time.",
    }

    def __init__(self, transfer_status: str) -> None:
        super().__init__(self.SENTENCES[transfer_status], transfer_status=transfer_status)


class TicketOver(Conflict):
    """The ticket is no live one, so nothing of it can change; `ticket_status` says what it is."""

    code = "ticket_over"
    title = "The ticket is over"

    def __init__(self, ticket_status: str) -> None:
        super().__init__(f"The ticket is {ticket_status}.", ticket_status=ticket_status)


class AttendeeChangesClosed(Conflict):
    """Who holds the ticket cannot change what is written on it any more; staff can."""

    code = "attendee_changes_closed"
    title = "Nothing can be changed now"

    def __init__(self) -> None:
        super().__init__("The details on this ticket can no longer be changed. Ask the organiser.")


class SigningKeyUnreadable(Conflict):
    """The key that signs tickets cannot be decrypted any more; rotate the keys to make another."""

    code = "signing_key_unreadable"
    title = "The signing key cannot be read"

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"The signing key {key_id} cannot be decrypted with the keys Kassa has now. Rotate the keys.",
            key_id=key_id,
        )


class NoTicketsToPrint(Conflict):
    """There is no valid ticket, so there is nothing to print."""

    code = "no_tickets_to_print"
    title = "There are no valid tickets"

    def __init__(self) -> None:
        super().__init__("There is no valid ticket to print: the order is not confirmed, or is over.")


class NothingScheduled(Conflict):
    """The event has no date yet, so there is nothing to put into a calendar."""

    code = "nothing_scheduled"
    title = "There is no date yet"

    def __init__(self) -> None:
        super().__init__("The event has no date yet. Ask again once it is scheduled.")


class WalletNotConfigured(NotFound):
    """The organisation has not set this wallet up, or its certificate has expired."""

    code = "wallet_not_configured"
    title = "There are no passes for this wallet"

    def __init__(self, kind: str) -> None:
        super().__init__(f"This organisation makes no passes for the wallet of {kind.title()}.", wallet=kind)
