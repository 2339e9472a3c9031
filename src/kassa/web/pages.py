"""What surrounds every page: its language, whose forms it takes, what a browser may do, and error pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, TypeVar

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kassa.core.errors import Busy, KassaError, NotFound
from kassa.core.form_origin import require_own_page
from kassa.web.errors import ErrorPage, Text, build_busy, build_not_found, build_refused
from kassa.web.form_requests import parse_form
from kassa.web.headers import set_headers, set_missing_headers
from kassa.web.language import remember_requested_language, resolve_language

View = Callable[..., HttpResponseBase]
R = TypeVar("R", bound=HttpResponseBase)


class PageFrame:
    """The frame of one face's pages; a subclass says how its pages differ from the plainest ones."""

    headers: ClassVar[Mapping[str, str]]
    """What every answer says, where its view has not said otherwise."""
    layout: ClassVar[str]
    """The template that error pages stand in."""
    is_private: ClassVar[bool] = False
    """Whether no cache may keep an answer."""
    remembers_language: ClassVar[bool] = False
    """Whether the browser keeps a chosen language, and pages are spoken in one that it has kept."""
    handled: ClassVar[tuple[type[Exception], ...]] = (KassaError, OperationalError)
    """Errors that are answered with a page."""

    def page(self, *methods: str, takes_foreign_forms: bool = False) -> Callable[[View], View]:
        """Make a view a page.

        Forms of other sites are refused: one that knows an address could act with the visitor's cookies
        there. A view that reads and sets none of these may take them, for the programs that send them.
        There is no cookie for Django's token; the browser itself says whose page has sent a form.
        """

        def decorate(view: View) -> View:
            @csrf_exempt
            @require_http_methods(list(methods) or ["GET", "HEAD"])
            @wraps(view)
            def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
                with translation.override(self.resolve_language(request)):
                    try:
                        response = self.prepare(request, named)
                        if response is None:
                            if not takes_foreign_forms:
                                require_own_page(request)
                            parse_form(request)
                            response = view(request, *args, **named)
                    except self.handled as error:
                        response = self.render_error(request, error)
                return self.finish(request, response)

            return answer

        return decorate

    def resolve_language(self, request: HttpRequest) -> str:
        """Return the language to answer in, before anything is known of the page."""
        return resolve_language(request, is_remembered=self.remembers_language)

    def prepare(self, request: HttpRequest, named: dict[str, Any]) -> HttpResponseBase | None:
        """Look up what the address names, and hand it to the view in ``named``; or answer at once."""
        return None

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every template of the face gets."""
        return {}

    def describe(self, error: KassaError) -> Text:
        """Return the sentence that a page says about a refusal."""
        return error.detail

    def build_error(self, request: HttpRequest, error: Exception) -> ErrorPage:
        """Return the page that answers an error."""
        match error:
            case NotFound():
                return build_not_found()
            case KassaError() if not isinstance(error, Busy):
                return build_refused(error, self.describe(error))
        return build_busy(request, error)

    def render(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
    ) -> HttpResponse:
        """Answer with a template."""
        return render(request, template, {**self.context(request), **(context or {})}, status=status)

    def render_error(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Answer with the page of an error."""
        return self.render_error_page(request, self.build_error(request, error))

    def render_error_page(self, request: HttpRequest, page: ErrorPage) -> HttpResponse:
        """Answer with an error page."""
        context = {"error": page, "layout": self.layout}
        response = self.render(request, page.template, context, status=page.status)
        set_headers(response, page.headers)
        return response

    def finish(self, request: HttpRequest, response: R) -> R:
        """Add what every page's answer says to the browser."""
        set_missing_headers(response, self.headers)
        patch_vary_headers(response, ["Accept-Language"])
        if self.remembers_language:
            patch_vary_headers(response, ["Cookie"])
            remember_requested_language(request, response)
        if self.is_private:
            add_never_cache_headers(response)
        return response
