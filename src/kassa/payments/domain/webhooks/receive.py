"""A provider tells something: checked, stored once, and left to a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.organizations.models import Organization
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.errors import ProviderNotOffered
from kassa.payments.jobs import SETTLE, defer_on_commit
from kassa.payments.models import WebhookEvent
from kassa.payments.providers.protocol import WebhookRefused
from kassa.payments.providers.registry import provider_named

MAX_BODY = 1024 * 1024
"""No provider's message is longer than this many bytes."""
STORE = """
INSERT INTO payments_webhookevent (id, organization_id, provider, provider_event_id, type, body, received_at,
                                   next_try_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (organization_id, provider, provider_event_id) DO NOTHING
"""


def receive_webhook(
    provider_name: str,
    organization_id: UUID | None,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> WebhookEvent:
    """Store what a provider tells, once under the provider's own id, and ask for a job that settles it.

    ``organization_id`` is the one in the address; without one the message says whom it is for, which the
    signature then proves. Header names are lower case. A message that was stored before is returned as
    it is. Nothing is stored of one that is not signed.

    Raises:
        ProviderUnknown: there is no such provider.
        WebhookRefused: nobody we know has signed it, or too long ago.
    """
    provider = provider_named(provider_name)
    if len(body) > MAX_BODY:
        raise WebhookRefused("The message is too long.")
    organization_id = organization_id or provider.organization_of(body)
    if organization_id is None or not (provider.needs_account or _exists(organization_id)):
        raise WebhookRefused("The message does not say for which organisation it is, or for none of ours.")
    try:
        credentials = get_credentials(organization_id, provider_name)
    except (ProviderNotOffered, NotFound) as error:
        raise WebhookRefused("The organisation does not use this provider.") from error
    event = provider.verify_webhook(credentials, headers=headers, body=body, now=now)
    told = WebhookEvent(
        organization_id=organization_id,
        provider=provider_name,
        provider_event_id=event.id[:255],
        type=event.type[:120],
        body=body.decode("utf-8", "replace").replace("\0", ""),
        received_at=now,
        next_try_at=now,
    )
    if not _store(told):
        known = WebhookEvent.objects.of(organization_id)
        return known.get(provider=provider_name, provider_event_id=told.provider_event_id)
    defer_on_commit(SETTLE, organization_id)
    return told


def _exists(organization_id: UUID) -> bool:
    """Say whether there is such an organisation; one with an account at a provider needs no asking."""
    return Organization.objects.filter(id=organization_id).exists()


def _store(told: WebhookEvent) -> bool:
    """Write a message down in one statement; return False if it was there already."""
    row = (
        told.id,
        told.organization_id,
        told.provider,
        told.provider_event_id,
        told.type,
        told.body,
        told.received_at,
        told.next_try_at,
    )
    with connection.wrap_database_errors:
        return statements().queue(STORE, row).rowcount > 0
