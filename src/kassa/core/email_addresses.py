"""E-mail addresses: one form of each, the form for readers, and the key by which they are compared.

The domain is kept as mail servers know it: in lower case, its labels in ASCII (IDNA). The part before the
``@`` is kept as it was typed, and compared without case. What no mail can be written to is no address.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import idna

from kassa.core.visible_text import strip_unseen

MAX_LENGTH = 254
MAX_LOCAL_LENGTH = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{0,58}}[a-z0-9])")
_COMMON = re.compile(rf"{_LOCAL.pattern}@(?:{_LABEL}\.)+[a-z]{{2,63}}")
"""The form that nearly all addresses have as they are typed; nothing is to be done about these."""
_ENCODED = "xn--"
GMAIL = frozenset({"gmail.com", "googlemail.com"})
"""Two names of one service, which does not look at dots before the ``@``."""


class AddressFault(StrEnum):
    """Why a text is no address to which mail can be written."""

    INCOMPLETE = "incomplete"
    TOO_LONG = "too_long"
    MAILBOX = "mailbox"
    """The part before the ``@`` is not written as mail servers take it."""
    LETTERS = "letters"
    """The part before the ``@`` has letters outside ASCII, which few mail servers take (SMTPUTF8)."""
    DOMAIN = "domain"


SENTENCES = {
    AddressFault.INCOMPLETE: "This is not a whole e-mail address. Write it like ada@example.org.",
    AddressFault.TOO_LONG: f"An e-mail address has at most {MAX_LENGTH} characters, and {MAX_LOCAL_LENGTH} "
    "before the @.",
    AddressFault.MAILBOX: "The part of this e-mail address before the @ is not one that mail can be sent to. "
    "Look for commas, quotes, brackets, spaces and double dots.",
    AddressFault.LETTERS: "Mail servers do not take letters such as é before the @ of an e-mail address. "
    "Give another address.",
    AddressFault.DOMAIN: "The part of this e-mail address after the @ is not a domain. "
    "Write it like ada@example.org.",
}


class InvalidEmailAddress(ValueError):
    """A text is no e-mail address; it says why, and what to do."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(SENTENCES[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address to which mail can be written."""

    local: str
    domain: str
    """Lower case, in ASCII."""

    def __str__(self) -> str:
        """Return it as it is kept and written to."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """Return what two spellings of the same address have in common."""
        return f"{self.local}@{self.domain}".lower()


def parse_email_address(text: str) -> EmailAddress:
    """Return the address that is meant by a text, without what nobody sees in it.

    Raises:
        InvalidEmailAddress: mail cannot be written to it.
    """
    if len(text) <= MAX_LOCAL_LENGTH and _COMMON.fullmatch(text) and _ENCODED not in text:
        local, _, domain = text.rpartition("@")
        return EmailAddress(local, domain)
    if len(text) > 2 * MAX_LENGTH:
        raise InvalidEmailAddress(AddressFault.TOO_LONG)
    local, at, domain = unicodedata.normalize("NFC", strip_unseen(text).strip()).rpartition("@")
    if not (local and at and domain):
        raise InvalidEmailAddress(AddressFault.INCOMPLETE)
    if not _LOCAL.fullmatch(local):
        raise InvalidEmailAddress(_local_fault(local))
    address = EmailAddress(local, _parse_domain(domain))
    if len(local) > MAX_LOCAL_LENGTH or len(str(address)) > MAX_LENGTH:
        raise InvalidEmailAddress(AddressFault.TOO_LONG)
    return address


def email_key(text: str) -> str:
    """Return the form in which addresses are compared; of what is no address, the text in lower case."""
    try:
        return parse_email_address(text).key
    except InvalidEmailAddress:
        return text.strip().lower()


def mailbox_key(key: str) -> str:
    """Return the key of the mailbox behind a key: without a sub-address such as ``+news``.

    Gmail's two domains and its dots before the ``@`` are one mailbox as well.
    """
    local, at, domain = key.rpartition("@")
    base = local.partition("+")[0] or local
    if domain in GMAIL:
        return f"{base.replace('.', '') or base}@gmail.com"
    return f"{base}{at}{domain}"


def display_email(address: str) -> str:
    """Return an address for readers: a domain in other letters in those, and not as ``xn--…``."""
    local, at, domain = address.rpartition("@")
    if _ENCODED not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except idna.IDNAError:
        return address


def _local_fault(local: str) -> AddressFault:
    outside = [each for each in local if not each.isascii()]
    if outside and _LOCAL.fullmatch("".join("x" if each in outside else each for each in local)):
        return AddressFault.LETTERS
    return AddressFault.MAILBOX


def _parse_domain(domain: str) -> str:
    domain = domain.removesuffix(".")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
        except idna.IDNAError as error:
            raise InvalidEmailAddress(AddressFault.DOMAIN) from error
    domain = domain.lower()
    if not _DOMAIN.fullmatch(domain):
        raise InvalidEmailAddress(AddressFault.DOMAIN)
    return domain
