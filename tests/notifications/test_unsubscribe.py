"""Reminders end with a click: in the mail program, or on a page; what concerns an order goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.notifications.domain.remind import remind_of_events
from kassa.notifications.domain.resend import resend_message
from kassa.notifications.domain.suppress import suppress
from kassa.notifications.enums import SuppressionReason
from kassa.notifications.models import Message, SuppressedAddress
from tests.notifications.office import Office
from tests.notifications.smtp import MailHost, mail_host
from tests.notifications.test_kinds import call_off, move
from tests.storefront.pages import text_of

BROWSER = Client()


@pytest.fixture
def host(settings: Any) -> Iterator[MailHost]:
    with mail_host() as host:
        settings.MAIL_TRANSPORT = "smtp"
        settings.MAIL_FROM = "tickets@kassa.test"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", host.port, 5
        yield host


def remind(office: Office) -> None:
    office.later = office.starts_at - timedelta(hours=23) - office.now
    remind_of_events(now=office.now)
    office.work()


def sent(office: Office, host: MailHost) -> Any:
    """Send what is due to an address that is nobody's example; return the last mail."""
    Message.unscoped.filter(status="pending").update(recipient="ada@harbour.test")
    office.send()
    return host.mails[-1]


def path_in(mail: Any) -> str:
    link = str(mail["List-Unsubscribe"]).strip()
    assert (link[0], link[-1]) == ("<", ">")
    return link[1:-1].removeprefix(django_settings.BASE_URL)


@pytest.mark.parametrize("tell", [move, call_off], ids=["moved", "cancelled"])
def test_news_to_all_guests_can_be_unsubscribed_from(office: Office, host: MailHost, tell: Any) -> None:
    office.forget()
    tell(office)
    office.work()
    Message.unscoped.update(status="pending", next_try_at=utc_now(), attempts=0)

    mail = sent(office, host)

    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert BROWSER.get(path_in(mail)).status_code == 200


def test_one_click_ends_reminders_and_nothing_else(office: Office, host: MailHost) -> None:
    office.forget()
    remind(office)
    Message.unscoped.update(status="pending", next_try_at=office.now, attempts=0)
    path = path_in(sent(office, host))

    assert "Stop reminders" in text_of(BROWSER.get(f"{path}?lang=en"))
    assert SuppressedAddress.unscoped.count() == 0
    answer = BROWSER.post(
        path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    [address] = SuppressedAddress.unscoped.values_list("address", "reason")
    assert address == ("ada@harbour.test", "unsubscribed")
    [reminder] = office.messages("event_reminder")
    with pytest.raises(KassaError):
        resend_message(CommandContext.system(office.id, now=office.now), reminder.id)
    move(office)
    office.work()
    Message.unscoped.filter(kind="event_changed").update(
        status="pending", next_try_at=office.now, attempts=0, recipient="Ada@harbour.test"
    )
    office.send()
    assert office.message("event_changed").status == "sent"


def test_messages_about_one_s_own_order_have_no_such_link(office: Office, host: MailHost) -> None:
    assert office.sold
    office.work()
    Message.unscoped.update(status="pending", next_try_at=office.now, attempts=0)

    assert sent(office, host)["List-Unsubscribe"] is None


def test_an_address_that_does_not_exist_is_written_to_no_more_though_it_unsubscribed(office: Office) -> None:
    for reason in (SuppressionReason.UNSUBSCRIBED, SuppressionReason.BOUNCED, SuppressionReason.UNSUBSCRIBED):
        suppress(office.id, "ada@example.com", reason=reason, detail="", now=utc_now())

    assert SuppressedAddress.unscoped.get().reason == "bounced"


def test_a_link_that_nobody_made_opens_nothing() -> None:
    assert BROWSER.get("/unsubscribe/nobody-has-this").status_code == 404
