"""Visitors who have proven an e-mail address by a code and have no account with it.

They see what was bought or made out under that address, and nothing else; there is no person behind them in
the database.
"""

from __future__ import annotations

import time
from uuid import UUID

from django.http import HttpRequest

from kassa.identity.models import User
from kassa.privacy.whose import Person, orders_of_person, person_of, tickets_of_person

SECONDS = 12 * 3600
NO_USER = UUID(int=0)
"""The id of nobody, so that only the address counts."""
_SESSION_KEY = "kassa_guest"


def admit_guest(request: HttpRequest, email: str) -> None:
    """Let a browser see what belongs to an address that its visitor has just proven, for half a day."""
    request.session.cycle_key()
    request.session[_SESSION_KEY] = {"email": email, "at": time.time()}


def guest_address(request: HttpRequest) -> str | None:
    """Return the proven address of a visitor without an account. None: there is none, or it was long ago."""
    stored = request.session.get(_SESSION_KEY)
    if request.user.is_authenticated or not stored or time.time() - stored["at"] > SECONDS:
        return None
    return str(stored["email"])


def dismiss_guest(request: HttpRequest) -> None:
    """Forget who the visitor is."""
    request.session.flush()


def person_here(request: HttpRequest) -> Person | None:
    """Return by what a visitor is known, with an account or as a guest. None: not at all."""
    if isinstance(request.user, User):
        return person_of(request.user)
    email = guest_address(request)
    return build_guest(email) if email else None


def build_guest(email: str) -> Person:
    """Return the person of whom nothing but a proven address is known."""
    return Person(NO_USER, (email,), ())


def has_purchases(email: str) -> bool:
    """Say whether anything was bought or made out under an address without an account. Two statements."""
    guest = build_guest(email)
    found = [orders_of_person(guest).exists(), tickets_of_person(guest).exists()]
    return any(found)
