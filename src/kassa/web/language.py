"""Which language a page is written in: one that its address asks for, was chosen before, or the browser's."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from kassa.core.languages import Language, parse_accept_language
from kassa.web.cookies import set_cookie

LANGUAGES = frozenset(Language.values)
LANGUAGE_COOKIE = "kassa_language"
LANGUAGE_SECONDS = 365 * 24 * 3600


def requested_language(request: HttpRequest) -> str | None:
    """Return the language that the address names. None: it names none that Kassa speaks."""
    requested = request.GET.get("lang")
    return requested if requested in LANGUAGES else None


def resolve_language(request: HttpRequest, *, is_remembered: bool = False, default: str | None = None) -> str:
    """Return the language to answer in.

    ``is_remembered`` lets a choice count that the browser keeps in a cookie, which a page that is the same
    for everybody must not do. ``default`` is spoken to browsers that like no language of Kassa's.
    """
    chosen = requested_language(request) or (request.COOKIES.get(LANGUAGE_COOKIE) if is_remembered else None)
    if chosen in LANGUAGES:
        return str(chosen)
    accepted = parse_accept_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    return accepted or default or settings.LANGUAGE_CODE


def activate_language(request: HttpRequest, preferred: str | None) -> None:
    """Go on in the language that the address names, or else in the preferred one; None changes nothing."""
    language = requested_language(request) or preferred
    if language:
        translation.activate(language)


def remember_requested_language(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser keep the language that the address names, unless it does already."""
    language = requested_language(request)
    if language and request.COOKIES.get(LANGUAGE_COOKIE) != language:
        remember_language(response, language)


def remember_language(response: HttpResponseBase, language: str | None) -> None:
    """Let the browser keep a language. None: let it forget the one that it has."""
    if language is None:
        response.delete_cookie(LANGUAGE_COOKIE, samesite="Lax")
        return
    set_cookie(response, LANGUAGE_COOKIE, language, seconds=LANGUAGE_SECONDS)
