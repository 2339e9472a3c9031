"""Tickets in the wallets of telephones."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.printed import read_printed
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.wallet_accounts import wallet_credentials, wallets_of
from kassa.tickets.domain.wallet_apple import signed_pass
from kassa.tickets.domain.wallet_google import save_link
from kassa.tickets.domain.wallet_ticket import WalletTicket, wallet_ticket
from kassa.tickets.enums import WalletKind

__all__ = ["apple_pass", "google_wallet_link", "wallets_of"]


def apple_pass(
    organization_id: UUID, ticket_id: UUID, now: datetime, *, language: str | None = None
) -> bytes:
    """Return a ticket as a file for Apple Wallet, signed with the organisation's certificate.

    Raises:
        WalletNotConfigured: the organisation has no certificate that is good.
        NotFound: there is no such ticket.
        NoTicketsToPrint: it is not valid.
        SigningKeyUnreadable: the key that signs the code cannot be decrypted.
    """
    credentials = wallet_credentials(organization_id, WalletKind.APPLE, now=now)
    return signed_pass(_read(organization_id, ticket_id, language=language, now=now), credentials)


def google_wallet_link(
    organization_id: UUID, ticket_id: UUID, now: datetime, *, language: str | None = None
) -> str:
    """Return the address at which a ticket is saved to Google Wallet.

    Raises:
        WalletNotConfigured: the organisation has no account.
        NotFound: there is no such ticket.
        NoTicketsToPrint: it is not valid.
        SigningKeyUnreadable: the key that signs the code cannot be decrypted.
    """
    credentials = wallet_credentials(organization_id, WalletKind.GOOGLE, now=now)
    return save_link(_read(organization_id, ticket_id, language=language, now=now), credentials, now=now)


def _read(organization_id: UUID, ticket_id: UUID, *, language: str | None, now: datetime) -> WalletTicket:
    printed = read_printed(organization_id, ticket_ids=[ticket_id])
    (ticket,) = printed.tickets
    return wallet_ticket(
        ticket, printed, qr=qr_text(ticket, signing_key(organization_id, now)), language=language
    )
