"""From an order to its payment: an attempt is opened, and the buyer is sent to where it is paid."""

from __future__ import annotations

import logging
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.errors import AddressUnproven
from kassa.payments.models import PaymentAttempt
from kassa.storefront.visitors.holders import build_unproven_holders

logger = logging.getLogger("kassa.storefront")


def order_path(token: str) -> str:
    """Return the address of an order's own page."""
    return reverse("storefront:order", args=[token])


def open_payment(
    request: HttpRequest,
    organization_id: UUID,
    order_id: UUID,
    *,
    token: str,
    provider: str,
    key: str,
    now: datetime,
) -> str:
    """Open an attempt, or find the one that the same form has opened; return where the buyer goes now.

    ``token`` opens the order's page, where the buyer comes back to.

    If there is none, for whatever reason, that is the order's own page, which says how the payment
    stands and what can be done.
    """
    back = settings.BASE_URL + reverse("checkout:back", args=[token])
    wanted = AttemptRequest(
        provider=provider,
        return_url=back,
        cancel_url=back,
        idempotency_key=key,
        keeps_live=True,
        unproven=build_unproven_holders(request, organization_id),
    )
    context = CommandContext(Actor.buyer(organization_id), now)
    try:
        attempt = open_attempt(context, order_id, request=wanted)
    except AddressUnproven:
        return reverse("checkout:prove", args=[token])
    except KassaError as refusal:
        logger.info("No payment was opened: %s", refusal.code)
        return order_path(token)
    return way_on(request, attempt, token)


def way_on(request: HttpRequest, attempt: PaymentAttempt, token: str) -> str:
    """Return where a buyer goes with an attempt: to its page, by a page of ours if it is another host's.

    A browser lets a form lead to our own pages only.
    """
    if not attempt.checkout_url or attempt.status != "open":
        return order_path(token)
    if urlsplit(attempt.checkout_url).netloc == request.get_host():
        return attempt.checkout_url
    return reverse("checkout:pay", args=[token])
