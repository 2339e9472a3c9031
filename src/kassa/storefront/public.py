"""What stands around every public page: who may not see it, its language, and what a browser may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kassa.core.errors import InvalidInput, KassaError, NotFound
from kassa.core.form_origin import require_own_page
from kassa.core.languages import Language, parse_accept_language
from kassa.storefront.find import LinkDead
from kassa.storefront.words import DEAD_LINK, problem_text

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address is all that is needed to use a ticket: it goes to no other site and into no search engine.
    # With no referrer at all a browser would not say either that a form comes from our own page.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}

View = Callable[..., HttpResponse]


def public_page(*methods: str, takes_foreign_forms: bool = False) -> Callable[[View], View]:
    """Make a view of a secret link: nothing is kept by caches, nothing is passed on, errors are pages.

    Forms of other sites are refused: one that knows an address of its own could act with the visitor's
    cookies there. A view that reads and sets none of these may take them, for the programs that send them.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @require_http_methods(list(methods) or ["GET", "HEAD"])
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with translation.override(asked_language(request) or accepted_language(request)):
                try:
                    if not takes_foreign_forms:
                        require_own_page(request)
                    _read_form(request)
                    response = view(request, *args, **kwargs)
                except LinkDead as dead:
                    response = show(request, "dead_link", {"standing": DEAD_LINK[dead.reason]}, status=410)
                except NotFound:
                    response = show(request, "not_found", status=404)
                except KassaError as refused:
                    context = {"problem": problem_text(refused)}
                    response = show(request, "refused", context, status=refused.status)
                    add_headers(response, refused.answer_headers)
                except OperationalError:  # a lock that was waited for too long, or no database
                    response = show(request, "busy", status=503)
                    response["Retry-After"] = "2"
            for name, value in HEADERS.items():
                response[name] = value
            response["Vary"] = "Accept-Language"
            return response

        return answer

    return decorate


def add_headers(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    """Add what a refusal says to programs, such as when to come back."""
    for name, value in headers.items():
        response.headers[name] = value


def _read_form(request: HttpRequest) -> None:
    """Read what was sent; later it is at hand.

    Raises:
        InvalidInput: it is no form, or far longer than one of ours.
    """
    try:
        _ = request.POST
    except (BadRequest, MultiPartParserError, SuspiciousOperation) as error:
        raise InvalidInput("The form cannot be read.") from error


def speak(request: HttpRequest, preferred: str | None) -> None:
    """Go on in the language that was asked for, or else in that of the order."""
    language = asked_language(request) or preferred
    if language:
        translation.activate(language)


def asked_language(request: HttpRequest) -> str | None:
    """Return the language that the address names. None: it names none that Kassa speaks."""
    asked = request.GET.get("lang")
    return asked if asked and asked in Language.values else None


def accepted_language(request: HttpRequest) -> str:
    """Return the language that the browser likes best of those that Kassa speaks."""
    return parse_accept_language(request.headers.get("Accept-Language", "")) or settings.LANGUAGE_CODE


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with a page whose links stay in the language that was asked for."""
    language = asked_language(request)
    query = f"?lang={language}" if language else ""
    return render(request, f"storefront/{template}.html", {"query": query, **(context or {})}, status=status)


def go(request: HttpRequest, path: str, **query: str) -> HttpResponse:
    """Send the browser on after a form, so that loading the page again sends nothing twice."""
    if language := asked_language(request):
        query["lang"] = language
    shown = "&".join(f"{name}={value}" for name, value in query.items())
    response = HttpResponseRedirect(f"{path}?{shown}" if shown else path)
    response.status_code = 303
    return response
