"""What providers tell later is noted, and who does not want messages gets no more."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.test import RequestFactory

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.notifications.domain.bounces import note_tracking
from kassa.notifications.domain.resend import resend_message
from kassa.notifications.domain.suppress import clear_address
from kassa.notifications.errors import MessageUnderWay, RecipientSuppressed
from kassa.notifications.models import Message, SuppressedAddress
from tests.notifications.office import Office
from tests.support.factories import make_organization


@pytest.fixture
def sent(office: Office) -> Message:
    office.work()
    Message.unscoped.filter(kind="order_placed").delete()
    Message.unscoped.update(status="sent", provider_message_id="provider-1")
    return office.message("order_confirmed")


def tell(event_type: str, message: Message | None = None, **fields: Any) -> bool:
    metadata: dict[str, str] = {}
    if message is not None:
        metadata = {
            "kassa_organization": str(message.organization_id),
            "kassa_message": str(message.id),
        }
    event = AnymailTrackingEvent(event_type=event_type, metadata=metadata, **fields)
    return note_tracking(event, now=utc_now())


@pytest.mark.parametrize(("event_type", "reason"), [("bounced", "bounced"), ("complained", "complained")])
def test_a_bounce_is_noted_and_suppresses(sent: Message, event_type: str, reason: str) -> None:
    assert tell(event_type, sent, mta_response="550 gone\r\nfor good")
    assert not tell(event_type, sent)

    sent.refresh_from_db()
    address = SuppressedAddress.unscoped.get()
    assert (sent.status, sent.error, sent.bounced_at is not None) == ("bounced", "550 gone for good", True)
    assert (address.address, address.reason) == ("ada@example.com", reason)


def test_it_is_found_by_the_provider_s_own_id(sent: Message) -> None:
    assert tell("bounced", message_id="provider-1")
    assert not tell("bounced", message_id="provider-2")


@pytest.mark.parametrize("event_type", ["delivered", "opened", "deferred", "sent", "unknown"])
def test_other_news_changes_nothing(sent: Message, event_type: str) -> None:
    assert not tell(event_type, sent)

    assert Message.unscoped.get(id=sent.id).status == "sent"


def test_another_organisation_s_message_is_not_found(sent: Message) -> None:
    other = make_organization()
    metadata = {"kassa_organization": str(other.id), "kassa_message": str(sent.id)}

    assert not note_tracking(AnymailTrackingEvent(event_type="bounced", metadata=metadata), now=utc_now())


def test_a_rejection_suppresses_nobody(sent: Message) -> None:
    assert tell("rejected", sent)

    assert SuppressedAddress.unscoped.count() == 0


def test_a_suppressed_address_is_skipped_until_it_is_cleared(office: Office, sent: Message) -> None:
    tell("bounced", sent)
    with pytest.raises(RecipientSuppressed):
        resend_message(CommandContext.system(office.id, now=utc_now()), sent.id)

    clear_address(CommandContext.system(office.id, now=utc_now()), SuppressedAddress.unscoped.get().id)
    copy = resend_message(CommandContext.system(office.id, now=utc_now()), sent.id)
    with pytest.raises(MessageUnderWay):
        resend_message(CommandContext.system(office.id, now=utc_now()), copy.id)
    office.send()

    copy.refresh_from_db()
    assert (copy.status, copy.resent_from, copy.subject) == ("kept", sent.id, sent.subject)


def test_what_is_not_suppressed_cannot_be_cleared(office: Office) -> None:
    with pytest.raises(NotFound):
        clear_address(CommandContext.system(office.id, now=utc_now()), office.id)


def test_a_provider_s_webhook_arrives(sent: Message, settings: Any) -> None:
    """A real message of Postmark through anymail's own view, with its secret and without."""
    settings.ANYMAIL = {"WEBHOOK_SECRET": "someone:secret"}
    said = {
        "RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "ID": 42, "MessageID": "provider-1",
        "Email": "ada@example.com", "BouncedAt": datetime.now(UTC).isoformat(), "Details": "user unknown",
        "Description": "The server was unable to deliver your message", "Metadata": {},
    }  # fmt: skip
    key = base64.b64encode(b"someone:secret").decode()

    view = PostmarkTrackingWebhookView.as_view()
    request = RequestFactory().post(
        "/anymail/postmark/tracking/",
        json.dumps(said),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Basic {key}",
    )

    assert view(request).status_code == 200
    assert Message.unscoped.get(id=sent.id).status == "bounced"
