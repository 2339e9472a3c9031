"""What stands around every public page: who may not see it, its language, and what a browser may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kassa.core.errors import InvalidInput, KassaError, NotFound
from kassa.core.form_origin import require_own_page
from kassa.storefront.find import LinkDead
from kassa.storefront.words import DEAD_LINK, problem_text
from kassa.web.headers import OWN, POLICY, SECRET_ADDRESS, build_policy, set_headers
from kassa.web.language import requested_language, resolve_language

HEADERS = {
    POLICY: build_policy(style_src=OWN, font_src=OWN, img_src=OWN),
    **SECRET_ADDRESS,
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
            with translation.override(resolve_language(request)):
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
                    set_headers(response, refused.answer_headers)
                except OperationalError:  # a lock that was waited for too long, or no database
                    response = show(request, "busy", status=503)
                    response["Retry-After"] = "2"
            set_headers(response, HEADERS)
            response["Vary"] = "Accept-Language"
            return response

        return answer

    return decorate


def _read_form(request: HttpRequest) -> None:
    """Read what was sent; later it is at hand.

    Raises:
        InvalidInput: it is no form, or far longer than one of ours.
    """
    try:
        _ = request.POST
    except (BadRequest, MultiPartParserError, SuspiciousOperation) as error:
        raise InvalidInput("The form cannot be read.") from error


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with a page whose links stay in the language that was asked for."""
    language = requested_language(request)
    query = f"?lang={language}" if language else ""
    return render(request, f"storefront/{template}.html", {"query": query, **(context or {})}, status=status)
