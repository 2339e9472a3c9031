"""A buyer comes back from a payment page: the provider is asked at once, so that ours says the truth."""

from __future__ import annotations

import logging
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import KassaError
from kassa.core.secrets import SecretUnreadable
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.attempts.apply_status import apply_provider_status
from kassa.payments.enums import AttemptStatus
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import ProviderUnreachable
from kassa.payments.providers.registry import provider_named

logger = logging.getLogger("kassa.payments")


@command(None)
def refresh_attempt(context: CommandContext, order_id: UUID) -> None:
    """Ask about the attempt by which an order is being paid, and act on the answer; twice is no harm.

    It never fails: what is not learnt now is learnt by a webhook, or when the worker asks. Not inside a
    transaction: the provider is called.
    """
    organization_id = context.organization_id
    attempt = (
        PaymentAttempt.objects.of(organization_id)
        .filter(
            order_id=order_id,
            status__in=(AttemptStatus.OPEN, AttemptStatus.PROCESSING),
            provider_reference__isnull=False,
        )
        .exclude(checkout_url="")
        .first()
    )
    if attempt is None:
        return
    provider = provider_named(attempt.provider)
    try:
        credentials = get_credentials(organization_id, attempt.provider)
        seen = call(provider, organization_id, provider.look_up, credentials, attempt.provider_reference)
        apply_provider_status(context, attempt, seen)
    except (KassaError, ProviderUnreachable, SecretUnreadable) as error:
        logger.info("Attempt %s at %s was not looked up: %s", attempt.id, attempt.provider, error)
