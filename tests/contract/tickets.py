"""Tickets of the one organisation, and offers of them to others."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.ids import new_id
from kassa.orders.domain.codes import new_codes
from kassa.orders.models import Ticket
from kassa.organizations.models import Organization
from kassa.tickets.domain.designs import NewDesign, set_design, set_event_design
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.wallet_accounts import configure_wallet
from kassa.tickets.enums import WalletKind
from kassa.tickets.models import SigningKey, TicketDesign, Transfer
from tests.tickets.certificates import APPLE, GOOGLE, apple_secrets, new_key, pem_of


def make_ticket(organization: Organization, like: UUID) -> Ticket:
    """Write down another ticket of the same order."""
    ticket = Ticket.objects.of(organization.id).get(id=like)
    ticket.id, ticket.seat_id, [ticket.code] = new_id(), None, new_codes(1)
    ticket.save(force_insert=True)
    return ticket


def make_design(organization: Organization, event: Event | None = None) -> TicketDesign:
    """Write down how the tickets of an event, or of all others, look."""
    context, new = CommandContext.system(organization.id, now=utc_now()), NewDesign(primary_color="#112233")
    return set_design(context, new) if event is None else set_event_design(context, event.id, new)


def set_up_wallets(organization: Organization) -> None:
    """Let an organisation make passes for both wallets."""
    secrets = {"private_key": pem_of(new_key("google"))}
    for kind, configuration, given in (("apple", APPLE, apple_secrets()), ("google", GOOGLE, secrets)):
        configure_wallet(
            CommandContext.system(organization.id, now=utc_now()),
            WalletKind(kind),
            configuration=configuration,
            secrets=given,
        )


def make_signing_key(organization: Organization) -> UUID:
    signing_key(organization.id, utc_now())
    return SigningKey.objects.of(organization.id).get(retired_at=None).id


def make_transfer(organization: Organization, ticket_id: UUID, *, is_open: bool = True) -> Transfer:
    """Write down an offer of a ticket; one that is not open was declined."""
    now = utc_now()
    return Transfer.unscoped.create(
        organization_id=organization.id,
        ticket_id=ticket_id,
        from_email="ada@example.com",
        to_email="grace@example.com",
        offered_at=now,
        expires_at=now + timedelta(days=7),
        status="offered" if is_open else "declined",
        ended_at=None if is_open else now,
    )
