"""Messages of an organisation, as the contract's tests need them."""

from __future__ import annotations

from uuid import UUID, uuid4

from kassa.core.clock import utc_now
from kassa.notifications.enums import MessageKind, MessageStatus, SuppressionReason
from kassa.notifications.models import Announcement, Message, SuppressedAddress
from kassa.organizations.models import Organization


def make_message(organization: Organization, order_id: UUID) -> Message:
    return Message.unscoped.create(
        organization_id=organization.id,
        order_id=order_id,
        kind=MessageKind.ORDER_CONFIRMED,
        language="en",
        recipient="ada@example.com",
        occasion=uuid4().hex,
        status=MessageStatus.KEPT,
        subject="Your tickets",
        text="Here they are.",
        html="<p>Here they are.</p>",
        sent_at=utc_now(),
    )


def make_announcement(organization: Organization, event_id: UUID) -> Announcement:
    return Announcement.unscoped.create(
        organization_id=organization.id,
        event_id=event_id,
        kind=MessageKind.EVENT_CANCELLED,
        occasion=uuid4().hex,
        told_at=utc_now(),
        completed_at=utc_now(),
    )


def make_suppressed_address(organization: Organization) -> SuppressedAddress:
    return SuppressedAddress.unscoped.create(
        organization_id=organization.id,
        address=f"{uuid4().hex}@harbour.example",
        reason=SuppressionReason.BOUNCED,
    )
