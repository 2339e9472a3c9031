"""How messages leave: by SMTP, by a provider through anymail, or not at all, where they are kept."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from enum import Enum, auto
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from kassa.notifications.domain.wording import one_line
from kassa.notifications.enums import Transport

NO_SUCH_MAILBOX = re.compile(
    rb"\b5\.1\.(?:1|2|3|6|10)\b|user unknown|no such user|unknown (?:user|mailbox)", re.IGNORECASE
)
RESERVED = re.compile(r"(?:.*\.)?example\.(?:com|org|net)|.*\.(?:example|invalid)", re.IGNORECASE)
"""Names that belong to nobody: the demo's people live there."""


class Fate(Enum):
    """What became of a try to send."""

    SENT = auto()
    LATER = auto()
    """It may work another time."""
    NEVER = auto()
    """It will not."""
    NO_SUCH_ADDRESS = auto()
    """It will not, nor will anything else to this address."""
    NO_SERVER = auto()
    """The server does not answer: it need not be asked about others now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out."""

    message_id: UUID
    organization_id: UUID | None
    """Null: it is about a person's account, and no organisation's."""
    sender_name: str
    reply_to: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    attachments: Sequence[tuple[str, bytes, str]] = ()
    """Name, content and type."""


@dataclass(frozen=True, slots=True)
class Answer:
    fate: Fate
    error: str = ""
    provider_message_id: str = ""


def is_keeping() -> bool:
    """Say whether messages are kept and sent nowhere."""
    return bool(settings.MAIL_TRANSPORT == Transport.KEEP)


def belongs_to_nobody(address: str) -> bool:
    """Say whether an address is one of those that stand in examples."""
    return RESERVED.fullmatch(address.rpartition("@")[2]) is not None


class MailServer:
    """One connection to the mail server or provider, opened when it is first needed."""

    def __init__(self) -> None:
        self._connection: Any = None

    def send(self, letter: Letter) -> Answer:
        """Hand over one message; never raises for what the other side says or fails to say."""
        try:
            if self._connection is None:
                self._connection = get_connection()
                self._connection.open()
            mail = mail_of(letter, self._connection)
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            self._forget_half_sent()
            code, said = next(iter(error.recipients.values()), (0, b""))
            return Answer(_fate_of_recipient(code, said), _said(code, said))
        except smtplib.SMTPDataError as error:
            self._forget_half_sent()
            fate = Fate.NEVER if error.smtp_code >= 500 else Fate.LATER
            return Answer(fate, _said(error.smtp_code, error.smtp_error))
        except AnymailRecipientsRefused as error:
            return Answer(Fate.NEVER, one_line(str(error))[:500])
        except AnymailAPIError as error:
            return Answer(Fate.LATER, one_line(str(error))[:500])
        except (smtplib.SMTPException, OSError, AnymailError) as error:
            # What concerns our own account, such as a wrong password, is put right by people in time.
            self.close()
            return Answer(Fate.NO_SERVER, one_line(str(error) or type(error).__name__)[:500])
        status = getattr(mail, "anymail_status", None)
        return Answer(Fate.SENT, "", str(getattr(status, "message_id", None) or message_id_of(letter)))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def _forget_half_sent(self) -> None:
        """Begin anew after a refusal: some servers hang up, and what was half said must not go on."""
        self.close()


def mail_of(letter: Letter, connection: Any) -> EmailMultiAlternatives:
    """Return a message as Django's mail backends send it."""
    mail = EmailMultiAlternatives(
        subject=one_line(letter.subject),
        body=letter.text,
        from_email=_sender(letter.sender_name),
        to=[_address(letter.recipient_name, letter.recipient)],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            # The same at each try: a mailbox that has it already may drop the second.
            "Message-ID": message_id_of(letter),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
        connection=connection,
    )
    mail.attach_alternative(letter.html, "text/html")
    for name, content, kind in letter.attachments:
        mail.attach(name, content, kind)
    # By which a provider's later word about it finds it again.
    if letter.organization_id is not None:
        mail.metadata = {  # type: ignore[attr-defined]
            "kassa_organization": str(letter.organization_id),
            "kassa_message": str(letter.message_id),
        }
    return mail


def message_id_of(letter: Letter) -> str:
    domain = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2] or "kassa.invalid"
    return f"<{letter.message_id}@{domain}>"


def _sender(name: str) -> str:
    return _address(name, parseaddr(settings.MAIL_FROM)[1])


def _address(name: str, address: str) -> str:
    user, _, domain = address.rpartition("@")
    name = one_line(name)[:100]
    return str(Address(name, user, domain)) if user.isascii() and domain.isascii() else address


def _fate_of_recipient(code: int, said: bytes) -> Fate:
    if code < 500:
        return Fate.LATER
    return Fate.NO_SUCH_ADDRESS if NO_SUCH_MAILBOX.search(said) else Fate.NEVER


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {one_line(text)}"[:500]
