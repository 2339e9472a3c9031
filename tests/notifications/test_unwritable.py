"""One message that cannot be written or handed over keeps none of the others back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kassa.core.clock import utc_now
from kassa.notifications.domain.send import RETRY_AFTER
from kassa.notifications.models import Message
from kassa.organizations.models import Organization
from tests.notifications.office import Office
from tests.notifications.smtp import mail_host
from tests.support.factories import line


def make_due(office: Office) -> tuple[Message, Message]:
    """Return a message that is due and can be written, and one that cannot: it lacks what it speaks of."""
    office.work()
    office.place(line(office.standing))
    office.work()
    good, broken = office.messages("order_placed")[-1], office.messages("order_confirmed")[0]
    Message.unscoped.filter(id__in=[good.id, broken.id]).update(
        status="pending", next_try_at=utc_now(), attempts=0, sent_at=None
    )
    Message.unscoped.filter(id=broken.id).update(kind="order_refunded", facts={})
    return good, broken


def test_a_kept_message_that_cannot_be_written_is_tried_again(office: Office) -> None:
    good, broken = make_due(office)
    now = utc_now() + timedelta(seconds=1)

    office.send(now)

    for message in (good, broken):
        message.refresh_from_db()
    assert good.status == "kept"
    assert (broken.status, broken.attempts, broken.error) == (
        "pending",
        1,
        "It could not be written: KeyError",
    )
    assert broken.next_try_at == now + RETRY_AFTER[0]


def test_a_letter_that_cannot_be_put_together_is_tried_again(office: Office, settings: Any) -> None:
    with mail_host() as host:
        settings.MAIL_TRANSPORT = "smtp"
        settings.MAIL_FROM = "tickets@kassa.test"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", host.port, 5
        good, _ = make_due(office)
        Message.unscoped.update(recipient="ada@harbour.test")
        Organization.objects.update(email="office@harbour\n.test")

        office.send()

    good.refresh_from_db()
    assert (good.status, good.attempts, good.error) == (
        "pending",
        1,
        "It could not be handed over: BadHeaderError",
    )
    assert host.taken == []
