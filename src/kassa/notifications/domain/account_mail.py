"""Sending letters about accounts, which belong to no organisation and are gone once they are sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from kassa.core.secrets import SecretUnreadable
from kassa.identity.domain.account_mail import forget_account_mail, read_account_mail
from kassa.identity.models import AccountMail
from kassa.notifications.domain.transport import Fate, Letter, MailServer, belongs_to_nobody, is_keeping

LEASE = timedelta(minutes=2)
"""So long a worker has a letter to itself; after a kill another one takes it."""
RETRY = timedelta(seconds=30)
MOST_TRIES = 20
"""Over about ten minutes: a code that comes later is of no use any more."""
SENDER = "Kassa"
logger = logging.getLogger("kassa.notifications")


def send_account_mail(*, now: datetime, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due and forget what is old; return how many letters were sent. Kept letters stay."""
    forget_account_mail(now=now)
    if is_keeping():
        return 0
    sent, server = 0, MailServer()
    try:
        while not should_stop() and (mail := _claim(now)) is not None:
            sent += _send(mail, server, now=now)
    finally:
        server.close()
    return sent


def _claim(now: datetime) -> AccountMail | None:
    """Take the next letter that is due, for a while."""
    with transaction.atomic():
        due = AccountMail.objects.filter(next_try_at__lte=now).order_by("next_try_at")
        mail = due.select_for_update(skip_locked=True).first()
        if mail is not None:
            mail.attempts += 1
            mail.next_try_at = now + LEASE
            mail.save(update_fields=["attempts", "next_try_at"])
    return mail


def _send(mail: AccountMail, server: MailServer, *, now: datetime) -> bool:
    """Hand over one letter and delete it, or say when to try again."""
    try:
        letter = read_account_mail(mail)
    except SecretUnreadable:
        mail.delete()
        return False
    if belongs_to_nobody(letter.recipient):
        mail.delete()
        return False
    answer = server.send(
        Letter(
            message_id=mail.id,
            organization_id=None,
            sender_name=letter.sender_name or SENDER,
            reply_to=letter.reply_to,
            recipient=letter.recipient,
            recipient_name="",
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
        )
    )
    if answer.fate in (Fate.LATER, Fate.NO_SERVER) and mail.attempts < MOST_TRIES:
        AccountMail.objects.filter(id=mail.id).update(next_try_at=now + RETRY)
        return False
    if answer.fate is not Fate.SENT:
        logger.warning("A letter about an account was not sent: %s", answer.error)
    mail.delete()
    return answer.fate is Fate.SENT
