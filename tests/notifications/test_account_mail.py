"""Letters about accounts: sent once, tried again, kept where nothing is sent, and gone after a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.identity.domain.account_mail import AccountLetter, kept_letters, write_account_mail
from kassa.identity.models import AccountMail
from kassa.notifications.domain.account_mail import MOST_TRIES, RETRY, send_account_mail
from tests.notifications.smtp import MailHost, mail_host

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@hosting.test"
LETTER = AccountLetter(ADA, "Your code", "BCDF-GHJK\n", "<html><head></head><p>BCDF-GHJK</p></html>")


@pytest.fixture
def host(settings: Any) -> Iterator[MailHost]:
    with mail_host() as host:
        settings.MAIL_TRANSPORT = "smtp"
        settings.MAIL_FROM = "tickets@hosting.test"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", host.port
        yield host


def test_letter_is_sent_once_and_not_kept(host: MailHost) -> None:
    write_account_mail(LETTER, now=utc_now())

    assert [send_account_mail(now=utc_now()) for _ in range(2)] == [1, 0]
    [mail] = host.mails
    assert (mail["To"], mail["Subject"], mail["From"]) == (ADA, "Your code", "Kassa <tickets@hosting.test>")
    assert not AccountMail.objects.exists()


def test_letter_that_is_refused_for_now_is_tried_again_for_a_while(host: MailHost) -> None:
    host.to[ADA] = "451 4.7.1 later"
    write_account_mail(LETTER, now=utc_now())
    now = utc_now()

    for turn in range(MOST_TRIES):
        assert AccountMail.objects.exists(), turn
        send_account_mail(now=now)
        send_account_mail(now=now)
        now += RETRY

    assert not AccountMail.objects.exists()


def test_letter_to_nobody_is_dropped(host: MailHost) -> None:
    write_account_mail(AccountLetter("ada@example.com", "x", "x", "x"), now=utc_now())

    assert send_account_mail(now=utc_now()) == 0
    assert host.mails == []
    assert not AccountMail.objects.exists()


def test_kept_letters_stay_for_a_day() -> None:
    now = utc_now()
    write_account_mail(LETTER, now=now)

    send_account_mail(now=now + timedelta(hours=23))
    assert [one.letter for one in kept_letters(recipient="ADA@")] == [LETTER]
    send_account_mail(now=now + timedelta(hours=25))
    assert list(kept_letters()) == []


def test_what_is_in_a_letter_is_encrypted() -> None:
    mail = write_account_mail(LETTER, now=utc_now())

    assert "BCDF" not in mail.content
    assert ADA not in mail.content


def test_letter_of_another_key_is_left_out(settings: Any) -> None:
    write_account_mail(LETTER, now=utc_now())
    settings.ENCRYPTION_KEYS = ["another"]

    assert list(kept_letters()) == []
