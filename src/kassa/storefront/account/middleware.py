"""Sessions, sign-in and the safety of forms, for the pages below ``/account/`` and for no others.

Django's and allauth's own middleware would cost every call of the API, every page of an event and every
scan at a door; here they are one chain, and a request to another address pays for one comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.middleware import AccountMiddleware
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from kassa.core.errors import Forbidden, InvalidInput, KassaError, NotFound
from kassa.core.rate_limits import TooManyRequests
from kassa.storefront.account.session_store import SessionStore
from kassa.storefront.account.session_user import session_key_of
from kassa.storefront.shop_pages import SHOPS, SOURCES, finish, page_language, show_page
from kassa.web.errors import ErrorPage, Link
from kassa.web.form_requests import parse_form
from kassa.web.headers import OWN, POLICY, build_policy

BELOW = "/account/"
PROVIDERS = "/account/oidc/"
Answer = Callable[[HttpRequest], HttpResponseBase]


class SignInBelowAccount:
    """Put the chain around the pages of accounts, speak the visitor's language there, answer with pages."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._forms = CsrfViewMiddleware(get_response)
        self._allauth = AccountMiddleware(UserSessionsMiddleware(self._forms))
        chain = SessionMiddleware(AuthenticationMiddleware(MessageMiddleware(self._allauth)))
        self._chain = cast("Answer", chain)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(BELOW):
            return self.get_response(request)
        _tidy(request)
        with translation.override(page_language(request, None)):
            response = self._chain(request)
            if response.status_code == 404 and response.headers.get("Content-Type") == PROBLEM:
                response = SHOPS.render_error(request, NotFound())
            return _finish(request, _forward(request, response))

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Refuse forms of other sites, and those that cannot be read."""
        if not request.path_info.startswith(BELOW):
            return None
        if session_key_of(request) is not None:
            cast("SessionStore", request.session).touch()
        try:
            parse_form(request)
        except InvalidInput as refused:
            return SHOPS.render_error(request, refused)
        return self._forms.process_view(request, view, args, kwargs)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer what a view raised with a page; allauth's own way comes first."""
        if not request.path_info.startswith(BELOW):
            return None
        answered: HttpResponseBase | None = self._allauth.process_exception(request, exception)
        return answered or error_page(request, exception)


PROBLEM = "application/problem+json"


def error_page(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """Return the page that tells of an error. None: it is a mistake of ours."""
    match exception:
        case Http404():
            return SHOPS.render_error(request, NotFound())
        case PermissionDenied():
            return SHOPS.render_error(request, Forbidden("This is not possible here."))
        case TooManyRequests():
            page = ErrorPage(429, "", headers=exception.answer_headers, template="429.html")
            return SHOPS.render_error_page(request, page)
        case OperationalError() | KassaError():
            return SHOPS.render_error(request, exception)
        case RequestException() | OAuth2Error() | KeyError() if request.path_info.startswith(PROVIDERS):
            # The provider does not answer, or not with what it has to say.
            return show_page(request, "socialaccount/authentication_error.html", shop=None, status=503)
    return None


def form_has_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the token of this browser: it is old, or another site has sent it."""
    page = ErrorPage(
        403,
        _("This form has expired"),
        _(
            "You have signed in or out since, or this browser refuses cookies. Nothing was changed; open the "
            "page again and send it from there."
        ),
        links=(Link(_("Open the page again"), request.path, is_primary=True),),
    )
    return SHOPS.render_error_page(request, page)


def _tidy(request: HttpRequest) -> None:
    """Say that the visitor came by TLS where only a proxy that does TLS leads here; drop odd session keys."""
    if settings.SESSION_COOKIE_SECURE:
        request.META["wsgi.url_scheme"] = "https"
    if session_key_of(request) is None:
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)


def _forward(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Lead a browser that has sent the form of a sign-in provider there by a page of its own.

    A browser holds the redirect that answers a form, and each one that follows it, against the policy of the
    page with the form, which allows our own addresses alone. What a page leads to is no answer to a form.
    """
    url = response.headers.get("Location", "")
    is_form = request.method == "POST" and request.path_info.startswith(PROVIDERS)
    is_browser = "text/html" in request.headers.get("Accept", "")
    if not (is_form and is_browser and urlsplit(url).netloc not in ("", request.get_host())):
        return response
    host = urlsplit(url).hostname
    page = show_page(request, "accounts/forward.html", {"url": url, "host": host}, shop=None)
    page.cookies = response.cookies  # the session knows by now what the provider is asked
    return page


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if request.path_info.startswith(PROVIDERS):
        # For what does not ask for pages: there a redirect answers the form.
        hosts = " ".join({_origin(app) for app in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]})
        response.headers[POLICY] = build_policy(**SOURCES, form_action=f"{OWN} {hosts}")
    return finish(request, response)


def _origin(app: dict[str, Any]) -> str:
    address = urlsplit(app["settings"]["server_url"])
    return f"{address.scheme}://{address.netloc}"
