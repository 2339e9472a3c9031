"""Letters about accounts: codes, and what was changed. They belong to no organisation.

What stands in them is encrypted, because a code lets somebody in. A letter is deleted once it is sent; one
that is kept, or that nobody could send, is gone after a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kassa.core.email_addresses import email_key
from kassa.core.errors import NotFound
from kassa.core.secrets import SecretUnreadable, decrypt, encrypt
from kassa.identity.models import AccountMail

KEPT = timedelta(days=1)
UNSENT = "unsent@kassa.invalid"
"""Letters to it are written and thrown away: from outside that looks like one that is sent."""


@dataclass(frozen=True, slots=True)
class AccountLetter:
    """A letter as its reader gets it."""

    recipient: str
    subject: str
    text: str
    html: str
    sender_name: str = ""
    """Whom it comes from; empty: Kassa."""
    reply_to: str = ""
    """Where answers go; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter that is in the database."""

    id: UUID
    created_at: datetime
    letter: AccountLetter


def write_account_mail(letter: AccountLetter, *, now: datetime) -> AccountMail:
    """Keep a letter until it is sent, or for a day."""
    return AccountMail.objects.create(
        content=encrypt(json.dumps(asdict(letter))), created_at=now, next_try_at=now
    )


def read_account_mail(mail: AccountMail) -> AccountLetter:
    """Return what stands in a letter.

    Raises:
        SecretUnreadable: it was encrypted with a key that is lost.
    """
    return AccountLetter(**json.loads(decrypt(mail.content)))


def kept_letters(*, recipient: str = "", before: UUID | None = None) -> Iterator[KeptLetter]:
    """Yield the letters there are, newest first, or those to one person, for the mailbox page."""
    mails = AccountMail.objects.order_by("-id")
    if before is not None:
        mails = mails.filter(id__lt=before)
    for one in _readable(mails.iterator(chunk_size=50)):
        if one.letter.recipient != UNSENT and recipient.lower() in one.letter.recipient.lower():
            yield one


def kept_letter(mail_id: UUID) -> KeptLetter:
    """Return one letter.

    Raises:
        NotFound: there is none, or it cannot be read.
    """
    found = next(_readable(AccountMail.objects.filter(id=mail_id)), None)
    if found is None:
        raise NotFound
    return found


def forget_account_mail(*, now: datetime) -> int:
    """Delete the letters that are older than a day; return how many."""
    return AccountMail.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _readable(mails: Iterable[AccountMail]) -> Iterator[KeptLetter]:
    for mail in mails:
        try:
            yield KeptLetter(mail.id, mail.created_at, read_account_mail(mail))
        except SecretUnreadable:
            continue


def forget_letters_to(emails: Iterable[str]) -> None:
    """Delete the letters to somebody who is erased."""
    theirs = {email_key(email) for email in emails}
    found = [one.id for one in kept_letters() if email_key(one.letter.recipient) in theirs]
    AccountMail.objects.filter(id__in=found).delete()
