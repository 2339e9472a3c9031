"""Sending letters about accounts, which belong to no organisation and are gone once they are sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from kassa.core.delivery import BackOff, DeliveryQueue
from kassa.core.jobs import ShouldStop, never_stop
from kassa.core.secrets import SecretUnreadable
from kassa.identity.domain.account_mail import forget_account_mail, read_account_mail
from kassa.identity.models import AccountMail
from kassa.notifications.domain.transport import Fate, Letter, MailServer, belongs_to_nobody, is_keeping

LEASE = timedelta(minutes=2)
"""So long a worker has a letter to itself; after a kill another one takes it."""
RETRY = timedelta(seconds=30)
MOST_TRIES = 20
"""Over about ten minutes: a code that comes later is of no use any more."""
QUEUE = DeliveryQueue(
    AccountMail,
    back_off=BackOff([RETRY], max_tries=MOST_TRIES),
    lease=LEASE,
    tries="attempts",
)
SENDER = "Kassa"
logger = logging.getLogger("kassa.notifications")


def send_account_mail(*, now: datetime, should_stop: ShouldStop = never_stop) -> int:
    """Send what is due and forget what is old; return how many letters were sent. Kept letters stay."""
    forget_account_mail(now=now)
    if is_keeping():
        return 0
    with closing(MailServer()) as server:
        batches = QUEUE.batches(None, limit=1, now=now, should_stop=should_stop, load=_load)
        return sum(_send(mail, server, now=batch.claimed_at) for batch in batches for mail in batch)


def _load(claimed: Sequence[Any]) -> Sequence[AccountMail]:
    return list(AccountMail.objects.filter(id__in=[row.id for row in claimed]))


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
    next_try_at = QUEUE.back_off.next_try_at(mail.attempts, now=now)
    if answer.fate in (Fate.LATER, Fate.NO_SERVER) and next_try_at is not None:
        AccountMail.objects.filter(id=mail.id).update(next_try_at=next_try_at)
        return False
    if answer.fate is not Fate.SENT:
        logger.warning("A letter about an account was not sent: %s", answer.error)
    mail.delete()
    return answer.fate is Fate.SENT
