"""Django's way from a request to its response, without what no address of Kassa needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils.log import log_response

MATCHES_REMEMBERED = 1_024


class Handler(WSGIHandler):
    """Answers as Django's own handler does.

    Kassa is not served below a prefix, and has one URL conf: neither is set for each request. Nothing
    listens for ``request_started``, so it is not sent. An address without parameters is looked for once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._matches: dict[str, ResolverMatch] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        """Answer a request, by WSGI."""
        response = self.get_response(WSGIRequest(environ))
        response._handler_class = type(self)  # type: ignore[attr-defined]  # noqa: SLF001  # the signal's sender
        headers = list(response.items())
        headers += [("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()]
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        return response

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, which closes the request with itself."""
        response: HttpResponseBase = self._middleware_chain(request)  # type: ignore[attr-defined]
        response._resource_closers.append(request.close)  # type: ignore[attr-defined]  # noqa: SLF001
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)  # type: ignore[arg-type]
        return response

    @property
    def remembered(self) -> set[str]:
        """The addresses whose views are not looked for again."""
        return set(self._matches)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view of an address, with its parameters."""
        match = self._matches.get(request.path_info)
        if match is None:
            match = super().resolve_request(request)
            if not (match.args or match.kwargs) and len(self._matches) < MATCHES_REMEMBERED:
                self._matches[request.path_info] = match
        request.resolver_match = match
        return match
