"""How one can pay at an organisation of the demo: on the demo's own payment page, or by transfer."""

from __future__ import annotations

from datetime import datetime

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.organizations.models import Organization
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.providers.registry import providers

IBANS = {"GBP": "GB82WEST12345698765432"}
"""Examples from the standard: no bank has such accounts."""
ANY_IBAN = "DE89370400440532013000"


def take_payments(organization: Organization, *, currency: str, now: datetime) -> None:
    """Let an organisation's customers pay."""
    transfer = {"account_holder": organization.name, "iban": IBANS.get(currency, ANY_IBAN)}
    for provider, configuration in (("demo", {}), ("manual", transfer)):
        if provider not in providers():  # The demo bank may be switched off.
            continue
        configure_provider(
            CommandContext(Actor.operator(organization.id), now),
            provider,
            configuration=configuration,
            secrets={},
            is_enabled=True,
        )
