"""How messages leave: by SMTP, by a provider through anymail, or not at all, where they are kept."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.charset import QP, Charset
from email.headerregistry import Address
from email.utils import parseaddr
from enum import Enum, auto
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailAPIError, AnymailError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection

from kassa.notifications.domain.smtp import SmtpConnection
from kassa.notifications.domain.wording import one_line
from kassa.notifications.enums import Transport

NO_SUCH_MAILBOX = re.compile(
    rb"\b5\.1\.(?:1|2|3|6|10)\b|user unknown|no such user|unknown (?:user|mailbox)", re.IGNORECASE
)
TOO_LARGE = re.compile(rb"\b5\.(?:2\.3|3\.4)\b|message (?:is )?too (?:large|big)", re.IGNORECASE)
TOO_MUCH = frozenset({413, 552})
"""The statuses by which providers, and mail servers, refuse a message for its size."""
OWN_ACCOUNT = frozenset({401, 403, 421, 530, 534, 535, 538})
"""Not about a message: the server goes away, or does not know who we are, which people put right in time."""
RESERVED = re.compile(r"(?:.*\.)?example\.(?:com|org|net)|.*\.(?:example|invalid)", re.IGNORECASE)
"""Names that belong to nobody: the demo's people live there."""


SEVEN_BIT = Charset("utf-8")
SEVEN_BIT.body_encoding = QP
"""Texts go out in letters that every server takes and none rewrites, which would break their signature."""


class Fate(Enum):
    """What became of a try to send."""

    SENT = auto()
    LATER = auto()
    """It may work another time."""
    NEVER = auto()
    """It will not."""
    NO_SUCH_ADDRESS = auto()
    """It will not, nor will anything else to this address."""
    TOO_LARGE = auto()
    """It will not, as large as it is."""
    LOST = auto()
    """The connection broke."""
    NO_SERVER = auto()
    """The server does not answer: it need not be asked about others now."""


FATES: dict[type[Exception] | tuple[type[Exception], ...], Fate] = {
    (smtplib.SMTPNotSupportedError, AnymailError): Fate.NEVER,
    ImproperlyConfigured: Fate.NO_SERVER,
    (smtplib.SMTPException, OSError): Fate.LOST,
}
"""What an error without an answer of the server means; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out."""

    message_id: UUID
    organization_id: UUID | None
    """None: it is about a person's account, and no organisation's."""
    sender_name: str
    reply_to: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    unsubscribe_link: str = ""
    """Where its reader can end messages of its kind; empty: it concerns them alone."""
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
        self._was_lost = False
        """Whether the connection broke at the message before."""

    def send(self, letter: Letter) -> Answer:
        """Hand over one message; never raises for what the other side says or fails to say."""
        try:
            if self._connection is None:
                self._connection = _connect()
        except (smtplib.SMTPException, OSError, AnymailError, ImproperlyConfigured) as error:
            self.close()
            return Answer(Fate.NO_SERVER, _described(error))
        try:
            mail = mail_of(letter, self._connection)
            mail.send()
        except Exception as error:
            answer = _answer_to(error)
            if answer is None:
                raise
            return self._refused(answer)
        self._was_lost = False
        status = getattr(mail, "anymail_status", None)
        return Answer(Fate.SENT, "", str(getattr(status, "message_id", None) or message_id_of(letter)))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def _refused(self, answer: Answer) -> Answer:
        """Begin anew after a refusal: some servers hang up, and what was half said must not go on.

        A connection that breaks may do so for what was sent on it. The next message has a new one; if that
        breaks as well, it is the server.
        """
        self.close()
        is_lost, was_lost = answer.fate is Fate.LOST, self._was_lost
        self._was_lost = is_lost
        if not is_lost:
            return answer
        return Answer(Fate.NO_SERVER if was_lost else Fate.LATER, answer.error)


def _connect() -> Any:
    if settings.MAIL_TRANSPORT == Transport.SMTP:
        connection: Any = SmtpConnection()
    else:
        connection = get_connection()
    connection.open()
    return connection


def _answer_to(error: Exception) -> Answer | None:
    """Return what an error says of the message that was handed over. None: nothing; the mistake is ours."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()), (0, b""))
            return Answer(_classify_recipient_refusal(code, said), _said(code, said))
        case smtplib.SMTPResponseException():
            return Answer(_classify_refusal(error), _said(error.smtp_code, error.smtp_error))
        case AnymailAPIError():
            return Answer(_classify_api_status(error.status_code), _described(error))
    fate = next((fate for kinds, fate in FATES.items() if isinstance(error, kinds)), None)
    return None if fate is None else Answer(fate, _described(error))


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
            **_unsubscribe_headers(letter),
        },
        connection=connection,
    )
    mail.encoding = SEVEN_BIT
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


def _unsubscribe_headers(letter: Letter) -> dict[str, str]:
    """Return what lets a mail program offer to unsubscribe, with one click (RFC 2369, RFC 8058)."""
    if not letter.unsubscribe_link:
        return {}
    return {
        "List-Unsubscribe": f"<{letter.unsubscribe_link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id_of(letter: Letter) -> str:
    domain = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2] or "kassa.invalid"
    return f"<{letter.message_id}@{domain}>"


def _sender(name: str) -> str:
    return _address(name, parseaddr(settings.MAIL_FROM)[1])


def _address(name: str, address: str) -> str:
    user, _, domain = address.rpartition("@")
    name = one_line(name)[:100]
    return str(Address(name, user, domain)) if user.isascii() and domain.isascii() else address


def _classify_recipient_refusal(code: int, said: bytes) -> Fate:
    if code < 500:
        return Fate.LATER
    return Fate.NO_SUCH_ADDRESS if NO_SUCH_MAILBOX.search(said) else Fate.NEVER


def _classify_refusal(error: smtplib.SMTPResponseException) -> Fate:
    """Return what a refusal of the sender or the content means: it is about this message, if anything can be.

    A sender that is refused for good is for people to put right; until then each message is tried by itself.
    """
    said = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
    if error.smtp_code in OWN_ACCOUNT:
        return Fate.NO_SERVER
    if error.smtp_code < 500:
        return Fate.LATER
    if error.smtp_code in TOO_MUCH or TOO_LARGE.search(said):
        return Fate.TOO_LARGE
    return Fate.LATER if isinstance(error, smtplib.SMTPSenderRefused) else Fate.NEVER


def _classify_api_status(status: int | None) -> Fate:
    """Return what a provider's answer means. None: there was none."""
    if status is None:
        return Fate.LOST
    if status in OWN_ACCOUNT:
        return Fate.NO_SERVER
    return Fate.TOO_LARGE if status in TOO_MUCH else Fate.LATER


def _described(error: Exception) -> str:
    return one_line(str(error) or type(error).__name__)[:500]


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {one_line(text)}"[:500]
