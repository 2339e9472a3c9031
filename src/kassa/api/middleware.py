"""What stands around every request: no stack trace ever reaches a client."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from psycopg_pool import PoolTimeout

from kassa.api.auth import authenticate_request
from kassa.api.breaker import is_away
from kassa.api.problems import MethodNotAllowed, answer_error, database_away, problem_response
from kassa.api.rate_limits import require_request
from kassa.api.routes.availability import answer_quickly
from kassa.api.versions import add_entity_tag
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.core.request_origin import begin_request, end_request
from kassa.identity.errors import KeyInvalid, KeyMissing

HEALTH = "/healthz"
COUNTED = frozenset({401, 429})
"""Statuses of what was refused after a look at the key, or because of a limit."""
UNVERSIONED_ORDERS = "/api/orders"
"""The addresses of order-service.md, which are those of ``/api/v1/orders``."""


def answer_with_problems(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Turn whatever a view raises into a problem document."""
    return _AnswerWithProblems(get_response)


class _AnswerWithProblems:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_away() and request.path_info != HEALTH:
            return problem_response(database_away())
        if request.path_info.startswith(UNVERSIONED_ORDERS):
            request.path_info = request.path_info.replace("/api/", "/api/v1/", 1)
        asked = request.method
        is_head = asked == "HEAD" and request.path_info.startswith("/api/")
        if is_head:
            # Ninja knows no HEAD: it is a GET of which the body is not sent.
            request.method = "GET"
        token = begin_request(request)
        try:
            response = answer_quickly(request) or self.get_response(request)
        finally:
            end_request(token)
        if response.status_code == 405:
            response = _not_allowed(asked, response.headers.get("Allow", ""))
        if 400 <= response.status_code < 500:
            response = _count_refusal(request, response)
        add_entity_tag(request, response)
        if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
            # Without it the server would send the answer in chunks, which clients read more slowly.
            response["Content-Length"] = str(len(response.content))
        if is_head and isinstance(response, HttpResponse):
            response.content = b""
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return None  # As for an address that no view has: a page for browsers, a problem for programs.
        return answer_error(request, exception)


def _count_refusal(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Count a refusal of the API for which no key was looked at, such as of an address that does not exist.

    It counts for the key that the request brings, or for the host that it comes from if that is not valid.
    Requests without one are counted by the network thread already.
    """
    is_counted = response.status_code in COUNTED or "auth" in request.__dict__
    if is_counted or "HTTP_AUTHORIZATION" not in request.META or not request.path_info.startswith("/api/"):
        return response
    now = utc_now()
    try:
        require_request(authenticate_request(request, now=now), now=now)
    except (KeyMissing, KeyInvalid):
        return response
    except (KassaError, DatabaseError, InterfaceError, PoolTimeout) as error:
        return answer_error(request, error)
    return response


def _not_allowed(asked: str | None, methods: str) -> HttpResponse:
    """Answer a method that the address does not have; ``OPTIONS`` asks just for those it has."""
    known = {method.strip() for method in methods.split(",") if method.strip()} | {"OPTIONS"}
    allowed = ", ".join(sorted(known | ({"HEAD"} if "GET" in known else set())))
    if asked == "OPTIONS":
        response = HttpResponse(status=204)
        del response["Content-Type"]
    else:
        response = problem_response(MethodNotAllowed(allowed))
    response["Allow"] = allowed
    return response
