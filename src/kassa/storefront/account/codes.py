"""Codes by e-mail for visitors who are not signed in: to sign in, for a new password, to sign up.

Nothing that a visitor sees or can measure depends on whether an address has an account, or was written to
just before: every request for a code looks for the same things, writes one letter, and shows the same page.
Letters that are one too many go to nobody. What is remembered stands in the session.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from allauth.account.adapter import get_adapter
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from kassa.core.budgets import Rate
from kassa.core.client_address import countable_address_in
from kassa.core.clock import utc_now
from kassa.core.rate_limits import RateLimit, require
from kassa.identity.domain.account_mail import UNSENT
from kassa.storefront.account.account_emails import Letter
from kassa.storefront.account.mailbox_budgets import MailboxBudget
from kassa.storefront.account.queue_letter import queue_letter

SECONDS = 15 * 60
MOST_TRIES = 3
MOST_LETTERS = 3
"""How often one request for a code is written for: the first time, and twice more."""
REQUESTS = RateLimit("account_codes", per="address", default=Rate(20, 60, 20))
LETTERS_TO = MailboxBudget(
    of_network=RateLimit(
        "account_letters", per="mailbox and network", default=Rate(10, 3600, 6), is_shared=True
    ),
    of_all=RateLimit("account_letters_all", per="mailbox", default=Rate(60, 3600, 40), is_shared=True),
)
_SESSION_KEY = "kassa_code"


class CodePurpose(StrEnum):
    """What a code is asked for."""

    SIGN_IN = "sign_in"
    PASSWORD = "password"  # noqa: S105 - what it is for
    SIGN_UP = "sign_up"


@dataclass
class CodeRequest:
    """A code that was asked for in this browser."""

    purpose: CodePurpose
    email: str
    code: str
    began_at: float
    tries: int = 0
    letters: int = 0
    next: str = ""
    """Where to go on afterwards; empty: to the account."""
    user_id: str = ""
    """The pending account that signing up has begun; empty: none, because there was one."""
    is_by_passkey: bool = False

    @property
    def can_resend(self) -> bool:
        return self.letters < MOST_LETTERS

    @classmethod
    def begin(cls, purpose: CodePurpose, email: str, **facts: Any) -> Self:
        return cls(purpose, email, code="", began_at=time.time(), **facts)


def load_code_request(request: HttpRequest, purpose: CodePurpose) -> CodeRequest | None:
    """Return what was asked for in this browser. None: nothing of the kind, or too long ago."""
    stored = request.session.get(_SESSION_KEY)
    if not stored or stored["purpose"] != purpose or time.time() - stored["began_at"] > SECONDS:
        return None
    return CodeRequest(**{**stored, "purpose": CodePurpose(stored["purpose"])})


def send_code(request: HttpRequest, asked: CodeRequest, letter: Letter) -> None:
    """Write a letter with a new code, and remember the code; the one before works no more.

    If the address was written to too often lately, the letter goes to nobody and the code before stays; a
    first one is then never valid. That looks the same from outside, so there is nothing to raise.
    """
    code = get_adapter(request).generate_login_code()
    is_within = LETTERS_TO.spend(request, asked.email)
    facts = {
        "code": code,
        "email": asked.email,
        "login_url": settings.BASE_URL + reverse("account_login"),
        "signup_url": settings.BASE_URL + reverse("account_signup"),
    }
    queue_letter(asked.email if is_within else UNSENT, letter, facts, now=utc_now(), code=code)
    if is_within:
        asked.code = code
    asked.letters += 1
    _store(request, asked)


def enter_code(request: HttpRequest, asked: CodeRequest, code: str) -> bool:
    """Say whether it is the code. The right one works once; the third wrong one ends the request."""
    if asked.code and compare_user_code(actual=code, expected=asked.code):
        discard_code_request(request)
        return True
    asked.tries += 1
    if asked.tries >= MOST_TRIES:
        discard_code_request(request)
    else:
        _store(request, asked)
    return False


def discard_code_request(request: HttpRequest) -> None:
    request.session.pop(_SESSION_KEY, None)


def require_few_requests(request: HttpRequest) -> None:
    """Refuse a client that asks for many codes, whatever the addresses.

    Raises:
        TooManyRequests: it must wait.
    """
    address = countable_address_in(request.META)
    if address is not None:
        require(REQUESTS, address.host, now=utc_now())


def _store(request: HttpRequest, asked: CodeRequest) -> None:
    request.session[_SESSION_KEY] = asdict(asked)
