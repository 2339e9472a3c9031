"""Addresses that nothing is sent to any more, because what was sent came back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.email_addresses import email_key
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.notifications.enums import SuppressionReason
from kassa.notifications.models import SuppressedAddress


def suppress(
    organization_id: UUID, address: str, *, reason: SuppressionReason, detail: str, now: datetime
) -> None:
    """Send nothing more to an address, or no reminders; one that is known already stays as it is.

    That an address does not exist, or that its owner complains, counts for more than that they unsubscribed.
    """
    known = SuppressedAddress.objects.of(organization_id).filter(address=email_key(address))
    known.filter(reason=SuppressionReason.UNSUBSCRIBED).update(reason=reason, detail=detail, created_at=now)
    SuppressedAddress.objects.of(organization_id).bulk_create(
        [
            SuppressedAddress(
                organization_id=organization_id,
                address=email_key(address),
                reason=reason,
                detail=detail,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )


@command(Permission.MESSAGE_WRITE)
def clear_address(context: CommandContext, suppressed_id: UUID) -> None:
    """Let messages to an address be sent again.

    Raises:
        NotFound: the organisation has no such suppressed address.
    """
    with transaction.atomic():
        rows = SuppressedAddress.objects.of(context.organization_id).filter(id=suppressed_id)
        suppressed = rows.select_for_update().first()
        if suppressed is None:
            raise NotFound
        record_activity(context, "suppressed_address.deleted", suppressed, concealed=["address", "detail"])
        rows.delete()
