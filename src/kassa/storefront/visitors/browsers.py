"""Which browser a request comes from: a random name in a signed cookie, one for each organisation.

It says that two requests come from the same browser, and nothing about who sits in front of it. The name
alone is no secret: nobody can make the cookie from it. Forms on pages for one browser alone carry the
cookie's text, too, for browsers that keep no cookies; only views that refuse the forms of other sites read
it there.
"""

from __future__ import annotations

import re
import secrets
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kassa.core.signatures import is_signed, sign
from kassa.web.cookies import set_cookie

BROWSER_SECONDS = 24 * 3600
"""Longer than any hold: a cart that has ended still leads its browser on."""
SALT = "kassa.storefront.browsers"
FIELD = "browser"
"""The field of a form that carries the name."""
_NAME, _SIGNATURE = re.compile(r"[A-Za-z0-9_-]{22}"), re.compile(r"[0-9a-f]{32}")


def browser_in(request: HttpRequest, organization_id: UUID) -> str:
    """Return the name that a browser's cookie brings; empty: it brings none that is ours."""
    return _read(organization_id, request.COOKIES.get(_cookie(organization_id), ""))


def accept_form_browser(request: HttpRequest, organization_id: UUID) -> None:
    """Let the form of a browser that keeps no cookies name it.

    For views alone that refuse the forms of other sites: those could name the browser of whoever wrote them.
    """
    named = browser_in(request, organization_id) or _read(organization_id, request.POST.get(FIELD, ""))
    if named:
        _names_in(request).setdefault(organization_id, named)


def name_browser(request: HttpRequest, organization_id: UUID) -> str:
    """Return a browser's name; one that brings none gets one, which :func:`keep_browser` lets it keep."""
    names = _names_in(request)
    if organization_id not in names:
        names[organization_id] = browser_in(request, organization_id) or secrets.token_urlsafe(16)
    return names[organization_id]


def browser_token(request: HttpRequest, organization_id: UUID) -> str:
    """Return a browser's name with our signature, for its cookie and for the forms that it is sent."""
    name = name_browser(request, organization_id)
    return f"{name}.{sign(SALT, f'{organization_id}:{name}').hex()}"


def keep_browser(request: HttpRequest, response: HttpResponseBase, organization_id: UUID) -> None:
    """Let a browser keep its name for another day."""
    token = browser_token(request, organization_id)
    set_cookie(response, _cookie(organization_id), token, seconds=BROWSER_SECONDS)


def _names_in(request: HttpRequest) -> dict[UUID, str]:
    names: dict[UUID, str] = request.__dict__.setdefault("_kassa_browsers", {})
    return names


def _read(organization_id: UUID, token: str) -> str:
    """Return the name that a token carries; empty: the signature is not ours."""
    name, _, signature = token.partition(".")
    if not _NAME.fullmatch(name) or not _SIGNATURE.fullmatch(signature):
        return ""
    is_ours = is_signed(SALT, f"{organization_id}:{name}", bytes.fromhex(signature))
    return name if is_ours else ""


def _cookie(organization_id: UUID) -> str:
    return f"kassa_browser_{organization_id.hex}"
