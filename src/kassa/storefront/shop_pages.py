"""What stands around every page of a shop: whose it is, its language, what a browser may do, and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from psycopg_pool import PoolTimeout

from kassa.core.errors import Busy, InvalidInput, KassaError, NotFound
from kassa.core.form_origin import SAFE_METHODS, require_own_page
from kassa.storefront.shops import Shop, shop_here, shop_named
from kassa.storefront.words import problem_text
from kassa.web.headers import OWN, POLICY, build_policy, set_headers, set_missing_headers
from kassa.web.language import remember_requested_language, resolve_language

SOURCES = {"script_src": OWN, "style_src": OWN, "img_src": OWN, "font_src": OWN, "connect_src": OWN}
"""What pages of a shop may load."""
HEADERS = {POLICY: build_policy(**SOURCES)}

LONGEST_FORM = 64 * 1024 * 1024
"""Bytes, files included: those of ten tickets, as large as they may be, and some room."""

View = Callable[..., HttpResponseBase]


def shop_page(*methods: str) -> Callable[[View], View]:
    """Make a view a page of a shop: called with ``slug`` it hands on the :class:`Shop`; errors are pages.

    A form from another site is refused, so that no site acts in a visitor's name.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @require_http_methods(list(methods) or ["GET", "HEAD"])
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, slug: str, **kwargs: Any) -> HttpResponseBase:
            shop: Shop | None = None
            with translation.override(page_language(request, None)):
                try:
                    shop = shop_named(slug)
                    if slug in shop.former_slugs and request.method in ("GET", "HEAD"):
                        return finish(request, _lead_on(request, slug, shop))
                    translation.activate(page_language(request, shop))
                    _require_own_form(request)
                    response = view(request, *args, shop=shop, **kwargs)
                except NotFound:
                    response = show_page(request, "storefront/missing.html", shop=shop, status=404)
                except (OperationalError, Busy):  # a lock that was waited for too long, or no database
                    response = show_page(request, "storefront/away.html", shop=shop, status=503)
                    response["Retry-After"] = "2"
                except KassaError as refused:
                    context = {"problem": problem_text(refused)}
                    response = show_page(
                        request, "storefront/not_so.html", context, shop=shop, status=refused.status
                    )
                    set_headers(response, refused.answer_headers)
            return finish(request, response)

        return answer

    return decorate


def _lead_on(request: HttpRequest, slug: str, shop: Shop) -> HttpResponse:
    """Send a browser on that came by a slug which the shop had before.

    Browsers ask each time: one that kept it for good would go in circles if the slug changes back.
    """
    path = request.get_full_path().removeprefix(f"/{slug}")
    response = HttpResponsePermanentRedirect(f"{shop.at}{path}")
    response["Cache-Control"] = "no-cache"
    return response


def show_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    shop: Shop | None,
    status: int = 200,
) -> HttpResponse:
    """Answer with a page in a shop's colours."""
    return render(request, template, {"shop": shop, **(context or {})}, status=status)


def missing_page(request: HttpRequest) -> HttpResponse:
    """Answer a browser that has asked for an address that does not exist."""
    shop = shop_here() or _shop_around(request.path_info)
    with translation.override(page_language(request, shop)):
        response = show_page(request, "storefront/missing.html", shop=shop, status=404)
    finish(request, response)
    return response


def _shop_around(path: str) -> Shop | None:
    """Return the shop within whose addresses a path lies. None: it lies in none, or nobody can say now."""
    try:
        return shop_named(path.split("/")[1])
    except (NotFound, Busy, DatabaseError, InterfaceError, PoolTimeout):
        return None


def finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add what every page's answer says to the browser, where the view has not said otherwise."""
    set_missing_headers(response, HEADERS)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    remember_requested_language(request, response)
    return response


def page_language(request: HttpRequest, shop: Shop | None) -> str:
    """Return what to speak: what the address asks for, what was chosen before, what the browser likes."""
    return resolve_language(request, is_remembered=True, default=shop.default_language if shop else None)


def _require_own_form(request: HttpRequest) -> None:
    """Let a form pass that one of our own pages has sent, and read it.

    Raises:
        Forbidden: another site's page has.
        InvalidInput: it is no form, or far longer than one of ours.
    """
    if request.method in SAFE_METHODS:
        return
    require_own_page(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_FORM:
        raise InvalidInput("The form is too long.")
    try:
        _ = request.POST
    except (BadRequest, MultiPartParserError, SuspiciousOperation) as error:
        raise InvalidInput("The form cannot be read.") from error
