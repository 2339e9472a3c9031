"""Who is signed in, for pages that want to know. Nobody else pays for it: no cookie, no query."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from kassa.identity.models import User
from kassa.storefront.account.session_store import SessionStore

_ASKED = "kassa_buyer"


def buyer_of(request: HttpRequest) -> User | None:
    """Return the person who is signed in. None: nobody, or one whose account is suspended.

    Below ``/account/`` the session is read already; elsewhere it is read at the first call, in two
    queries, and only where the browser has one. An answer that depends on it must not be kept by caches.
    """
    known = request.__dict__.get("user", request.__dict__.get(_ASKED, ...))
    if known is ...:
        known = _read(request)
        setattr(request, _ASKED, known)
    return known if isinstance(known, User) else None


def session_key_of(request: HttpRequest) -> str | None:
    """Return the key of the browser's session. None: it has none that could be ours."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() else None


def _read(request: HttpRequest) -> User | None:
    key = session_key_of(request)
    if key is None:
        return None
    reading = HttpRequest()
    reading.session = SessionStore(key)
    found = get_user(reading)
    return found if isinstance(found, User) else None
